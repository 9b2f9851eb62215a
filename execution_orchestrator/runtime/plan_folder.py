"""Plans in a folder, for subplans that name their file."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

MAX_LISTED = 500
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_. -]{0,99}\.(ya?ml|json)")


class PlanFolder:
    """Reads files of a folder, and nothing outside of it."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    def names(self) -> list[str]:
        """Return the names of the plans in the folder itself, at most 500."""
        try:
            found = [one.name for one in self._folder.iterdir() if NAME.fullmatch(one.name)]
        except OSError:
            return []
        return sorted(found)[:MAX_LISTED]

    def write(self, name: str, text: str) -> None:
        """Save a plan in the folder; what was there under the name is replaced in one step.

        Raises:
            OSError: the name is none of a plan, the text is too large, the folder is read-only.

        """
        if not NAME.fullmatch(name):
            raise OSError(f"{name!r} is no name of a plan; write it like fetch_cup.yaml")
        data = text.encode()
        if len(data) > self._max_bytes:
            raise OSError(f"the plan has more than {self._max_bytes} bytes")
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, half = tempfile.mkstemp(dir=self._folder, prefix=".saving-")
        try:
            with os.fdopen(handle, "wb") as sink:
                sink.write(data)
                sink.flush()
                os.fsync(sink.fileno())
            Path(half).chmod(0o644)
            Path(half).replace(self._folder.resolve() / name)
        except OSError:
            Path(half).unlink(missing_ok=True)
            raise

    def read(self, name: str) -> str:
        """Return the text of a plan.

        Raises:
            OSError: there is none of that name, it is outside of the folder, or too large.

        """
        folder = self._folder.resolve()
        path = (folder / name).resolve()
        if not path.is_relative_to(folder):
            raise OSError(f"{name} is outside of {folder}")
        if not path.is_file():
            raise OSError(f"there is no plan {name} in {folder}")
        if path.stat().st_size > self._max_bytes:
            raise OSError(f"{name} has more than {self._max_bytes} bytes")
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError as failure:
            raise OSError(f"{name} is no UTF-8: {failure}") from None
