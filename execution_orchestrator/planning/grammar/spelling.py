"""Typing errors: the commands that may have been meant."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from execution_orchestrator.planning.vocabulary import nearest

MAX_WORDS = 4  # misspelt in one command
MAX_CANDIDATES = 3  # of one word
MAX_READINGS = 9
_SHORTEST, _LONG = 3, 6  # letters
# Never mistyped
_FREQUENT = frozenset(
    {
        "how", "what", "where", "when", "who", "why", "which", "him", "her", "she", "he", "they",
        "we", "am", "may", "might", "must", "should", "shall", "sure", "nobody", "someone",
        "anyone",
    }
)  # fmt: skip
_POLITE = frozenset({"please", "pls", "plz", "kindly", "hey", "robot", "hello", "thanks"})


def readings(command: str, unknown: Sequence[str], known: Iterable[str]) -> Iterator[str]:
    """Yield the command with its unknown words replaced by near ones, the likeliest first."""
    words = list(dict.fromkeys(unknown))
    if not 1 <= len(words) <= MAX_WORDS:
        return
    whole = frozenset(known)
    # A word of a phrase that makes no sense where it stands may be another one, mistyped.
    choices = [
        [
            *({word.lower()} & whole),
            *(() if word.lower() in _FREQUENT else near(word.lower(), whole - {word.lower()})),
        ]
        for word in words
    ]
    for choice in itertools.islice(itertools.product(*choices), MAX_READINGS):
        text = command
        for word, better in zip(words, choice, strict=True):
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", better, text)
        left = [word for word in text.split() if word.lower().strip(",.!?") not in _POLITE]
        yield " ".join(left).strip(" ,.!?").lower()


def near(word: str, known: Iterable[str]) -> list[str]:
    """Return the known words that ``word`` may be a typing error of."""
    if len(word) < _SHORTEST:
        return []
    most = 2.0 if len(word) >= _LONG else 1.0
    distances = {
        other: errors(word, other)
        for other in known
        if len(other) > 1 and abs(len(other) - len(word)) <= most
    }
    least = min(distances.values(), default=most + 1)
    if least > most:
        return []
    closest = sorted(other for other, distance in distances.items() if distance == least)
    likeliest = nearest(word, closest, count=MAX_CANDIDATES)
    return likeliest or closest[:MAX_CANDIDATES]


def errors(typed: str, meant: str) -> float:
    """Return how many letters are wrong, missing or too many; two that changed places are half."""
    before: list[float] = []
    row = [float(index) for index in range(len(meant) + 1)]
    for i, letter in enumerate(typed, 1):
        last, row, older = row, [float(i)], before
        for j, other in enumerate(meant, 1):
            cost = min(row[-1] + 1, last[j] + 1, last[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == meant[j - 2] and typed[i - 2] == other != letter:
                cost = min(cost, older[j - 2] + 0.5)
            row.append(cost)
        before = last
    return row[-1]
