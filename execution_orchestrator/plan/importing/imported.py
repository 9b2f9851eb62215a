"""What comes out of an import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class NotImportableError(ValueError):
    """A file that cannot be imported at all; the message says where and why."""


@dataclass(frozen=True, order=True)
class Note:
    """A part of the imported file that was changed or left out, and how.

    ``file`` is the included file that has it, empty for the one that was given.
    """

    line: int
    what: str
    text: str
    file: str = ""


@dataclass(frozen=True)
class Imported:
    """A plan document, and what it does not hold as it was, in the order of the lines."""

    plan: dict[str, Any]
    notes: tuple[Note, ...] = ()
