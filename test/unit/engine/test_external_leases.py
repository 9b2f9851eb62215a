"""Resources for people and other nodes: refused in an emergency, answered after a restart."""

from __future__ import annotations

import pytest

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.state import OrchestratorState
from test.unit.engine.driving import ARM, Rig, action

BASE = (s.LeaseDemand(resource="base"),)


def asked(rig: Rig, **more: float) -> str:
    """Ask for the base, and return why it is refused."""
    wish = s.AllocateLease(request_id="r", demands=BASE, holder="a person", **more)
    return rig.feed(wish).refusal


def leases(state: OrchestratorState) -> list[str]:
    return [held.holder for held in state.leases.values() if not held.execution_id]


def test_in_an_emergency_nobody_gets_a_resource() -> None:
    rig = Rig(resources=ARM)
    rig.feed(s.EmergencyStop())
    assert asked(rig, timeout=20.0, duration=5.0) == "the emergency stop is active"
    rig.feed(s.ResetEmergencyStop())
    assert leases(rig.machine.state) == []
    assert not asked(rig, timeout=20.0, duration=5.0)
    assert leases(rig.machine.state) == ["a person"]


def test_who_waits_for_what_an_emergency_stop_frees_is_refused() -> None:
    rig = Rig(resources=ARM)
    rig.submit("e", action("a", resources=[{"resource": "base"}]))
    rig.feed(s.GoalAccepted(goal_id=rig.goal("a")))
    assert not asked(rig, timeout=20.0, duration=5.0)
    step = rig.feed(s.EmergencyStop())
    (told,) = [event for event in step.events if isinstance(event, e.LeaseRequestExpired)]
    assert "the emergency stop is active" in told.description()
    (answer,) = rig.of(fx.LeaseAnswered)
    assert (answer.request_id, answer.reason) == ("r", "the emergency stop is active")
    rig.feed(s.GoalCancelled(goal_id=rig.goal("a")))
    assert leases(rig.machine.state) == []
    rig.check()


def test_a_request_that_waited_for_a_process_that_died_is_answered_by_the_next() -> None:
    rig = Rig(resources=ARM)
    rig.submit("e", action("a", resources=[{"resource": "base"}]))
    assert not asked(rig, timeout=20.0, duration=5.0)
    rig.restart()
    assert [one.request_id for one in rig.of(fx.LeaseAnswered)] == ["r"]
    rig.feed(s.GoalSucceeded(goal_id=rig.goal("a"), output={}))
    assert leases(rig.machine.state) == []
    rig.check()


@pytest.mark.parametrize("duration", [0.0, 1e6])
def test_a_lease_ends_after_the_configured_time_whatever_was_asked_for(duration: float) -> None:
    rig = Rig(resources=ARM, max_lease_duration=60.0)
    assert not asked(rig, duration=duration)
    rig.wait(59.0)
    assert leases(rig.machine.state) == ["a person"]
    rig.wait(2.0)
    assert leases(rig.machine.state) == []
