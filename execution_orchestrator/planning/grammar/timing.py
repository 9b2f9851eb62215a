"""When a command is to be done: "every hour ...", "... tomorrow at 8", "in ten minutes ..."."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from execution_orchestrator.planning.grammar.phrases import NUMBERS
from execution_orchestrator.planning.grammar.speech import speaks
from execution_orchestrator.planning.grammar.tree import CommandError, UnclearError

_SECONDS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0, "week": 604800.0}
_SHORT = {"s": "second", "sec": "second", "min": "minute", "hr": "hour"}
MAX_DELAY = 86400.0  # seconds that a command waits by itself; what is later says its time of day
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS = {
    **{day: day[:3] for day in _WEEK},
    "weekday": "mon-fri", "weekend": "sat,sun", "day": "*",
    "morning": "*", "noon": "*", "afternoon": "*", "evening": "*", "night": "*",
}  # fmt: skip
_PART = r"morning|afternoon|evening|night"
_HOUR = rf"\d{{1,2}}|{'|'.join(name for name, number in NUMBERS.items() if 1 <= number <= 12)}"
_TIME = (
    r"(?:(?P<offset>half\s+past|(?:a\s+)?quarter\s+(?:past|to))\s+)?"
    rf"(?P<hour>{_HOUR})(?:[:.](?P<minute>\d\d))?"
    r"\s*(?P<half>am|pm|a\.m\.?|p\.m\.?)?(?P<clock>\s*o'?clock)?"
)
_AT = (
    rf"(?:at\s+(?:(?:exactly|around|about)\s+)?(?:{_TIME}"
    rf"(?:\s+(?:in\s+the|at)\s+(?P<part>{_PART}))?|(?P<word>noon|midnight))(?![:.\w]))"
)
_UNITS = "|".join((*_SECONDS, *_SHORT))
_TENS = r"(?:twenty|thirty|forty|fifty)[\s-](?:one|two|three|four|five|six|seven|eight|nine)"
_NUMBER = rf"(?P<count>half(?:\s+an?)?|other|\d+(?:\.\d+)?|{_TENS}|[a-z]+)"
_UNIT = rf"(?P<unit>{_UNITS})s?"
_OFTEN = (
    rf"(?:(?:every|each|once\s+(?:an?|every|per))\s+(?:{_NUMBER}\s+)?{_UNIT}"
    rf"|(?P<often>twice|\w+\s+times)\s+(?:an?|each|every|per)\s+(?P<per>{_UNITS}))"
)
_DAY = "|".join(_DAYS)
_WITHIN_HOURS = (
    r"(?:between\s+(?P<since>\d{1,2})(?::00)?\s+and|from\s+(?P<from_hour>\d{1,2})(?::00)?\s+(?:to|until|till))"
    r"\s+(?P<last_hour>\d{1,2})(?::00)?(?:\s*o'?clock)?"
)
_ONE_OF_THEM = rf"(?:{_DAY})s?"
_LISTED = rf"{_ONE_OF_THEM}(?:(?:\s*,\s*|\s+and\s+|\s*,\s*and\s+)(?:on\s+)?{_ONE_OF_THEM})*"
_ON_DAYS = (
    rf"(?:(?:every|each)\s+(?P<day>{_LISTED})(?:\s+(?P<when_of_day>{_PART}))?|"
    rf"on\s+(?P<days>(?:{_DAY})s(?:(?:\s*,\s*|\s+and\s+)(?:{_DAY})s)*)"
    r"|daily|once\s+a\s+day)"
)
_ONE_DAY = (
    rf"(?:(?:the\s+)?(?P<near>today|tomorrow|tonight|day\s+after\s+tomorrow)(?:\s+(?P<when>{_PART}))?|this\s+(?P<this>{_PART})"
    rf"|(?:(?:on|next|this|this\s+coming)\s+)?(?P<weekday>{'|'.join(_WEEK)})(?:\s+(?P<then>{_PART}))?)"
)
_COUNT = rf"(?P<count>half\s+an?|an?|\d+(?:\.\d+)?|{_TENS}|[a-z]+)"
_MORE = (
    r"(?:\s+and\s+(?:(?P<half_more>a\s+half)"
    rf"|(?P<count2>an?|\d+(?:\.\d+)?|[a-z]+)\s+(?P<unit2>{_UNITS})s?))?"
)
_LATER = (
    rf"(?:(?:in|after)\s+(?:(?P<plus>one\s+and\s+a\s+half|\w+\s+and\s+a\s+half)|{_COUNT})\s+"
    rf"(?P<unit>second|sec|minute|min|hour|hr)s?{_MORE}"
    rf"|(?P<from>half\s+an?|an?|\d+(?:\.\d+)?|[a-z]+)\s+(?P<unit3>second|sec|minute|min|hour|hr)s?\s+from\s+now)"
)
_OVER_WITHIN = (
    r"(?:within|in\s+(?:less|no\s+more)\s+than|with\s+(?:a\s+)?timeout(?:\s+of)?)"
    rf"(?:\s+the\s+next)?\s+{_COUNT}\s*(?P<unit>seconds?|secs?|s|minutes?|mins?|hours?|hrs?)"
)
_FORMS = {
    "often_within": (
        rf"{_OFTEN}(?=\s+(?:between|from|on)\b)(?:\s+{_WITHIN_HOURS})?(?:\s+{_ON_DAYS})?"
    ),
    "at_days": rf"{_AT}\s+{_ON_DAYS}",
    "days": rf"{_ON_DAYS}(?:\s*,?\s+{_AT})?",
    "other_day": rf"every\s+(?P<days_between>other|\w+)\s+days?\s+{_AT}",
    "often": rf"(?:{_OFTEN}|(?P<hourly>hourly))",
    "at_one_day": rf"{_AT}\s+{_ONE_DAY}",
    "one_day": rf"{_ONE_DAY}(?:\s*,?\s+{_AT})?",
    "at": _AT,
    "within": _OVER_WITHIN,
    "later": _LATER,
}
_OFTEN_FORMS = frozenset({"days", "at_days", "other_day", "often", "often_within"})
_JOINED = r"[\s,.:!]*(?:please\b)?[\s,.:!]*"
_PATTERNS = [
    (name, re.compile(rf"^\W*(?:please\s+)?{form}(?!\w){_JOINED}(?P<rest>.+)$", re.I | re.S))
    for name, form in _FORMS.items()
] + [
    (name, re.compile(rf"^(?P<rest>.+?)[\s,]+{form}\W*(?:please\W*)?$", re.I | re.S))
    for name, form in _FORMS.items()
]


_CLOCK = re.sub(r"[?]P<\w+>", "?:", _TIME) + "|noon|midnight"  # where several may stand
_AT_SEVERAL = re.compile(
    rf"\bat\s+(?P<times>(?:{_CLOCK})(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+)(?:at\s+)?(?:{_CLOCK})(?![:.\w]))+)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*,\s*(?:and\s+)?(?:at\s+)?|\s+and\s+(?:at\s+)?", re.IGNORECASE)
_THEN_AT = re.compile(
    r"(?:\band|\bthen|,)\s+at\s+(?:noon|midnight|\d{1,2}(?:[:.]\d\d|\s*[ap]\.?m\b))", re.IGNORECASE
)
_HALF = re.compile(r"\b(?:[ap]m|[ap]\.m\.?)", re.IGNORECASE)
_EXACT = re.compile(r"[:.]\d|\b(?:noon|midnight)|[ap]\.?m\b|o'?clock", re.IGNORECASE)
_UNTIL = re.compile(
    rf"\b(?:until|till)\s+(?P<time>(?:(?:today|tomorrow|{'|'.join(_WEEK)})\s+)?(?:at\s+)?(?:{_CLOCK})"
    rf"(?!\s*(?:%|percent|per\s+cent))(?![:.\w]))(?:\s+(?:today|tomorrow|{'|'.join(_WEEK)}))?",
    re.IGNORECASE,
)
_DAILY = re.compile(rf"\b(?:every|each|daily|on\s+(?:{_DAY})s)\b", re.IGNORECASE)
_WAIT = re.compile(
    r"^\W*(?:please\s+)?(?:(?:can|could|would|will)\s+you\s+)?(?:wait|stay|pause|hold\s+on)"
    r"(?:\s+here|\s+there)?\s*$",
    re.IGNORECASE,
)
_EXACTLY = (
    r"(?:\d{1,2}(?:[:.]\d\d)?\s*(?:[ap]\.?m\b\.?|o'?clock\b)|\d{1,2}:\d\d(?![:.\w]|\s*[ap]\.?m\b)"
    r"|noon\b|midnight\b)"
)
_A_DAY = rf"\s+(?:today|tomorrow|(?:on\s+|next\s+)?(?:{'|'.join(_WEEK)}))\b"
_WHICH_DAY = rf"(?:{_A_DAY}|(?!{_A_DAY}))"
_SHARP = re.compile(rf"(?P<time>{_EXACTLY})\s+sharp\b", re.IGNORECASE)
_STARTS = re.compile(
    r"^\W*(?:please\s+)?(?:start|begin)\s+(?=(?:in|at|after|today|tomorrow|tonight)\b)",
    re.IGNORECASE,
)
_IN_A_PART = re.compile(
    rf"^\W*(?:please\s+)?in\s+the\s+(?:{_PART})[\s,]+(?!at\b)\w|\w[\s,]+in\s+the\s+(?:{_PART})\W*$",
    re.IGNORECASE,
)
_AFTER = re.compile(rf"\bafter\s+(?={_EXACTLY})", re.IGNORECASE)
_BY = re.compile(
    rf"\b(?:by|before|no\s+later\s+than|at\s+the\s+latest\s+at)\s+(?P<time>{_EXACTLY}{_WHICH_DAY})"
    rf"|\bbefore\s+(?P<hour>\d{{1,2}})(?=\W*$)",
    re.IGNORECASE,
)
_NOT_BEFORE = re.compile(
    r"[\s,]*(?:\b(?:but|and)\s+)?\b(?:not\s+before|(?:no|not)\s+(?:earlier|sooner)\s+than"
    rf"|as\s+of)\s+(?P<time>{_EXACTLY}{_WHICH_DAY}|\d{{1,2}}(?=\W*$))[\s,]*",
    re.IGNORECASE,
)
# "every monday go to the kitchen at noon", "at noon go to the kitchen every monday"
_SOME_DAYS, _SOME_CLOCK = (
    re.sub("[?]P<[a-z_]+>", "?:", one) for one in (rf"(?:{_ON_DAYS}|{_ONE_DAY})", _AT)
)
_APART = (
    re.compile(
        rf"^\W*(?P<days>{_SOME_DAYS})[\s,]+(?P<errand>(?!at\b).+?)[\s,]+(?P<clock>{_SOME_CLOCK})\W*$",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(
        rf"^\W*(?P<clock>{_SOME_CLOCK})[\s,]+(?P<errand>.+?)[\s,]+(?P<days>{_SOME_DAYS})\W*$",
        re.IGNORECASE | re.DOTALL,
    ),
)
# A time in the middle of a command, of which it is the whole that is meant.
_WITHIN = re.compile(
    rf"\s+(?P<time>at\s+{_EXACTLY}{_WHICH_DAY}|in\s+(?:{_COUNT[_COUNT.index('>') + 1 : -1]})\s+"
    r"(?:second|sec|minute|min|hour|hr)s?\b)(?!\s+and\s+(?:a\s+half|\w+\s+(?:second|sec|minute|min|hour|hr)s?)\b)(?=\s*\W*\s*\w)",
    re.IGNORECASE,
)
# "go to the kitchen and come back in five minutes"
_COMES_BACK = re.compile(
    r"\s*(?:[,.;]|\band\b|\bthen\b)\s*(?:and\s+)?(?:then\s+)?(?:come|be|get|return|go|drive|head)"
    r"(?:\s+(?:right|straight))?(?:\s+(?:back|home|here|to\s+me))*\s*$",
    re.IGNORECASE,
)
_AGAIN = re.compile(r"\b(?:every|each|daily)\b", re.IGNORECASE)
_REMINDS = re.compile(
    r"^\W*(?:please\s+)?(?:(?:can|could|will|would)\s+you\s+)?remind\s+(?:me|us)$", re.I
)
_PARTS = re.compile(r"[,;.]|\b(?:and|then|every|each|daily|if|when|until|while|wait)\b", re.I)
_LEAD = re.compile(r"^[\s,.;:!]*(?:(?:and|then|please)\b[\s,]*)*", re.IGNORECASE)


_FROM_DAY_TO_DAY = re.compile(
    rf"\b(?:(?:every|each|on|from)\s+)?(?P<first>{'|'.join(_WEEK)})\s*(?:to|through|till|until|-)\s*"
    rf"(?P<last>{'|'.join(_WEEK)})\b",
    re.IGNORECASE,
)
_ANY_COMMAND = "look around"
NOW = "now"
_CLOCK_SAID = re.compile(rf"\bat\s+(?:{_CLOCK})(?![:.\w])", re.IGNORECASE)
_BARE_CLOCK = re.compile(
    r"(?:at\s+)?(?P<clock>\d{1,2}(?:[:.]\d\d)?\s*(?P<half>[ap]\.?m\.?)?(?:\s*o'?clock)?)",
    re.IGNORECASE,
)
_ONLY_DAYS = re.compile(rf"{_ON_DAYS}|{re.sub('[?]P<[a-z_]+>', '?:', _ONE_DAY)}", re.IGNORECASE)
_ONLY_TIMES = [re.compile(form, re.IGNORECASE) for name, form in _FORMS.items() if name != "within"]


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
    command = _FROM_DAY_TO_DAY.sub(_each_day, command)
    command = _STARTS.sub("", _SHARP.sub(r"\g<time>", command))
    command = _at_the_front(_AFTER.sub("at ", _waited_for(command)))
    command = _together(command)
    limited = _not_before(command) or _over_by(command)
    if limited is not None:
        return limited
    several = _at_several(command)
    if several is not None:
        return several
    for name, pattern in _PATTERNS:
        found = pattern.match(command)
        if found is None or found["rest"].count('"') % 2:  # inside of what is to be said
            continue
        if not found.start("rest") and speaks(found["rest"]) and name not in _OFTEN_FORMS:
            time = command[found.end("rest") :].strip(" ,.!?")
            raise CommandError(
                f'is "{time}" a part of what is said, or when it is said? Say "{time} '
                f'{found["rest"].strip(" ,")}", or put the words in quotes'
            )
        made = _FOUND[name](found)
        if made is not None:
            if _THEN_AT.search(made.command) and '"' not in made.command:
                raise CommandError(
                    "a command begins at one time; say what is to be done at another time as a "
                    "command of its own"
                )
            return made
    if _IN_A_PART.search(command) and '"' not in command and not speaks(command):
        raise UnclearError('at what time is not clear; say for example "at 19:00 ..."')
    return Timed(command)


def _each_day(found: re.Match[str]) -> str:
    """Return "monday to wednesday" as "every monday and tuesday and wednesday"."""
    first, last = (_WEEK.index(found[name].lower()) for name in ("first", "last"))
    days = [_WEEK[at % 7] for at in range(first, last + (1 if last > first else 8))]
    return f"every {' and '.join(days)}"


def _waited_for(command: str) -> str:
    """Return "wait until 17:00, then go home" as "at 17:00 go home".

    Raises:
        CommandError: the clock is waited for elsewhere, which no plan can do.

    """
    found = _UNTIL.search(command)
    if found is None or command[: found.start()].count('"') % 2:
        return command
    before, after = command[: found.start()], _LEAD.sub("", command[found.end() :])
    time = " ".join(found["time"].split())
    day, _, clock = time.rpartition(" at ") if " at " in time else ("", "", time)
    when = f"{day} at {clock.removeprefix('at ')}".strip()
    if _WAIT.match(before):
        if not re.search(r"\w", after):
            raise CommandError(
                "nothing comes after the wait; say in one command what is to be done then: "
                f'"{when} go home"'
            )
        return f"{when} {after}"
    if re.search(r"\bwait\s*$", before, re.IGNORECASE):
        raise CommandError(
            "a time of day can only begin or end a command; say what comes before it as a command "
            f'of its own, and then "{when} ..."'
        )
    raise CommandError(
        f'"until {time}" cannot be said of what is done; say how long: "... for 30 minutes"'
    )


def _at_the_front(command: str) -> str:
    """Return "bring me at noon the cup and then go home" as "at noon bring me the cup and ..."."""
    found = list(_WITHIN.finditer(command))
    if len(found) != 1 or '"' in command:
        return command
    before, after = command[: found[0].start()], command[found[0].end() :]
    if speaks(command) and not _REMINDS.match(before):
        return command
    if _PARTS.search(before) or _AGAIN.search(after) or not re.search(r"\w", after):
        return command
    return f"{found[0]['time']} {before}{after}"


def _together(command: str) -> str:
    """Return a command that begins with a day and ends with a time with both at its beginning."""
    for pattern in _APART:
        found = pattern.match(command)
        if found is not None and '"' not in command and not speaks(found["errand"]):
            several = timed(f"at noon {found['errand']}").fields.keys() - {"start_at"}
            if not several:
                return f"{found['days']} {found['clock']} {found['errand']}"
    return command


def _not_before(command: str) -> Timed | None:
    """Take off before when a command is not to begin: "not before 10:00 go to the kitchen"."""
    found = _NOT_BEFORE.search(command)
    if found is None or '"' in command:
        return None
    before, after = command[: found.start()], command[found.end() :]
    if bool(re.search(r"\w", before)) == bool(re.search(r"\w", after)) or speaks(before):
        return None
    when = timed(f"at {found['time']} {_ANY_COMMAND}").fields.get("start_at", "")
    # Where that is over today, it begins at once.
    moment = when if " " in when else f"today {when}"
    return Timed(before or after, {"not_before": moment}) if when else None


def _over_by(command: str) -> Timed | None:
    """Take off when a command has to be done: "be home by 6 pm"."""
    found = _BY.search(command)
    if found is None or '"' in command or speaks(command):
        return None
    before, after = command[: found.start()].strip(" ,"), command[found.end() :]
    if before and re.search(r"\w", after):
        return None
    when = timed(f"at {found['time'] or found['hour']} {_ANY_COMMAND}")
    rest = before or after.strip(" ,")
    return Timed(rest, {"deadline": when.fields["start_at"]}) if "start_at" in when.fields else None


def _at_several(command: str) -> Timed | None:
    """Take the times off a command that says more than one: "every day at 8:00 and 20:00"."""
    found = _AT_SEVERAL.search(command)
    if found is None or command[: found.start()].count('"') % 2:
        return None
    times = _BETWEEN.split(found["times"])
    numbers = len(times) == 2 and " and " not in found["times"]  # as of a place
    if not numbers and not _DAILY.search(command):
        raise _one_time(times)
    half = _HALF.search(times[-1])
    if half is not None:  # "at 8 and 10 am"
        times = [one if _EXACT.search(one) else f"{one} {half.group()}" for one in times]
    if not any(map(_EXACT.search, times)) and not _DAILY.search(command):
        return None
    each = [
        timed(f"{command[: found.start()]}at {one}{command[found.end() :]}")
        for one in dict.fromkeys(times)
    ]
    crons = [str(one.fields.get("schedule", {}).get("cron", "")).split() for one in each]
    if all(crons) and len({(minute, *days) for minute, _, *days in crons}) == 1:
        minute, _, *days = crons[0]
        hours = ",".join(sorted({hour for _, hour, *_ in crons}, key=int))
        return Timed(each[0].command, {"schedule": {"cron": " ".join((minute, hours, *days))}})
    raise _one_time(times)


def _one_time(times: Sequence[str]) -> CommandError:
    return CommandError(
        "a command has one time; say it as commands of their own, "
        + " and ".join(f'"... at {one}"' for one in times)
        + f', or "every day at {" and ".join(times)} ..."'
    )


def parted(command: str) -> tuple[str, str]:
    """Part a command into the words that say when, and the rest; without such words ("", it)."""
    several = _AT_SEVERAL.search(command)
    if several is not None:  # "every day at 8:00 and 20:00"
        one = f"at {_BETWEEN.split(several['times'])[0]}"
        when, rest = parted(f"{command[: several.start()]}{one}{command[several.end() :]}")
        return when.replace(one, several.group(), 1), rest
    command = _together(_at_the_front(command))
    for _, pattern in _PATTERNS:
        found = pattern.match(command)
        if found is not None and found["rest"].count('"') % 2 == 0:
            when = command[: found.start("rest")] or command[found.end("rest") :]
            return when.strip(" ,.:!?"), found["rest"].strip(" ,")
    return "", command


def retimes(said: str) -> bool:
    """Whether something is only a time, and nothing that is done: "at 9:00", "in ten minutes"."""
    return said == NOW or any(form.fullmatch(said) for form in (_BY, *_ONLY_TIMES))


def retimed(command: str, said: str) -> str:
    """Return a command with another time, empty if that is none.

    What is said of the time leaves the rest of it as it was: "at 9:00" the days, "on mondays" the
    time of day.

    Raises:
        UnclearError: the time that it then has is not clear.

    """
    when, errand = parted(command)
    if said == NOW:
        return errand if when else ""
    clock = _CLOCK_SAID.search(when)
    bare = _BARE_CLOCK.fullmatch(said)
    if bare is not None and not when and _BY.search(command):
        said = f"by {bare['clock']}"
    elif bare is not None and clock is not None:
        said = f"at {bare['clock']}"
        if ":" in clock.group() and not _EXACT.search(said):
            said += ":00"  # "make it 9" after "at 8:00"
        elif not bare["half"] and (half := _HALF.search(clock.group())) is not None:
            said += f" {half.group()}"
    if not retimes(said):
        return ""
    if clock is not None and _CLOCK_SAID.fullmatch(said):
        said = f"{when[: clock.start()]}{said}{when[clock.end() :]}"
    elif clock is not None and _ONLY_DAYS.fullmatch(said):
        said = f"{said} {clock.group()}"
    if not when:  # "be home by 6 pm"
        errand = timed(command).command
    made = f"{said} {errand}"
    found = timed(made)
    return made if found.fields or found.delay else ""


def answered(asked: str, time: str) -> str:
    """Return a command whose time was not clear with the time that was then said, or nothing."""
    before, rest = parted(asked)
    if not before:
        return ""
    clock = f"at {time}" if re.match(r"\d|noon|midnight", time, re.IGNORECASE) else time
    for made in (f"{before} {clock} {rest}", f"{clock} {before} {rest}", f"{clock} {rest}"):
        try:
            when = timed(made)
            if when.fields and timed(when.command).command == when.command:
                return made
        except CommandError:
            continue
    return ""


def _days(found: re.Match[str]) -> Timed | None:
    days = _days_named(found)
    part = found["when_of_day"] or ""
    clock = _clock(found, part or days[0])
    if clock is None:
        if days == ["day"]:
            return Timed(found["rest"], {"schedule": {"every": _SECONDS["day"]}})
        raise _unclear(f"every {' and '.join(days)} {part}".strip())
    hour, minute = clock
    cron = f"{minute} {hour} * * {_cron_days(days)}"
    return Timed(found["rest"], {"schedule": {"cron": cron}})


def _days_named(found: re.Match[str]) -> list[str]:
    listed = re.findall(r"[a-z]+", (found["day"] or found["days"] or "day").lower())
    return [day.removesuffix("s") for day in listed if day not in ("and", "on")]


def _cron_days(days: Sequence[str]) -> str:
    on = ",".join(dict.fromkeys(_DAYS[day] for day in days))
    return "*" if "*" in on else on


def _often_within(found: re.Match[str]) -> Timed | None:
    """Read "every two hours between 8 and 18 on weekdays", which cron has a line for."""
    if found["often"] or found["when_of_day"]:
        return None
    seconds = (_number(found["count"]) or 0.0) * _seconds(found["unit"])
    hours, minutes = seconds / 3600.0, seconds / 60.0
    since, last = found["since"] or found["from_hour"] or "0", found["last_hour"] or "23"
    if int(since) > int(last) or int(last) > 24:
        return None
    full_hours = "*" if (since, last) == ("0", "23") else f"{since}-{min(int(last), 23)}"
    if hours >= 1.0 and 24.0 % hours == 0.0:
        step = f"/{hours:g}" if hours > 1.0 else ""
        line = f"0 {full_hours}{step}"
    elif minutes >= 1.0 and 60.0 % minutes == 0.0:
        before = full_hours if full_hours == "*" else f"{since}-{max(int(last) - 1, int(since))}"
        line = f"*/{minutes:g} {before}" if minutes > 1.0 else f"* {before}"
    else:
        raise UnclearError(
            f"a day is no whole number of times {found['count']} {found['unit']}s; say for example "
            '"every two hours on weekdays"'
        )
    return Timed(
        found["rest"], {"schedule": {"cron": f"{line} * * {_cron_days(_days_named(found))}"}}
    )


def _unclear(said: str) -> UnclearError:
    hour = "22:00" if said.endswith("night") else "19:00" if said.endswith("evening") else "8:00"
    return UnclearError(f'at what time is not clear; say for example "{said} at {hour} ..."')


def _other_day(found: re.Match[str]) -> Timed | None:
    clock = _clock(found)
    if clock is None:
        return None
    starts = f"{clock[0]:02}:{clock[1]:02}"
    days = _number(found["days_between"])
    if not days:
        return None
    return Timed(found["rest"], {"schedule": {"every": days * _SECONDS["day"], "starts": starts}})


def _often(found: re.Match[str]) -> Timed | None:
    if found["hourly"]:
        return Timed(found["rest"], {"schedule": {"every": 3600.0}})
    if found["often"]:
        times = 2.0 if found["often"].lower() == "twice" else _number(found["often"].split()[0])
        if not times:
            return None
        return Timed(found["rest"], {"schedule": {"every": _seconds(found["per"]) / times}})
    count = _number(found["count"])
    if not count:
        return None
    return Timed(found["rest"], {"schedule": {"every": count * _seconds(found["unit"])}})


def _one_day(found: re.Match[str]) -> Timed | None:
    day = " ".join((found["near"] or found["weekday"] or "today").lower().split())
    part = (found["when"] or found["this"] or found["then"] or "").lower()
    clock = _clock(found, "night" if day == "tonight" else part)
    if clock is None:
        said = " ".join(filter(None, (found["near"] or found["weekday"] or "this", part)))
        raise _unclear(said)
    day = "today" if day == "tonight" else day
    return Timed(found["rest"], {"start_at": f"{day} {clock[0]:02}:{clock[1]:02}"})


def _at(found: re.Match[str]) -> Timed | None:
    clock = _clock(found)
    if clock is None:
        return None
    hour, minute = clock
    # "at 5" is morning or evening; "at 5:00", "at 5 o'clock" and "at 17" are told as they are read.
    clear = found["minute"] or found["half"] or found["part"] or found["word"] or found["clock"]
    if not clear and hour <= 12:
        if not found["offset"] and found["hour"].isdigit() and _more_numbers(found):
            return None
        raise UnclearError(
            f"is that {hour:02}:{minute:02} or {(hour + 12) % 24:02}:{minute:02}? Say for example "
            f'"at {(hour + 12) % 24}:{minute:02} ..."'
        )
    return Timed(found["rest"], {"start_at": f"{hour:02}:{minute:02}"})


def _more_numbers(found: re.Match[str]) -> bool:
    """Whether "at 2" may be the beginning or the end of a place in numbers."""
    return re.search(r"\d\s*,?\s*$|^\s*,?\s*-?\d", found["rest"]) is not None


def _later(found: re.Match[str]) -> Timed | None:
    back = _COMES_BACK.search(found["rest"])
    if back is not None and not found.start("rest"):
        when = found.string[found.end("rest") :].strip(" ,.!?")
        before, time = found["rest"][: back.start()].strip(" ,"), when.partition(" ")[2]
        raise UnclearError(
            f'does all of it begin "{when}", or only what comes last? Say '
            f'"{when} {found["rest"]}", or "{before}, wait {time}{back.group()}"'
        )
    if found["from"]:
        count, unit = _number(found["from"]), found["unit3"]
    elif found["plus"]:
        whole = _number(found["plus"].split()[0])
        count, unit = None if whole is None else whole + 0.5, found["unit"]
    else:
        count, unit = _number(found["count"]), found["unit"]
    if count is None:
        return None
    delay = count * _seconds(unit)
    if found["half_more"]:
        delay += 0.5 * _seconds(unit)
    elif found["unit2"]:
        more = _number(found["count2"])
        if more is None:
            return None
        delay += more * _seconds(found["unit2"])
    if not delay:
        return Timed(found["rest"])
    if delay > MAX_DELAY:
        raise CommandError('that is too far ahead to wait for; say a time of day: "at 7:30 ..."')
    return Timed(found["rest"], delay=delay)


def _within(found: re.Match[str]) -> Timed | None:
    count = _number(found["count"])
    if not count:
        return None
    unit = found["unit"].lower()
    return Timed(found["rest"], {"timeout": count * _seconds(unit.removesuffix("s") or unit)})


_FOUND = {
    "often_within": _often_within,
    "days": _days,
    "at_days": _days,
    "other_day": _other_day,
    "often": _often,
    "one_day": _one_day,
    "at_one_day": _one_day,
    "at": _at,
    "within": _within,
    "later": _later,
}


def _clock(found: re.Match[str], part: str = "") -> tuple[int, int] | None:
    """Return hour and minute, None if no time of day is given; ``part`` of the day it is in."""
    if found["word"]:
        return (12, 0) if found["word"].lower() == "noon" else (0, 0)
    if not found["hour"]:
        return None
    hour, minute = int(_number(found["hour"]) or 0), int(found["minute"] or 0)
    half = (found["half"] or "").lower().replace(".", "")
    part = (found["part"] or part).lower()
    if not half and 1 <= hour <= 12 and part in ("morning", "afternoon", "evening", "night"):
        # Three at night is in the morning.
        early = part == "morning" or (part == "night" and (hour < 6 or hour == 12))
        half = "am" if early else "pm"
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            raise CommandError(f"{found['hour']} {half} is no time of day")
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        raise CommandError(f"{hour}:{minute:02} is no time of day")
    offset = " ".join((found["offset"] or "").lower().split())
    shift = {"half past": 30, "quarter past": 15, "quarter to": -15}.get(
        offset.removeprefix("a "), 0
    )
    total = (60 * hour + minute + shift) % (24 * 60)
    return total // 60, total % 60


def _seconds(unit: str) -> float:
    name = unit.lower()
    return _SECONDS[_SHORT.get(name, name)]


def _number(word: str | None) -> float | None:
    text = (word or "").lower()
    if text in ("", "a", "an"):
        return 1.0
    if text.startswith("half"):
        return 0.5
    if text == "other":
        return 2.0
    tens, _, ones = text.replace("-", " ").partition(" ")
    if ones in NUMBERS and tens in NUMBERS:
        return NUMBERS[tens] + NUMBERS[ones]
    return NUMBERS.get(text, float(text) if re.fullmatch(r"\d+(?:\.\d+)?", text) else None)
