"""Actions that name a robot, ask for any, or for the one that has a role."""

import pytest

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.config import BreakerSettings
from execution_orchestrator.engine.recovery.policy import RecoveryPolicy
from execution_orchestrator.engine.resources import JUST_FOUND
from execution_orchestrator.engine.waiting_reasons import reason_to_wait
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
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
  ring: {description: Ring, interface: {type: a/action/B, name: ring}, idempotent: false}
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    file = tmp_path_factory.mktemp("robots") / "capabilities.yaml"
    file.write_text(CAPABILITIES)
    return load_robot([file]).model


def document(*actions):
    rows = "\n".join(f"  - {action}" for action in actions)
    return load_plan(f"version: 1\nordering: dependencies\nactions:\n{rows}\n").plan


def rig_with(model, *actions, **config):
    rig = Rig(resources=model.resources, **config)
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


def waits_because(rig, key):
    return reason_to_wait(rig.machine.state, rig.machine.config, rig.action(key), rig.now)


def test_a_named_robots_servers_have_their_own_circuit_breaker(model):
    plan = resolve(document("{id: a, action_type: drive, robot: robot2}"), model)
    assert plan["actions"][0]["server"] == "/fleet/second/drive"


def test_a_robot_whose_server_is_resting_is_not_chosen(model):
    rig = rig_with(
        model,
        "{id: a, action_type: lift, robot: any, on_failure: continue, retry: {max_attempts: 1}}",
        "{id: b, action_type: lift, robot: any, depends_on: [a]}",
        "{id: c, action_type: lift, robot: any, depends_on: [b]}",
        "{id: other, action_type: drive, robot: robot1, depends_on: [a]}",
        breaker=BreakerSettings(threshold=1, reset_timeout=30.0),
    )
    assert robots(rig) == {"a": "robot1"}
    rig.fail("a", "CONNECTIVITY", recoverable=False)
    # Its other server is none of the breaker's business.
    assert robots(rig) == {"a": "robot1", "b": "robot2", "other": "robot1"}
    rig.succeed("other")
    rig.succeed("b")
    assert robots(rig)["c"] == "robot2"
    rig.check()


def test_where_every_robots_server_is_resting_the_first_trial_is_waited_for(model):
    rig = rig_with(
        model,
        "{id: a, action_type: lift, robot: any, retry: {max_attempts: 9, initial_delay: 0.1}}",
        breaker=BreakerSettings(threshold=1, reset_timeout=30.0),
    )
    rig.fail("a", "CONNECTIVITY")
    rig.wait(5.0)
    assert robots(rig) == {"a": "robot2"}
    rig.fail("a", "CONNECTIVITY")
    rig.wait(5.0)
    assert rig.sent == ["a", "a"]
    assert "of /robot1/lift: it failed 1 time in a row and is tried again in 20 s" in waits_because(
        rig, "a"
    )
    rig.restart()
    rig.wait(21.0)
    assert rig.sent == ["a", "a", "a"]
    assert robots(rig) == {"a": "robot1"}
    rig.succeed("a")
    breakers = {name: server.breaker for name, server in rig.machine.state.servers.items()}
    assert breakers == {"/robot1/lift": "CLOSED", "/fleet/second/lift": "OPEN"}
    rig.check()


def test_a_robot_whose_server_is_away_is_chosen_last(model):
    rig = Rig(resources=model.resources)
    rig.feed(s.ServerDown(server="/robot1/drive", reason="it left the graph"))
    plan = document("{id: a, action_type: drive, robot: any}")
    rig.feed(s.Submit(execution_id="e", plan=resolve(plan, model)))
    assert robots(rig) == {"a": "robot2"}


def test_a_robot_without_a_server_is_passed_over_for_one_that_has_it(model):
    missing = ErrorInfo(
        type=ErrorType.CONNECTIVITY, code="SERVER_UNAVAILABLE", message="no server after 5 s"
    )
    rig = rig_with(model, "{id: a, action_type: lift, robot: any}")
    assert robots(rig) == {"a": "robot1"}
    rig.feed(s.ServerDown(server="/robot1/lift", reason="it never was there"))
    rig.feed(s.GoalFailed(goal_id=rig.goal("a"), error=missing))
    assert robots(rig) == {"a": "robot2"}
    assert "TASK_ATTEMPT_FAILED" not in rig.types()
    rig.feed(s.ServerDown(server="/fleet/second/lift", reason="it never was there"))
    rig.feed(s.GoalFailed(goal_id=rig.goal("a"), error=missing))
    assert "TASK_ATTEMPT_FAILED" in rig.types()
    rig.check()


def test_who_waits_for_one_robot_stands_in_nobody_elses_way(model):
    carry = (
        "{id: a, action_type: drive, robot: 'any:carrier'}",
        "{id: b, action_type: drive, robot: 'any:carrier', depends_on: [a]}",
    )
    rig = Rig(resources=model.resources)
    rig.feed(s.Submit(execution_id="e", plan=resolve(document(*carry), model)))
    rig.feed(s.Submit(execution_id="f", plan=resolve(document(*carry), model)))
    assert rig.goals["a"].robot == "robot2"
    block = document("{id: block, action_type: drive, robot: robot1, priority: 90}")
    rig.feed(s.Submit(execution_id="g", plan=resolve(block, model)))
    [first] = [one for one in rig.machine.state.goals.values() if one.execution.execution_id == "e"]
    rig.feed(s.GoalSucceeded(goal_id=first.goal_id, output={}))
    assert rig.goals["block"].robot == "robot1"
    # It has waited so long that what it wants is kept for it: of robot1, and of no other robot.
    rig.wait(60.0)
    assert "robot1/base, held by block in execution g" in waits_because(rig, "b")
    rig.feed(s.GoalSucceeded(goal_id=rig.goals["a"].goal_id, output={}))
    assert (rig.goals["b"].execution_id, rig.goals["b"].robot) == ("f", "robot2")
    rig.feed(
        s.Submit(
            execution_id="h",
            plan=resolve(document("{id: z, action_type: drive, robot: any}"), model),
        )
    )
    assert rig.goals["z"].robot == "robot3"
    rig.check()


GOING = """
version: 1
resources: {base: {type: mobile_base}}
robots: {robot1: {}, robot2: {}, robot3: {}}
capabilities:
  go:
    description: Go to a place
    interface: {type: a/action/B, name: go}
    parameters: {type: object, properties: {target: {}}}
    goal: {pose: {parameter: target, as: pose_stamped}}
    resources: [base]
    recovery: go
  ahead:
    description: Drive ahead
    interface: {type: a/action/B, name: ahead}
    parameters: {type: object, properties: {distance: {type: number}}}
    goal: {distance: {parameter: distance}}
    resources: [base]
    pausable: cancel
    preemptible: true
    idempotent: true
    feedback: {done: gone}
    resume: {from: gone, into: distance, how: subtract}
"""
TABLES = {"go": [{"strategies": ["back_up", "retry"]}], "default": [{"strategies": ["retry"]}]}


@pytest.fixture(scope="module")
def going(tmp_path_factory):
    file = tmp_path_factory.mktemp("going") / "capabilities.yaml"
    file.write_text(GOING)
    return load_robot([file]).model


def recovering(model, *actions):
    return rig_with(
        model,
        *actions,
        recovery=RecoveryPolicy.model_validate({"tables": TABLES}),
        strategy_resources={"back_up": ("base",)},
        repositioning=frozenset({"back_up"}),
    )


GO = "{id: a, action_type: go, robot: any, parameters: {target: {x: 9.0, y: 0.0}}, %s}"
THRICE = "retry: {max_attempts: 3, initial_delay: 0.1, multiplier: 1.0}"


def test_the_retry_goes_to_the_robot_that_was_recovered(going):
    rig = recovering(going, GO % THRICE)
    rig.fail("a")
    [run] = rig.of(fx.RunStrategy)
    assert run.robot == robots(rig)["a"] == "robot1"
    rig.feed(
        s.MotionWanted(
            run_id=run.run_id, goal_id="m", interface="i", server="/robot1/backup", goal={}
        )
    )
    rig.feed(s.StrategyFinished(run_id=run.run_id, outcome="RETRY", delay=0.1))
    rig.restart()
    rig.wait(1.0)
    assert robots(rig) == {"a": "robot1"}
    # That did not help, and nothing recovers again: now it is the turn of another one.
    rig.fail("a")
    rig.wait(1.0)
    assert robots(rig) == {"a": "robot2"}
    rig.check()


def test_a_recovered_robot_that_is_busy_is_waited_for_and_one_without_a_server_is_not(going):
    rig = recovering(going, GO % THRICE)
    rig.fail("a")
    [run] = rig.of(fx.RunStrategy)
    rig.feed(s.StrategyFinished(run_id=run.run_id, outcome="RETRY", delay=5.0))
    other = document("{id: other, action_type: ahead, robot: robot1, parameters: {distance: 1.0}}")
    rig.feed(s.Submit(execution_id="f", plan=resolve(other, going)))
    rig.wait(10.0)
    assert robots(rig) == {"a": "robot1", "other": "robot1"}
    assert rig.sent == ["a", "other"]
    rig.feed(
        s.ServerHindered(server="/robot1/go", code="SERVER_INACTIVE", reason="a client paused it")
    )
    rig.wait(10.0)
    assert robots(rig)["a"] == "robot2"


def test_what_a_robot_has_begun_goes_on_there(going):
    ahead = "{id: a, action_type: ahead, robot: any, parameters: {distance: 1.0}, %s}"
    rig = recovering(going, ahead % THRICE)
    goal = rig.goals["a"]
    rig.feed(s.GoalProgress(goal_id=goal.goal_id, reached=0.6))
    rig.feed(s.Pause(execution_id="e"))
    rig.feed(s.GoalCancelled(goal_id=goal.goal_id))
    rig.feed(s.Resume(execution_id="e"))
    assert robots(rig) == {"a": "robot1"}
    assert rig.goals["a"].parameters == {"distance": pytest.approx(0.4)}
    # Another robot has its own metre before it.
    rig.feed(s.GoalProgress(goal_id=rig.goals["a"].goal_id, reached=0.2))
    rig.fail("a")
    rig.wait(1.0)
    assert robots(rig) == {"a": "robot2"}
    assert rig.goals["a"].parameters == {"distance": 1.0}
    rig.check()


def standing(**places):
    def distance(robot, place):
        return None if robot not in places else abs(places[robot] - place["x"])

    return {"distance": distance}


@pytest.mark.parametrize(
    ("places", "first", "second"),
    [
        ({"robot1": 0.0, "robot2": 5.0, "robot3": 8.0}, "robot3", "robot2"),
        ({"robot2": 5.0}, "robot2", "robot1"),  # the others may be anywhere
        ({}, "robot1", "robot2"),
    ],
)
def test_any_is_the_nearest_robot_whose_place_is_known(going, places, first, second):
    rig = Rig(resources=going.resources)
    rig.world = standing(**places)
    again = (GO % THRICE).replace("id: a", "id: b")
    rig.feed(s.Submit(execution_id="e", plan=resolve(document(GO % THRICE, again), going)))
    assert robots(rig) == {"a": first, "b": second}
    [event, *_] = [one for one in rig.journal if isinstance(one, ev.ResourceAllocated)]
    ways = {robot: 9.0 - x for robot, x in places.items()}
    assert event.distances == ways
    assert all(f"{robot} {metres:g} m" in event.description() for robot, metres in ways.items())
    rig.check()


def test_the_nearest_robot_that_just_failed_comes_last(going):
    rig = Rig(resources=going.resources)
    rig.world = standing(robot1=0.0, robot2=5.0, robot3=8.0)
    rig.feed(s.Submit(execution_id="e", plan=resolve(document(GO % THRICE), going)))
    rig.fail("a")
    rig.wait(1.0)
    assert robots(rig) == {"a": "robot2"}


def test_a_target_in_a_robots_own_frame_is_fixed_where_that_robot_is(going):
    rig = Rig(resources=going.resources)
    at = {"robot1": 0.0, "robot2": 5.0}
    rig.world = {"fix": lambda place, robot: {"x": at[robot] + place["x"], "frame": "map"}}
    ahead = (
        "{id: a, action_type: go, robot: robot2, parameters: {target: {x: 2.0, frame: base_link}}}"
    )
    rig.feed(s.Submit(execution_id="e", plan=resolve(document(ahead), going)))
    assert rig.goals["a"].parameters == {"target": {"x": 7.0, "frame": "map"}}


def test_any_waits_until_it_is_known_who_uses_the_robots_that_were_just_found(going):
    rig = Rig(resources=going.resources)
    rig.world = standing(robot1=0.0, robot2=5.0, robot3=8.0)
    found = {"code": JUST_FOUND, "reason": "just found: does somebody use it?"}
    for robot in ("robot1", "robot3"):
        rig.feed(s.ServerHindered(server=f"/{robot}/go", **found))
    rig.feed(s.Submit(execution_id="e", plan=resolve(document(GO % THRICE), going)))
    assert robots(rig) == {}
    rig.feed(s.ServerHindered(server="/robot1/go"))
    assert robots(rig) == {}
    rig.feed(s.ServerHindered(server="/robot3/go"))
    assert robots(rig) == {"a": "robot3"}
    rig.check()


def test_what_must_not_be_done_twice_goes_to_no_robot_whose_server_may_still_be_at_it(model):
    rig = rig_with(model, "{id: a, action_type: ring, robot: any}")
    first = robots(rig)["a"]
    rig.feed(s.GoalLost(goal_id=rig.goal("a"), reason="it is silent", may_run=True))
    for name in "bcde":
        other = document(f"{{id: {name}, action_type: ring, robot: any}}")
        rig.feed(s.Submit(execution_id=name, plan=resolve(other, model)))
    assert first not in [goal.robot for key, goal in rig.goals.items() if key != "a"]
    rig.check()
