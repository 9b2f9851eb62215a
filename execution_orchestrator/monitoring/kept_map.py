"""The newest map in a file next to the journal, so that the report of a past run can draw it."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import msgspec

from execution_orchestrator.atomic_file import whole_file
from execution_orchestrator.monitoring.web.floor import MAX_SIDE, Grid

FILE = "map.msgpack.gz"  # in the state directory
LARGEST = 2 * MAX_SIDE * MAX_SIDE  # bytes, unpacked


class KeptMap:
    """One file; a later map takes its place."""

    def __init__(self, state_directory: Path) -> None:
        self._file = state_directory / FILE

    def keep(self, grid: Grid) -> None:
        """Write a map, atomically.

        Raises:
            OSError: it cannot be written.

        """
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(self._file) as file:
            file.write(gzip.compress(msgspec.msgpack.encode(grid), 6))

    def read(self) -> Grid | None:
        """Return the map, None if there is none that can be read."""
        try:
            with gzip.open(self._file) as file:
                data = file.read(LARGEST)
            return msgspec.msgpack.decode(data, type=Grid)
        except (OSError, EOFError, zlib.error, msgspec.DecodeError, msgspec.ValidationError):
            return None
