"""Every plan that a sentence becomes is carried out by the engine to its end, and is a success."""

from pathlib import Path

import pytest

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.status import ExecutionStatus
from execution_orchestrator.planning.grammar import GrammarPlanner
from execution_orchestrator.planning.ports import PlanningRequest
from execution_orchestrator.planning.vocabulary import Vocabulary
from execution_orchestrator.runtime.intake import Intake
from test.unit.engine.driving import Rig
from test.unit.planning.test_what_people_say import MORNING, SAID, world_of

CONFIG = Path(__file__).parents[3] / "config"
VOCABULARY = Vocabulary.load(CONFIG / "places.yaml")
MODEL = load_robot([CONFIG / "capabilities.yaml"]).model
PLANNER = GrammarPlanner(VOCABULARY)
MOST_TURNS = 400
BATTERIES = (0.5, 0.1, 1.0)  # what it says in turn, for what is waited for
STANDS = ({"x": 0.0, "y": 0.0, "yaw": 0.0}, {"x": 4.0, "y": 2.0, "yaw": 0.0})
ROWS = [one for one in SAID if "plan" in one]
SEEN = {"id": "red_cup", "class": "cup", "pose": {"x": 4.5, "y": 2.0, "z": 0.8, "frame": "map"}}


def carried_out(plan, robot):
    """Run a plan on servers that reach every goal, and a camera that sees what it is asked for."""
    rig = Rig(resources=MODEL.resources)
    rig.world = {"robot": {"battery": 0.8, "pose": STANDS[0], **robot}, "objects": []}
    rig.feed(s.Submit(execution_id="e", plan=plan))
    answered = 0
    for turn in range(MOST_TURNS):
        if rig.execution().is_final:
            break
        now = {"battery": BATTERIES[turn // 20 % 3], "pose": STANDS[turn // 20 % 2]}
        rig.world = {**rig.world, "robot": {**rig.world["robot"], **now}}
        rig.feed(s.WorldChanged())
        if answered == len(rig.sent):
            for name in plan.get("signals", ()):  # whoever is waited for says so
                rig.feed(s.SignalSent(execution_id="e", name=name))
            for key in rig.record().questions:
                rig.feed(s.Confirm(execution_id="e", key=key))
            for _ in range(6):
                rig.wait(5.0)
                if answered < len(rig.sent):
                    break
            continue
        goal = rig.goals[rig.sent[answered]]
        answered += 1
        rig.feed(s.GoalAccepted(goal_id=goal.goal_id))
        rig.wait(10.0)
        rig.feed(s.GoalSucceeded(goal_id=goal.goal_id, output=output_of(goal.parameters)))
    return rig.execution()


def output_of(parameters):
    names = parameters.get("classes") or [SEEN["id"]]
    return {"objects": [{**SEEN, "id": names[0]}]}


@pytest.fixture(scope="module")
def intake():
    return Intake(MODEL, planner=PLANNER, now=lambda: MORNING)


@pytest.mark.parametrize("one", ROWS, ids=lambda one: one["say"])
def test_it_is_done(intake, one):
    world = world_of(one)
    result = PLANNER.plan(PlanningRequest(one["say"], world=world))
    prepared = intake.prepare(one["say"], "", "", planned=result)
    execution = carried_out(prepared.plan, world["robot"])
    if "success" in result.plan:
        assert execution.status is ExecutionStatus.COMPLETED, execution.error
    else:  # it goes on until somebody stops it
        assert execution.status in (ExecutionStatus.COMPLETED, ExecutionStatus.EXECUTING)
