"""The sentence that is understood and comes nearest to one that is not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from execution_orchestrator.planning.grammar.tokens import SEVERAL, Word
from execution_orchestrator.planning.vocabulary import Vocabulary

CAN = (
    "I can go to places, bring things, pick them up and put them down, look for them, tell what I "
    "see, take pictures, say something, wait and charge"
)
ANSWERED = (
    'questions that are answered: "where is the {object}?", "is the {object} at the {place}?", '
    '"what do you see?", "what are you doing?", "where are you?", "what are you holding?", '
    '"how full is the battery?"'
)
_FETCH = "bring me the {object}"
_LOOK = "is the {object} at the {place}?"
_TELL = "go to the {place} and tell me what you see"
_SENTENCES: Mapping[str, str] = {
    **dict.fromkeys(("BRING", "RETURN", "BACK", "OTHER"), _FETCH),
    **dict.fromkeys(("PUT", "TAKE"), "take the {object} to the {surface}"),
    "PICK": "pick up the {object}",
    **dict.fromkeys(("IF", "UNLESS"), "if you see the {object}, bring it to me"),
    **dict.fromkeys(("WHEN", "WAIT_UNTIL"), "when the battery is low, go home"),
    **dict.fromkeys(("WHERE_IS", "WHERE", "LOOK_FOR"), "where is the {object}?"),
    **dict.fromkeys(("IS", "IS_NOT", "LOOK_IF", "ASK_IF", "SEE", "HOW_MANY"), _LOOK),
    **dict.fromkeys(("CHECK", "SCAN", "DESCRIBE", "WHAT_IS"), _TELL),
    **dict.fromkeys(("PICTURE", "PHOTO", "VIDEO"), "take a picture of the {object}"),
    **dict.fromkeys(("SPIN", "SPIN_LEFT", "LEFT"), "turn left 90 degrees"),
    **dict.fromkeys(("SPIN_RIGHT", "RIGHT"), "turn right 90 degrees"),
    **dict.fromkeys(("FORWARD", "FORWARDS"), "drive forward 1 meter"),
    **dict.fromkeys(("BACK_UP", "BACKWARDS"), "back up 0.5 meters"),
    **dict.fromkeys(("WAIT",), "wait 10 seconds"),
    **dict.fromkeys(("BATTERY_LEVEL", "BATTERY_LOW", "BATTERY_FULL"), "how full is the battery?"),
    "SAY": 'say "hello"',
    "PATROL": "patrol",
    **dict.fromkeys(("GO", "GO_THERE", "TO", "FLY"), "go to the {place}"),
}
_TO = frozenset({"to", "on", "onto", "in", "into", "at", "from", "for"})
_ARTICLES = re.compile(r"\b(?:the|an?)\s+((?:the|an?|you|there|me|us)\b)", re.IGNORECASE)
_THING = {"IT": _FETCH, "OBJECT": _FETCH, "PLACE": "go to the {place}"}


def nearest_sentence(words: Iterable[Word], vocabulary: Vocabulary) -> str:
    """Return a sentence with the verb, the object and the place of these words, as far as known."""
    found = _first_of_each(words)
    sentence = next((_SENTENCES[kind] for kind in found if kind in _SENTENCES), "")
    sentence = sentence or next((text for kind, text in _THING.items() if kind in found), "")
    return _made(sentence, found, vocabulary) if sentence else ""


def answered(words: Iterable[Word], vocabulary: Vocabulary) -> str:
    """Return the questions that are answered, about the object and the place of these words."""
    return _made(ANSWERED, _first_of_each(words), vocabulary)


def _first_of_each(words: Iterable[Word]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        found.setdefault(word.type, word.value)
    return found


def _made(sentence: str, found: Mapping[str, str], vocabulary: Vocabulary) -> str:
    thing = found.get("OBJECT", "").split(SEVERAL)[0] or next(iter(vocabulary.objects), "object")
    known = vocabulary.objects.get(thing)
    usual = known.usually_at if known is not None else None
    place = found.get("PLACE") or usual or next(iter(vocabulary.places), "")
    surfaces = [name for name, one in vocabulary.places.items() if one.spots]
    surface = place if place in surfaces else next(reversed(surfaces), place)
    made = sentence.format(object=thing, place=place, surface=surface)
    return made.replace("_", " ")


def alternatives(command: str) -> list[str]:
    """Return the commands that "... A or B ..." may mean: with A, and with B."""
    words = [word for word in command.split() if word.lower() != "either"]
    at = next((i for i, word in enumerate(words) if word.lower().strip(",") == "or"), 0)
    if not 0 < at < len(words) - 1:
        return []
    before, after = words[:at], words[at + 1 :]
    left = " ".join(before).rstrip(" ,")
    found = [left]
    # "the red cup or the bottle": what stands after "or" takes the place of the words before it,
    # and what stands before it goes on with the words after: "the cup or the book from the shelf".
    for count in range(1, len(before)):
        found.append(" ".join((*before[:-count], *after)))
    for count in range(1, len(after)):
        found.append(" ".join((left, *after[count:])))
    if after[0].lower() not in _TO:  # "to the shelf or to the kitchen" is about where to
        found.append(" ".join(after))
    return [_ARTICLES.sub(r"\1", text).strip(" ,.!?") for text in found]
