import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.plan.analysis import analyse
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.optimise.expected_run import (
    dispatch_schedule,
    expected_run,
    project_of_plan,
)
from execution_orchestrator.plan.optimise.options import (
    KINDS,
    OptimiseOptions,
    OptionError,
    read_kinds,
)
from execution_orchestrator.plan.optimise.plan_optimiser import optimise
from execution_orchestrator.plan.optimise.project import violations
from execution_orchestrator.plan.resolve import resolve
from test.unit.plan.conftest import ROOT

from .runs import actions_by_key, resolved_plans, run, straight

ROBOT = load_robot([ROOT / "config" / "capabilities.yaml"]).model
kinds = st.sets(st.sampled_from(KINDS)).map(frozenset)
HOME = {"target_location": {"x": 0.0, "y": 0.0}}
# `first` and `look` end at the same moment; `last` can start before the engine hears of the second.
ENDING_TOGETHER = resolve(
    Plan.model_validate(
        {
            "ordering": "dependencies",
            "actions": [
                {"id": "first", "action_type": "navigate_to", "parameters": HOME},
                {"id": "look", "action_type": "detect_objects", "estimated_duration": 15.0},
                {
                    "id": "next",
                    "action_type": "navigate_to",
                    "parameters": HOME,
                    "depends_on": ["look"],
                },
                {
                    "id": "last",
                    "action_type": "navigate_to",
                    "parameters": HOME,
                    "depends_on": ["first"],
                },
            ],
        }
    ),
    ROBOT,
)
# `look` waits for those who change what the camera sees; after ten seconds the engine keeps the
# camera for it, so that `second` does not overtake it.
WAITING_LONG = resolve(
    Plan.model_validate(
        {
            "ordering": "dependencies",
            "actions": [
                {"id": "drive", "action_type": "navigate_to", "parameters": HOME,
                 "estimated_duration": 1.0},
                {"id": "third", "action_type": "scan_environment", "estimated_duration": 12.0,
                 "depends_on": ["drive"], "priority": 2},
                {"id": "first", "action_type": "scan_environment", "estimated_duration": 12.0,
                 "priority": 1},
                {"id": "second", "action_type": "scan_environment", "estimated_duration": 17.0,
                 "depends_on": ["first"]},
                {"id": "look", "action_type": "detect_objects", "estimated_duration": 2.0},
                {"id": "far", "action_type": "navigate_to", "parameters": HOME,
                 "estimated_duration": 30.0, "depends_on": ["look"]},
            ],
        }
    ),
    ROBOT,
)  # fmt: skip
some = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@some
@given(resolved_plans(ROBOT), st.sampled_from([1, 2, 32]))
@example(ENDING_TOGETHER, 32)
@example(WAITING_LONG, 32)
def test_the_engine_keeps_the_schedule_that_is_predicted(plan, max_concurrent):
    whole = project_of_plan(plan, ROBOT.resources, max_concurrent=max_concurrent)
    assert violations(whole.project, dispatch_schedule(whole)) == []
    predicted = expected_run(plan, ROBOT.resources, max_concurrent=max_concurrent)
    goals, makespan = run(plan, ROBOT, max_concurrent=max_concurrent)
    assert makespan == pytest.approx(predicted.makespan, abs=0.01)
    if max_concurrent == 32:
        starts = dict(zip((t.key for t in predicted.tasks), predicted.starts, strict=True))
        for _, _, start, _, key in goals:
            assert start == pytest.approx(starts[key], abs=0.01)


@some
@given(resolved_plans(ROBOT), kinds)
@example(ENDING_TOGETHER, frozenset())
@example(ENDING_TOGETHER, frozenset(KINDS))
def test_an_optimised_plan_does_the_same_in_an_allowed_order(plan, chosen):
    options = OptimiseOptions(kinds=chosen, budget=0.1)
    made = optimise(plan, ROBOT, options, measure=straight)
    before, _ = run(plan, ROBOT)
    after, makespan = run(made.plan, ROBOT)
    assert steps(after) == steps(before)
    assert makespan == pytest.approx(made.after.makespan, abs=0.01)

    # What had to end before something else began still does.
    ends = {key: end for _, _, _, end, key in after}
    starts = {key: start for _, _, start, _, key in after}
    members = {
        gone: change.action_ids[-1]
        for change in made.changes
        if change.kind == "batching"
        for gone in change.action_ids
    }
    for key, action in actions_by_key(plan).items():
        for other in action["depends_on"]:
            first, second = members.get(other, other), members.get(key, key)
            if first != second and first in ends and second in starts:
                assert ends[first] <= starts[second] + 1e-6


def steps(goals):
    """Return what the robot is asked to do, one by one; lists of goals are taken apart."""
    found = []
    for capability, parameters, *_ in goals:
        if capability == "navigate_through_poses":
            found += [("navigate_to", repr({"target_location": p})) for p in parameters["poses"]]
        else:
            found.append((capability, repr(parameters)))
    return sorted(found)


@some
@given(resolved_plans(ROBOT))
def test_the_order_never_makes_a_plan_longer_and_keeps_what_people_wrote(plan):
    options = OptimiseOptions(kinds=frozenset({"order"}), budget=0.1)
    made = optimise(plan, ROBOT, options)
    assert made.after.makespan <= made.before.makespan
    again = optimise(plan, ROBOT, options)
    assert again.plan == made.plan
    assert again.changes == made.changes
    for key, action in actions_by_key(made.plan).items():
        original = actions_by_key(plan)[key]
        without = {
            name: v for name, v in action.items() if name not in ("planned_start", "actions")
        }
        assert without == {name: v for name, v in original.items() if name != "actions"}


@some
@given(resolved_plans(ROBOT))
def test_nothing_chosen_changes_nothing(plan):
    made = optimise(plan, ROBOT, OptimiseOptions(kinds=frozenset()), measure=straight)
    assert made.plan == plan
    assert made.changes == ()


@some
@given(resolved_plans(ROBOT))
def test_the_analysis_foretells_the_same_makespan(plan):
    assert analyse(plan, ROBOT.resources).makespan == expected_run(plan, ROBOT.resources).makespan


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"estimates"}),
        ("none", set()),
        ("all", set(KINDS)),
        ("order, batching", {"order", "batching"}),
        ("order batching", {"order", "batching"}),
    ],
)
def test_kinds_are_read_from_words(text, expected):
    assert read_kinds(text, default=["estimates"]) == expected


def test_an_unknown_kind_is_named():
    with pytest.raises(OptionError, match="no optimisation is called speed; known: estimates"):
        read_kinds("order,speed")
