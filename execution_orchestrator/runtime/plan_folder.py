"""Plans in a folder, for subplans that name their file and for people who write plans."""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from execution_orchestrator.atomic_file import new_file, whole_file

MAX_LISTED = 500
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_. -]{0,99}\.(ya?ml|json)")
CLOSED = "this folder is only read"


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """The text of a plan; ``version`` is another one as soon as the text is."""

    text: str
    version: str


class PlanStandsError(Exception):
    """A plan of this name is there that was not to be replaced; ``version`` is its own."""

    def __init__(self, message: str, version: str) -> None:
        super().__init__(message)
        self.version = version


class PlanFolder:
    """Reads files of a folder, and nothing outside of it.

    ``closed`` says why nothing is saved in it; where it is empty plans are.
    """

    def __init__(self, folder: Path, max_bytes: int, *, closed: str = CLOSED) -> None:
        self.closed = closed
        self._folder = folder
        self._max_bytes = max_bytes
        self._saving = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        """Let the process that checks large documents read in it; only this one saves."""
        return PlanFolder, (self._folder, self._max_bytes)

    def names(self) -> list[str]:
        """Return the names of the plans in the folder itself, at most 500."""
        try:
            found = [one.name for one in self._folder.iterdir() if NAME.fullmatch(one.name)]
        except OSError:
            return []
        return sorted(found)[:MAX_LISTED]

    def read(self, name: str) -> str:
        """Return the text of a plan.

        Raises:
            OSError: there is none of that name, it is outside of the folder, or too large.

        """
        path = self._path(name)
        if not path.is_file():
            raise OSError(f"there is no plan {name} in {self._folder.resolve()}")
        if path.stat().st_size > self._max_bytes:
            raise OSError(f"{name} has more than {self._max_bytes} bytes")
        try:
            return path.read_bytes().decode()
        except UnicodeDecodeError as failure:
            raise OSError(f"{name} is no UTF-8: {failure}") from None

    def kept(self, name: str) -> KeptPlan:
        """Return a plan with its version.

        Raises:
            OSError: as `read`.

        """
        text = self.read(name)
        return KeptPlan(text, _version(text))

    def save(self, name: str, text: str, replaces: str = "") -> str:
        """Write a plan whole and return its version; the folder is made if it is not there.

        ``replaces`` is the version of the plan that it takes the place of, empty for a new one.

        Raises:
            PlanStandsError: another version of it is there.
            OSError: the folder is only read, the name is none for a plan, the text is too large,
                or it cannot be written.

        """
        if self.closed:
            raise OSError(self.closed)
        if not NAME.fullmatch(name):
            raise OSError(
                f"{name!r} is no name of a plan: letters, digits, spaces, _ . and -, at most 100, "
                "then .yaml, .yml or .json"
            )
        try:
            data = text.encode()
        except UnicodeEncodeError as failure:
            raise OSError(f"the text is no UTF-8: {failure}") from None
        if len(data) > self._max_bytes:
            raise OSError(f"the plan has more than {self._max_bytes} bytes")
        with self._saving:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._path(name)
            if path.exists():
                there = self.kept(name).version
                if there != replaces:
                    message = "was changed meanwhile" if replaces else "is there already"
                    raise PlanStandsError(f"{name} {message}", there)
                with whole_file(path) as file:
                    file.write(data)
            else:
                try:
                    with new_file(path) as file:
                        file.write(data)
                except FileExistsError:
                    raise PlanStandsError(f"{name} is there already", "") from None
        return _version(text)

    def _path(self, name: str) -> Path:
        """Return where a plan is.

        Raises:
            OSError: that is outside of the folder.

        """
        folder = self._folder.resolve()
        path = (folder / name).resolve()
        if not path.is_relative_to(folder):
            raise OSError(f"{name} is outside of {folder}")
        return path


def _version(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
