"""What was due while the node was not there: what ends something comes before what begins something."""

import pytest

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.status import ExecutionStatus as Status
from test.unit.engine.driving import ARM, Rig, action

ON_ARM = [{"resource": "arm"}]
DELAY = {"kind": "delay", "duration": 5.0}
WAIT_AND_DRIVE = (action("pause", **DELAY), action("drive", "pause"))
RETRY = {"max_attempts": 3, "initial_delay": 5.0, "max_delay": 5.0, "jitter": 0.0}
LATE = 60.0  # seconds


def away(rig, *, restarts):
    """Nobody handles a timer for a while: the node was dead, or its process was held."""
    if restarts:
        rig.now += LATE
        rig.restart()
        rig.wait(0.1)
    else:
        timers, rig.timers = dict(rig.timers), {}
        rig.wait(LATE)
        rig.timers = timers
        rig.wait(0.1)


restarts = pytest.mark.parametrize("restarts", [True, False])


@restarts
def test_nothing_is_sent_for_an_execution_whose_deadline_passed(restarts):
    rig = Rig()
    rig.submit("e", *WAIT_AND_DRIVE, deadline=rig.now + 10.0)
    away(rig, restarts=restarts)
    assert rig.sent == []
    assert rig.execution().error.code == "EXECUTION_DEADLINE"
    rig.check()


@restarts
def test_nothing_is_sent_again_for_an_execution_whose_deadline_passed(restarts):
    rig = Rig()
    rig.submit("e", action("drive", retry=RETRY), deadline=rig.now + 10.0)
    rig.fail("drive")
    away(rig, restarts=restarts)
    assert rig.sent == ["drive"]
    assert rig.execution().error.code == "EXECUTION_DEADLINE"


@restarts
@pytest.mark.parametrize("depth", [1, 2])
def test_nothing_is_sent_inside_a_block_whose_time_is_over(restarts, depth):
    rig = Rig()
    inner = list(WAIT_AND_DRIVE)
    for level in range(depth):
        inner = [action(f"block{level}", kind="sequence", actions=inner)]
    inner[0]["timeout"] = 10.0
    rig.submit("e", *inner)
    away(rig, restarts=restarts)
    assert rig.sent == []
    assert rig.execution().status is Status.FAILED
    assert rig.execution().error.type == "TIMEOUT"


def test_what_waited_for_a_resource_is_not_sent_after_its_deadline():
    rig = Rig(resources=ARM)
    demand = (s.LeaseDemand(resource="arm"),)
    rig.feed(s.AllocateLease(request_id="r", demands=demand, holder="a person", duration=5.0))
    rig.submit("e", action("pick", resources=ON_ARM), deadline=rig.now + 10.0)
    away(rig, restarts=True)
    assert rig.sent == []
    assert rig.execution().error.code == "EXECUTION_DEADLINE"


def test_a_request_for_resources_is_not_granted_to_one_that_gave_up():
    rig = Rig(resources=ARM)
    demand = (s.LeaseDemand(resource="arm"),)
    rig.feed(s.AllocateLease(request_id="a", demands=demand, holder="Ann", duration=5.0))
    rig.feed(s.AllocateLease(request_id="b", demands=demand, holder="Bob", timeout=6.0))
    away(rig, restarts=False)
    assert [one.request_id for one in rig.of(fx.LeaseAnswered) if one.lease_ids] == []
    rig.submit("e", action("pick", resources=ON_ARM))
    assert rig.sent == ["pick"]


def test_nobody_waits_for_resources_any_more_whose_question_died_with_the_node():
    rig = Rig(resources=ARM)
    demand = (s.LeaseDemand(resource="arm"),)
    rig.feed(s.AllocateLease(request_id="a", demands=demand, holder="Ann", duration=5.0))
    rig.feed(s.AllocateLease(request_id="b", demands=demand, holder="Bob", timeout=600.0))
    rig.restart()
    rig.submit("e", action("pick", resources=ON_ARM))
    rig.wait(5.1)
    assert rig.sent == ["pick"]
    rig.check()


def test_what_began_while_it_was_due_goes_on_if_nothing_ends_it():
    rig = Rig()
    rig.submit("e", *WAIT_AND_DRIVE, deadline=rig.now + 2 * LATE)
    away(rig, restarts=True)
    assert rig.sent == ["drive"]


def test_what_catches_a_block_whose_time_was_over_is_not_stopped_at_a_restart():
    rig = Rig()
    catch = [{"errors": [], "actions": [action("mend")], "rethrow": False}]
    rig.submit("e", action("block", kind="try", actions=[action("a")], catch=catch, timeout=5.0))
    rig.feed(s.GoalAccepted(goal_id=rig.goal("a")))
    rig.wait(5.1)
    rig.feed(s.GoalCancelled(goal_id=rig.goal("a")))
    assert rig.sent == ["a", "mend"]
    rig.restart()
    rig.wait(0.1)
    rig.succeed("mend")
    assert rig.execution().status is Status.COMPLETED
    rig.check()
