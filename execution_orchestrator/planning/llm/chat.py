"""What a chat model takes and gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Message = Mapping[str, str]


class ChatError(RuntimeError):
    """There is no answer; the message says why, and what to do about it."""


@dataclass(frozen=True)
class Answer:
    """What the model said; ``finish`` is stop, length, content_filter or unknown."""

    text: str
    finish: str = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0


class ChatModel(Protocol):
    """Answers messages."""

    async def open(self) -> None:
        """Load and set up what the first answer needs; answers do it themselves otherwise.

        Raises:
            ChatError: something is missing.

        """

    async def answer(
        self, messages: Sequence[Message], *, schema: Mapping[str, Any] | None, max_tokens: int
    ) -> Answer:
        """Return an answer, JSON of the schema if one is given.

        Raises:
            ChatError: there is none.

        """

    async def close(self) -> None:
        """Let go of the connections."""
