"""Which planner makes a plan: the grammar, the language model, or the one after the other."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from execution_orchestrator.planning.going_on import going_on
from execution_orchestrator.planning.ports import (
    PlanCheck,
    Planner,
    PlanningRequest,
    PlanningResult,
    ReplanningRequest,
)
from execution_orchestrator.planning.stopping import stop_of
from execution_orchestrator.planning.vocabulary import Vocabulary

if TYPE_CHECKING:
    from execution_orchestrator.planning.grammar.planner import GrammarPlanner

CHOICES = ("auto", "grammar", "llm")
NO_GRAMMAR = "the grammar planner has no words: name a places_file"
NO_LLM = (
    "no language model is configured: set llm_base_url and llm_model (docs/planning.md), "
    "or send a plan"
)
_Ask = Callable[[Planner], Awaitable[PlanningResult]]


class AsyncGrammarPlanner:
    """The grammar planner as a `Planner`; it works in a thread, because long commands take time.

    It is loaded for the first command: a node that gets plans starts without it.
    """

    def __init__(self, vocabulary: Vocabulary, robots: Sequence[str] = ()) -> None:
        self._vocabulary = vocabulary
        self._robots = tuple(robots)
        self._one_at_a_time = asyncio.Lock()

    @cached_property
    def _grammar(self) -> GrammarPlanner:
        from execution_orchestrator.planning.grammar.planner import (  # noqa: PLC0415
            GrammarPlanner,
        )

        return GrammarPlanner(self._vocabulary, self._robots)

    async def plan(self, request: PlanningRequest, check: PlanCheck) -> PlanningResult:
        """Return the plan of a command; ``check`` is not needed, its plans are valid."""
        del check
        async with self._one_at_a_time:
            return await asyncio.to_thread(lambda: self._grammar.plan(request))

    async def replan(self, request: ReplanningRequest, check: PlanCheck) -> PlanningResult:
        """Return the plan of the command without what failed."""
        del check
        async with self._one_at_a_time:
            return await asyncio.to_thread(lambda: self._grammar.replan(request))


class Planners:
    """Chooses, and counts what planning took; the counts may be read from any thread."""

    def __init__(
        self, *, grammar: Planner | None = None, llm: Planner | None = None, default: str = "auto"
    ) -> None:
        """Take the planners there are.

        Raises:
            ValueError: ``default`` is none of `CHOICES`.

        """
        if default not in CHOICES:
            raise ValueError(f"{default!r} is no planner; there are {', '.join(CHOICES)}")
        self._grammar = grammar
        self._llm = llm
        self._default = default
        self._counts = {
            "planning_requests_total": 0.0,
            "planning_failures_total": 0.0,
            "planning_tokens_total": 0.0,
            "planning_cost_total": 0.0,
            "planning_seconds_total": 0.0,
        }
        self._lock = threading.Lock()

    @property
    def any(self) -> bool:
        """Whether there is any planner."""
        return self._grammar is not None or self._llm is not None

    @property
    def replaces_written_plans(self) -> bool:
        """Whether there can be another plan for one that no planner made."""
        return self._llm is not None and self._default != "grammar"

    def figures(self) -> dict[str, float]:
        """Return the counts since the start (docs/metrics.md)."""
        with self._lock:
            return dict(self._counts)

    async def plan(
        self, request: PlanningRequest, check: PlanCheck, choice: str = ""
    ) -> PlanningResult:
        """Plan a command with the chosen planner, or with the default one.

        Commands that stop or resume something need no planner.
        """
        goes_on = going_on(request)
        if goes_on is not None:
            return goes_on
        stop = stop_of(request)
        if stop is not None:
            if not stop.rest:
                return stop.result()
            request = replace(request, command=stop.rest)
            return stop.result(await self.plan(request, check, choice))
        return await self._chosen(choice or self._default, lambda one: one.plan(request, check))

    async def replan(
        self, request: ReplanningRequest, check: PlanCheck, choice: str = ""
    ) -> PlanningResult:
        """Find another plan with the chosen planner, or with the default one."""
        return await self._chosen(choice or self._default, lambda one: one.replan(request, check))

    async def _chosen(self, choice: str, ask: _Ask) -> PlanningResult:
        if choice == "grammar":
            return await self._ask(self._grammar, NO_GRAMMAR, ask)
        if choice == "llm":
            return await self._ask(self._llm, NO_LLM, ask)
        if choice != "auto":
            text = f"{choice!r} is no planner; there are {', '.join(CHOICES)}"
            return PlanningResult(None, 0.0, (text,))
        if self._grammar is None or self._llm is None:
            one = self._grammar or self._llm
            return await self._ask(one, f"{NO_GRAMMAR}; {NO_LLM}", ask)
        first = await self._ask(self._grammar, NO_GRAMMAR, ask)
        if first.plan is not None or first.final:
            return first
        second = await self._ask(self._llm, NO_LLM, ask)
        if second.plan is not None:
            return second
        return replace(second, problems=(*second.problems, *first.problems))

    async def _ask(self, planner: Planner | None, missing: str, ask: _Ask) -> PlanningResult:
        if planner is None:
            return PlanningResult(None, 0.0, (missing,))
        result = await ask(planner)
        with self._lock:
            counts = self._counts
            counts["planning_requests_total"] += 1
            counts["planning_failures_total"] += result.plan is None
            counts["planning_tokens_total"] += result.usage.tokens
            counts["planning_cost_total"] += result.usage.cost
            counts["planning_seconds_total"] += result.usage.seconds
        return result
