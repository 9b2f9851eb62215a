"""A pause lets servers stand still that can, and stops those that then do not."""

import pytest

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.status import ActionStatus
from test.unit.engine.driving import Rig, action

HOLDS = {"pausable": "hold", "server": "arm", "timeout": 10.0}


@pytest.fixture
def rig():
    rig = Rig(max_running_executions=4)
    rig.submit("e", action("a", **HOLDS))
    rig.feed(s.GoalAccepted(goal_id=rig.goal("a")))
    return rig


def holds(rig):
    return [(effect.key, effect.hold) for effect in rig.of(fx.HoldGoal)]


def test_the_server_stands_still_and_goes_on(rig):
    rig.feed(s.Pause(execution_id="e"))
    assert holds(rig) == [("a", True)]
    assert rig.record().actions["a"].reason == "is held on its server"
    rig.feed(s.Resume(execution_id="e"))
    assert holds(rig) == [("a", False)]
    rig.succeed("a")
    assert holds(rig) == []
    assert rig.sent == ["a"]
    rig.check()


def test_its_time_stands_still_too(rig):
    rig.wait(6.0)
    rig.feed(s.Pause(execution_id="e"))
    rig.wait(100.0)
    rig.feed(s.Resume(execution_id="e"))
    rig.wait(3.0)
    assert rig.action("a").status is ActionStatus.RUNNING
    rig.wait(2.0)
    assert rig.action("a").intent == "timeout"
    rig.check()


def test_a_server_that_cannot_hold_is_stopped_and_asked_again_on_resume(rig):
    rig.feed(s.Pause(execution_id="e"))
    rig.feed(s.HoldFailed(goal_id=rig.goal("a"), hold=True, reason="it is busy"))
    assert [effect.goal_id for effect in rig.of(fx.CancelGoal)] == [rig.goal("a")]
    rig.feed(s.GoalCancelled(goal_id=rig.goal("a")))
    assert rig.sent == ["a"]
    rig.feed(s.Resume(execution_id="e"))
    assert rig.sent == ["a", "a"]
    rig.check()


def test_a_cancel_during_the_pause_goes_before_the_server_goes_on(rig):
    rig.feed(s.Pause(execution_id="e"))
    rig.feed(s.Cancel(execution_id="e"))
    kinds = [type(effect) for effect in rig.effects]
    assert kinds.index(fx.CancelGoal) < kinds.index(fx.HoldGoal)
    assert holds(rig) == [("a", False)]
    rig.check()


def test_the_end_of_a_held_goal_lets_the_server_go_on(rig):
    rig.feed(s.Pause(execution_id="e"))
    rig.fail("a")
    assert holds(rig) == [("a", False)]
    rig.check()


def test_a_server_held_for_two_goes_on_with_the_second(rig):
    rig.submit("f", action("b", **HOLDS))
    rig.feed(s.Pause(execution_id="e"))
    rig.feed(s.Pause(execution_id="f"))
    rig.feed(s.Resume(execution_id="e"))
    assert holds(rig) == []
    rig.feed(s.Resume(execution_id="f"))
    assert holds(rig) == [("b", False)]


def test_after_a_restart_it_is_held_again(rig):
    rig.feed(s.Pause(execution_id="e"))
    rig.restart()
    assert holds(rig) == [("a", True)]


def test_after_a_restart_nothing_stands_still_that_is_to_go_on(rig):
    rig.feed(s.Pause(execution_id="e"))
    rig.feed(s.Resume(execution_id="e"))
    rig.restart()
    assert holds(rig) == [("a", False)]


def test_a_process_that_died_before_it_could_say_so_holds_afterwards(rig):
    rig.feed(s.Pause(execution_id="e"))
    assert rig.journal.pop().type == "TASK_HELD"
    rig.restart()
    assert holds(rig) == [("a", True)]
    rig.check()
