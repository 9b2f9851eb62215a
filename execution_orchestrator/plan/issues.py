"""Issues of a plan, each with a code, a place and a cure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

MOST_ISSUES = 500  # that are reported of one document; a megabyte can have a mistake in each line


class Severity(IntEnum):
    """As in ValidationIssue.msg; an ERROR keeps the plan from running."""

    INFO = 1
    WARNING = 2
    ERROR = 3


@dataclass(frozen=True)
class Issue:
    """One issue; ``pointer`` is an RFC 6901 JSON pointer, lines and columns count from 1."""

    code: str
    message: str
    pointer: str = ""
    hint: str = ""
    severity: Severity = Severity.ERROR
    line: int = 0
    column: int = 0
