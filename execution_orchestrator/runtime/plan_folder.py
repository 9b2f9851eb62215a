"""Plans in a folder, for subplans that name their file."""

from __future__ import annotations

from pathlib import Path


class PlanFolder:
    """Reads files of a folder, and nothing outside of it."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

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
