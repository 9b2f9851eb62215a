"""One answer of a chat model, over the OpenAI protocol."""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from execution_orchestrator.extras import how_to_get
from execution_orchestrator.planning.llm.chat import Answer, ChatError, Message
from execution_orchestrator.planning.llm.settings import LlmSettings

log = logging.getLogger(__name__)
MAX_ANSWER = 500_000  # characters; more is no answer
CHARACTERS_PER_TOKEN = 3  # where an endpoint does not count tokens, so many are taken for one
CONNECT_TIMEOUT = 10.0  # seconds
# An endpoint that names one of these in its refusal does not take the form of the answer.
FORMAT_WORDS = ("response_format", "json_schema", "json_object", "schema", "structured")


@dataclass
class _Taken:
    """What an endpoint takes; of ``formats`` the most wanted first."""

    stream: bool
    temperature: float | None
    formats: tuple[str, ...] = ("json_schema", "json_object", "text")
    limit: str = "max_tokens"
    count_streamed: bool = True


class OpenAiChat:
    """Any endpoint that speaks the chat completions of OpenAI.

    What an endpoint says that it does not take (a schema, a streamed answer, a name of a limit) is
    left away from then on. What is only guessed from a refusal or an empty answer is left away for
    that one request: the next one may be answered in full again.
    """

    def __init__(self, settings: LlmSettings) -> None:
        self._settings = settings
        self._module: Any = None
        self._client: Any = None
        self._opening = asyncio.Lock()
        self._taken = _Taken(settings.stream, settings.temperature)

    async def answer(
        self, messages: Sequence[Message], *, schema: Mapping[str, Any] | None, max_tokens: int
    ) -> Answer:
        """Return the answer.

        Raises:
            ChatError: the endpoint cannot be reached, refuses, or gives none.

        """
        await self.open()
        openai = self._module
        taken = replace(self._taken)
        while True:
            request = self._request(taken, messages, schema, max_tokens)
            try:
                answer = await self._ask(request)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as failure:
                if not self._adapt(taken, str(failure).lower(), structured=schema is not None):
                    raise ChatError(f"the model's server refuses: {_short(failure)}") from None
                log.info("the model's server does not take that request, another one is tried")
                continue
            except openai.OpenAIError as failure:
                raise ChatError(self._explained(failure)) from None
            except ValueError as failure:
                raise ChatError(f"the model's server answers no JSON: {_short(failure)}") from None
            if not answer.text.strip() and taken.stream and answer.finish == "unknown":
                # It took the request and streamed nothing: some servers know no streams.
                taken.stream = False
                continue
            return _counted(answer, messages)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def open(self) -> None:
        """Load the client.

        Raises:
            ChatError: it is not installed.

        """
        async with self._opening:
            if self._client is not None:
                return
            try:
                self._module = importlib.import_module("openai")
            except ImportError:
                raise ChatError(
                    f"the package openai is not installed: {how_to_get('llm')}"
                ) from None
            settings = self._settings
            self._client = self._module.AsyncOpenAI(
                base_url=settings.base_url,
                api_key=settings.key,
                max_retries=settings.retries,
                timeout=self._module.Timeout(settings.timeout, connect=CONNECT_TIMEOUT),
            )

    def _request(
        self,
        taken: _Taken,
        messages: Sequence[Message],
        schema: Mapping[str, Any] | None,
        max_tokens: int,
    ) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self._settings.model,
            "messages": list(messages),
            taken.limit: max_tokens,
        }
        if schema is not None and taken.formats[0] == "json_schema":
            described = {"name": "answer", "schema": schema, "strict": False}
            request["response_format"] = {"type": "json_schema", "json_schema": described}
        elif schema is not None and taken.formats[0] == "json_object":
            request["response_format"] = {"type": "json_object"}
        if taken.temperature is not None:
            request["temperature"] = taken.temperature
        if taken.stream:
            request["stream"] = True
            if taken.count_streamed:
                request["stream_options"] = {"include_usage": True}
        return request

    def _adapt(self, taken: _Taken, complaint: str, *, structured: bool) -> bool:
        """Give up what the endpoint complains about; False if there is nothing left to give up."""
        named = True
        if "max_completion_tokens" in complaint and taken.limit == "max_tokens":
            change: dict[str, Any] = {"limit": "max_completion_tokens"}
        elif "temperature" in complaint and taken.temperature is not None:
            change = {"temperature": None}
        elif "stream_options" in complaint and taken.stream and taken.count_streamed:
            change = {"count_streamed": False}
        elif "stream" in complaint and "stream_options" not in complaint and taken.stream:
            change = {"stream": False}
        elif structured and len(taken.formats) > 1:
            change = {"formats": taken.formats[1:]}
            named = any(word in complaint for word in FORMAT_WORDS)
        else:
            return False
        for one in (taken, self._taken) if named else (taken,):
            for field, value in change.items():
                setattr(one, field, value)
        return True

    async def _ask(self, request: Mapping[str, Any]) -> Answer:
        completions = self._client.chat.completions
        if not request.get("stream"):
            return _whole(await completions.create(**request))
        text: list[str] = []
        size = 0
        finish, prompt, completion = "unknown", 0, 0
        stream = await completions.create(**request)
        async with stream:
            async for chunk in stream:
                usage = getattr(chunk, "usage", None)
                if usage is not None:
                    prompt, completion = usage.prompt_tokens or 0, usage.completion_tokens or 0
                for choice in (chunk.choices or ())[:1]:
                    piece = (choice.delta.content if choice.delta else None) or ""
                    text.append(piece)
                    size += len(piece)
                    finish = choice.finish_reason or finish
                if size > MAX_ANSWER:
                    raise ChatError(f"the model's answer has more than {MAX_ANSWER} characters")
        return Answer("".join(text), finish, prompt, completion)

    def _explained(self, failure: Exception) -> str:
        openai = self._module
        where = self._settings.base_url
        if isinstance(failure, openai.RateLimitError):
            after = failure.response.headers.get("retry-after", "")
            more = f"; it says to try again after {after[:40]} s" if after else ""
            return f"the model's server has no room for this request (429){more}"
        if isinstance(failure, openai.AuthenticationError | openai.PermissionDeniedError):
            return (
                f"the model's server refuses the key ({failure.status_code}): set llm_key_variable"
            )
        if isinstance(failure, openai.NotFoundError):
            model = self._settings.model
            return f"the model's server knows no {model!r}, or {where} is not its base URL"
        if isinstance(failure, openai.APITimeoutError):
            return f"the model's server {where} does not answer in time"
        if isinstance(failure, openai.APIStatusError):
            return f"the model's server failed ({failure.status_code}): {_short(failure)}"
        if isinstance(failure, openai.APIConnectionError):
            return f"the model's server {where} cannot be reached: {_short(failure)}"
        return f"the model gave no answer: {_short(failure)}"


def _whole(completion: Any) -> Answer:
    choices = getattr(completion, "choices", None)
    if not choices:
        raise ChatError(
            "the model's server answers without choices: it does not speak the protocol"
        )
    message = choices[0].message
    usage = getattr(completion, "usage", None)
    text = (message.content if message is not None else None) or ""
    if len(text) > MAX_ANSWER:
        raise ChatError(f"the model's answer has more than {MAX_ANSWER} characters")
    return Answer(
        text,
        choices[0].finish_reason or "stop",
        usage.prompt_tokens or 0 if usage is not None else 0,
        usage.completion_tokens or 0 if usage is not None else 0,
    )


def _counted(answer: Answer, messages: Sequence[Message]) -> Answer:
    """Estimate the tokens where the endpoint did not count them, so that the budget holds."""
    if answer.prompt_tokens or answer.completion_tokens:
        return answer
    sent = sum(len(message["content"]) for message in messages)
    return Answer(
        answer.text,
        answer.finish,
        -(-sent // CHARACTERS_PER_TOKEN),
        -(-len(answer.text) // CHARACTERS_PER_TOKEN),
    )


def _short(failure: Exception) -> str:
    """Return the reason on one line; an endpoint may answer with a whole page."""
    return " ".join(str(failure).split())[:300]
