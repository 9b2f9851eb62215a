"""A block that has failed and still waits for its goals to end, and is then stopped for good."""

from __future__ import annotations

from typing import Any

import pytest

from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.status import ActionStatus
from test.unit.engine.driving import Rig, action


def overdue(**more: Any) -> Rig:
    """A block is over its time; its goal was asked to end and has not confirmed it yet."""
    rig = Rig()
    block = {"id": "b", "action_type": "sequence", "actions": [action("work")], "timeout": 5.0}
    rig.submit("e", {**block, **more})
    rig.feed(s.GoalAccepted(goal_id=rig.goal("work")))
    rig.wait(6.0)
    assert rig.sent == ["work"]
    return rig


MORE = [
    {"recovery_plan": [action("recover")]},
    {"fallback_action": action("instead")},
    {"retry": {"max_attempts": 2, "initial_delay": 0.0}},
    {"action_type": "try", "catch": [{"errors": [], "actions": [action("caught")]}]},
]


@pytest.mark.parametrize("stop", [s.EmergencyStop(reason="red button"), s.Cancel(execution_id="e")])
@pytest.mark.parametrize("more", MORE, ids=["recovery", "fallback", "retry", "catch"])
def test_nothing_recovers_what_was_stopped_meanwhile(more: dict[str, Any], stop: s.Input) -> None:
    rig = overdue(**more)
    rig.feed(stop)
    rig.feed(s.GoalCancelled(goal_id=rig.goal("work")))
    rig.wait(60.0)
    assert rig.sent == ["work"]
    assert rig.action("b").status is ActionStatus.CANCELLED


@pytest.mark.parametrize("more", MORE, ids=["recovery", "fallback", "retry", "catch"])
def test_without_a_stop_it_is_recovered(more: dict[str, Any]) -> None:
    rig = overdue(**more)
    rig.feed(s.GoalCancelled(goal_id=rig.goal("work")))
    rig.wait(1.0)
    assert len(rig.sent) == 2
