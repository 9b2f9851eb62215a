"""Where packages with interfaces may be; the costly look into pip's records comes last."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

SHIPPED = Path(__file__).parents[1] / "share"


def share_directories(package: str) -> Iterator[Path]:
    """Yield candidate share directories of a package, the one that wins first."""
    for prefix in os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep):
        if prefix:
            yield Path(prefix, "share", package)
    yield SHIPPED / package
    yield Path(sys.prefix, "share", package)
    yield from _editable(package)


def _editable(package: str) -> Iterator[Path]:
    from ros2_embedded.editable import editable_packages  # noqa: PLC0415

    source = editable_packages().get(package)
    if source is not None:
        yield source
