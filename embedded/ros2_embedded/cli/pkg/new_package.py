"""The folders and files of a new package, in the order `ros2 pkg create` makes them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from ros2_embedded.cli.pkg import templates

#: (what is said, path or None, content; None for a folder)
Step = tuple[str, str | None, str | None]


@dataclass(frozen=True)
class NewPackage:
    """What a package shall be."""

    name: str
    package_format: int
    description: str
    license: str
    build_type: str
    dependencies: tuple[str, ...]
    maintainer_name: str
    maintainer_email: str
    node_name: str | None
    library_name: str | None

    @property
    def library_class(self) -> str:
        """The name of the class in the library: words become CamelCase."""
        return "".join((self.library_name or "").replace("_", " ").title().split())


def steps(package: NewPackage, target: str) -> Iterator[Step]:
    """Yield what to make below the folder ``target``."""
    yield _folder(target)
    yield _file(target, "package.xml", templates.manifest(package))
    if package.build_type == "ament_python":
        yield from _python(package, target)
    else:
        yield from _cpp(package, target)


def _folder(*parts: str) -> Step:
    path = os.path.join(*parts)  # noqa: PTH118 - keeps the ./ of the paths that are printed
    return f"creating folder {path}", path, None


def _file(folder: str, name: str, content: str = "") -> Step:
    path = os.path.join(folder, name)  # noqa: PTH118
    return f"creating {path}", path, content


def _python(package: NewPackage, target: str) -> Iterator[Step]:
    source = os.path.join(target, package.name)  # noqa: PTH118
    resource = os.path.join(target, "resource")  # noqa: PTH118
    test = os.path.join(target, "test")  # noqa: PTH118
    yield "creating source folder", None, None
    yield _folder(source)
    yield _file(target, "setup.py", templates.setup_py(package))
    yield _file(target, "setup.cfg", templates.setup_cfg(package))
    yield _folder(resource)
    yield _file(resource, package.name)
    yield _file(source, "__init__.py")
    yield _folder(test)
    for name, content in templates.PYTHON_TESTS.items():
        yield _file(test, name, content)
    if package.node_name:
        yield _file(source, f"{package.node_name}.py", templates.python_node(package))
    if package.library_name:
        library = os.path.join(source, package.library_name)  # noqa: PTH118
        yield _folder(library)
        yield _file(library, "__init__.py")


def _cpp(package: NewPackage, target: str) -> Iterator[Step]:
    source = os.path.join(target, "src")  # noqa: PTH118
    include = os.path.join(target, "include", package.name)  # noqa: PTH118
    yield "creating source and include folder", None, None
    yield _folder(source)
    yield _folder(include)
    if package.build_type == "cmake":
        yield _file(target, "CMakeLists.txt", templates.plain_cmake(package))
        yield _file(target, f"{package.name}Config.cmake.in", templates.cmake_config(package))
        yield _file(
            target, f"{package.name}ConfigVersion.cmake.in", templates.cmake_config_version()
        )
    else:
        yield _file(target, "CMakeLists.txt", templates.ament_cmake(package))
    if package.node_name:
        yield _file(source, f"{package.node_name}.cpp", templates.cpp_node(package))
    if package.library_name:
        yield _file(include, f"{package.library_name}.hpp", templates.cpp_header(package))
        yield _file(source, f"{package.library_name}.cpp", templates.cpp_library(package))
        yield _file(include, "visibility_control.h", templates.visibility(package))
