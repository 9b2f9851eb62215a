"""The folder of camera pictures: of bounded size, each file named by the hash of its content."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from pathlib import Path

from execution_orchestrator.atomic_file import whole_file

FOLDER = "pictures"  # of the state directory
KEPT = 2000
KEPT_BYTES = 200_000_000
LARGEST = 5_000_000  # bytes of one picture that is read
NAME = re.compile(r"[0-9a-f]{32}\.jpg")


class PictureFolder:
    """Keeps the newest pictures; may be used from any thread, and by several processes."""

    def __init__(
        self, state_directory: Path, *, kept: int = KEPT, kept_bytes: int = KEPT_BYTES
    ) -> None:
        self._folder = state_directory / FOLDER
        self._kept = kept
        self._kept_bytes = kept_bytes
        self._lock = threading.Lock()

    def keep(self, data: bytes) -> str:
        """Write a picture, let the oldest go, and return its name: the same for the same content.

        Raises:
            OSError: it cannot be written.

        """
        name = f"{hashlib.sha256(data).hexdigest()[:32]}.jpg"
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True)
            target = self._folder / name
            if target.exists():
                os.utime(target)  # it counts as new again
            else:
                with whole_file(target) as file:
                    file.write(data)
                self._trim()
        return name

    def read(self, name: str) -> bytes | None:
        """Return a picture by its name; None: it is not there (any more), or that is no name."""
        if NAME.fullmatch(name) is None:
            return None
        try:
            with (self._folder / name).open("rb") as file:
                return file.read(LARGEST)
        except OSError:
            return None

    def _trim(self) -> None:
        found = [
            (entry.stat().st_mtime_ns, entry.stat().st_size, entry.path)
            for entry in os.scandir(self._folder)
            if NAME.fullmatch(entry.name)
        ]
        found.sort(reverse=True)
        total = 0
        for number, (_, size, path) in enumerate(found):
            total += size
            if number and (number >= self._kept or total > self._kept_bytes):
                Path(path).unlink(missing_ok=True)
