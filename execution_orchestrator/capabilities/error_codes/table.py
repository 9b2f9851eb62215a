"""What a table of error codes is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from execution_orchestrator.plan.errors import ErrorInfo, ErrorType


@dataclass(frozen=True, slots=True)
class KnownError:
    """What a number means: its type, its stable name, and whether a recovery may help."""

    type: ErrorType
    code: str
    message: str
    recoverable: bool = True


@dataclass(frozen=True, slots=True)
class ErrorCodeTable:
    """Meaning of a server family's numbers; ``success`` lists those that are no errors."""

    entries: Mapping[int, KnownError]
    unknown_type: ErrorType
    prefix: str
    success: frozenset[int] = frozenset({0})

    def classify(self, code: int, said: str = "") -> ErrorInfo:
        """Typed error for a code; ``said`` is the server's own text, kept when it has one."""
        known = self.entries.get(code)
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
            message=f"{known.message}: {said}" if said else known.message,
            server_code=code,
            recoverable=known.recoverable,
        )


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
