"""Lifecycle states of simulated servers, as their managers ask for and change them."""

from __future__ import annotations

from typing import Any

from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
from nav2_msgs.srv import ManageLifecycleNodes
from std_srvs.srv import Trigger

UNCONFIGURED = (State.PRIMARY_STATE_UNCONFIGURED, "unconfigured")
INACTIVE = (State.PRIMARY_STATE_INACTIVE, "inactive")
ACTIVE = (State.PRIMARY_STATE_ACTIVE, "active")
FINALIZED = (State.PRIMARY_STATE_FINALIZED, "finalized")
TRANSITIONS = {
    (UNCONFIGURED, Transition.TRANSITION_CONFIGURE): INACTIVE,
    (INACTIVE, Transition.TRANSITION_CLEANUP): UNCONFIGURED,
    (INACTIVE, Transition.TRANSITION_ACTIVATE): ACTIVE,
    (ACTIVE, Transition.TRANSITION_DEACTIVATE): INACTIVE,
    (UNCONFIGURED, Transition.TRANSITION_UNCONFIGURED_SHUTDOWN): FINALIZED,
    (INACTIVE, Transition.TRANSITION_INACTIVE_SHUTDOWN): FINALIZED,
    (ACTIVE, Transition.TRANSITION_ACTIVE_SHUTDOWN): FINALIZED,
}


# What the manager is asked for: the states its nodes have to be in, and the one they are in after.
MANAGED = {
    ManageLifecycleNodes.Request.STARTUP: ({UNCONFIGURED}, ACTIVE),
    ManageLifecycleNodes.Request.PAUSE: ({ACTIVE}, INACTIVE),
    ManageLifecycleNodes.Request.RESUME: ({INACTIVE}, ACTIVE),
    ManageLifecycleNodes.Request.RESET: ({ACTIVE, INACTIVE}, UNCONFIGURED),
    ManageLifecycleNodes.Request.SHUTDOWN: ({ACTIVE, INACTIVE, UNCONFIGURED}, FINALIZED),
}


class Lifecycle:
    """The states of several nodes that one process stands in for, and those nodes' manager.

    With ``autostart`` they are active at first, without it they wait for the manager's STARTUP.
    """

    def __init__(
        self, node: Any, names: tuple[str, ...], manager: str, *, autostart: bool = True
    ) -> None:
        self._states = dict.fromkeys(names, ACTIVE if autostart else UNCONFIGURED)
        for name in names:
            node.create_service(GetState, f"{name}/get_state", self._get(name))
            node.create_service(ChangeState, f"{name}/change_state", self._change(name))
        node.create_service(Trigger, f"{manager}/is_active", self._is_active)
        node.create_service(ManageLifecycleNodes, f"{manager}/manage_nodes", self._manage)

    def active(self) -> bool:
        """Whether every one of them is active."""
        return all(state is ACTIVE for state in self._states.values())

    def _get(self, name: str) -> Any:
        def answer(_request: Any, response: Any) -> Any:
            response.current_state.id, response.current_state.label = self._states[name]
            return response

        return answer

    def _change(self, name: str) -> Any:
        def answer(request: Any, response: Any) -> Any:
            after = TRANSITIONS.get((self._states[name], request.transition.id))
            response.success = after is not None
            self._states[name] = after or self._states[name]
            return response

        return answer

    def _manage(self, request: Any, response: Any) -> Any:
        before, after = MANAGED.get(request.command, (set(), UNCONFIGURED))
        response.success = set(self._states.values()) <= before
        if response.success:
            self._states = dict.fromkeys(self._states, after)
        return response

    def _is_active(self, _request: Any, response: Any) -> Any:
        response.success = self.active()
        return response
