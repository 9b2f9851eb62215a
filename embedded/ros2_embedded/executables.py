"""Finds the executables of a package: what `ros2 run` and launch_ros start."""

import os
import sys
from importlib import metadata
from pathlib import Path

from ament_index_python.packages import get_package_prefix

from ros2_embedded.editable import editable_packages
from ros2_embedded.search_path import SHIPPED, interface_directory


def find_executables(package: str) -> dict[str, Path]:
    """Map the names of a package's executables to their files.

    Files below `<prefix>/lib/<package>` come first, as on any ROS 2. Where there are none, the
    console scripts of the pip distribution with the package's name stand in for them.

    Raises ament_index_python's PackageNotFoundError.
    """
    found = _libexec_files(Path(get_package_prefix(package)) / "lib" / package)
    if not found:
        found = _libexec_files(Path(sys.prefix) / "lib" / package)
    if not found and package in editable_packages():
        # An editable install copies nothing: scripts/ is what lib/<package> would hold.
        found = _libexec_files(editable_packages()[package] / "scripts")
    return found or _console_scripts(package)


def _libexec_files(directory: Path) -> dict[str, Path]:
    """Map file names to the executable files below a directory."""
    found: dict[str, Path] = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file() and os.access(path, os.X_OK):
            found.setdefault(path.name, path)
    return found


def _console_scripts(package: str) -> dict[str, Path]:
    """Map the console scripts of a pip distribution to their installed files.

    A package that comes with this runtime has those of the runtime's whose module is its own.
    """
    of_runtime = interface_directory(package) is None and (SHIPPED / package).is_dir()
    try:
        distribution = metadata.distribution("ros2-embedded" if of_runtime else package)
    except metadata.PackageNotFoundError:
        return {}
    scripts = Path(sys.executable).parent
    return {
        entry.name: scripts / entry.name
        for entry in distribution.entry_points
        if entry.group == "console_scripts"
        and (not of_runtime or entry.module.split(".")[0] == package)
        and (scripts / entry.name).is_file()
    }
