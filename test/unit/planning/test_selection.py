"""Which planner is asked, in what order, and what is counted."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.planning.ports import (
    PlanningRequest,
    PlanningResult,
    ReplanningRequest,
    Usage,
)
from execution_orchestrator.planning.selection import AsyncGrammarPlanner, Planners
from execution_orchestrator.planning.vocabulary import Vocabulary
from execution_orchestrator.runtime.intake import Intake
from execution_orchestrator.runtime.planning import MAX_WAITING, Planning

HERE = Path(__file__).parent
GRAMMAR = AsyncGrammarPlanner(Vocabulary.load(HERE / "places.yaml"))
ROBOT = load_robot([HERE.parents[2] / "config" / "capabilities.yaml"]).model
SPEAK = {
    "version": 1,
    "actions": [{"id": "s", "action_type": "speak", "parameters": {"text": "hello"}}],
}


class Thinker:
    """A planner that answers what it is told to, and can be made to wait."""

    def __init__(self, *results: PlanningResult) -> None:
        self.results = list(results)
        self.asked: list[Any] = []
        self.go = asyncio.Event()
        self.go.set()

    async def plan(self, request: Any, check: Any) -> PlanningResult:
        self.asked.append(request)
        await self.go.wait()
        return self.results[min(len(self.asked), len(self.results)) - 1]

    replan = plan


GOOD = PlanningResult(SPEAK, 0.9, planner="llm", usage=Usage("m", 1, 70, 30, 0.5, 2.0))
BAD = PlanningResult(None, 0.0, ("the model has no idea",), Usage("m", 3, 10, 5), "llm")


async def asked_for(planners: Planners, command: str, choice: str = "") -> PlanningResult:
    async def nothing_wrong(_: Any) -> list[Any]:
        return []

    return await planners.plan(PlanningRequest(command), nothing_wrong, choice)


async def test_the_model_is_asked_only_for_what_the_grammar_does_not_understand() -> None:
    model = Thinker(GOOD, BAD)
    planners = Planners(grammar=GRAMMAR, llm=model)
    assert (await asked_for(planners, "go home")).planner == "grammar"
    assert not model.asked
    assert (await asked_for(planners, "entertain my guests")).planner == "llm"
    told = (await asked_for(planners, "entertain my guests")).problems
    assert told[0] == "the model has no idea"
    assert any("'guests'" in problem for problem in told)
    assert planners.figures() == {
        "planning_requests_total": 5.0,
        "planning_failures_total": 3.0,
        "planning_tokens_total": 115.0,
        "planning_cost_total": 0.5,
        "planning_seconds_total": 2.0,
    }


async def test_a_wish_to_stop_is_never_planned() -> None:
    model = Thinker(GOOD)
    result = await asked_for(Planners(grammar=GRAMMAR, llm=model), "stop")
    assert "emergency_stop" in result.problems[0]
    assert not model.asked


async def test_a_choice_holds_for_other_plans_too() -> None:
    model = Thinker(GOOD)
    planners = Planners(grammar=GRAMMAR, llm=model)
    request = ReplanningRequest("go home", SPEAK, {}, [], made_by="llm")
    result = await planners.replan(request, None, "grammar")  # type: ignore[arg-type]
    assert (result.plan, model.asked) == (None, [])
    assert (await planners.replan(request, None)).plan is SPEAK  # type: ignore[arg-type]


async def test_what_is_missing_is_named() -> None:
    assert "llm_base_url" in (await asked_for(Planners(grammar=GRAMMAR), "x", "llm")).problems[0]
    assert "places_file" in (await asked_for(Planners(), "x", "grammar")).problems[0]
    assert "no planner" in (await asked_for(Planners(), "x", "oracle")).problems[0]
    assert not Planners().any
    assert not Planners(grammar=GRAMMAR).replaces_written_plans
    assert not Planners(llm=Thinker(), default="grammar").replaces_written_plans
    assert Planners(llm=Thinker()).replaces_written_plans
    with pytest.raises(ValueError, match="oracle"):
        Planners(default="oracle")


async def test_commands_that_wait_for_a_planner_are_bounded() -> None:
    model = Thinker(GOOD)
    model.go.clear()
    planning = Planning(Planners(llm=model), Intake(ROBOT), lambda: {"robot": {}, "objects": []})
    waiting = [asyncio.create_task(planning.prepare("x", "", "")) for _ in range(MAX_WAITING)]
    await asyncio.sleep(0)
    refused = await planning.prepare("x", "", "")
    assert [issue.code for issue in refused.issues] == ["PLANNER_BUSY"]
    model.go.set()
    for prepared in await asyncio.gather(*waiting):
        assert prepared.plan is not None
    assert (await planning.prepare("x", "", "")).plan is not None
    wrong = await planning.prepare("x", "", "no json")
    assert [issue.code for issue in wrong.issues] == ["CONTEXT_INVALID"]
