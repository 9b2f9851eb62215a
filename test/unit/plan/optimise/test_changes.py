"""Each optimisation by itself, and what keeps its hands off."""

import sys

import pytest

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.plan.learned import Learned
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.optimise.batching import with_batches
from execution_orchestrator.plan.optimise.estimates import Distance, with_estimates
from execution_orchestrator.plan.optimise.options import OptimiseOptions
from execution_orchestrator.plan.optimise.order import with_order
from execution_orchestrator.plan.optimise.settling import with_settling
from execution_orchestrator.plan.resolve import resolve
from test.unit.plan.conftest import ROOT

from .runs import straight

ROBOT = load_robot([ROOT / "config" / "capabilities.yaml"]).model


def go(name, x, **more):
    return {
        "id": name,
        "action_type": "navigate_to",
        "parameters": {"target_location": {"x": float(x), "y": 0.0}},
        **more,
    }


def resolved(*actions, **more):
    return resolve(Plan.model_validate({"actions": list(actions), **more}), ROBOT)


def by_id(plan):
    return {action["id"]: action for action in plan["actions"]}


# ------------------------------------------------------------------ batching


def test_goals_in_a_row_become_one_that_keeps_the_last_id():
    plan = resolved(
        go("a", 1),
        go("b", 2),
        go("c", 3),
        {"id": "s", "action_type": "spin", "parameters": {"angle": 1.0}},
    )
    made, changes = with_batches(plan, ROBOT)
    assert [action["id"] for action in made["actions"]] == ["c", "s"]
    batch = by_id(made)["c"]
    assert batch["action_type"] == "navigate_through_poses"
    assert batch["server"] == "navigate_through_poses"
    assert [pose["x"] for pose in batch["parameters"]["poses"]] == [1.0, 2.0, 3.0]
    assert batch["depends_on"] == []
    assert batch["timeout"] == 360.0
    assert batch["estimated_duration"] == 45.0
    assert by_id(made)["s"]["depends_on"] == ["c"]
    assert changes[0].action_ids == ("a", "b", "c")


def test_what_the_plan_is_for_follows_the_goals_that_are_put_together():
    done = "actions.{}.status == 'SUCCEEDED'".format
    plan = resolved(go("a", 1), go("b", 2), success=f"{done('a')} && {done('b')}")
    made, _ = with_batches(plan, ROBOT)
    assert [action["id"] for action in made["actions"]] == ["b"]
    assert made["success"] == f"{done('b')} && {done('b')}"


def test_a_round_is_driven_in_parts():
    """Who follows a path that ends where it begins takes it for done before it is driven."""
    plan = resolved(go("a", 1), go("b", 2), go("c", 1.2), go("d", 4))
    made, _ = with_batches(plan, ROBOT)
    assert [action["id"] for action in made["actions"]] == ["b", "d"]
    places = [[pose["x"] for pose in a["parameters"]["poses"]] for a in made["actions"]]
    assert places == [[1.0, 2.0], [1.2, 4.0]]


@pytest.mark.parametrize("start", [0.1, None])
def test_a_round_from_where_the_robot_is_is_driven_in_parts(start):
    def measure(place, goal):
        assert place is None
        return None if start is None else Distance(abs(goal["x"] - start), "")

    plan = resolved(go("a", 1), go("b", 2), go("c", 0))
    made, _ = with_batches(plan, ROBOT, measure=measure)
    assert [action["id"] for action in made["actions"]] == (["c"] if start is None else ["b", "c"])


def test_where_a_motion_before_it_ends_is_where_a_round_begins():
    plan = resolved(go("home", 0, timeout=30.0), go("a", 1), go("b", 2), go("c", 0))
    made, _ = with_batches(plan, ROBOT)
    assert [action["id"] for action in made["actions"]] == ["home", "b", "c"]


def test_a_place_by_its_name_is_where_its_name_is():
    places = frozenset({"shelf", "door"})
    names = ("shelf", "door", "shelf")
    plan = resolved(
        *(
            {**go(f"g{n}", 0), "parameters": {"target_location": name}}
            for n, name in enumerate(names)
        )
    )
    made, _ = with_batches(plan, ROBOT, places=places)
    assert [action["id"] for action in made["actions"]] == ["g1", "g2"]


def test_a_goal_that_the_plan_is_for_otherwise_stays_apart():
    plan = resolved(go("a", 1), go("b", 2), success="actions.a.output.error_code == 0")
    made, _ = with_batches(plan, ROBOT)
    assert [action["id"] for action in made["actions"]] == ["a", "b"]


@pytest.mark.parametrize(
    "more",
    [
        {"condition": "robot.battery > 0.2"},
        {"require_confirmation": True},
        {"terminate_if": "true"},
        {"fallback_action": {"action_type": "spin", "parameters": {"angle": 1.0}}},
        {"compensation": {"action_type": "spin", "parameters": {"angle": 1.0}}},
        {"recovery_plan": [{"action_type": "spin", "parameters": {"angle": 1.0}}]},
        {"preconditions": ["robot.battery > 0.2"]},
        {"postconditions": ["robot.battery > 0.2"]},
        {"timeout": 30.0},
        {"on_failure": "continue"},
        {"priority": 1},
        {"retry": {"max_attempts": 1}},
        {"resources": ["base", "arm"]},
        {"parameters": {"target_location": "{{ input.place }}"}},
        {"parameters": {"target_location": "red_cup"}},
        {"parameters": {"target_location": {"x": 2.0, "y": 0.0}, "max_speed": 0.2}},
        {"parameters": {"target_location": {"x": 2.0, "y": 0.0}, "behavior_tree": "careful.xml"}},
    ],
    ids=lambda more: next(iter(more)),
)
def test_whatever_may_happen_between_two_goals_keeps_them_apart(more):
    plan = resolved(go("a", 1), {**go("b", 2), **more})
    made, changes = with_batches(plan, ROBOT)
    assert made == plan
    assert changes == []


@pytest.mark.parametrize(
    "last",
    [
        {"id": "s", "action_type": "speak", "parameters": {"text": "{{ actions.a.status }}"}},
        {
            "id": "s",
            "action_type": "speak",
            "parameters": {"text": "x"},
            "condition": "actions['b'].duration < 3.0",
        },
        {"id": "s", "action_type": "return", "value": "{{ actions.exists(k, k == 'a') }}"},
        {"id": "s", "action_type": "speak", "parameters": {"text": "x"}, "depends_on": ["a", "b"]},
    ],
    ids=["template", "condition", "any action", "dependency"],
)
def test_an_action_that_others_look_at_stays(last):
    plan = resolved(go("a", 1), go("b", 2, depends_on=["a"]), {"depends_on": ["b"], **last})
    assert with_batches(plan, ROBOT) == (plan, [])


def test_a_breakpoint_keeps_goals_apart_and_a_place_does_not():
    plan = resolved(
        go("a", 1), {**go("b", 2), "parameters": {"target_location": "kitchen"}}, go("c", 3)
    )
    assert (
        with_batches(
            plan,
            ROBOT,
            OptimiseOptions(breakpoints=frozenset({"b"})),
            places=frozenset({"kitchen"}),
        )[1]
        == []
    )
    made, _ = with_batches(plan, ROBOT, places=frozenset({"kitchen"}))
    assert made["actions"][0]["parameters"]["poses"][1] == "kitchen"


def test_what_another_plan_has_done_already_stays_by_itself():
    plan = resolved(go("a", 1), go("b", 2), go("c", 3))
    done = OptimiseOptions(done={"a": "navigate_to"})
    made, _ = with_batches(plan, ROBOT, done)
    assert [action["id"] for action in made["actions"]] == ["a", "c"]
    # What was done together is put together again, and so is known again.
    together = OptimiseOptions(done={"c": "navigate_through_poses"})
    assert with_batches(plan, ROBOT, together) == with_batches(plan, ROBOT)


def test_goals_inside_a_loop_are_put_together_too():
    loop = {
        "id": "rounds",
        "action_type": "foreach",
        "items": [1, 2],
        "actions": [go("a", 1), go("b", 2)],
    }
    made, changes = with_batches(resolved(loop), ROBOT)
    assert [action["id"] for action in made["actions"][0]["actions"]] == ["b"]
    assert changes[0].action_ids == ("rounds/a", "rounds/b")


# ------------------------------------------------------------------ estimates


def test_estimates_follow_the_way_and_the_speed():
    plan = resolved(
        go("a", 4),
        go("b", 4),
        {"id": "back", "action_type": "back_up", "parameters": {"distance": 0.5}},
    )
    made, changes = with_estimates(plan, ROBOT, straight)
    assert [action["estimated_duration"] for action in made["actions"]] == [10.0, 2.0, 6.0]
    assert changes[0].reason == "4.0 m (straight line) at 0.5 per second and 2 s besides"
    assert (changes[0].before, changes[0].after) == (15.0, 10.0)
    assert [action["timeout"] for action in made["actions"]] == [120.0, 120.0, 30.0]


def test_a_long_way_gets_more_time_unless_somebody_chose_the_timeout():
    plan = resolved(go("a", 100), go("b", 0, timeout=60.0))
    made, changes = with_estimates(plan, ROBOT, straight)
    assert [action["timeout"] for action in made["actions"]] == [404.0, 60.0]
    assert changes[0].reason.endswith("timeout 120 s -> 404 s")


def test_what_was_learned_of_ways_and_of_others_is_used():
    known = {
        "navigate_to": Learned(usual=4.0, besides=1.0, per_metre=1.5, runs=9),
        "detect_objects": Learned(usual=0.8, besides=0.8, per_metre=0.0, runs=1),
    }
    look = {"id": "look", "action_type": "detect_objects"}
    fast = go("fast", 8)
    fast["parameters"]["max_speed"] = 0.3
    plan = resolved(
        go("a", 4), look, fast, {"id": "s", "action_type": "speak", "parameters": {"text": "x"}}
    )
    made, changes = with_estimates(plan, ROBOT, straight, known.get)
    seconds = {one["id"]: one["estimated_duration"] for one in made["actions"]}
    assert (seconds["a"], seconds["look"]) == (7.0, 0.8)
    assert seconds["fast"] == round(4 / 0.3 + 2, 1)  # nobody knows how long another speed takes
    assert seconds["s"] == 3.0
    assert changes[0].reason == "4.0 m (straight line) as in 9 runs before"
    assert changes[1].reason == "usual in 1 run before"
    assert made["actions"][0]["timeout"] == 120.0  # it never becomes shorter


def test_what_somebody_wrote_stays():
    assert (
        with_estimates(
            resolved(go("a", 4, estimated_duration=15.0)),
            ROBOT,
            straight,
            lambda _: Learned(1.0, 1.0, 1.0, 9),
        )[1]
        == []
    )
    plan = resolved(go("a", 4, estimated_duration=15.0))
    assert with_estimates(plan, ROBOT, straight) == (plan, [])


def test_a_plan_may_ask_for_another_speed():
    plan = resolved(go("a", 4))
    plan["actions"][0]["parameters"] = {**plan["actions"][0]["parameters"], "max_speed": 0.25}
    made, _ = with_estimates(plan, ROBOT, straight)
    assert made["actions"][0]["estimated_duration"] == 18.0


def test_where_the_robot_comes_from_has_to_be_certain():
    asked = []

    def measure(start, goal):
        asked.append((start, goal["x"]))
        return Distance(1.0, "map")

    with_estimates(resolved(go("a", 1, depends_on=[]), go("b", 2, depends_on=[])), ROBOT, measure)
    assert asked == []
    dock = {"id": "d", "action_type": "dock", "parameters": {"dock_id": "home"}}
    with_estimates(resolved(go("a", 1), dock, go("b", 2)), ROBOT, measure)
    assert asked == [(None, 1.0)]
    asked.clear()
    spin = {"id": "s", "action_type": "spin", "parameters": {"angle": 1.0}}
    with_estimates(resolved(go("a", 1), spin, go("b", 2)), ROBOT, measure)
    assert asked == [(None, 1.0), ({"x": 1.0, "y": 0.0}, 2.0)]


# ------------------------------------------------------------------ settling


def test_the_base_comes_to_rest_before_the_arm_moves():
    arm = {"id": "arm", "action_type": "move_arm", "parameters": {"named_state": "ready"}}
    speak = {"id": "say", "action_type": "speak", "parameters": {"text": "x"}, "depends_on": ["a"]}
    plan = resolved(go("a", 1), {**arm, "depends_on": ["a"]}, speak)
    made, changes = with_settling(plan, ROBOT)
    assert [action["id"] for action in made["actions"]] == ["a", "settle_before_arm", "arm", "say"]
    assert by_id(made)["arm"]["depends_on"] == ["a", "settle_before_arm"]
    assert by_id(made)["settle_before_arm"]["depends_on"] == ["a"]
    assert by_id(made)["settle_before_arm"]["duration"] == 0.5
    assert changes[0].reason == "base comes to rest for 0.5 s before arm"


def test_nothing_new_is_put_before_what_another_plan_has_done():
    arm = {"id": "arm", "action_type": "move_arm", "parameters": {"named_state": "ready"}}
    plan = resolved(go("a", 1), {**arm, "depends_on": ["a"]})
    done = {"a": "navigate_to", "arm": "move_arm"}
    assert with_settling(plan, ROBOT, OptimiseOptions(done=done)) == (plan, [])
    stood = OptimiseOptions(done={**done, "settle_before_arm": "delay"})
    assert with_settling(plan, ROBOT, stood) == with_settling(plan, ROBOT)


def test_after_standing_still_nothing_has_to_come_to_rest():
    wait = {"id": "w", "action_type": "wait", "parameters": {"duration": 1.0}}
    arm = {"id": "arm", "action_type": "move_arm", "parameters": {"named_state": "ready"}}
    plan = resolved(go("a", 1), wait, arm)
    assert with_settling(plan, ROBOT) == (plan, [])


# ------------------------------------------------------------------ order


def scan(name, *after, seconds=12.0):
    return {
        "id": name,
        "action_type": "scan_environment",
        "depends_on": list(after),
        "estimated_duration": seconds,
        "resources": [{"resource": "camera", "amount": 2}],
    }


def test_the_urgent_job_that_is_ready_last_goes_first():
    plan = resolved(
        {
            "id": "say",
            "action_type": "speak",
            "parameters": {"text": "x"},
            "depends_on": [],
            "estimated_duration": 2.0,
        },
        scan("left"),
        scan("right"),
        scan("room", "say"),
        go("far", 1, depends_on=["room"], estimated_duration=30.0),
    )
    made, changes = with_order(plan, ROBOT.resources, OptimiseOptions(budget=0.0))
    assert changes[0].kind == "order"
    assert (changes[0].before, changes[0].after) == (66.0, 54.0)
    planned = {name: action["planned_start"] for name, action in by_id(made).items()}
    assert planned["room"] < max(planned["left"], planned["right"])


def test_an_action_nobody_has_an_estimate_for_keeps_the_order_as_it_is():
    say = {"id": "say", "action_type": "speak", "parameters": {"text": "x"}, "depends_on": []}
    far = go("far", 1, depends_on=["c"], estimated_duration=100.0)
    plan = resolved(say, scan("a"), scan("b"), scan("c", "say"), far)
    plan["actions"][2] = {**plan["actions"][2], "estimated_duration": 0.0}
    made, changes = with_order(plan, ROBOT.resources, OptimiseOptions())
    assert made == plan
    assert [(c.applied, c.action_ids) for c in changes] == [(False, ("b",))]
    assert changes[0].reason == "nobody knows how long these take: b"


def test_without_the_solver_the_rules_do_it_and_that_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "ortools.sat.python", None)
    say = {"id": "say", "action_type": "speak", "parameters": {"text": "x"}, "depends_on": []}
    jobs = [scan(f"s{n}", *(["say"] if n == 3 else []), seconds=3.0 + n) for n in range(4)]
    ends = [go(f"g{n}", n, depends_on=[f"s{n}"], estimated_duration=9.0 * n + 1) for n in range(4)]
    _, changes = with_order(resolved(say, *jobs, *ends), ROBOT.resources, OptimiseOptions())
    assert any("OR-Tools is not installed" in c.reason for c in changes if not c.applied)
