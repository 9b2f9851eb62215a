"""When a command is to be done: "every hour ...", "... at 7:30", "in ten minutes ..."."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from execution_orchestrator.planning.grammar.phrases import NUMBERS
from execution_orchestrator.planning.grammar.tree import CommandError

_SECONDS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0, "week": 604800.0}
MAX_DELAY = 86400.0  # seconds that a command waits by itself; what is later says its time of day
_DAYS = {
    **{day: day[:3] for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
                                "sunday")},
    "weekday": "mon-fri", "weekend": "sat,sun", "day": "*",
    "morning": "*", "noon": "*", "afternoon": "*", "evening": "*", "night": "*",
}  # fmt: skip
_AT = (
    r"(?:at\s+(?:(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?"
    r"\s*(?P<half>am|pm|a\.m\.?|p\.m\.?|o'?clock)?|(?P<word>noon|midnight)))"
)
_NUMBER = r"(?P<count>half(?:\s+an?)?|other|\d+(?:\.\d+)?|[a-z]+)"
_UNIT = rf"(?P<unit>{'|'.join(_SECONDS)})s?"
_OFTEN = rf"(?:every|each|once\s+(?:an?|every|per))\s+(?:{_NUMBER}\s+)?{_UNIT}"
_DAY = "|".join(_DAYS)
_ON_DAYS = rf"(?:(?:every|each)\s+(?P<day>{_DAY})s?|on\s+(?P<days>{_DAY})s|daily)"
_COUNT = r"(?P<count>half\s+an?|an?|\d+(?:\.\d+)?|[a-z]+)"
_LATER = rf"(?:in|after)\s+{_COUNT}\s+(?P<unit>second|minute|hour)s?"
_FORMS = {
    "days": rf"{_ON_DAYS}(?:\s+{_AT})?",
    "at_days": rf"{_AT}\s+{_ON_DAYS}",
    "often": rf"(?:{_OFTEN}|(?P<hourly>hourly))",
    "at": _AT,
    "later": _LATER,
}
_JOINED = r"[\s,.:!]*(?:please\b)?[\s,.:!]*"
_PATTERNS = [
    (name, re.compile(rf"^\W*(?:please\s+)?{form}\b{_JOINED}(?P<rest>.+)$", re.I | re.S))
    for name, form in _FORMS.items()
] + [
    (name, re.compile(rf"^(?P<rest>.+?)[\s,]+{form}\W*(?:please\W*)?$", re.I | re.S))
    for name, form in _FORMS.items()
]
_SPOKEN = re.compile(r"^\W*(?:please\s+)?(?:say|tell|announce|speak)\b(?!.*[\"'])", re.I | re.S)


@dataclass(frozen=True)
class Timed:
    """A command without its time: ``fields`` belong into the plan, ``delay`` (s) comes first."""

    command: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    delay: float = 0.0


def timed(command: str) -> Timed:
    """Take the time off a command that begins or ends with one.

    Raises:
        CommandError: the time is not clear, for example "every morning".

    """
    for name, pattern in _PATTERNS:
        found = pattern.match(command)
        if found is None or (not found.start("rest") and _SPOKEN.match(command)):
            continue
        made = _FOUND[name](found)
        if made is not None:
            return made
    return Timed(command)


def _days(found: re.Match[str]) -> Timed | None:
    day = (found["day"] or found["days"] or "day").lower()
    clock = _clock(found)
    if clock is None:
        if day in ("day", "week"):
            return Timed(found["rest"], {"schedule": {"every": _SECONDS["day"]}})
        raise CommandError(f'at what time is not clear; say for example "every {day} at 8:00 ..."')
    hour, minute = clock
    cron = f"{minute} {hour} * * {_DAYS[day]}"
    return Timed(found["rest"], {"schedule": {"cron": cron}})


def _often(found: re.Match[str]) -> Timed | None:
    if found["hourly"]:
        return Timed(found["rest"], {"schedule": {"every": 3600.0}})
    count = _number(found["count"])
    if count is None:
        return None
    return Timed(found["rest"], {"schedule": {"every": count * _SECONDS[found["unit"].lower()]}})


def _at(found: re.Match[str]) -> Timed | None:
    if found["hour"] and not (found["minute"] or found["half"]):
        return None  # "at 5" is no time of day for certain
    clock = _clock(found)
    return (
        None
        if clock is None
        else Timed(found["rest"], {"start_at": f"{clock[0]:02}:{clock[1]:02}"})
    )


def _later(found: re.Match[str]) -> Timed | None:
    count = _number(found["count"])
    if count is None:
        return None
    delay = count * _SECONDS[found["unit"].lower()]
    if not 0.0 < delay <= MAX_DELAY:
        raise CommandError('that is too far ahead to wait for; say a time of day: "at 7:30 ..."')
    return Timed(found["rest"], delay=delay)


_FOUND = {"days": _days, "at_days": _days, "often": _often, "at": _at, "later": _later}


def _clock(found: re.Match[str]) -> tuple[int, int] | None:
    """Return hour and minute, None if no time of day is given."""
    if found["word"]:
        return (12, 0) if found["word"].lower() == "noon" else (0, 0)
    if not found["hour"]:
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    half = (found["half"] or "").lower().replace(".", "")
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            raise CommandError(f"{found['hour']} {half} is no time of day")
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        raise CommandError(f"{hour}:{minute:02} is no time of day")
    return hour, minute


def _number(word: str | None) -> float | None:
    text = (word or "").lower()
    if text in ("", "a", "an"):
        return 1.0
    if text.startswith("half"):
        return 0.5
    if text == "other":
        return 2.0
    return NUMBERS.get(text, float(text) if re.fullmatch(r"\d+(?:\.\d+)?", text) else None)
