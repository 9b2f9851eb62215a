"""Files the servers keep: below one folder, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from execution_orchestrator.atomic_file import whole_file


class KeepError(Exception):
    """A file cannot be kept; the message says why."""


def folder(name: str) -> Path:
    """``$ROS_HOME/execution_orchestrator/<name>``, by default below ~/.ros."""
    home = os.environ.get("ROS_HOME")
    root = Path(home) if home else Path.home() / ".ros"
    return root / "execution_orchestrator" / name


def kept_path(root: Path, name: str) -> Path:
    """Return the path of a file below ``root``.

    Raises:
        KeepError: the name leads out of it.

    """
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()) or path == root.resolve():
        raise KeepError(f"file_name {name!r} leads out of {root}; give a relative name")
    return path


def write(path: Path, data: bytes) -> Path:
    """Write a file so that it is there completely or not at all, and return its path.

    Raises:
        KeepError: it cannot be written.

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as file:
            file.write(data)
    except OSError as failure:
        raise KeepError(f"{path} cannot be written: {failure}") from None
    return path
