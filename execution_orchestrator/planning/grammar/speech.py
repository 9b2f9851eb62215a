"""What is to be spoken, and what is asked with the same verb: "tell me where it is"."""

from __future__ import annotations

import re

_QUESTION = r"(?:what|where|when|why|who|whose|which|how|if|whether)"
_ASKED = re.compile(
    rf"^\W*(?:tell|let)\s+(?:me|us)\s+(?:know\s+)?(?:{_QUESTION}|about|the|an?|your|my|something|anything|everything|some|more)\b"
    rf"|^\W*(?:tell|let)\s+(?:me|us)\s+(?:know\s+)?in\s+\w+\s+(?:second|minute|hour)s?\s+{_QUESTION}\b"
    # "say how are you" is a text, "say how full the battery is" a question.
    rf"|^\W*(?:say|announce|speak)\s+{_QUESTION}\b(?!(?:'s)?\s+(?:are|is|do|does|did|can|will|would)\b)",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"^\W*(?:please\s+)?(?:(?:can|could|would|will)\s+you\s+(?:please\s+)?)?"
    r"(?P<said>(?:say|tell|announce|speak|remind)\b.*)$",
    re.IGNORECASE | re.DOTALL,
)


def asks(text: str) -> bool:
    """Whether a text that begins with "tell me" or "say" asks for something, and is not a text."""
    return _ASKED.match(text) is not None


def speaks(command: str) -> bool:
    """Whether a command ends with a text to be spoken that stands in no quotes."""
    found = _VERB.match(command)
    return found is not None and not asks(found["said"]) and not re.search(r"[\"']\W*$", command)
