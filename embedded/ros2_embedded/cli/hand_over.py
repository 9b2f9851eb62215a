"""Gives way to the `ros2` command of a real ROS 2.

What leads back here is never mistaken for the real one: a copy of this command in another virtual
environment is known by what its script imports, not by where it lies; a shim that executes this
command again (pyenv's, say) is passed over on its return; a wrapper that starts this command as a
child is given up after a bounded number of rounds.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from ros2_embedded import bootstrap

#: What the script of this command imports, in whatever environment pip wrote it.
_OWN_MARK = b"ros2_embedded"
#: Bytes of a command that are searched for the mark.
_SCRIPT_HEAD = 8192
#: Holds `process id=command` for each hand-over that led here, separated as in PATH.
_TRAIL = "ROS2_EMBEDDED_HANDED_OVER"
#: Hand-overs inside one another that are believed to be meant: a launch that launches, and so on.
_MAX_ROUNDS = 16


def hand_over() -> str | None:
    """Become the `ros2` of the real ROS 2.

    Returns None if that has none (rclpy alone is there), so that this command serves on its rclpy;
    otherwise why it could not be started.
    """
    trail = [entry for entry in os.environ.get(_TRAIL, "").split(os.pathsep) if entry]
    if len(trail) >= _MAX_ROUNDS:
        return f"ros2-embedded: '{trail[-1].partition('=')[2]}' only starts this command again"
    failures = []
    for candidate in _candidates():
        entry = f"{os.getpid()}={candidate}"
        # With our process id it has led back here: it became this command once more.
        if entry in trail or _is_ours(candidate):
            continue
        os.environ[_TRAIL] = os.pathsep.join([*trail, entry])
        if not trail:
            print(f"ros2-embedded: a real ROS 2 is present, using {candidate}", file=sys.stderr)
        try:
            os.execv(candidate, [str(candidate), *sys.argv[1:]])
        except OSError as error:
            failures.append(f"; '{candidate}' cannot be started: {error.strerror}")
    if failures or bootstrap.is_real("ros2cli"):
        return (
            "ros2-embedded: a real ROS 2 is importable, so this command steps aside, but no other "
            "'ros2' command on the PATH or in AMENT_PREFIX_PATH can be used. Source the setup file "
            f"of that ROS 2{''.join(failures)}"
        )
    return None


def _candidates() -> Iterator[Path]:
    """Yield the `ros2` commands there are, those on the PATH first."""
    directories = os.environ.get("PATH", os.defpath).split(os.pathsep)
    prefixes = os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
    directories += [str(Path(prefix, "bin")) for prefix in prefixes if prefix]
    for directory in dict.fromkeys(directories):
        candidate = Path(directory, "ros2")
        if candidate.is_file() and os.access(candidate, os.X_OK):
            yield candidate


def _is_ours(command: Path) -> bool:
    """Tell whether a command is a copy of this one, in whatever environment."""
    try:
        with command.open("rb") as script:
            return _OWN_MARK in script.read(_SCRIPT_HEAD)
    except OSError:
        return False
