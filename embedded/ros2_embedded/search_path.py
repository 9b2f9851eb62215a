"""Where packages with interfaces may be; the costly look into pip's records comes last."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

KINDS = ("msg", "srv", "action")
SHIPPED = Path(__file__).parent / "share"
_found: dict[str, Path] = {}


def interface_directory(package: str) -> Path | None:
    """Return the folder that holds the package's msg, srv and action folders, if there is one."""
    found = _found.get(package)
    if found is None:
        for directory in _candidates(package):
            if any((directory / kind).is_dir() for kind in KINDS):
                _found[package] = found = directory
                break
    return found


def _candidates(package: str) -> Iterator[Path]:
    """Yield candidate share directories of a package, the one that wins first."""
    for prefix in os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep):
        if prefix:
            yield Path(prefix, "share", package)
    yield SHIPPED / package
    yield Path(sys.prefix, "share", package)
    from ros2_embedded.editable import editable_packages  # noqa: PLC0415

    source = editable_packages().get(package)
    if source is not None:
        yield source
