"""Commands that mean an earlier one: "do that again", "the other one", "yes", "the red one".

They are put into words that stand for themselves, which are then planned like any command.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from execution_orchestrator.planning.grammar.instead import with_other_words
from execution_orchestrator.planning.grammar.memory import last_planned
from execution_orchestrator.planning.grammar.phrases import ADJECTIVES, NUMBERS
from execution_orchestrator.planning.grammar.rates import with_rate
from execution_orchestrator.planning.grammar.refusals import Talk
from execution_orchestrator.planning.grammar.timing import answered, retimes
from execution_orchestrator.planning.grammar.tokens import SEVERAL, Tokenizer, Word
from execution_orchestrator.planning.grammar.tree import CommandError, UnclearError
from execution_orchestrator.planning.grammar.undoing import same_motion, undone
from execution_orchestrator.planning.ports import EarlierCommand
from execution_orchestrator.planning.vocabulary import kind_of

MAX_TIMES = 10  # that an earlier command is done again by one
# Offers the readings of a command that was not understood.
Offers = Callable[[str], Sequence[str]]

_LEAD = re.compile(
    r"^\W*(?:(?:no|nope|yes|yeah|yep|ok|okay|well|sorry|oh|alright|thanks|thank\s+you|and|"
    r"then|also|so|but|now|please|only(?!\s+(?:if|when|once|after)\b)|after\s+that|afterwards|next(?!\s+(?:\w+day|week|month)\b))\b[\s,;.!:]*)+(?=\w)",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r"^(?:please\s+|can\s+you\s+|could\s+you\s+)?(?:"
    r"(?:do|try|say|repeat|run)\s+(?:that|it|this|(?:exactly\s+)?the\s+same)(?:\s+(?:thing|command))?"
    r"(?P<more>\s+(?:again|once\s+more|one\s+more\s+time))?"
    r"|(?P<count>(?!once\b)\w+)\s+more|another(?:\s+one)?"
    r"|(?:repeat|try|once\s+more|one\s+more\s+time|again|once\s+again|same\s+again|the\s+same\s+again|"
    r"more|do\s+again|the\s+same(?:\s+thing)?(?:\s+again|\s+as\s+before)?|try\s+again|same\s+thing)"
    r")(?:\s*,?\s*(?:but\s+)?(?P<times>twice|(?:\w+)\s+(?:more\s+)?times))?"
    r"(?:\s*,?\s*(?:but\s+|now\s+)?(?:with|for|in|at|on)\s+(?P<but>.+?))?(?:\s+please)?\W*$",
    re.IGNORECASE,
)
_YES = re.compile(
    r"^\W*(?:y|yes|yeah|yep|yup|sure|ok|okay|right|correct|exactly|of\s+course|please\s+do|do\s+it|"
    r"go\s+ahead|that'?s\s+right|that\s+one|yes\s+please|yes\s+i\s+did|i\s+did)"
    r"(?:\W+(?:please|do\s+it|do|that|that\s+one|thanks|thank\s+you))*\W*$",
    re.IGNORECASE,
)
_YES_AND = re.compile(
    r"^\W*(?:y|yes|yeah|yep|yup|sure|ok|okay|right)\b[\s,.!;]*(?:please\b[\s,.!;]*)?"
    r"(?:and(?:\s+then)?|then)\b",
    re.IGNORECASE,
)
_YES_FIRST = re.compile(
    r"^\W*(?:y|yes|yeah|yep|yup|sure|ok|okay|right)\b[\s,.!;]*but\s+(?:please\s+)?first\b[\s,]*(?P<rest>\w.*)$",
    re.IGNORECASE,
)
_NO = re.compile(
    r"^\W*(?:n|no|nope|no\s+thanks|no\s+thank\s+you|never\s+mind|nothing|neither|none(?:\s+of\s+them)?)\W*$",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    r"^(?P<all>both|all)(?:\s+of\s+them)?\W*$"
    r"|^(?:the\s+)?(?P<which>first|second|third|last|1st|2nd|3rd)(?:\s+(?:one|of\s+them))?\W*$"
    r"|^(?P<any>any|either|whichever|any\s+of\s+them|either\s+one|any\s+one|i\s+don'?t\s+care|"
    r"does(?:n'?t|\s+not)\s+matter)\W*$",
    re.IGNORECASE,
)
# An answer that is only a time: "at 8", "tomorrow at 8:00", "in the afternoon".
_TIME = re.compile(
    r"^(?:\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm|o'?clock)?\W*$|(?:am|pm|noon|midnight)\W*$|(?:at|by|before)\s|in\s+the\s+(?:morning|afternoon|evening)|today|tomorrow|tonight|every\s|on\s+\w+day)",
    re.IGNORECASE,
)
# A wait without an end (`wait_how_long` of the grammar), and what answers how long it is to be.
_WAITS = frozenset(
    {("WAIT",), ("WAIT", "HERE"), ("WAIT", "NUMBER"), ("WAIT", "HERE", "NUMBER"), ("WAIT_SOME",)}
)
_LENGTH = r"(?:s|secs?|seconds?|min|mins|minutes?|h|hrs?|hours?)"
_UNIT_ONLY = re.compile(rf"^{_LENGTH}\W*$", re.IGNORECASE)
_FOR_SO_LONG = re.compile(
    rf"^(?:(?:for\s+)?(?:an?|[\w.]+)(?:\s+\w+)?\s*\b{_LENGTH}\b|(?:for\s+)?\d+\s*{_LENGTH}\b|(?:until|till)\s)",
    re.IGNORECASE,
)
ORDINALS = {"first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "last": -1}
_AROUND = re.compile(
    r"^\W*(?:(?:what|how)\s+about|make\s+(?:it|that)|i\s+(?:mean|meant)|rather|not\s+that\s+one|same\s+"
    r"(?:for|with|in|at)|(?:do\s+)?the\s+same\s+(?:for|with|in|at))\b[\s,]*"
    r"|[\s,]*\b(?:i\s+mean|i\s+meant|too|as\s+well|instead|also|then|now|please|this\s+time)\W*$",
    re.IGNORECASE,
)
_ONE = re.compile(rf"\b(?P<which>{'|'.join(sorted(ADJECTIVES))})(?:\s+one(?P<s>s)?)?\b", re.I)
_COUNTED = re.compile(r"\b(?:many|all|each|every|both|\d+|two|three)\s+$", re.IGNORECASE)
_SO_MANY = re.compile(rf"\b(?:\d+|{'|'.join(NUMBERS)})\s+$", re.IGNORECASE)
_CARRYING = frozenset({"BRING", "TAKE", "PUT", "RETURN", "PICK"})
# What is said in place of a part of the last command: another side, number or time.
_INSTEAD = re.compile(
    r"^\W*(?:no|nope|sorry|rather|actually|i\s+mean|i\s+meant|make\s+(?:it|that))\b", re.I
)
_GOES_ON = re.compile(r"^(?:of|in|at|on|from|near)\b", re.IGNORECASE)
_NOT = re.compile(r"^\W*(?:but\s+)?not\s+(?P<what>.+?)\W*$", re.IGNORECASE)
_RATE_FIRST = re.compile(r"^(?:every|for)\b", re.IGNORECASE)
_NUMBER_FIRST = re.compile(r"^\d")
_UNDO = re.compile(
    r"^(?:please\s+|can\s+you\s+)?(?:undo|revert|reverse(?=\s))(?:\s+(?:that|it|this|the\s+last\s+\w+))?"
    r"(?:\s+(?:again|please))?\W*$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    rf"\b(?:the|an?|some|any|my|your)\s+(?:(?:{'|'.join(ORDINALS)})\s+)?$", re.IGNORECASE
)
_NUMBERED = re.compile(
    rf"\b(?:the\s+)?(?P<which>{'|'.join(ORDINALS)})\s+(?P<kind>[a-z]+)\b", re.IGNORECASE
)
_MORE_OR_LESS = re.compile(
    r"^(?:that\s+(?:is|was)\s+)?(?:just\s+)?(?:a\s+(?:bit|little|tiny|touch)|further|farther|too\s|twice|double|half)",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"^(?:actually\s+|rather\s+|do\s+(?:it|that)\s+)?(?:right\s+)?(?:now|immediately|at\s+once|right\s+away)"
    r"(?:\s+(?:please|instead|actually))?\W*$",
    re.IGNORECASE,
)
_SAME_BUT = re.compile(
    r"^(?:(?:do\s+(?:that|it)\s+)?(?:again|once\s+more)|(?:do\s+)?the\s+same(?:\s+again)?)[\s,]+but\s+(?:with\s+)?"
    r"(?=(?:\d|half|twice|to\b|left|right|every|in\s|at\s)|\w+\s+(?:met|deg|sec|min|hour|cent|feet|foot|inch))",
    re.IGNORECASE,
)
_ALONE = re.compile(r"^(?:actually|rather|only|just|better)\b[\s,]*", re.IGNORECASE)
# A command that begins so goes on with the motion before it.
_ONWARD = frozenset({"BACK", "LEFT", "RIGHT", "FORWARDS", "BACKWARDS", "LITTLE"})
_ONLY = re.compile(
    r"^\W*(?:(?:no|ok|okay|well|sorry|oh|but|and|then|actually|rather)\b[\s,]*)*(?:only|just)\b",
    re.I,
)
_BESIDE = frozenset({"AND", "COMMA", "THEN", "TO", "ON", "GO", "GO_THERE"})
_OTHER_WAY = re.compile(
    r"^(?:turn\s+|go\s+)?(?:to\s+)?(?:the\s+)?(?:other|opposite)\b", re.IGNORECASE
)
NO_EARLIER = (
    "no earlier command of this conversation is known; say the whole command, with all names"
)


def _only_asks(command: str) -> bool:
    """Whether a command asks about the conversation: what was said before still waits."""
    return Talk.BECAME.fits(command) or Talk.WHICH.fits(command)


def without_lead(command: str) -> str:
    """Return a command without the words that only join it to what was said before."""
    return _LEAD.sub("", command)


def only_joins(command: str) -> bool:
    """Whether a command says nothing by itself: "no", "sorry", "make it"."""
    return _AROUND.sub("", without_lead(f"{command} x")).strip() == "x"


def in_full(
    command: str,
    earlier: Sequence[EarlierCommand],
    tokenizer: Tokenizer,
    offers: Offers,
    *,
    corrects: bool = False,
) -> str:
    """Return a command with its references to earlier ones replaced.

    ``corrects``: it is said in place of a part of the last one, as is what begins with "no".

    Raises:
        CommandError: it means an earlier command, and there is none that it can mean.

    """
    earlier = [one for one in earlier if not _only_asks(one.command)]
    plain = without_lead(command)
    last = earlier[-1] if earlier and earlier[-1].planned else None
    same_but = _SAME_BUT.match(plain)
    plain = plain[same_but.end() :] if same_but is not None else plain
    said = _ALONE.sub("", _AROUND.sub("", _AROUND.sub("", plain))).strip(" .!?,")
    said = "now" if _NOW.match(plain) else said
    other = with_other_words(said, last.command, tokenizer) if last is not None else ""
    instead = (
        _INSTEAD.match(command)
        or same_but is not None
        or _RATE_FIRST.match(plain)
        or _NUMBER_FIRST.match(plain)
        or _OTHER_WAY.match(plain)
        or _MORE_OR_LESS.match(plain)
        or retimes(said)
    )
    if other and (corrects or instead):
        return other
    if _YES.match(command) or _NO.match(command):
        return _answered(command, earlier, offers)
    accepted = _accepted(command, plain, earlier, offers)
    if accepted:
        return accepted
    asked = earlier[-1].command if earlier and not earlier[-1].planned else ""
    timely = answered(asked, plain.strip(" .!?")) if asked and _TIME.match(plain) else ""
    if timely:
        return timely
    often = with_rate(asked, plain.strip(" .!?"))
    if often:
        return often
    longer = _how_long(asked, plain, tokenizer)
    if longer:
        return longer
    if _UNDO.match(plain):
        return undone(last_planned(earlier))
    numbered = _numbered(plain, asked, tokenizer)
    if numbered:
        return numbered
    again = _AGAIN.match(plain)
    if again is not None and not _is_another(plain, earlier, tokenizer):
        return _again(again, earlier, tokenizer)
    ordinal = _ORDINAL.match(plain)
    if ordinal is not None:
        return _chosen(ordinal, earlier, tokenizer, offers)
    plain = _ones_named(plain, earlier, tokenizer)
    left = _other_than_that(plain, asked, tokenizer)
    if left:
        return left
    shorter = _AROUND.sub("", _AROUND.sub("", plain)).strip()
    words = [word for word in tokenizer.read(shorter).words if word.type not in ("COMMA", "STOP")]
    if not words or not shorter:
        return plain
    to = words[0].type == "TO"
    if words[0].type in ("ON", "TO", "OF") and len(words) == 2:
        words = words[1:]
    if all(word.type in ("OBJECT", "OTHER", "PLACE", "AND") for word in words):
        text = shorter[words[0].column : words[-1].end]
        for one in reversed(earlier):
            if one.planned:
                break
            # Between the question and its answer may be a "yes" that did not say which.
            if meant := _offered(words[0], text, offers(one.command), tokenizer):
                return meant
        if to and not earlier:
            return plain  # "to the kitchen!"
        if to and words[0].type == "PLACE" and (elsewhere := _carried(text, earlier, tokenizer)):
            return elsewhere
        only = _only(words[0], text, last, tokenizer) if _ONLY.match(command) else ""
        if only:
            return only
        return _with_another(words[0], text, earlier, tokenizer) or _at_its_end(plain, last)
    return plain


def _only(new: Word, text: str, last: EarlierCommand | None, tokenizer: Tokenizer) -> str:
    """Return what "only the shelf" leaves of "go to the kitchen and the shelf", "" if not clear.

    Raises:
        CommandError: what else the last command names, other words stand between.

    """
    words = tokenizer.read(last.command).words if last is not None else ()
    named = [index for index, word in enumerate(words) if word.type == new.type]
    if last is None or not named:
        return ""
    listed = words[named[0] : named[-1] + 1]
    after = [word.type for word in words[named[-1] + 1 :]]
    if any(word.type not in (new.type, *_BESIDE) for word in listed) or "AND" in after:
        raise CommandError(f'what is left of "{last.command}" is not clear; say the whole command')
    return _put_in(
        f"{last.command[: listed[0].end]}{last.command[listed[-1].end :]}", listed[0], text
    )


def _at_its_end(plain: str, last: EarlierCommand | None) -> str:
    """Return the last command with "of the shelf" or "in the kitchen" at its end."""
    goes_on = _GOES_ON.match(plain)
    return f"{last.command.rstrip(' .!?')} {plain}" if last is not None and goes_on else plain


def _other_than_that(plain: str, asked: str, tokenizer: Tokenizer) -> str:
    """Return what "not the red one" means after "which one", if that leaves one."""
    said = _NOT.match(plain)
    if said is None or not asked:
        return ""
    gone = {word.value for word in tokenizer.read(said["what"]).words}
    for word in tokenizer.read(asked).words:
        choices = word.value.removesuffix(SEVERAL).split(SEVERAL)
        left = [one for one in choices if one not in gone]
        if word.type == "OBJECT" and len(choices) > 1 and len(left) == 1:
            return _put_in(asked, word, f"the {left[0].replace('_', ' ')}")
    return ""


def _how_long(asked: str, plain: str, tokenizer: Tokenizer) -> str:
    """Return what "10 seconds" or "until you see it" means after "how long?"."""
    unit_only = _UNIT_ONLY.match(plain) is not None
    if not asked or not (unit_only or _FOR_SO_LONG.match(plain)):
        return ""
    words = [word for word in tokenizer.read(asked).words if word.type not in ("COMMA", "STOP")]
    if [word.type for word in words[:1]] == ["WATCH"] and not unit_only:
        return (
            f"{asked.strip(' .!?')} {plain if plain.lower().startswith('for') else f'for {plain}'}"
        )
    if tuple(word.type for word in words) not in _WAITS:
        return ""
    if unit_only and words[-1].type == "NUMBER":
        return f"wait {words[-1].value} {plain.strip(' .!')}"
    return "" if unit_only else f"wait {plain}"


def _accepted(command: str, plain: str, earlier: Sequence[EarlierCommand], offers: Offers) -> str:
    """Return what "yes, and then look around" means after a question: both."""
    agreed, before = _YES_AND.match(command), _YES_FIRST.match(command)
    if (agreed is None and before is None) or not earlier or earlier[-1].planned:
        return ""
    offered = offers(earlier[-1].command)
    if len(offered) != 1:
        return ""
    return f"{before['rest']} and then {offered[0]}" if before else f"{offered[0]} and then {plain}"


def _carried(text: str, earlier: Sequence[EarlierCommand], tokenizer: Tokenizer) -> str:
    """Return what "to the kitchen" means after an errand that carries something to no place."""
    last = last_planned(earlier)
    words = tokenizer.read(last.command).words if last is not None else ()
    things = [word for word in words if word.type in ("OBJECT", "IT", "OTHER")]
    if len(things) != 1 or any(word.type == "PLACE" for word in words):
        return ""
    if not any(word.type in _CARRYING for word in words):
        return ""
    thing = things[0].value.split(SEVERAL)[0].replace("_", " ")
    named = f"the {thing}" if things[0].type == "OBJECT" else "it"
    return f"take {named} to {text if text.lower().startswith('the ') else f'the {text}'}"


def _is_another(plain: str, earlier: Sequence[EarlierCommand], tokenizer: Tokenizer) -> bool:
    """Whether "another one" is another thing, and not the same done once more."""
    if not re.match(r"another\b", plain, re.IGNORECASE):
        return False
    last = last_planned(earlier)
    named = tokenizer.read(last.command).words if last is not None else ()
    return any(word.type == "OBJECT" for word in named)


def _offered(new: Word, text: str, offered: Sequence[str], tokenizer: Tokenizer) -> str:
    """Return the one offer that names what was answered, or the only one with that put into it."""
    naming = [
        offer
        for offer in offered
        if any(
            (word.type, word.value) == (new.type, new.value) for word in tokenizer.read(offer).words
        )
    ]
    if len(naming) == 1:
        return naming[0]
    if len(offered) == 1:
        slots = [word for word in tokenizer.read(offered[0]).words if word.type == new.type]
        return _put_in(offered[0], slots[0], text) if slots else ""
    return ""


def _answered(command: str, earlier: Sequence[EarlierCommand], offers: Offers) -> str:
    offered = offers(earlier[-1].command) if earlier and not earlier[-1].planned else ()
    if _NO.match(command):
        raise CommandError("nothing is done; say what to do instead")
    if len(offered) == 1:
        return offered[0]
    if offered:
        raise UnclearError(f"which one: {' or: '.join(offered)}?")
    raise CommandError(f"there is no question to answer; {NO_EARLIER}")


def _again(again: re.Match[str], earlier: Sequence[EarlierCommand], tokenizer: Tokenizer) -> str:
    last = last_planned(earlier)
    if last is None:
        raise CommandError(NO_EARLIER)
    if not last.command.strip():
        raise CommandError("the last one was a plan without words; send it again")
    if again["but"]:
        words = tokenizer.read(again["but"]).words
        other = None
        if words and words[0].type in ("OBJECT", "OTHER", "PLACE"):
            other = _with_another(words[0], again["but"], earlier, tokenizer)
        if other is None:
            raise CommandError(f'"{again["but"]}" does not fit into "{last.command}"')
        return other
    count = 1.0
    if again["count"]:
        word = again["count"].lower()
        count = NUMBERS.get(word, float(word) if word.isdigit() else 0)
    elif again["times"]:
        word = again["times"].split()[0].lower()
        count = 2.0 if word == "twice" else NUMBERS.get(word, float(word) if word.isdigit() else 0)
    if not 1 <= count <= MAX_TIMES or count != int(count):
        raise CommandError(f"a command is done again 1 to {MAX_TIMES} times at once")
    said = tokenizer.read(without_lead(last.command)).words[:1]
    onward = same_motion(last) if said and said[0].type in _ONWARD else ""
    return " and then ".join([onward or last.command.strip().rstrip(".!?")] * int(count))


def _chosen(
    ordinal: re.Match[str],
    earlier: Sequence[EarlierCommand],
    tokenizer: Tokenizer,
    offers: Offers,
) -> str:
    """Answer "which one" and "did you mean" by a number."""
    if not earlier:
        raise CommandError(NO_EARLIER)
    asked = earlier[-1].command
    at = ORDINALS[ordinal["which"].lower()] if ordinal["which"] else 0
    for word in tokenizer.read(asked).words:
        choices = word.value.removesuffix(SEVERAL).split(SEVERAL)
        if word.type == "OBJECT" and len(choices) > 1 and ordinal["all"]:
            each = " and ".join(f"the {choice.replace('_', ' ')}" for choice in choices)
            return _put_in(asked, word, each)
        if word.type == "OBJECT" and len(choices) > 1 and -1 <= at < len(choices):
            return _put_in(asked, word, f"the {choices[at].replace('_', ' ')}")
    offered = offers(asked) if not earlier[-1].planned else ()
    if offered and ordinal["all"]:
        return " and then ".join(offered)
    if offered and -1 <= at < len(offered):
        return offered[at]
    raise CommandError("it is not clear which one that is; name the object")


def _numbered(plain: str, asked: str, tokenizer: Tokenizer) -> str:
    """Return a command with what "the second cup" means in the order in which they were told.

    Raises:
        CommandError: nobody told an order; UnclearError: and there are several.

    """
    found = _NUMBERED.search(plain)
    known = tokenizer.vocabulary.namesakes(found["kind"].lower()) if found else []
    if found is None or not known or '"' in plain:
        return ""
    at = ORDINALS[found["which"].lower()]
    named = [f"the {name.replace('_', ' ')}" for name in known]
    for word in tokenizer.read(asked).words:
        if word.type != "OBJECT" or set(word.value.split(SEVERAL)) != set(known):
            continue
        if not -1 <= at < len(named):
            raise CommandError(f"only {len(named)} were named: {' and '.join(named)}")
        if found.group() == plain.strip(" .!?"):
            return _put_in(asked, word, named[at])
        return f"{plain[: found.start()]}{named[at]}{plain[found.end() :]}"
    if len(known) > 1:
        raise UnclearError(f"which one: {' or '.join(named)}? Say it with its name")
    if at > 0:
        raise CommandError(f"only one {found['kind'].lower()} is known: {named[0]}")
    return f"{plain[: found.start()]}{named[0]}{plain[found.end() :]}"


def _ones_named(command: str, earlier: Sequence[EarlierCommand], tokenizer: Tokenizer) -> str:
    """Write "the red one" as "the red cup" if cups were the last thing that was spoken of."""
    whole = command.lower().removeprefix("the ").strip(" .!?,")
    if " one" not in command.lower() and whole not in ADJECTIVES:
        return command
    kind = ""
    for one in reversed(earlier):
        named = [word for word in tokenizer.read(one.command).words if word.type == "OBJECT"]
        if named:
            kind = kind_of(named[-1].value.split(SEVERAL)[0])
            break
    if not kind:
        return command

    def named_so(found: re.Match[str]) -> str:
        if not found.group().lower().endswith(("one", "ones")) and whole not in ADJECTIVES:
            return found.group()
        return f"{found['which']} {kind}{found['s'] or ''}"

    return _ONE.sub(named_so, command)


def _with_another(
    new: Word, text: str, earlier: Sequence[EarlierCommand], tokenizer: Tokenizer
) -> str | None:
    """Return the newest command that names something of the same sort, with that replaced."""
    sort = ("PLACE",) if new.type == "PLACE" else ("OBJECT", "IT", "OTHER")
    for one in reversed(earlier):
        if not one.command.strip():
            continue
        words = tokenizer.read(one.command).words
        there = [word for word in words if word.type == "THERE"]
        if new.type == "PLACE" and len(there) == 1 and not one.planned:  # it was not clear where
            return _put_in(one.command, there[0], f"to {text}")
        slots = [word for word in words if word.type in sort]
        if not slots and one is earlier[-1] and not one.planned and new.type != "OTHER":
            slots = _unknown(words)
        if not slots:
            continue
        slot = slots[-1] if new.type == "PLACE" else slots[0]
        if new.type == "OTHER":
            text = _other_than(slot, tokenizer)
        return _put_in(one.command, slot, text)
    if not earlier:
        raise CommandError(f'what is to be done with "{text}"? {NO_EARLIER}')
    return None


def _unknown(words: Sequence[Word]) -> list[Word]:
    """Return the name in a command that was not known, as one word; nothing if there are more."""
    strange = [index for index, word in enumerate(words) if word.type == "UNKNOWN"]
    if not strange or strange[-1] - strange[0] != len(strange) - 1:
        return []
    first, last = words[strange[0]], words[strange[-1]]
    return [Word("UNKNOWN", first.value, first.column, last.column + len(last.value))]


def _other_than(slot: Word, tokenizer: Tokenizer) -> str:
    meant = slot.value.split(SEVERAL)[0]
    kind = kind_of(meant)
    others = [name for name in tokenizer.vocabulary.namesakes(kind) if name != meant]
    spoken = [name.replace("_", " ") for name in others]
    if not others or slot.type != "OBJECT":
        known = ", ".join(name.replace("_", " ") for name in tokenizer.vocabulary.objects)
        what = meant.replace("_", " ") if slot.type == "OBJECT" else "that one"
        raise CommandError(f"no other {kind} than the {what} is known; there is: {known}")
    if len(others) > 1:
        raise UnclearError(f"which one: the {' or the '.join(spoken)}? Say it with its name")
    return f"the {spoken[0]}"


def _put_in(command: str, slot: Word, text: str) -> str:
    """Return a command with one of its words replaced, and its article with it."""
    before = _ARTICLE.sub("", command[: slot.column])
    if slot.type == "OBJECT" and (text.lower().startswith("the ") or not text.endswith("s")):
        before = _SO_MANY.sub("", before)  # "bring me three cups" - "the red one"
    named = re.match(r"(?:the|an?|my|your|to)\b", text, re.I) or _COUNTED.search(before)
    article = "" if named else "the "
    return f"{before}{article}{text}{command[slot.end :]}"
