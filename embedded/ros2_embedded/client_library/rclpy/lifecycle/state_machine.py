"""The states and transitions of a managed node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from rclpy.exceptions import RCLError

_PRIMARY = {0: "unknown", 1: "unconfigured", 2: "inactive", 3: "active", 4: "finalized"}
_TRANSITIONAL = {
    10: "configuring",
    11: "cleaningup",
    12: "shuttingdown",
    13: "activating",
    14: "deactivating",
    15: "errorprocessing",
}
STATES = _PRIMARY | _TRANSITIONAL
UNCONFIGURED = 1


class Transition(NamedTuple):
    """One arrow of the graph."""

    id: int
    label: str
    start: int
    goal: int


def _answers(first: Any, state: Any, success: Any, failure: Any, error: Any) -> Any:
    labels = ("transition_success", "transition_failure", "transition_error")
    goals = (success, failure, error)
    return [
        Transition(first + index, label, state, goal)
        for index, (label, goal) in enumerate(zip(labels, goals, strict=True))
    ]


TRANSITIONS = [
    Transition(1, "configure", 1, 10),
    *_answers(10, 10, 2, 1, 15),
    Transition(2, "cleanup", 2, 11),
    *_answers(20, 11, 1, 2, 15),
    Transition(3, "activate", 2, 13),
    *_answers(30, 13, 3, 2, 15),
    Transition(4, "deactivate", 3, 14),
    *_answers(40, 14, 2, 3, 15),
    Transition(5, "shutdown", 1, 12),
    Transition(6, "shutdown", 2, 12),
    Transition(7, "shutdown", 3, 12),
    *_answers(50, 12, 4, 4, 15),
    *_answers(60, 15, 1, 4, 4),
]


class LifecycleStateMachine:
    """Where a managed node is; tells ``publish(transition)`` of every step."""

    def __init__(self, publish: Callable[[Any], Any]) -> None:
        self._state = UNCONFIGURED
        self._publish = publish

    @property
    def current_state(self) -> Any:
        """Return id and label."""
        return self._state, STATES[self._state]

    @property
    def available_transitions(self) -> list[Transition]:
        """Return what can be done now."""
        return [one for one in TRANSITIONS if one.start == self._state]

    def _step(self, wanted: Any) -> Any:
        for one in TRANSITIONS:
            if one.start == self._state and wanted(one):
                self._state = one.goal
                self._publish(one)
                return
        raise RCLError(
            f"Failed to trigger lifecycle state machine transition: Transition is not registered "
            f"for state '{STATES[self._state]}'"
        )

    def trigger_transition_by_id(self, transition_id: int) -> None:
        """Make a transition; raises RCLError if the state does not have it."""
        self._step(lambda one: one.id == transition_id)

    def trigger_transition_by_label(self, label: str) -> None:
        """Make a transition; raises RCLError if the state does not have it."""
        self._step(lambda one: one.label == label)

    def get_transition_by_label(self, label: str) -> int:
        """Return the id of a transition of the current state; raises RCLError."""
        for one in TRANSITIONS:
            if one.start == self._state and one.label == label:
                return one.id
        raise RCLError(f"there is no transition '{label}' from '{STATES[self._state]}'")
