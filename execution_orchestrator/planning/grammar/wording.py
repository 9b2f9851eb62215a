"""The roundabout ways of speech: "erm", "the cup, the red one", "the cup - no, the bottle".

A command is put into the words that it comes down to, before anything else is made of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator

from execution_orchestrator.planning.grammar.courtesies import without_small_talk
from execution_orchestrator.planning.grammar.phrases import METRES, NUMBERS
from execution_orchestrator.planning.grammar.speech import speaks
from execution_orchestrator.planning.grammar.tokens import SEVERAL, Tokenizer, Word
from execution_orchestrator.planning.vocabulary import kind_of

_HESITATION = re.compile(
    r"(?:(?<=\w)\s*,)?\s*\b(?:u+m+|u+h+m*|e+rm*|h+m+|ah+|eh)\b(?!['\w])(?:\s*,)?",
    re.IGNORECASE,
)
# "one of the cups" is any cup
_ONE_OF = re.compile(
    r"\b(?:any\s+)?one\s+of\s+(?:the|these|those|your|my)\b(?=(?:\s+\w+)?\s+\w+s\b)", re.IGNORECASE
)
# "1. go to the kitchen 2. take a photo", "go to the kitchen -> take a photo"
_STEP = r"(?:step\s+)?"
_LISTED = re.compile(rf"\W*{_STEP}1[.):]\s+\D.*\s{_STEP}2[.):]\s+\D", re.DOTALL | re.IGNORECASE)
_NUMBERED = re.compile(rf"[\s,;.]*(?<!\S){_STEP}\d{{1,2}}[.):]\s+(?=\D)", re.IGNORECASE)
# "first take a photo, second go home, third ..."
_FIRST = re.compile(r"\W*first(?:ly)?\b", re.IGNORECASE)
_ORDINAL = re.compile(
    r"\s*[,;.]\s*(?:and\s+)?(?:second|third|fourth|fifth|sixth|last)(?:ly)?\b,?\s+(?!(?:one|time)\b)(?=\w)",
    re.IGNORECASE,
)
# What is put in brackets: the cup (the red one).
_ASIDE = re.compile(r"\s+\(\s*(?=[a-z])([^()=]*[a-z])\s*\)", re.IGNORECASE)
_ALL_EXCEPT = re.compile(r"\ball\s+(?=(?:except|apart\s+from|but)\b)", re.IGNORECASE)
_WHATEVER = re.compile(
    r"(?<=\s)(?:whatever|anything\s+that|everything\s+that|all\s+that)(?:\s+is|'s)\s+(?=(?:on|in|at)\b)",
    re.IGNORECASE,
)
_BRING_ONE = re.compile(
    r"^(?P<seen>\W*(?:if|when|as\s+soon\s+as|once)\b.*\b(?:bring|fetch|get|grab|take|pick\s+up)(?:\s+(?:me|us))?)"
    r"\s+one(?=\s*(?:$|[.,;!]|\b(?:to|and|then|please|here|over|otherwise|else)\b))",
    re.IGNORECASE | re.DOTALL,
)
# "for the next ten minutes patrol"
_THE_NEXT = re.compile(
    r"\bfor\s+(?:the\s+)?next\s+(?=(?:[\w.]+\s+)?(?:seconds?|minutes?|hours?|secs?|mins?)\b)",
    re.IGNORECASE,
)
_FOR_FIRST = re.compile(
    r"^\W*(?:please\s+)?(?P<time>for\s+(?:(?:an?|half\s+an?|\d+(?:\.\d+)?|[a-z]+)\s+)?"
    r"(?:seconds?|minutes?|hours?|secs?|mins?))\s*,?\s+(?P<errand>\w.*?)(?P<rest>\s*(?:[,;.]|\b(?:and|then)\b).*)?$",
    re.IGNORECASE | re.DOTALL,
)
_ARROW = re.compile(r"\s*(?:-+>|=+>|\u2192)\s*")
_DOTS = re.compile(r"\.{2,}|\u2026")
_SHORT = {
    "gimme": "give me", "lemme": "let me", "wanna": "want to", "gotta": "have to",
    "dont": "don't", "doesnt": "doesn't", "isnt": "isn't", "arent": "aren't", "cant": "can't",
    "theres": "there is", "there's": "there is", "u": "you", "ur": "your", "youre": "you are",
    "fwd": "forward", "bwd": "backward",
    "you're": "you are", "im": "i'm", "thats": "that is", "ya": "you", "yer": "your",
}  # fmt: skip
_SHORTENED = re.compile(rf"(?<![\w'])(?:{'|'.join(map(re.escape, _SHORT))})(?![\w'-])", re.I)
# "1,5 m" is one and a half metres; "go to 1, 5" are two numbers
_MEASURED = (
    r"(?=\s*(?:m|cm|mm|km|s|min|h|(?:centi|milli|kilo)?met(?:re|er)s?|secs?|seconds?|minutes?"
    r"|hours?|degrees?|deg|rad|radians?|feet|ft|inch(?:es)?)\b|\s*°)"
)
_DECIMAL_COMMA = re.compile(rf"(?<![\d.,])(\d+),(\d{{1,2}}){_MEASURED}", re.IGNORECASE)
# "1 m 50 cm", "3 feet and 2 inches"
_TWO_LENGTHS = re.compile(
    rf"(?<![\d.])(?P<one>\d+(?:\.\d+)?)\s*(?P<unit>{'|'.join(METRES)})\s*(?:and\s+|,\s*)?"
    rf"(?P<two>\d+(?:\.\d+)?)\s*(?P<smaller>{'|'.join(METRES)})\b",
    re.IGNORECASE,
)
_PI = re.compile(
    r"(?<![\w.])(?P<times>\d+(?:\.\d+)?)?\s*\*?\s*(?:pi|\u03c0)(?:\s*/\s*(?P<over>\d+))?(?:\s*(?:radians?|rad))?(?!\w)",
    re.IGNORECASE,
)
_TURN = r"(?:turn|rotate|spin)(?:\s+yourself)?(?:\s+(?:by|around|round))?"
_PART_OF_TURN = re.compile(
    rf"\b(?:(?P<verb>{_TURN})|make|do)\s+(?:a\s+|by\s+)?(?P<part>1/4|1/2|3/4|1/8|quarter|half|three[\s-]+quarters?)"
    r"(?:\s+(?:of\s+)?(?:a\s+)?(?:turn|circle|rotation|revolution))?(?=\s+(?:to\s+the\s+)?(?:left|right|clockwise|counter)"
    r"|\s*[,.;!]|\s+(?:and|then)\b|\s*$)",
    re.IGNORECASE,
)
_PARTS_OF_TURN = {
    "1/4": 90, "quarter": 90, "1/2": 180, "half": 180, "3/4": 270, "1/8": 45,
    "three quarter": 270, "three quarters": 270,
}  # fmt: skip
_BELOW = re.compile(r"\b(?P<what>battery(?:\s+level)?)\s*(?:<=?|\u2264)\s*(?=\d)", re.IGNORECASE)
_ABOVE = re.compile(r"\b(?P<what>battery(?:\s+level)?)\s*(?:>=?|\u2265)\s*(?=\d)", re.IGNORECASE)
_HALF_FULL = re.compile(r"\b(?P<part>half)\s+full\b", re.IGNORECASE)
_NUMBER_OF_TIMES = r"(?P<count>twice|\d+\s+times|[a-z]+\s+times)"
_OF_HOW_OFTEN = r"(?:an?\s+(?:second|minute|hour|day|week)|per|that|it|as|of|more|around|round)\b"
_ALL_OF_IT = (
    # "turn left and take a photo, 4 times"
    re.compile(
        rf"^(?P<errand>.+?)\s*[,;:]\s*{_NUMBER_OF_TIMES}\W*$",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(
        rf"^(?:do\s+(?:this|that|it)\s+)?{_NUMBER_OF_TIMES}\s*[,:]?\s+(?!{_OF_HOW_OFTEN})"
        r"(?P<errand>\w.+)$",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(
        r"^(?P<errand>.+?)\s*[,;.]?\s+(?:and\s+)?(?:then\s+)?(?:(?:repeat|do)\s+(?:that|this|it"
        rf"|the\s+same|all\s+(?:of\s+)?(?:that|this|it)|everything)|repeat)\s+{_NUMBER_OF_TIMES}\W*$",
        re.IGNORECASE | re.DOTALL,
    ),
)
_OF_TIME = re.compile(r"\b(?:every|each|hourly|daily)\b", re.IGNORECASE)
_APPEARS = re.compile(
    r"\b(?P<wait>wait(?:ing)?\s+for\s+(?!me\b|us\b|my\b).+?)\s+to\s+(?:appear|show\s+up|turn\s+up|be\s+there"
    r"|be\s+seen|become\s+visible)\b",
    re.IGNORECASE,
)
_PHOTOGRAPH = re.compile(
    r"^(?P<before>(?:.*\b(?:and|then)\b)?\W*(?:please\s+)?)photograph(?=\s+(?:the|my|your|all|every|a|an)\b)",
    re.IGNORECASE | re.DOTALL,
)
# "what bottles do you see?"
_WHICH_SEEN = re.compile(
    r"^\W*(?:what|which)\s+(?P<kind>(?!things|objects|items)\w+s)\s+(?:do|can)\s+you\s+see\b",
    re.IGNORECASE,
)
_FORGET = re.compile(
    r"^\W*(?:please\s+)?(?:(?:don'?t|do\s+not|never)\s+(?:forget|hesitate|be\s+afraid)\s+to"
    r"|(?:be|make)\s+sure\s+(?:to|(?:that\s+)?you(?!\s+(?:are|have|do)\b)))\s+",
    re.IGNORECASE,
)
_FAILING = re.compile(
    r"\s*,?\s*(?:\bor\b\s*,?\s*)?\bfailing\s+(?:that|this|it)\b\s*,?", re.IGNORECASE
)
_NOT_BEFORE = re.compile(
    r"\b(?:not\s+(?:before|until|till)|(?:no|not)\s+(?:earlier|sooner)\s+than)\b(?=\s+[\dnm])",
    re.IGNORECASE,
)
_OF_EACH_PLACE = re.compile(
    r"(?P<photo>\b(?:photo|picture|image|snapshot|pic)s?)\s+of\s+(?=(?:each|every|all)\s+(?:of\s+)?(?:the\s+)?"
    r"(?:room|place|location)s?\b)",
    re.IGNORECASE,
)
# After which a speaker says something else instead.
_SORRY = (
    r"(?:no+|nope|sorry|oops|wait|i\s+mean|i\s+meant|i\s+meant\s+to\s+say|or\s+rather|correction"
    r"|scratch\s+that|make\s+(?:that|it)|not\s+that(?:\s+one)?)"
)
_CORRECTED = re.compile(
    rf"^(?P<first>.+?)(?:\s*[,.;:!?\u2013\u2014]+\s*|\s+-+\s*)(?:oh\s+)?(?!wait\b){_SORRY}\b"
    rf"(?:[\s,.;:!-]+{_SORRY}\b)*[\s,.;:!-]+(?P<rest>\w.*)$"
    rf"|^(?P<before>.+?)\s+(?:i\s+mean|i\s+meant|or\s+rather|no\s+wait)\b[\s,]+(?P<then>\w.*)$",
    re.IGNORECASE | re.DOTALL,
)
# "don't bring the cup, bring the bottle", "not the cup but the bottle"
_NOT_BUT = re.compile(
    r"^\W*(?:please\s+)?(?:don'?t|do\s+not|not)\s+(?P<first>.+?)"
    r"(?:\s*[,.;!]+\s*(?:but\s+|rather\s+|instead\s+)?|\s+but\s+)(?P<rest>\w.*)$",
    re.IGNORECASE | re.DOTALL,
)
_NEGATED = re.compile(r"^(?:don'?t|do\s+not|not|never|no)\b|\b(?:don'?t|never|not)\b", re.I)
# "the cup, the red one"; "the cup, the one on the table"
_APPOSITION = re.compile(
    r"\s*(?:[,;\u2013\u2014]|\s-+\s)\s*(?:i\s+mean\s+)?(?:the|that)\s+(?P<which>\w+)\s+one\b"
    r"|\s*(?:[,;\u2013\u2014]|\s-+\s)\s*(?:i\s+mean\s+)?(?:the|that)\s+one\s+"
    r"(?=(?:on|in|at|from|near|that|which)\b)",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"^\s*,\s*(?=(?:on|onto|in|into|at|from|to|for)\b)", re.IGNORECASE)
_BUT_NOT = re.compile(
    r"(?:\s*,)?(?:\s*\b(?:but|and))?\s+not\s+(?P<other>[^,;.!?]+?)(?=\s*(?:[,;.!?]|\band\b|\bthen\b|$))",
    re.IGNORECASE,
)
_NAMES = frozenset({"OBJECT", "PLACE"})


def plainly(command: str) -> str:
    """Return a command without hesitations, with what is shortened written out."""
    if speaks(command) or '"' in command:
        return command
    text = without_small_talk(_ONE_OF.sub("any", command))
    text = _ARROW.sub(", then ", _NUMBERED.sub(", then ", text) if _LISTED.match(text) else text)
    text = _ORDINAL.sub(", then ", text) if _FIRST.match(text) else text
    text = _ASIDE.sub(r", \1", text)
    text = _HESITATION.sub(" ", _DOTS.sub(" ", text)).strip()
    text = _SHORTENED.sub(lambda found: _SHORT[found.group().lower()], text)
    text = _repeated(_measured(_PHOTOGRAPH.sub(r"\g<before>take a photo of", text)))
    text = _APPEARS.sub(r"\g<wait>", _OF_EACH_PLACE.sub(r"\g<photo> in ", text))
    text = _NOT_BEFORE.sub("as of", text)
    text = _FAILING.sub(", otherwise ", text)
    text = _ALL_EXCEPT.sub("everything ", _WHATEVER.sub("everything ", text))
    text = _BRING_ONE.sub(r"\g<seen> it", text)
    text = _WHICH_SEEN.sub(r"do you see any \g<kind>", text)
    text = _THE_NEXT.sub("for ", text)
    last = _FOR_FIRST.match(text)
    if last is not None:
        text = f"{last['errand']} {last['time']}{last['rest'] or ''}"
    return _FORGET.sub("", text) or command


def _measured(text: str) -> str:
    """Return a text with each length, angle and share written as the grammar reads it."""
    text = _DECIMAL_COMMA.sub(r"\1.\2", text)
    text = _TWO_LENGTHS.sub(_added, text)
    text = _PART_OF_TURN.sub(_part_of_turn, text)
    if re.search(rf"\b{_TURN}\b", text, re.IGNORECASE):
        text = _PI.sub(_radians, text)
    text = _BELOW.sub(r"\g<what> is below ", _ABOVE.sub(r"\g<what> is above ", text))
    return _HALF_FULL.sub("half", text) if "battery" in text.lower() else text


def _added(found: re.Match[str]) -> str:
    large, small = METRES[found["unit"].lower()], METRES[found["smaller"].lower()]
    if small >= large:
        return found.group()
    return f"{float(found['one']) + float(found['two']) * small / large:g} {found['unit']}"


def _radians(found: re.Match[str]) -> str:
    angle = float(found["times"] or 1.0) * math.pi / float(found["over"] or 1.0)
    return f"{' ' if found.group()[0].isspace() else ''}{angle:.6g} rad"


def _part_of_turn(found: re.Match[str]) -> str:
    part = " ".join(re.split(r"[\s-]+", found["part"].lower()))
    return f"{found['verb'] or 'turn'} {_PARTS_OF_TURN[part]} degrees"


def _repeated(text: str) -> str:
    """Return a command of several parts that is all to be repeated, with how often before it."""
    if _OF_TIME.search(text) or speaks(text):
        return text
    for form in _ALL_OF_IT:
        found = form.match(text)
        if found is not None and _counts(found["count"]):
            return f"repeat {found['count']}: {found['errand'].strip(' ,;.')}"
    return text


def _counts(said: str) -> bool:
    number = said.split(maxsplit=1)[0].lower()
    return number == "twice" or number.isdigit() or number in NUMBERS


def corrections(command: str) -> Iterator[tuple[str, str, bool]]:
    """Yield (what was said first, what is meant instead) as a command may be parted into that.

    The third says whether the first is not to be: "don't go to the kitchen, go to the shelf".
    """
    if speaks(command) or '"' in command:
        return
    for pattern in (_CORRECTED, _NOT_BUT):
        found = pattern.match(command)
        if found is None:
            continue
        said, rest = (part for part in found.groups() if part is not None)
        if not _NEGATED.search(rest):
            yield said.strip(" ,"), rest.strip(), pattern is _NOT_BUT


def described(command: str, tokenizer: Callable[[str], Tokenizer]) -> str:
    """Return "the cup, the red one" as "the red cup", and "the red cup, not the blue one" so too.

    ``tokenizer`` reads texts with the objects that their adjectives distinguish.
    """
    if speaks(command) or '"' in command:
        return command
    while (found := _APPOSITION.search(command)) is not None:
        words = tokenizer(command).read(command[: found.start()]).words
        if not words or words[-1].type != "OBJECT":
            return command
        rest = _GOES_ON.sub(" ", command[found.end() :])
        if found["which"] is None:
            command = f"{command[: found.start()]} {rest}"
            continue
        kind = kind_of(words[-1].value.split(SEVERAL)[0])
        said = f"{found['which']} {kind}"
        read = tokenizer(said).read(said).words
        if len(read) != 1 or read[0].type != "OBJECT":
            return command
        command = f"{command[: words[-1].column]}{said}{rest}"
    return _without_the_others(command, tokenizer)


def _without_the_others(command: str, tokenizer: Callable[[str], Tokenizer]) -> str:
    """Leave out "not the blue one" where what is wanted is named beside it."""
    found = _BUT_NOT.search(command)
    if found is None:
        return command
    wanted = tokenizer(command).read(command[: found.start()]).words
    other = found["other"]
    last = wanted[-1] if wanted else None
    if (
        last is None
        or last.type not in _NAMES
        or any(w.type in ("EVERYTHING", "ALL") for w in wanted)
    ):
        return command
    if last.type == "OBJECT":
        kind = kind_of(last.value.split(SEVERAL)[0])
        other = re.sub(r"\bones?\b", kind, other, flags=re.IGNORECASE)
    unwanted = [
        word for word in tokenizer(other).read(other).words if word.type not in ("ON", "TO")
    ]
    if len(unwanted) != 1 or unwanted[0].type != last.type:
        return command
    left = _left_of(last, unwanted[0])
    if len(left) != 1:
        return command
    before, rest = command[: found.start()], command[found.end() :]
    if SEVERAL in last.value:
        before = f"{before[: last.column]}{left[0].replace('_', ' ')}{before[last.end :]}"
    return f"{before}{rest}"


def _left_of(wanted: Word, unwanted: Word) -> list[str]:
    gone = unwanted.value.split(SEVERAL)
    return [name for name in wanted.value.removesuffix(SEVERAL).split(SEVERAL) if name not in gone]
