import json

from hypothesis import given
from hypothesis import strategies as st

from execution_orchestrator.plan.analysis import analyse
from execution_orchestrator.plan.capability import ResourceSpec
from execution_orchestrator.plan.durations import demands_of
from execution_orchestrator.plan.loader import load_plan
from execution_orchestrator.plan.resolve import resolve

from .conftest import ROOT

RESOURCES = {"arm": ResourceSpec(name="arm"), "cam": ResourceSpec(name="cam", capacity=2.0)}


def test_the_errand_overlaps_driving_and_the_arm(robot):
    plan = load_plan((ROOT / "plans" / "fetch_red_cup.yaml").read_text()).plan
    analysis = analyse(resolve(plan, robot), robot.resources)
    assert set(analysis.groups[0].action_ids) == {"announce", "go_to_kitchen", "arm_ready"}
    assert analysis.critical_path[0] == "go_to_kitchen"
    assert analysis.makespan < analysis.sequential_duration


@st.composite
def plans(draw):
    actions = []
    for index in range(draw(st.integers(1, 12))):
        actions.append(
            {
                "id": f"a{index}",
                "action_type": "x",
                "estimated_duration": draw(st.integers(1, 9)),
                "depends_on": [f"a{d}" for d in range(index) if draw(st.booleans())],
                "resources": [
                    {"resource": draw(st.sampled_from(["arm", "cam"])), "amount": 1.0}
                    for _ in range(draw(st.integers(0, 1)))
                ],
            }
        )
    return {"id": "p", "actions": actions}


@given(plans())
def test_a_schedule_is_never_shorter_than_its_longest_chain_nor_longer_than_all_in_a_row(plan):
    analysis = analyse(plan, RESOURCES)
    durations = {a["id"]: a["estimated_duration"] for a in plan["actions"]}
    chain = sum(durations[name] for name in analysis.critical_path)
    arm = sum(
        durations[a["id"]]
        for a in plan["actions"]
        if any(d["resource"] == "arm" for d in a["resources"])
    )
    assert max(chain, arm) <= analysis.makespan + 1e-9
    assert analysis.makespan <= sum(durations.values()) + 1e-9
    listed = [name for group in analysis.groups for name in group.action_ids]
    assert sorted(listed) == sorted(durations)


def test_a_demand_without_an_amount_is_for_one():
    base, camera = {"resource": "base"}, {"resource": "camera", "amount": 2.0}
    assert demands_of({"id": "a", "resources": [base, camera]}) == {"base": 1.0, "camera": 2.0}


def test_of_one_action_it_is_not_said_that_it_takes_all_of_the_time(robot):
    speak = {"action_type": "speak", "parameters": {"text": "hello"}}

    def suggestions(*actions):
        plan = load_plan(json.dumps({"version": 1, "actions": actions})).plan
        return analyse(resolve(plan, robot), robot.resources).suggestions

    assert suggestions(speak) == ()
    drive = {"action_type": "navigate_to", "parameters": {"target_location": {"x": 9.0, "y": 9.0}}}
    assert len(suggestions(speak, drive)) == 1
