"""Actions that name a robot, ask for any, or for the one that has a role."""

import pytest

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import stimuli as s
from execution_orchestrator.plan.loader import load_plan
from execution_orchestrator.plan.resolve import resolve
from execution_orchestrator.plan.validation import validate

from .driving import Rig

CAPABILITIES = """
version: 1
resources: {base: {}, arm: {}}
robots: {robot1: {}, robot2: {namespace: fleet/second}, robot3: {lacks: [lift]}}
capabilities:
  drive: {description: Drive, interface: {type: a/action/B, name: drive}, resources: [base]}
  lift: {description: Lift, interface: {type: a/action/B, name: lift}, resources: [base, arm]}
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    file = tmp_path_factory.mktemp("robots") / "capabilities.yaml"
    file.write_text(CAPABILITIES)
    return load_robot([file]).model


def document(*actions):
    rows = "\n".join(f"  - {action}" for action in actions)
    return load_plan(f"version: 1\nordering: dependencies\nactions:\n{rows}\n").plan


def rig_with(model, *actions):
    rig = Rig(resources=model.resources)
    plan = document(*actions)
    assert validate(plan, model) == []
    rig.feed(s.Submit(execution_id="e", plan=resolve(plan, model)))
    return rig


def robots(rig):
    return {key: goal.robot for key, goal in rig.goals.items()}


def test_any_takes_free_ones_that_can_and_the_rest_waits(model):
    rig = rig_with(
        model,
        "{id: a, action_type: lift, robot: any}",
        "{id: b, action_type: lift, robot: any}",
        "{id: c, action_type: lift, robot: any}",
        "{id: d, action_type: drive, robot: any}",
    )
    # Two can lift; the third may only drive.
    assert sorted(robots(rig).values()) == ["robot1", "robot2", "robot3"]
    assert robots(rig)["d"] == "robot3"
    [waiting] = {"a", "b", "c"} - set(robots(rig))
    rig.succeed(next(key for key in ("a", "b", "c") if key != waiting))
    assert robots(rig)[waiting] in ("robot1", "robot2")
    rig.check()


def test_all_resources_of_an_action_are_of_one_robot(model):
    rig = rig_with(
        model,
        "{id: a, action_type: drive, robot: robot1}",
        "{id: b, action_type: lift, robot: any}",
    )
    held = {lease.lease.resource for lease in rig.machine.state.leases.values()}
    assert held == {"robot1", "robot1/base", "robot2", "robot2/base", "robot2/arm"}


def test_whoever_has_a_role_keeps_it_and_can_do_all_of_it(model):
    rig = rig_with(
        model,
        "{id: block, action_type: drive, robot: robot1, priority: 50}",
        "{id: a, action_type: drive, robot: 'any:carrier'}",
        "{id: b, action_type: lift, robot: 'any:carrier', depends_on: [a]}",
    )
    assert robots(rig)["a"] == "robot2"
    rig.succeed("block")
    rig.succeed("a")
    assert robots(rig)["b"] == "robot2"


def test_a_retry_goes_to_another_robot(model):
    rig = rig_with(
        model, "{id: a, action_type: drive, robot: any, retry: {max_attempts: 2, initial_delay: 0}}"
    )
    assert robots(rig)["a"] == "robot1"
    rig.fail("a")
    rig.wait(60.0)
    assert robots(rig)["a"] == "robot2"
    rig.check()


def test_a_restart_finds_the_goal_at_the_same_robot(model):
    rig = rig_with(
        model,
        "{id: block, action_type: drive, robot: robot1}",
        "{id: a, action_type: drive, robot: any}",
    )
    before = robots(rig)
    rig.restart()
    assert {found.key: found.robot for found in rig.of(fx.Reattach)} == before
    assert sorted(before.values()) == ["robot1", "robot2"]


@pytest.mark.parametrize(
    ("actions", "code"),
    [
        (["{id: a, action_type: drive, robot: robot9}"], "ROBOT_UNKNOWN"),
        (["{id: a, action_type: lift, robot: robot3}"], "ROBOT_UNABLE"),
        (["{id: a, action_type: delay, duration: 1, robot: any}"], "ROBOT_MISPLACED"),
    ],
)
def test_a_wrong_wish_is_an_issue(model, actions, code):
    assert code in [issue.code for issue in validate(document(*actions), model)]


def test_a_named_robots_servers_have_their_own_circuit_breaker(model):
    plan = resolve(document("{id: a, action_type: drive, robot: robot2}"), model)
    assert plan["actions"][0]["server"] == "/fleet/second/drive"
