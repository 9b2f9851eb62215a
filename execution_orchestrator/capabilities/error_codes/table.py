"""Tables of error codes, as the package ships them and as a capability file may add them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import ConfigDict, Field

from execution_orchestrator.plan.errors import ErrorInfo, ErrorType

_WORD = re.compile(r"[a-z]+")
_SMALL = frozenset({"a", "an", "at", "be", "in", "is", "it", "of", "on", "the", "to", "was"})
Identifier = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]


@dataclass(frozen=True, slots=True)
class KnownError:
    """The meaning of an error number: its type, stable name, and whether a recovery may help."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    type: ErrorType
    code: Identifier
    message: str
    recoverable: bool = True


@dataclass(frozen=True, slots=True)
class ErrorCodeTable:
    """Meaning of a server family's numbers; ``success`` lists those that are no errors.

    A number without a meaning is an error of ``unknown_type`` whose code is ``prefix`` and number.
    ``logged`` are parts of log messages (any case) and what they mean, for a failure without a
    number. ``unexplained`` are the numbers that do not say why: a server behind may be paused or
    gone.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    prefix: Identifier
    codes: Mapping[int, KnownError] = field(default_factory=dict)
    unknown_type: ErrorType = ErrorType.EXECUTION
    success: frozenset[int] = frozenset({0})
    logged: Mapping[str, KnownError] = field(default_factory=dict)
    unexplained: frozenset[int] = frozenset()

    def find_logged(self, messages: Iterable[str]) -> ErrorInfo | None:
        """Return the error that the newest of these log messages with a known part names."""
        for message in reversed(list(messages)):
            for part, known in self.logged.items():
                if part.casefold() in message.casefold():
                    return ErrorInfo(
                        type=known.type,
                        code=known.code,
                        message=said_once(known.message, message),
                        recoverable=known.recoverable,
                    )
        return None

    def classify(self, code: int, said: str = "") -> ErrorInfo:
        """Typed error for a code; ``said`` is the server's own text, kept when it has one."""
        known = self.codes.get(code)
        if known is None:
            return ErrorInfo(
                type=self.unknown_type,
                code=f"{self.prefix}_{code}",
                message=said or f"the server failed with code {code}, which has no known meaning",
                server_code=code,
                recoverable=True,
            )
        return ErrorInfo(
            type=known.type,
            code=known.code,
            message=said_once(known.message, said),
            server_code=code,
            recoverable=known.recoverable,
        )


def said_once(meaning: str, said: str, joint: str = ": ") -> str:
    """Return what an error means and what the server said, which may be the same in its words."""
    if not said:
        return meaning
    heard = set(_words(said))
    return said if heard.issuperset(_words(meaning)) else f"{meaning}{joint}{said}"


def _words(text: str) -> list[str]:
    """Return the words of a text that mean something."""
    return [word for word in _WORD.findall(text.casefold()) if word not in _SMALL]


@dataclass(frozen=True, slots=True)
class ErrorCodeTables:
    """Tables by the name the configuration uses."""

    tables: Mapping[str, ErrorCodeTable]

    def __contains__(self, name: object) -> bool:
        return name in self.tables

    def __getitem__(self, name: str) -> ErrorCodeTable:
        return self.tables[name]

    def names(self) -> list[str]:
        """Names in alphabetical order."""
        return sorted(self.tables)

    def extended(self, more: Mapping[str, ErrorCodeTable]) -> ErrorCodeTables:
        """Return these tables and more; an added one replaces a shipped one of the same name."""
        return ErrorCodeTables({**self.tables, **more})
