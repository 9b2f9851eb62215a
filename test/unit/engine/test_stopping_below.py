"""What goes on after its cancel is stopped below its server, whatever ends it."""

from __future__ import annotations

import pytest

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.plan.capability import ResourceSpec
from test.unit.engine.driving import Rig, action

MOVING = {
    "base": ResourceSpec(name="base", moves=True),
    "camera": ResourceSpec(name="camera"),
    "lift": ResourceSpec(name="lift", moves=True, capacity=2.0),
}
CLEAR = "robot.clear"


def drive(name: str = "drive", **more) -> dict:
    return action(name, resources=[{"resource": "base"}], server="nav", **more)


def started(*actions: dict, **submit) -> Rig:
    """An execution whose goal was accepted, and answers nothing more."""
    rig = Rig(resources=MOVING, cancel_timeout=8.0, cancel_patience=1.5)
    rig.world["robot"]["clear"] = True
    rig.submit("e", *(actions or (drive(),)), **submit)
    key = next(key for key in rig.goals if key.endswith("drive"))
    rig.feed(s.GoalAccepted(goal_id=rig.goal(key)))
    return rig


def stopped_below(rig: Rig) -> list[e.StoppedBelow]:
    return [one for one in rig.journal if isinstance(one, e.StoppedBelow)]


def by_cancel() -> Rig:
    rig = started()
    rig.feed(s.Cancel(execution_id="e"))
    return rig


def by_pause() -> Rig:
    rig = started(drive(pausable="cancel"))
    rig.feed(s.Pause(execution_id="e"))
    return rig


def by_timeout() -> Rig:
    rig = started(drive(timeout=5.0))
    rig.wait(5.0)
    return rig


def by_deadline() -> Rig:
    rig = started(deadline=1005.0)
    rig.wait(5.0)
    return rig


def by_preemption() -> Rig:
    rig = started(drive(preemptible=True))
    rig.submit("urgent", drive("next"), priority=50)
    return rig


def by_emergency() -> Rig:
    rig = started()
    rig.feed(s.EmergencyStop())
    return rig


def by_guard() -> Rig:
    rig = started(drive(guard=CLEAR, on_guard_failed="skip"))
    rig.world["robot"]["clear"] = False
    rig.feed(s.WorldChanged())
    return rig


def by_race() -> Rig:
    rig = started(action("p", kind="parallel", race=True, actions=[drive(), action("look")]))
    rig.succeed("p/look" if "p/look" in rig.goals else "look")
    return rig


ENDS = (
    *(by_cancel, by_pause, by_timeout, by_deadline),
    *(by_preemption, by_emergency, by_guard, by_race),
)


@pytest.mark.parametrize("end", ENDS)
def test_whatever_ends_a_goal(end) -> None:
    rig = end()
    rig.wait(1.4)
    assert not stopped_below(rig)
    rig.wait(0.2)
    (stopped,) = stopped_below(rig)
    assert stopped.resources == ("base",)
    assert rig.of(fx.StopBelow) == [fx.StopBelow(goal_id=stopped.goal_id, resources=("base",))]
    assert "goes on 1.5 s after the cancel" in stopped.description()
    rig.check()
    assert stopped.goal_id in rig.machine.state.goals, "its own end is still awaited"
    rig.wait(8.0)
    assert stopped.goal_id in rig.machine.state.quarantined


def test_a_server_that_has_not_decided_is_not_told_to_go_on() -> None:
    rig = Rig(resources=MOVING, cancel_timeout=8.0, cancel_patience=1.5)
    rig.submit("e", drive())
    rig.feed(s.Cancel(execution_id="e"))
    rig.wait(1.6)
    (stopped,) = stopped_below(rig)
    assert stopped.reason == "nav has not said whether it takes the goal 1.5 s after the cancel"


def test_a_refused_cancel_is_not_waited_for() -> None:
    rig = by_cancel()
    rig.feed(s.CancelRefused(goal_id=rig.goal("drive"), reason="no"))
    assert [one.reason for one in stopped_below(rig)] == ["nav refuses the cancel"]
    rig.wait(5.0)
    assert len(stopped_below(rig)) == 1


def test_a_goal_that_ends_in_time_stops_nothing_else() -> None:
    rig = by_cancel()
    rig.wait(1.0)
    rig.feed(s.GoalCancelled(goal_id=rig.goal("drive")))
    rig.wait(5.0)
    assert not stopped_below(rig)


def test_a_second_reason_to_end_gives_no_more_time() -> None:
    rig = by_pause()
    rig.wait(1.2)
    rig.feed(s.Cancel(execution_id="e"))
    rig.wait(0.4)
    assert len(stopped_below(rig)) == 1


@pytest.mark.parametrize("resources", [["camera"], []])
def test_what_moves_nothing_stops_nothing(resources) -> None:
    rig = started(action("drive", resources=[{"resource": name} for name in resources]))
    rig.feed(s.Cancel(execution_id="e"))
    rig.wait(5.0)
    assert not stopped_below(rig)


def test_what_another_action_moves_as_well_is_left_alone() -> None:
    on_lift = {"resources": [{"resource": "lift"}]}
    rig = started(action("drive", **on_lift))
    rig.submit("other", action("up", **on_lift))
    rig.feed(s.Cancel(execution_id="e"))
    rig.wait(5.0)
    assert not stopped_below(rig)


@pytest.mark.parametrize("after", [0.5, 5.0, 9.0], ids=["before", "since", "in quarantine"])
def test_a_goal_that_still_runs_after_a_restart_is_stopped_below(after) -> None:
    rig = by_cancel()
    goal = rig.goal("drive")
    rig.wait(after)
    rig.restart()
    rig.feed(s.GoalAccepted(goal_id=goal))
    effects = rig.of(fx.StopBelow)
    rig.wait(1.5 - after)
    assert [one.goal_id for one in effects or rig.of(fx.StopBelow)] == [goal]
    rig.check()


def test_what_was_stopped_below_just_before_a_crash_is_stopped_again() -> None:
    rig = Rig(resources=MOVING, cancel_timeout=8.0, cancel_patience=1.5)
    rig.submit("e", drive())
    goal = rig.goal("drive")
    rig.feed(s.Cancel(execution_id="e"))
    rig.wait(1.6)
    rig.restart()
    assert [one.goal_id for one in rig.of(fx.StopBelow)] == [goal], "its server may never answer"
    rig.check()


def test_a_goal_whose_quarantine_alone_was_written_before_a_crash_is_stopped_below() -> None:
    rig = by_cancel()
    goal = rig.goal("drive")
    rig.feed(s.GoalLost(goal_id=goal, reason="it is silent", may_run=True))
    kept = rig.types().index("GOAL_QUARANTINED")
    del rig.journal[kept + 1 :]
    rig.restart()
    rig.wait(1.6)
    assert [one.goal_id for one in rig.of(fx.StopBelow)] == [goal]
    assert [one.resources for one in stopped_below(rig)] == [("base",)]
    rig.check()
