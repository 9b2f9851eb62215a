"""Splits a command into tokens, longest known phrase first; collects the unknown words."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from execution_orchestrator.planning.grammar.courtesies import FILLER_PHRASES, FILLERS
from execution_orchestrator.planning.grammar.phrases import NUMBERS, PHRASES
from execution_orchestrator.planning.grammar.rates import before_rate
from execution_orchestrator.planning.grammar.speech import asks
from execution_orchestrator.planning.grammar.tree import CommandError
from execution_orchestrator.planning.vocabulary import Vocabulary

MAX_COMMAND = 2000  # characters
_NUMBER = r"-?\d+(?:\.\d+)?"
# (1.5, 2), (1.5, 2, 0.7) or x = 1.5, y = 2, yaw = 0.7: metres in the map, radians or degrees
_POSE = re.compile(
    rf"\(\s*(?P<x1>{_NUMBER})\s*,\s*(?P<y1>{_NUMBER})\s*(?:,\s*(?P<yaw1>{_NUMBER})\s*)?\)"
    rf"|\bx\s*[=:]?\s*(?P<x2>{_NUMBER})\s*,?\s*y\s*[=:]?\s*(?P<y2>{_NUMBER})"
    rf"(?:\s*,?\s*(?:yaw|theta)\s*[=:]?\s*(?P<yaw2>{_NUMBER})(?P<degrees>\s*(?:degrees?\b|deg\b|°))?)?"
    rf"|\by\s*[=:]?\s*(?P<y3>{_NUMBER})\s*,?\s*x\s*[=:]?\s*(?P<x3>{_NUMBER})",
    re.IGNORECASE,
)
# Faces, hearts and thumbs up say nothing; other signs and pictures may, and are unknown words.
_POLITE_SIGN = (
    "[\U0001f600-\U0001f644\U0001f44b-\U0001f44d\U0001f64f\U0001f3fb-\U0001f3ff"
    "\U0001f916\u2764\ufe0f]"
)
_SIGNS = r"{}$<>/\\=~^#@|\u2190-\u2bff\U0001f300-\U0001faff"
_WORD = re.compile(
    rf"\"[^\"]*\"|'[^']*'(?!\w)|{re.sub(r'[?]P<[^>]*>', '?:', _POSE.pattern)}"
    rf"|{_NUMBER}|[^\W\d_][\w']*|[,;:.!?%°&+]|(?:(?!{_POLITE_SIGN})[{_SIGNS}])+",
    re.IGNORECASE,
)
_IS = re.compile(r"(what|where|how|who|there|it|that|here)('s)|(what|where|how)(s)", re.IGNORECASE)
_TYPOGRAPHIC = str.maketrans(
    {"\u2019": "'", "\u2018": "'", **dict.fromkeys("\u201c\u201d\u201e", '"')}
)
_TIMES = re.compile(r"^(?P<text>.+?)[\s,]+(?P<times>twice|(?:\d+|[a-z]+)\s+times)$", re.I | re.S)
_THAT = re.compile(
    r"^(?:that|to\s+(?:me|us|everyone|everybody|them|him|her|all)\s*[:,]?)\s+(?=\w)", re.IGNORECASE
)
_LISTENER = re.compile(
    r"\s+to\s+(?:me|us|(?:the\s+)?user|everyone|everybody|them|him|her|all)$", re.IGNORECASE
)
SEVERAL = "|"  # between the ids of the objects that a name may mean; last: any one of them will do
_ANY_ONE = frozenset({"a", "an", "any", "some"})
_SEPARATORS = frozenset({"THEN", "WHILE", "AND", "AT_ONCE"})
_ENDS = frozenset({",", ";", ".", "then", "and"})  # of a part of a command
# "this cup" is the cup, "each cup" every cup; alone they stand for a thing.
_THEM = frozenset(
    {"them", "these", "those", "them both", "them all", "both of them", "all of them"}
)
_POINTING = frozenset({"this", "that", "these", "those"})
# "charge when empty": of the battery, without saying so.
_CHARGE = {"empty": "BATTERY_LOW", "low": "BATTERY_LOW", "full": "BATTERY_FULL"}
_AND_DO = frozenset({"go", "come"})
_DONE_THERE = frozenset(
    {"TAKE", "PICK", "PUT", "LOOK_FOR", "CHECK", "SCAN", "PICTURE", "ASK_IF", "SAY", "VIDEO",
     "DESCRIBE", "WAIT"}
)  # fmt: skip
_EACH_PLACE = frozenset({"GO_EACH_PLACE", "FOR_EACH_PLACE", "EACH_PLACE", "FOR_EACH"})
_AFTER_ONLY = frozenset({"if", "when", "once", "after"})
_OF_THINGS = frozenset(
    {
        "OBJECT",
        "IT",
        "OTHER",
        "ALL",
        "EVERYTHING",
        "EXCEPT",
        "NUMBER",
        "AND",
        "COMMA",
        "THEN",
        "FROM",
        "PLACE",
    }
)
_FOR_WHOM = frozenset({"me", "us"})  # where to is said already
_SOMETHING = frozenset({"something", "thing", "stuff", "anything"})
_PURPOSES = frozenset(
    {"drink", "eat", "read", "write", "wear", "play", "use", "carry", "hold", "clean", "sit"}
)
_OF_PURPOSE = frozenset({"from", "with", "on", "out", "of"})
_NO_WORDS = FILLERS - {"first", "only"}  # see `_orders`
_SEEING = frozenset({"see", "find", "spot"})
_BEFORE_CONDITION = frozenset(
    {"ONLY_IF", "ONLY_WHEN", "IF", "WHEN", "UNTIL", "UNLESS", "WAIT_UNTIL"}
)


@dataclass(frozen=True)
class Word:
    """A token: its type, its value (ids, a number, a text) and its place in the command."""

    type: str
    value: str
    column: int
    end: int = 0


@dataclass(frozen=True)
class Tokens:
    """The tokens in order, and the unknown words, which are UNKNOWN tokens, too."""

    words: tuple[Word, ...]
    unknown: tuple[str, ...]

    def pointing(
        self, place: str | None, *, user: str, home: str, things: Sequence[str] = ()
    ) -> Tokens:
        """Return them with the place that each "there" means, and "here" for where the user is.

        "There" is the place named before it, or else ``place``. "Them" are the objects named before
        it, or else ``things``, if they are several.

        Raises:
            CommandError: no place was named, and there is none.

        """
        words: list[Word] = []
        for index, word in enumerate(self.words):
            named = {one.value for one in words if one.type == "OBJECT"}
            them = list(dict.fromkeys(one.value for one in words if one.type == "OBJECT"))
            them = them if len(named) > 1 else [] if named else list(things)
            following = self.words[index + 1].type if index + 1 < len(self.words) else ""
            several = (word.type == "IT" and word.value in _THEM) or (
                word.type == "ALL" and following not in ("OBJECT", "PLACE", "THERE")
            )
            if several and len(them) > 1:
                words.append(replace(word, type="ALL"))
                words.append(replace(word, type="OBJECT", value=SEVERAL.join(them)))
                continue
            place = {
                "PLACE": word.value,
                "GO_HOME": home,
                "DOCK": home,
                "COME_HERE": user,
            }.get(word.type, place)
            meant = {"THERE": place, "HERE": user}.get(word.type, word.value)
            if meant is None:
                raise CommandError(f'it is not clear where "{word.value}" is; name the place')
            words.append(replace(word, value=meant))
        return Tokens(tuple(words), self.unknown)


def _as_read(phrase: str) -> tuple[str, ...]:
    """Return the words of a phrase that are left of it in a command: no articles and the like."""
    words = tuple(phrase.split())
    return tuple(word for word in words if word not in _NO_WORDS) or words


_SAID: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(FILLER_PHRASES, ("", "")),
    **{phrase: (kind, phrase) for kind, phrases in PHRASES.items() for phrase in phrases},
}
_PHRASES: Mapping[tuple[str, ...], tuple[str, str]] = {
    **{_as_read(phrase): meant for phrase, meant in _SAID.items()},
    **{tuple(phrase.split()): meant for phrase, meant in _SAID.items()},
}
_LONGEST = max(map(len, _PHRASES))


def _with_where_to(words: Sequence[Word]) -> Iterator[Word]:
    """Leave out the comma before where things are brought: "the cup, then the bottle, to it"."""
    carries = False
    for word, following in itertools.zip_longest(words, words[1:]):
        if word.type not in _OF_THINGS:
            carries = (
                word.type in ("BRING", "TAKE", "PUT") and word.value.split()[-1] not in _FOR_WHOM
            )
        if not (carries and word.type == "COMMA" and following and following.type in ("TO", "ON")):
            yield word


class Tokenizer:
    """Knows the phrases of the grammar and the names of one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        table = dict(_PHRASES)
        self._add_names(table, "PLACE", vocabulary.place_names())
        self._add_names(table, "OBJECT", vocabulary.object_names())
        self._table = table
        self.vocabulary = vocabulary
        names = itertools.islice(table, len(_PHRASES), None)
        self._longest = max(_LONGEST, *map(len, names)) if len(table) > len(_PHRASES) else _LONGEST

    @cached_property
    def known_words(self) -> frozenset[str]:
        """All words of phrases and names."""
        return frozenset(word for phrase in self._table for word in phrase) | FILLERS

    @staticmethod
    def _add_names(
        table: dict[tuple[str, ...], tuple[str, str]], kind: str, names: Mapping[str, str]
    ) -> None:
        for spoken, identifier in names.items():
            # A name that is also a verb phrase ("home" is not, "set" would be) stays the verb.
            table.setdefault(tuple(spoken.split()), (kind, identifier))
            table.setdefault((identifier.lower(),), (kind, identifier))
            table.setdefault((*spoken.split()[:-1], f"{spoken.split()[-1]}s"), (kind, identifier))

    def phrases_with(self, word: str) -> list[str]:
        """Return up to four known phrases that hold ``word``, names of places and objects first."""
        found = [
            (kind not in ("PLACE", "OBJECT"), " ".join(phrase))
            for phrase, (kind, _) in self._table.items()
            if word in phrase
        ]
        return [phrase for _, phrase in sorted(found)[:4]]

    def read(self, command: str) -> Tokens:
        """Cut ``command``; at most 2,000 characters are looked at."""
        command = command.translate(_TYPOGRAPHIC)
        pieces = list(_pieces(command[:MAX_COMMAND]))
        any_one = {
            at
            for (article, _), (_, at) in itertools.pairwise(pieces)
            if article.lower() in _ANY_ONE
        }
        pieces = list(_with_what_is_first(pieces))
        before = ("", *(text.lower() for text, _ in pieces))
        after = (*(text.lower() for text, _ in pieces[1:]), "")
        pieces = [
            (text, at)
            for last, (text, at), following in zip(before, pieces, after, strict=False)
            if (text.lower() not in FILLERS or _orders(last, text.lower(), following))
            and (text.lower(), following) != ("right", "now")
        ]
        pieces = list(_with_whole_numbers(pieces))
        everything = SEVERAL.join(self.vocabulary.objects)
        words: list[Word] = []
        unknown: list[str] = []
        index = 0
        while index < len(pieces):
            text, column = pieces[index]
            found = self._longest_phrase(pieces, index)
            if _means_one_of_them(words, text):
                following = self._longest_phrase(pieces, index + 1)
                if following is None or following[0] != "OBJECT":  # "if there is one"
                    words.append(Word("IT", "it", column, column + len(text)))
                    index += 1
                    continue
            if found is None and everything and text.lower() in _SOMETHING:
                index += 1 + _purpose([piece for piece, _ in pieces[index + 1 :]])
                last, at = pieces[index - 1]
                words.append(Word("OBJECT", everything, column, at + len(last)))
                continue
            if found is not None and found[0] == "LOOK_IF" and _says_where(words, text):
                words.append(Word("IS", text, column, column + len(text)))
                index += 1
                continue
            if found is not None:
                kind, value, length = found
                if kind == "OBJECT":
                    parts = (text.lower() for text, _ in pieces[index : index + length])
                    value = self._meant(" ".join(parts), value)
                    value += SEVERAL if SEVERAL in value and column in any_one else ""
                    if words and words[-1].type == "IT" and words[-1].value in _POINTING:
                        words.pop()
                    elif words and words[-1].type == "IT" and words[-1].value == "each":
                        words[-1] = replace(words[-1], type="ALL")
                if kind == "GO_THERE" and text.lower() in _AND_DO and length == 1:
                    following = self._longest_phrase(pieces, index + 1)
                    if following is not None and following[0] in _DONE_THERE:
                        index += 1  # "go take a picture"
                        continue
                if kind == "AT_EACH" and any(word.type in _EACH_PLACE for word in words):
                    kind = ""  # "visit all rooms and take a picture in each"
                if kind == "SAY" and asks(command[column:]):
                    index += length  # the question that follows is a command of its own
                    continue
                index += length
                if kind:
                    last, at = pieces[index - 1]
                    end = at + len(last)
                    place = self._place_of_the_dock(value) if kind == "DOCK" else None
                    if place is not None:
                        words += [Word("GO", "go", column, at), Word("PLACE", place, at, end)]
                        continue
                    words.append(Word(kind, value, column, end))
                if kind == "SAY":
                    last, at = pieces[index - 1]
                    index, spoken = self._spoken(command, pieces, index, at + len(last))
                    words.extend(spoken)
                continue
            index += 1
            if text.lower() in _CHARGE and words and words[-1].type in _BEFORE_CONDITION:
                words.append(Word(_CHARGE[text.lower()], text, column, column + len(text)))
                continue
            words.extend(self._single(text, column, unknown))
        return Tokens(tuple(_with_where_to(words)), tuple(unknown))

    def _place_of_the_dock(self, phrase: str) -> str | None:
        """Return the place that "go to dock" names, None where no place has the dock's name."""
        _, *where = phrase.split()
        places = self.vocabulary.place_names()
        names = (" ".join(where[index:]) for index in range(len(where)))
        return next((places[name] for name in names if name in places), None)

    def _meant(self, spoken: str, first: str) -> str:
        if spoken.replace(" ", "_") in self.vocabulary.objects:
            return first
        known = self.vocabulary.namesakes
        return SEVERAL.join(known(spoken) or known(spoken.removesuffix("s")) or [first])

    def _longest_phrase(
        self, pieces: list[tuple[str, int]], index: int
    ) -> tuple[str, str, int] | None:
        for length in range(min(self._longest, len(pieces) - index), 0, -1):
            key = tuple(text.lower() for text, _ in pieces[index : index + length])
            if key in self._table and not self._goes_on(key, pieces, index + length):
                return (*self._table[key], length)
        return None

    def _goes_on(self, key: tuple[str, ...], pieces: list[tuple[str, int]], end: int) -> bool:
        """Whether a phrase is cut short: "if you can find it" is a condition, and no politeness."""
        following = pieces[end][0].lower() if end < len(pieces) else ""
        if key[-1] == "in" and following == "front":  # "go in front of", and not "go in"
            return True
        return key[-1] in ("can", "can't", "cannot") and following in _SEEING

    def _single(self, text: str, column: int, unknown: list[str]) -> Iterator[Word]:
        if text in ",;":
            yield Word("COMMA", text, column)
        elif text in "&+":
            yield Word("AND", text, column)
        elif text in ":.!?%":
            if text in ".!":
                yield Word("STOP", text, column)
        elif text[0] in "\"'":
            yield Word("QUOTED", text[1:-1], column)
        elif (pose := _POSE.fullmatch(text)) is not None:
            found = pose.groupdict()
            x, y, yaw = (
                float(next((found[name] for name in found if name[:-1] == key and found[name]), 0))
                for key in ("x", "y", "yaw")
            )
            yaw = math.radians(yaw) if found["degrees"] else yaw
            yield Word("POSE", f"{x:g} {y:g} {yaw:.6g}", column)
        elif text[-1].isdigit() and text[0] in "-0123456789":
            yield Word("NUMBER", text, column, column + len(text))
        elif text.lower() in NUMBERS:
            yield Word("NUMBER", str(NUMBERS[text.lower()]), column, column + len(text))
        else:
            unknown.append(text)
            yield Word("UNKNOWN", text, column)

    def _spoken(
        self, command: str, pieces: list[tuple[str, int]], index: int, start: int
    ) -> tuple[int, list[Word]]:
        """Take what is to be said: quoted, or everything up to the next "then" or "while"."""
        if index < len(pieces) and pieces[index][0][0] in "\"'":
            return index, []
        end_index = index
        while end_index < len(pieces):
            found = self._longest_phrase(pieces, end_index)
            if pieces[end_index][0] in ",;." or (found is not None and found[0] in _SEPARATORS):
                break
            end_index += 1
        end = pieces[end_index][1] if end_index < len(pieces) else len(command)
        # From the command itself: what is said may hold words that mean nothing in a plan.
        text = command[start:end].strip().rstrip(".!?,;").lstrip(":").strip()
        text = text if text.count('"') % 2 == 0 else text.replace('"', "").strip()
        rate = before_rate(text)
        if rate is not None:  # what follows is how often it is said
            end = start + command[start:].index(rate) + len(rate)
            end_index = next(i for i in range(index, end_index) if pieces[i][1] >= end)
            text = rate
        text = _LISTENER.sub("", _THAT.sub("", text))
        repeated = _TIMES.match(text)
        if repeated is not None:
            text, times = repeated["text"].rstrip(".!?,; "), repeated["times"].lower()
            count = times.split()[0]
            number = str(NUMBERS.get(count, count))
            more = (
                [Word("TWICE", times, start)]
                if times == "twice"
                else [Word("NUMBER", number, start), Word("TIMES", "times", start)]
            )
            if times == "twice" or re.fullmatch(r"\d+(?:\.\d+)?", number):
                return end_index, [Word("SPOKEN", text, start), *more]
        return end_index, [Word("SPOKEN", text, start)] if text else []


def _purpose(following: Sequence[str]) -> int:
    """Return how many of the words say what something is for: "to drink", "to put on it"."""
    if len(following) < 2 or following[0].lower() != "to":
        return 0
    if following[1].lower() not in _PURPOSES:
        return 0
    loose = len(following) == 3 or (len(following) > 3 and following[3].lower() in _ENDS)
    return 3 if loose and following[2].lower() in _OF_PURPOSE else 2


def _means_one_of_them(words: Sequence[Word], text: str) -> bool:
    """Whether "one" is the thing that was named: "bring me the cup if there is one"."""
    return text.lower() == "one" and bool(words) and words[-1].type in ("SEE", "NOT_SEE")


def _says_where(words: Sequence[Word], text: str) -> bool:
    """Whether "is there" tells of a thing that it is there: "if the book is there, bring it"."""
    if text.lower() not in ("is", "are") or not words or words[-1].type not in ("OBJECT", "IT"):
        return False
    return any(word.type in _BEFORE_CONDITION or word.type == "ASK_IF" for word in words)


def _orders(before: str, word: str, after: str) -> bool:
    """Whether a filler says something: "but first ...", "first of all", "only if"."""
    if word == "only":
        return after in _AFTER_ONLY
    return word == "first" and (before == "but" or after == "of")


def _with_what_is_first(pieces: Sequence[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Yield the pieces, where "but look around first" is "but first look around"."""
    skipped = -1
    for index, (text, at) in enumerate(pieces):
        if index == skipped:
            continue
        yield text, at
        if text.lower() != "but":
            continue
        rest = [piece.lower() for piece, _ in pieces[index + 1 :]]
        ends = next((i for i, piece in enumerate(rest) if piece in _ENDS), len(rest))
        if "first" in rest[:ends]:
            yield "first", at
            skipped = index + 1 + rest.index("first")


def _with_whole_numbers(pieces: Sequence[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Yield the pieces, where "twenty five" and "one hundred and eighty" are one number each."""
    index = 0
    while index < len(pieces):
        text, at = pieces[index]
        value, end = NUMBERS.get(text.lower(), 0.0), index + 1
        while value >= 1.0 and end < len(pieces):
            words = [piece.lower() for piece, _ in pieces[end : end + 2]]
            if words == ["and", "half"]:
                value, end = value + 0.5, end + 2
                break
            joined = value % 100.0 == 0.0 and words[0] == "and"
            word = pieces[end + joined][0].lower() if end + joined < len(pieces) else ""
            more = _with_more(value, word)
            if more is None:
                break
            value, end = more, end + 1 + joined
        yield (text if end == index + 1 else f"{value:g}"), at
        index = end


def _with_more(value: float, word: str) -> float | None:
    """Return the number that the next word makes of one, None if it begins another."""
    more = NUMBERS.get(word, 0.0)
    if word in ("hundred", "dozen"):
        return value * more if value < 10.0 else None
    whole = value % 100.0 == 0.0 and 1.0 <= more < 100.0
    tens = value % 100.0 >= 20.0 and value % 10.0 == 0.0 and 1.0 <= more < 10.0
    return value + more if whole or tens else None


def _pieces(command: str) -> Iterator[tuple[str, int]]:
    """Yield the words and signs of a command with their places; "what's" is "what" and "is"."""
    for match in _WORD.finditer(command):
        short = _IS.fullmatch(match.group())
        if short is None:
            yield match.group(), match.start()
        else:
            word = short[1] or short[3]
            yield word, match.start()
            yield "is", match.start() + len(word)
