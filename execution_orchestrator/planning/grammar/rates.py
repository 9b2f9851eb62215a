"""How often and for how long: "take a photo every 5 seconds for a minute"."""

from __future__ import annotations

import re

from execution_orchestrator.planning.grammar.phrases import NUMBERS

_SECONDS = {"s": 1.0, "sec": 1.0, "second": 1.0, "min": 60.0, "minute": 60.0, "h": 3600.0,
            "hr": 3600.0, "hour": 3600.0}  # fmt: skip
_UNIT = r"(?:seconds?|secs?|s|minutes?|mins?|hours?|hrs?|h)"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_COUNT = rf"(?:an?|half\s+an?|\d+(?:\.\d+)?|[a-z]+(?:[\s-](?:{_ONES}))?)"
_EVERY = rf"(?:every|each|once\s+(?:an?|every|per|each))\s+(?:(?!other\b){_COUNT}\s*)?{_UNIT}\b"
_LONG = rf"(?:for|during|over)\s+(?:(?:the\s+)?next\s+)?(?:{_COUNT}\s*)?{_UNIT}\b"
_OFTEN = r"(?:twice|[a-z]+\s+times|\d+\s+times)\b"
_TOLD = r"until\s+i\s+(?:say|tell)\b[^,;.]*"
_END = rf"(?P<end>{_LONG}|{_OFTEN}|{_TOLD})"
_RATE = rf"(?P<rate>{_EVERY})"
_J = r"[\s,:]+"
_PLEASE = r"^\W*(?:please\s+)?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_PLEASE}{_RATE}{_J}{_END}{_J}(?P<errand>\w.*?)\W*$",
        rf"{_PLEASE}{_END}{_J}{_RATE}{_J}(?P<errand>\w.*?)\W*$",
        rf"{_PLEASE}{_RATE}{_J}(?P<errand>\w.*?){_J}{_END}\W*$",
        rf"{_PLEASE}{_END}{_J}(?P<errand>\w.*?){_J}{_RATE}\W*$",
        rf"^(?P<errand>.+?){_J}{_END}{_J}(?:one\s+)?{_RATE}\W*$",
    )
)
# "take 5 photos, one every 2 seconds", "take five photos 2 seconds apart"
_PHOTOS = re.compile(
    rf"\b(?P<verb>take|shoot|make|capture)\s+(?P<count>\d+|[a-z]+)\s+(?P<what>photo|picture|image|snapshot|pic)s"
    rf"(?P<of>\s+of\s+(?:the\s+)?\w+(?:\s+(?!one\b)\w+)?)??{_J}"
    rf"(?:(?:one\s+)?(?:every|each)\s+(?P<every>{_COUNT}\s*{_UNIT}|{_UNIT})|(?:with\s+|at\s+)?(?P<apart>{_COUNT}\s*{_UNIT})"
    r"\s+(?:apart|in\s+between|between(?:\s+(?:them|each|photos|pictures))?))(?!\w)",
    re.IGNORECASE,
)
_TIMES_OF_RATE = re.compile(
    rf"^(?P<text>.*?)\s+(?={_EVERY}{_J}(?:{_LONG}|{_OFTEN}|{_TOLD}))", re.IGNORECASE
)
_RATE_AND_END = re.compile(rf"{_RATE}{_J}{_END}", re.IGNORECASE)
# "take a picture 3 times, 10 seconds apart"
_APART = re.compile(
    rf"(?<=times|twice)\s*,?\s*(?:with\s+|at\s+)?(?P<pause>{_COUNT}\s*{_UNIT})"
    r"\s+(?:apart|in\s+between|between)(?!\w)",
    re.IGNORECASE,
)
_NEXT = re.compile(r"\b(?:the\s+)?next\s+", re.IGNORECASE)
_PER = re.compile(
    rf"\b(?:once\s+(?:an?|per|every|each)|each)\s+(?=(?:{_COUNT}\s*)?{_UNIT}\b)", re.IGNORECASE
)


def rated(command: str) -> str:
    """Return a command with how often and for how long behind what is done, in this order.

    What is done for a time longer than the pause between two beginnings is a command with a rate,
    and no schedule: "every hour patrol for ten minutes" is left as it is.
    """
    if '"' in command:
        return command
    command = _APART.sub(r" every \g<pause>", command)
    photos = _PHOTOS.search(command)
    if photos is not None:
        rate = photos["every"] or photos["apart"]
        one = f"{photos['verb']} a {photos['what']}{photos['of'] or ''}"
        before, after = command[: photos.start()], command[photos.end() :]
        command = f"{before}{one} every {rate}, {photos['count']} times{after}"
    for form in _FORMS:
        found = form.match(command)
        if found is None or re.search(r"\b(?:if|when|at)\b", found["rate"] + found["end"], re.I):
            continue
        pause, time = _length(found["rate"]), _length(found["end"])
        if pause is not None and (time is None or pause < time):
            end = re.sub(r"\b(?:during|over)\b", "for", found["end"], flags=re.IGNORECASE)
            command = f"{found['errand']} {found['rate']} {end}"
        break
    return _NEXT.sub("", _PER.sub("every ", command)) if _TIMES_OF_RATE.match(command) else command


def with_other_rate(command: str, said: str) -> str:
    """Return a command with the pause or the time of its rate replaced by what is said, or ""."""
    rate = _RATE_AND_END.search(command)
    for part, form in (("rate", _EVERY), ("end", _END)):
        if rate is not None and re.fullmatch(form, said, re.IGNORECASE):
            return f"{command[: rate.start(part)]}{said}{command[rate.end(part) :]}"
    return ""


def with_rate(command: str, said: str) -> str:
    """Return a command that says only for how long with how often as well, or nothing."""
    only_long = re.fullmatch(rf"(?P<errand>.+?){_J}(?P<end>{_LONG})\W*", command, re.IGNORECASE)
    if only_long is None or not re.fullmatch(_EVERY, said, re.IGNORECASE):
        return ""
    return f"{only_long['errand']} {said} {only_long['end']}"


def before_rate(text: str) -> str | None:
    """Return what is said before "every 3 seconds for a minute" in a text, None without that."""
    found = _TIMES_OF_RATE.match(text)
    return found["text"] if found is not None else None


def _length(said: str) -> float | None:
    """Return how many seconds "every 5 minutes" or "for an hour" are, None if it is no time."""
    words = re.findall(r"[a-z]+|\d+(?:\.\d+)?", said.lower())
    unit = next((w for w in reversed(words) if w.removesuffix("s") in _SECONDS or w == "s"), None)
    if unit is None:
        return None
    seconds = _SECONDS[unit if unit == "s" else unit.removesuffix("s")]
    counts = [NUMBERS.get(w, float(w) if w[0].isdigit() else 0.0) for w in words[1:] if w != unit]
    return seconds * (sum(counts) or 1.0)
