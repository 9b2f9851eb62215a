"""The name of the machine's time zone; a fixed offset would be wrong on other days of the year."""

from __future__ import annotations

import os
from pathlib import Path

from execution_orchestrator.plan.timetable import TimetableError, zone_of

_LOCALTIME = Path("/etc/localtime")
_TIMEZONE = Path("/etc/timezone")


def local_zone() -> str:
    """Return the IANA name of the machine's time zone, UTC where it has none."""
    for name in (os.environ.get("TZ", "").removeprefix(":"), _linked(), _written()):
        if name:
            try:
                zone_of(name)
            except TimetableError:
                continue
            return name
    return "UTC"


def _linked() -> str:
    try:
        return str(_LOCALTIME.readlink()).partition("zoneinfo/")[2]
    except OSError:
        return ""


def _written() -> str:
    try:
        return _TIMEZONE.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
