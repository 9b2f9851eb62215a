"""The roundabout ways of speech: "erm", "the cup, the red one", "the cup - no, the bottle".

A command is put into the words that it comes down to, before anything else is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from execution_orchestrator.planning.grammar.courtesies import without_small_talk
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
_LISTED = re.compile(r"\W*1[.)]\s+\D.*\s2[.)]\s+\D", re.DOTALL)
_NUMBERED = re.compile(r"[\s,;.]*(?<!\S)\d{1,2}[.)]\s+(?=\D)")
_ARROW = re.compile(r"\s*(?:-+>|=+>|\u2192)\s*")
_DOTS = re.compile(r"\.{2,}|\u2026")
_SHORT = {
    "gimme": "give me", "lemme": "let me", "wanna": "want to", "gotta": "have to",
    "dont": "don't", "doesnt": "doesn't", "isnt": "isn't", "arent": "aren't", "cant": "can't",
    "theres": "there is", "there's": "there is", "u": "you", "ur": "your", "youre": "you are",
    "you're": "you are", "im": "i'm", "thats": "that is", "ya": "you", "yer": "your",
}  # fmt: skip
_SHORTENED = re.compile(rf"(?<![\w'])(?:{'|'.join(map(re.escape, _SHORT))})(?![\w'-])", re.I)
# "what bottles do you see?"
_WHICH_SEEN = re.compile(
    r"^\W*(?:what|which)\s+(?P<kind>(?!things|objects|items)\w+s)\s+(?:do|can)\s+you\s+see\b",
    re.IGNORECASE,
)
_FORGET = re.compile(
    r"^\W*(?:please\s+)?(?:don'?t|do\s+not|never)\s+(?:forget|hesitate|be\s+afraid)\s+to\s+", re.I
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
    text = _HESITATION.sub(" ", _DOTS.sub(" ", text)).strip()
    text = _SHORTENED.sub(lambda found: _SHORT[found.group().lower()], text)
    text = _WHICH_SEEN.sub(r"do you see any \g<kind>", text)
    return _FORGET.sub("", text) or command


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
