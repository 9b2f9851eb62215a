"""Building with colcon: the interface packages and execution_orchestrator."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import interfaces
from environment import variables
from stage import stage
from wheels import HERE, site_packages

#: Seconds for one colcon run: twenty times what it takes on two free cores.
BUILD_TIMEOUT = 3600.0

#: What of the project is compiled; all else is linked into the installation, file by file.
COMPILED = ("CMakeLists.txt", "package.xml", "msg/*.msg", "srv/*.srv", "action/*.action")
LINKED = (
    "execution_orchestrator",
    "launch",
    "config",
    "worlds",
    "models",
    "rviz",
    "plans",
    "scripts",
)


class BuildError(Exception):
    """colcon failed; the text is what it said, and where its log is."""


def build_interfaces(folder: Path) -> bool:
    """Compile the interface packages that the wheels lack; say whether there was something to do.

    Raises BuildError.
    """
    names = interfaces.missing_packages(folder / "jazzy")
    sources = folder / "src"

    def work() -> None:
        interfaces.write_packages(names, sources)
        _colcon(folder, [sources / name for name in names])

    inputs = (str(folder), interfaces.content_key(names), *_recipe())
    return stage(folder, "interfaces", inputs, work)


def build_project(folder: Path, project: Path) -> bool:
    """Build execution_orchestrator; say whether there was something to do. Raises BuildError.

    Its Python code and its other files are linked, so that a change of theirs needs no build.
    """
    compiled = sorted(path for pattern in COMPILED for path in project.glob(pattern))
    linked = sorted(
        path.relative_to(project).as_posix()
        for part in LINKED
        for path in (project / part).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    )

    def work() -> None:
        # By another name, because CMake refuses headers (numpy's in .venv) from below a source folder.
        link = folder / "workspace" / "execution_orchestrator"
        link.parent.mkdir(exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(project)
        _colcon(folder, [link], "--symlink-install")

    names = [path.relative_to(project).as_posix() for path in compiled]
    inputs = (str(folder), str(project), *names, *compiled, *linked, *_recipe())
    return stage(
        folder,
        "execution_orchestrator",
        inputs,
        work,
    )


def _recipe() -> tuple[Path, ...]:
    """Return the files that decide how something is built."""
    wheels = ("wheels.txt", "wheels.py", "done_once.py")
    names = (*wheels, "build_tools.txt", "build.py", "fewer_compilations.cmake")
    return tuple(HERE / name for name in names)


def _colcon(folder: Path, packages: list[Path], *options: str) -> None:
    """Build packages into `folder`/install."""
    cores = os.cpu_count() or 1
    tools = folder / "tools"
    environment = variables(folder, os.environ)
    for name, path in (("PYTHONPATH", site_packages(tools)), ("PATH", tools / "bin")):
        environment[name] = f"{path}{os.pathsep}{environment.get(name, os.defpath)}"
    # Packages are built side by side, and the last and largest of them alone. colcon would add a limit
    # of the machine's load, which keeps all but one core idle; it adds none where MAKEFLAGS is set.
    environment["CMAKE_BUILD_PARALLEL_LEVEL"] = str(cores)
    environment["MAKEFLAGS"] = f"-j{cores}"
    words = [sys.executable, str(tools / "bin" / "colcon"), "--log-base", str(folder / "log")]
    words += ["build", "--merge-install", *options, "--paths", *map(str, packages)]
    words += ["--build-base", str(folder / "build"), "--install-base", str(folder / "install")]
    words += ["--parallel-workers", str(cores)]
    words += [
        "--cmake-args",
        "-G",
        "Ninja",
        "-DBUILD_TESTING=OFF",
        f"-DPython3_EXECUTABLE={sys.executable}",
    ]
    words += [
        f"-DCMAKE_PROJECT_INCLUDE={HERE / 'fewer_compilations.cmake'}",
        "-DCMAKE_CXX_FLAGS=-w",
    ]
    try:
        done = subprocess.run(
            words,
            env=environment,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=BUILD_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BuildError(f"colcon was not done after {BUILD_TIMEOUT:.0f} s") from None
    if done.returncode != 0:
        raise BuildError(f"{done.stdout}\nWhat was built is in {folder / 'log' / 'latest_build'}")
