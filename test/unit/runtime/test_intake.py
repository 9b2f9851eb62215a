import json

import pytest

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.codec import encode_event
from execution_orchestrator.engine.effects import Replan
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.plan.optimise.estimates import Distance
from execution_orchestrator.planning.ports import PlanningResult
from execution_orchestrator.runtime.intake import Intake
from execution_orchestrator.runtime.planning import Planning
from test.decoding import decode_event
from test.unit.plan.conftest import robot

__all__ = ["robot"]
PLAN = json.dumps(
    {
        "actions": [
            {
                "id": f"g{x}",
                "action_type": "navigate_to",
                "parameters": {"target_location": {"x": float(x), "y": 0.0}},
            }
            for x in range(3)
        ]
    }
)


@pytest.fixture
def intake(robot):
    return Intake(robot, measure=lambda start, goal: Distance(10.0, "map"))


def test_a_goal_says_what_is_optimised(intake):
    plain = intake.prepare("", PLAN, "", optimise="none")
    assert [a["id"] for a in plain.plan["actions"]] == ["g0", "g1", "g2"]
    assert plain.changes == ()
    usual = intake.prepare("", PLAN, "")
    assert {change.kind for change in usual.changes} == {"estimates"}
    assert usual.plan["actions"][0]["estimated_duration"] == 22.0
    every = intake.prepare("", PLAN, "", optimise="all")
    assert [a["id"] for a in every.plan["actions"]] == ["g2"]
    stopped = intake.prepare("", PLAN, "", optimise="all", breakpoints=["g2"])
    assert [a["id"] for a in stopped.plan["actions"]] == ["g1", "g2"]
    assert stopped.analysis.changes == stopped.changes


def test_a_strict_goal_takes_a_target_out_of_reach_for_an_error(robot):
    told = Issue("TARGET_UNREACHABLE", "no path", severity=Severity.WARNING)
    intake = Intake(robot, trial=lambda plan: [told])
    assert intake.prepare("", PLAN, "").plan is not None
    refused = intake.prepare("", PLAN, "", strict=True)
    assert refused.plan is None
    assert [issue.severity for issue in refused.issues] == [Severity.ERROR]


def test_an_unknown_optimisation_is_an_issue(intake):
    prepared = intake.prepare("", PLAN, "", optimise="speed")
    assert prepared.plan is None
    assert [issue.code for issue in prepared.issues] == ["GOAL_OPTIMISATION_UNKNOWN"]


def test_the_journal_has_the_optimised_plan_and_what_was_changed(intake):
    prepared = intake.prepare("", PLAN, "", optimise="all")
    step = Machine().handle(
        s.Submit(execution_id="x", plan=prepared.plan, changes=prepared.changes), now=1.0
    )
    journal = [decode_event(encode_event(event)) for event in step.events]
    accepted = next(event for event in journal if isinstance(event, e.ExecutionAccepted))
    optimised = next(event for event in journal if isinstance(event, e.PlanOptimised))
    assert accepted.plan["actions"][0]["action_type"] == "navigate_through_poses"
    assert optimised.changes == prepared.changes
    assert "batching: 3 navigate_to in a row" in optimised.description()


class OtherPlan:
    """A planner that always has the same other plan."""

    async def replan(self, request, check, choice):
        return PlanningResult(json.loads(PLAN), planner="grammar")


@pytest.mark.parametrize(
    ("optimise", "done", "ids"),
    [
        ("none", {}, ["g0", "g1", "g2"]),
        ("all", {}, ["g2"]),
        ("all", {"g0": "navigate_to"}, ["g0", "g2"]),
        ("all", {"g2": "navigate_through_poses"}, ["g2"]),
        ("", {}, ["g0", "g1", "g2"]),
    ],
)
async def test_another_plan_is_optimised_as_the_goal_asked_for(intake, optimise, done, ids):
    planning = Planning(OtherPlan(), intake, lambda: {"robot": {}, "objects": []})
    history = {
        key: {"action_type": kind, "status": "SUCCEEDED", "output": None, "error": ""}
        for key, kind in done.items()
    }
    history["broken"] = {"action_type": "navigate_to", "status": "FAILED"}
    question = Replan(
        run_id="e/replan/1",
        execution_id="e",
        command="go",
        reason="it broke",
        error=None,
        plan={},
        input={},
        history=history,
        optimise=optimise,
    )
    answer = await planning.replan(question)
    assert [action["id"] for action in answer.plan["actions"]] == ids
    assert bool(answer.changes) is (optimise != "none")
