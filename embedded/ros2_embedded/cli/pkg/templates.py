"""What stands in the files of a new package."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from ros2_embedded.cli.pkg.new_package import NewPackage

_LINTERS = {
    "ament_cmake": ("ament_lint_auto", "ament_lint_common"),
    "ament_python": ("ament_copyright", "ament_flake8", "ament_pep257", "python3-pytest"),
    "cmake": (),
}

PYTHON_TESTS = {
    "test_copyright.py": """\
from ament_copyright.main import main
import pytest


# Take the skip away once the files have a copyright header.
@pytest.mark.skip(reason='The generated files have no copyright header.')
@pytest.mark.copyright
@pytest.mark.linter
def test_copyright():
    assert main(argv=['.', 'test']) == 0, 'Found errors'
""",
    "test_flake8.py": """\
from ament_flake8.main import main_with_errors
import pytest


@pytest.mark.flake8
@pytest.mark.linter
def test_flake8():
    return_code, errors = main_with_errors(argv=[])
    assert return_code == 0, '\\n'.join(errors)
""",
    "test_pep257.py": """\
from ament_pep257.main import main
import pytest


@pytest.mark.linter
@pytest.mark.pep257
def test_pep257():
    assert main(argv=['.', 'test']) == 0, 'Found errors'
""",
}


def manifest(package: NewPackage) -> str:
    """Return the package.xml."""
    buildtool = {
        "ament_cmake": ("ament_cmake_ros",) if package.library_name else ("ament_cmake",)
    }.get(package.build_type, ())
    groups = (
        ("buildtool_depend", buildtool),
        ("depend", package.dependencies),
        ("test_depend", _LINTERS[package.build_type]),
    )
    depends = "".join(
        "".join(f"  <{tag}>{escape(name)}</{tag}>\n" for name in names) + "\n"
        for tag, names in groups
        if names
    )
    maintainer = (
        f"<maintainer email={quoteattr(package.maintainer_email)}>"
        f"{escape(package.maintainer_name)}</maintainer>"
    )
    schema = f"http://download.ros.org/schema/package_format{package.package_format}.xsd"
    return f"""\
<?xml version="1.0"?>
<?xml-model href="{schema}" schematypens="http://www.w3.org/2001/XMLSchema"?>
<package format="{package.package_format}">
  <name>{escape(package.name)}</name>
  <version>0.0.0</version>
  <description>{escape(package.description)}</description>
  {maintainer}
  <license>{escape(package.license)}</license>

{depends}  <export>
    <build_type>{package.build_type}</build_type>
  </export>
</package>
"""


def setup_py(package: NewPackage) -> str:
    """Return the setup.py of a Python package."""
    node = package.node_name
    script = f"            '{node} = {package.name}.{node}:main',\n" if node else ""
    return f"""\
from setuptools import find_packages, setup

package_name = {package.name!r}

setup(
    name=package_name,
    version='0.0.0',
    packages=find_packages(exclude=['test']),
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package_name]),
        ('share/' + package_name, ['package.xml']),
    ],
    install_requires=['setuptools'],
    zip_safe=True,
    maintainer={package.maintainer_name!r},
    maintainer_email={package.maintainer_email!r},
    description={package.description!r},
    license={package.license!r},
    tests_require=['pytest'],
    entry_points={{
        'console_scripts': [
{script}        ],
    }},
)
"""


def setup_cfg(package: NewPackage) -> str:
    """Return the setup.cfg, which puts executables where `ros2 run` looks."""
    return f"""\
[develop]
script_dir=$base/lib/{package.name}
[install]
install_scripts=$base/lib/{package.name}
"""


def python_node(package: NewPackage) -> str:
    """Return an executable in Python."""
    return f"""\
def main():
    print('Hi from {package.name}.')


if __name__ == '__main__':
    main()
"""


def cpp_node(package: NewPackage) -> str:
    """Return an executable in C++."""
    return f"""\
#include <cstdio>

int main()
{{
  std::printf("hello world {package.name} package\\n");
  return 0;
}}
"""


def _guard(package: NewPackage, name: str) -> str:
    return f"{package.name.upper()}__{name.upper()}_"


def cpp_header(package: NewPackage) -> str:
    """Return the header of a library in C++."""
    guard = _guard(package, f"{package.library_name}_HPP")
    return f"""\
#ifndef {guard}
#define {guard}

#include "{package.name}/visibility_control.h"

namespace {package.name}
{{

class {package.name.upper()}_PUBLIC {package.library_class}
{{
public:
  {package.library_class}();
  virtual ~{package.library_class}();
}};

}}  // namespace {package.name}

#endif  // {guard}
"""


def cpp_library(package: NewPackage) -> str:
    """Return a library in C++."""
    name = package.library_class
    return f"""\
#include "{package.name}/{package.library_name}.hpp"

namespace {package.name}
{{

{name}::{name}() = default;

{name}::~{name}() = default;

}}  // namespace {package.name}
"""


def visibility(package: NewPackage) -> str:
    """Return the header that exports names from a shared library."""
    guard = _guard(package, "VISIBILITY_CONTROL_H")
    name = package.name.upper()
    return f"""\
#ifndef {guard}
#define {guard}

#if defined _WIN32 || defined __CYGWIN__
  #ifdef {name}_BUILDING_LIBRARY
    #define {name}_PUBLIC __declspec(dllexport)
  #else
    #define {name}_PUBLIC __declspec(dllimport)
  #endif
  #define {name}_LOCAL
#else
  #define {name}_PUBLIC __attribute__ ((visibility("default")))
  #define {name}_LOCAL __attribute__ ((visibility("hidden")))
#endif

#endif  // {guard}
"""


def _found(names: tuple[str, ...]) -> str:
    if not names:
        return "# find_package(<dependency> REQUIRED)\n"
    return "".join(f"find_package({name} REQUIRED)\n" for name in names)


def _start(package: NewPackage) -> str:
    return f"""\
cmake_minimum_required(VERSION 3.8)
project({package.name})

if(CMAKE_COMPILER_IS_GNUCXX OR CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options(-Wall -Wextra -Wpedantic)
endif()

"""


def _target(package: NewPackage, name: str) -> str:
    """Return what a library and an executable have in common."""
    lines = f"""\
target_compile_features({name} PUBLIC c_std_99 cxx_std_17)
target_include_directories({name} PUBLIC
  $<BUILD_INTERFACE:${{CMAKE_CURRENT_SOURCE_DIR}}/include>
  $<INSTALL_INTERFACE:include/${{PROJECT_NAME}}>)
"""
    if package.dependencies and package.build_type == "ament_cmake":
        depends = "".join(f"  {dependency}\n" for dependency in package.dependencies)
        lines += f"ament_target_dependencies({name}\n{depends})\n"
    return lines


def _library(package: NewPackage) -> str:
    name = package.library_name
    if name is None:
        return ""
    return f"""
add_library({name} src/{name}.cpp)
add_library({package.name}::{name} ALIAS {name})
{_target(package, name)}\
target_compile_definitions({name} PRIVATE "{package.name.upper()}_BUILDING_LIBRARY")
install(DIRECTORY include/ DESTINATION include/${{PROJECT_NAME}})
install(
  TARGETS {name}
  EXPORT export_${{PROJECT_NAME}}
  ARCHIVE DESTINATION lib
  LIBRARY DESTINATION lib
  RUNTIME DESTINATION bin)
"""


def _executable(package: NewPackage) -> str:
    name = package.node_name
    if name is None:
        return ""
    link = f"target_link_libraries({name} {package.library_name})\n" if package.library_name else ""
    return f"""
add_executable({name} src/{name}.cpp)
{_target(package, name)}{link}install(TARGETS {name} DESTINATION lib/${{PROJECT_NAME}})
"""


def ament_cmake(package: NewPackage) -> str:
    """Return the CMakeLists.txt of an ament_cmake package."""
    library = package.library_name
    tools = ("ament_cmake", "ament_cmake_ros") if library else ("ament_cmake",)
    exported = f"""
ament_export_include_directories("include/${{PROJECT_NAME}}")
ament_export_libraries({library})
ament_export_targets(export_${{PROJECT_NAME}})
{f"ament_export_dependencies({' '.join(package.dependencies)})" if package.dependencies else ""}
"""
    return f"""\
{_start(package)}# find dependencies
{_found(tools)}{_found(package.dependencies)}{_library(package)}{_executable(package)}
if(BUILD_TESTING)
  find_package(ament_lint_auto REQUIRED)
  # Take these away once the files have a copyright header and the package is in a git repository.
  set(ament_cmake_copyright_FOUND TRUE)
  set(ament_cmake_cpplint_FOUND TRUE)
  ament_lint_auto_find_test_dependencies()
endif()
{exported if library else ""}
ament_package()
"""


def plain_cmake(package: NewPackage) -> str:
    """Return the CMakeLists.txt of a package that needs no ament."""
    exported = """
install(
  EXPORT export_${PROJECT_NAME}
  DESTINATION share/${PROJECT_NAME}/cmake
  NAMESPACE ${PROJECT_NAME}::)
"""
    name = package.name
    return f"""\
{_start(package)}# find dependencies
{_found(package.dependencies)}{_library(package)}{_executable(package)}\
{exported if package.library_name else ""}
configure_file({name}Config.cmake.in ${{CMAKE_CURRENT_BINARY_DIR}}/{name}Config.cmake @ONLY)
configure_file(
  {name}ConfigVersion.cmake.in ${{CMAKE_CURRENT_BINARY_DIR}}/{name}ConfigVersion.cmake @ONLY)
install(
  FILES
    ${{CMAKE_CURRENT_BINARY_DIR}}/{name}Config.cmake
    ${{CMAKE_CURRENT_BINARY_DIR}}/{name}ConfigVersion.cmake
  DESTINATION share/${{PROJECT_NAME}}/cmake)
install(FILES package.xml DESTINATION share/${{PROJECT_NAME}})
"""


def cmake_config(package: NewPackage) -> str:
    """Return what `find_package` of a package without ament reads."""
    lines = "include(CMakeFindDependencyMacro)\n"
    lines += "".join(f"find_dependency({name})\n" for name in package.dependencies)
    if package.library_name:
        lines += 'include("${CMAKE_CURRENT_LIST_DIR}/export_@PROJECT_NAME@.cmake")\n'
    return lines


def cmake_config_version() -> str:
    """Return what `find_package` with a version reads."""
    return """\
set(PACKAGE_VERSION "0.0.0")
if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
  set(PACKAGE_VERSION_EXACT TRUE)
endif()
if(PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE FALSE)
else()
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
"""
