"""The wheels: installing them, and correcting what names the machine that built them."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import numpy as np
from stage import stage

HERE = Path(__file__).resolve().parent
#: What pip finds nothing for within this many seconds, it does not find.
PIP_TIMEOUT = 600.0

_PYTHON_HEADERS = re.compile(r'[^";]*/include/python3\.\d+')
_NUMPY_HEADERS = re.compile(r'[^";]*/numpy/_core/include')
_REGISTRATION = re.compile(r"ament_register_extension\([^)]*\)")
_LINK_BY_PROCESS = re.compile(
    r'execute_process\(\s*COMMAND "@CMAKE_COMMAND@" "-E" "create_symlink"([^)]*)\)'
)

#: What is added to modules of rosidl: see done_once.py.
_DONE_ONCE = {
    "rosidl_parser/parser.py": "done_once.keep_definitions(sys.modules[__name__])",
    "rosidl_pycommon/__init__.py": "em_has_configuration or done_once.keep_templates(em)",
}


class NoWheelsError(Exception):
    """There can be no real ROS 2 from wheels on this machine; the text says why."""


def site_packages(prefix: Path) -> Path:
    """Return the folder of Python packages below a prefix."""
    return prefix / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"


def missing_tool() -> str | None:
    """Say what this machine lacks to have a real ROS 2 from wheels; None if nothing."""
    machine = platform.machine()
    if not (sys.platform == "linux" and machine == "x86_64"):
        return f"its wheels are for x86-64 Linux, this is {machine} {platform.system()}"
    if not (3, 10) <= sys.version_info[:2] <= (3, 13):
        return (
            "its wheels are for Python 3.10 to 3.13, this is "
            f"{platform.python_version()}; name another with: make PYTHON=python3.12"
        )
    if not Path(sysconfig.get_path("include"), "Python.h").is_file():
        return "Python's headers are missing; on Debian: apt install python3-dev"
    for command in ("cmake", "gcc", "g++"):
        if shutil.which(command) is None:
            return (
                f"'{command}' is missing, which it takes to compile the interfaces; "
                "on Debian: apt install cmake g++"
            )
    return None


def install_wheels(folder: Path) -> bool:
    """Install ROS 2 into `folder`/jazzy and what builds packages into `folder`/tools.

    They are two, because rosidl's lark-parser and the product's lark are modules of one name: only
    a build has the tools on its path. Returns whether there was something to do. Raises
    NoWheelsError.
    """
    inputs = (
        str(folder),
        platform.python_version(),
        sysconfig.get_path("include"),
        np.get_include(),
    )
    tools = stage(
        folder,
        "build_tools",
        (*inputs, HERE / "build_tools.txt"),
        lambda: _pip(folder / "tools", HERE / "build_tools.txt"),
    )
    core = stage(
        folder,
        "wheels",
        (*inputs, *(HERE / name for name in ("wheels.txt", "wheels.py", "done_once.py"))),
        lambda: _install_core(folder / "jazzy"),
    )
    return tools or core


def _install_core(prefix: Path) -> None:
    """Install the wheels and make them usable for building here."""
    _pip(prefix, HERE / "wheels.txt")
    for exports in prefix.glob("share/*/cmake/*Export.cmake"):
        _rewrite(
            exports,
            lambda text: _NUMPY_HEADERS.sub(
                np.get_include(), _PYTHON_HEADERS.sub(sysconfig.get_path("include"), text)
            ),
        )
    # Nothing here is written in C++, and its type supports take more than half of a build's time.
    for cmake in prefix.glob("share/rosidl_*_cpp/cmake/*.cmake"):
        _rewrite(cmake, lambda text: _REGISTRATION.sub("", text))
    # colcon's --symlink-install starts a process for each of some 1700 links.
    links = prefix / "share/ament_cmake_core/cmake/symlink_install"
    _rewrite(
        links / "ament_cmake_symlink_install.cmake.in",
        lambda text: _LINK_BY_PROCESS.sub(r"file(CREATE_LINK\1SYMBOLIC)", text),
    )
    shutil.copy(HERE / "done_once.py", site_packages(prefix) / "rosidl_parser")
    for module, call in _DONE_ONCE.items():
        with (site_packages(prefix) / module).open("a", encoding="utf-8") as source:
            source.write(f"\nfrom rosidl_parser import done_once\n{call}\n")
    # The libraries that the wheels' libraries need are in a folder for each wheel: one is shorter to
    # search, and LD_LIBRARY_PATH is searched for each library of each process.
    for library in site_packages(prefix).glob("ros_*.libs/*"):
        link = prefix / "lib" / library.name
        if not link.exists():
            link.symlink_to(library.relative_to(link.parent))


def _rewrite(path: Path, change: Callable[[str], str]) -> None:
    """Change the text of a file."""
    text = path.read_text(encoding="utf-8")
    changed = change(text)
    if changed != text:
        path.write_text(changed, encoding="utf-8")


def _pip(prefix: Path, requirements: Path) -> None:
    """Install pinned distributions, without what they depend on, into an empty prefix."""
    shutil.rmtree(prefix, ignore_errors=True)
    words = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    words += ["--no-deps", "--ignore-installed", "--no-warn-script-location"]
    # empy is one Python file and has no wheel in the version that rosidl was written for: version 4
    # takes three times as long to write the code.
    words += ["--only-binary=:all:", "--no-binary=empy"]
    words += ["--prefix", str(prefix), "-r", str(requirements)]
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=PIP_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        raise NoWheelsError(f"pip had no wheels after {PIP_TIMEOUT:.0f} s") from None
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise NoWheelsError("; ".join(errors) or done.stderr)
