"""Errors with a type, as they travel from a server to the journal."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec


class ErrorType(StrEnum):
    """What kind of thing went wrong."""

    CONNECTIVITY = "CONNECTIVITY"
    TIMEOUT = "TIMEOUT"
    VALIDATION = "VALIDATION"
    TRANSFORMATION = "TRANSFORMATION"
    EXPRESSION = "EXPRESSION"
    ROUTING = "ROUTING"
    # These two are for capabilities and strategies of others: nothing built in reports them.
    SECURITY = "SECURITY"
    RETRY_EXHAUSTED = "RETRY_EXHAUSTED"
    EXECUTION = "EXECUTION"
    NAVIGATION = "NAVIGATION"
    MANIPULATION = "MANIPULATION"
    SENSOR = "SENSOR"
    RESOURCE_UNAVAILABLE = "RESOURCE_UNAVAILABLE"
    CANCELLATION = "CANCELLATION"
    UNKNOWN = "UNKNOWN"


class ErrorInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One classified error; ``server_code`` is the number the server gave, 0 for none."""

    type: ErrorType
    code: str
    message: str
    server_code: int = 0
    recoverable: bool = True
    severity: str = "error"
    context: dict[str, Any] = {}

    @property
    def said(self) -> tuple[str, ...]:
        """What the servers said around the failure, the newest last."""
        said = self.context.get("said", ())
        return tuple(str(line) for line in said) if isinstance(said, list | tuple) else ()
