"""The environment in which the ROS 2 of a folder is used."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from wheels import site_packages

_SETUP = """# Written by `make ros2`. Use it as you would /opt/ros/jazzy/setup.bash:
#     source {folder}/setup.bash
source {environment}/bin/activate
_prepend() {{  # a variable, a folder: in front, once
  case ":${{!1}}:" in
    *":$2:"*) ;;
    *) export "$1=$2${{!1:+:${{!1}}}}" ;;
  esac
}}
{lines}
unset -f _prepend
"""


def _folders(folder: Path) -> dict[str, list[Path]]:
    """Return what each search path begins with, the folder that wins last."""
    prefixes = [folder / "jazzy", folder / "install"]
    return {
        "AMENT_PREFIX_PATH": prefixes,
        "CMAKE_PREFIX_PATH": prefixes,
        # The wheels' own start-up hook sets this by starting every Python program twice.
        "LD_LIBRARY_PATH": [prefix / "lib" for prefix in prefixes],
        "PYTHONPATH": [site_packages(prefix) for prefix in prefixes],
    }


_FIXED = {"ROS_DISTRO": "jazzy", "ROS_VERSION": "2", "ROS_PYTHON_VERSION": "3"}


def variables(folder: Path, base: Mapping[str, str]) -> dict[str, str]:
    """Return the environment `base` with the ROS 2 of a folder in it, and no other."""
    paths = {
        name: os.pathsep.join(str(path) for path in reversed(found))
        for name, found in _folders(folder).items()
    }
    return {**base, **_FIXED, **paths}


def write_setup_file(folder: Path) -> None:
    """Write `setup.bash`, which also activates the Python environment that runs this."""
    lines = [
        f'_prepend {name} "{path}"' for name, found in _folders(folder).items() for path in found
    ]
    lines += [f"export {name}={value}" for name, value in _FIXED.items()]
    text = _SETUP.format(folder=folder, environment=sys.prefix, lines="\n".join(lines))
    target = folder / "setup.bash"
    if not (target.is_file() and target.read_text(encoding="utf-8") == text):
        target.write_text(text, encoding="utf-8")
