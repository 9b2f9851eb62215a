"""Where the model is, and what it may take."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BASE_URL_VARIABLE = "OPENAI_BASE_URL"
MODEL_VARIABLE = "OPENAI_MODEL"
NO_KEY = "none"  # servers on the own machine want no key; the client wants a text


@dataclass(frozen=True)
class LlmSettings:
    """An endpoint and its limits.

    ``timeout`` is seconds for a whole planning, all rounds together; ``token_budget`` bounds the
    tokens of all rounds, ``answer_tokens`` those of one answer. Prices are per million tokens, in
    the unit of the robot's cost rates. ``temperature`` None leaves it to the model. ``allowed``
    names the capabilities a model may use (None: all of the robot), ``confirmed`` those whose
    actions wait for a person when a model planned them.
    """

    base_url: str
    model: str
    key: str = NO_KEY
    timeout: float = 60.0
    max_rounds: int = 3
    token_budget: int = 60_000
    answer_tokens: int = 4000
    prompt_price: float = 0.0
    completion_price: float = 0.0
    temperature: float | None = None
    stream: bool = True
    max_concurrent: int = 2
    retries: int = 2
    max_actions: int = 200
    allowed: frozenset[str] | None = None
    confirmed: frozenset[str] = frozenset()
    record_directory: str = ""

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Return what tokens cost."""
        paid = prompt_tokens * self.prompt_price + completion_tokens * self.completion_price
        return paid / 1e6

    def __repr__(self) -> str:
        """Leave the key out: settings end up in logs."""
        return f"LlmSettings(base_url={self.base_url!r}, model={self.model!r})"


def settings_of(
    parameters: Mapping[str, Any], environment: Mapping[str, str] | None = None
) -> LlmSettings | None:
    """Read the node's ``llm_*`` parameters; None unless both an endpoint and a model are named.

    The key comes from the environment only, from the variable ``llm_key_variable`` names. A key
    alone enables nothing: no data leaves the machine unless an endpoint is configured.
    """
    known = os.environ if environment is None else environment
    base_url = parameters["llm_base_url"] or known.get(BASE_URL_VARIABLE, "")
    model = parameters["llm_model"] or known.get(MODEL_VARIABLE, "")
    if not base_url or not model:
        return None
    allowed = [name for name in parameters["llm_capabilities"] if name]
    temperature = parameters["llm_temperature"]
    return LlmSettings(
        base_url=base_url,
        model=model,
        key=known.get(parameters["llm_key_variable"], "") or NO_KEY,
        timeout=parameters["llm_timeout"],
        max_rounds=parameters["llm_max_rounds"],
        token_budget=parameters["llm_token_budget"],
        answer_tokens=parameters["llm_answer_tokens"],
        prompt_price=parameters["llm_prompt_price"],
        completion_price=parameters["llm_completion_price"],
        temperature=temperature if temperature >= 0.0 else None,
        stream=parameters["llm_stream"],
        allowed=frozenset(allowed) if allowed else None,
        confirmed=frozenset(name for name in parameters["llm_confirmed"] if name),
        record_directory=parameters["llm_record_directory"],
    )
