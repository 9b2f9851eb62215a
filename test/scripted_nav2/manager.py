"""lifecycle_manager_navigation: pauses, resumes and resets all servers, also by itself."""

from __future__ import annotations

import threading
import time
from typing import Any

from lifecycle_msgs.msg import State, Transition, TransitionEvent
from lifecycle_msgs.srv import ChangeState, GetState
from nav2_msgs.srv import ManageLifecycleNodes
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.node import Node
from std_srvs.srv import Trigger

from test.scripted_nav2.log import Log

MANAGED = (
    "controller_server",
    "planner_server",
    "behavior_server",
    "bt_navigator",
    "waypoint_follower",
    "docking_server",
)
UP = (Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE)
DOWN = (Transition.TRANSITION_DEACTIVATE, Transition.TRANSITION_CLEANUP)
STEPS = {
    ManageLifecycleNodes.Request.STARTUP: UP,
    ManageLifecycleNodes.Request.PAUSE: DOWN[:1],
    ManageLifecycleNodes.Request.RESUME: UP[1:],
    ManageLifecycleNodes.Request.RESET: DOWN,
}
#: The states in which a server is already, or further on the way, for each step.
THERE = {
    Transition.TRANSITION_CONFIGURE: {State.PRIMARY_STATE_INACTIVE, State.PRIMARY_STATE_ACTIVE},
    Transition.TRANSITION_ACTIVATE: {State.PRIMARY_STATE_ACTIVE},
    Transition.TRANSITION_DEACTIVATE: {
        State.PRIMARY_STATE_INACTIVE,
        State.PRIMARY_STATE_UNCONFIGURED,
    },
    Transition.TRANSITION_CLEANUP: {State.PRIMARY_STATE_UNCONFIGURED},
}
ANSWER = 8.0  # seconds for a server to change its state
AWAY = 1.5  # seconds that the servers are unconfigured when the manager resets them by itself


class Manager(Node):
    """The service `manage_nodes`, and a reset when a server was deactivated by somebody else."""

    def __init__(self, log: Log) -> None:
        super().__init__("lifecycle_manager_navigation")
        self._log = log
        self._work = threading.RLock()
        self._busy = False
        self._active = True
        group = ReentrantCallbackGroup()
        self._changing = {
            name: self.create_client(ChangeState, f"{name}/change_state", callback_group=group)
            for name in MANAGED
        }
        self._asking = {
            name: self.create_client(GetState, f"{name}/get_state", callback_group=group)
            for name in MANAGED
        }
        name = self.get_name()
        self.create_service(
            ManageLifecycleNodes, f"{name}/manage_nodes", self._manage, callback_group=group
        )
        self.create_service(Trigger, f"{name}/is_active", self._is_active, callback_group=group)
        for managed in MANAGED:
            self.create_subscription(
                TransitionEvent,
                f"{managed}/transition_event",
                lambda event, managed=managed: self._changed(managed, event),
                10,
                callback_group=group,
            )

    def _is_active(self, _: Any, response: Any) -> Any:
        response.success = self._active
        return response

    def _manage(self, request: Any, response: Any) -> Any:
        self._log.write("lifecycle_manager", "asked", command=int(request.command))
        response.success = self._take(STEPS.get(request.command, ()))
        return response

    def _take(self, steps: tuple[int, ...]) -> bool:
        with self._work:
            self._busy = True
            try:
                fine = bool(steps)
                for step in steps:
                    order = MANAGED if step in UP else MANAGED[::-1]
                    changed = [self._change(name, step) for name in order]
                    fine = fine and all(changed)
                    self._active = step == Transition.TRANSITION_ACTIVATE
                return fine
            finally:
                # Events of what was done here are still on their way.
                threading.Timer(0.5, self._rest).start()

    def _rest(self) -> None:
        self._busy = False

    def _change(self, name: str, step: int) -> bool:
        client = self._changing[name]
        if not client.service_is_ready():
            return True
        # A process of rclpy's lifecycle nodes ends with a transition that its state does not have.
        known = self._call(self._asking[name], GetState.Request())
        if known is not None and known.current_state.id in THERE[step]:
            return True
        request = ChangeState.Request()
        request.transition.id = step
        changed = self._call(client, request)
        return changed is not None and bool(changed.success)

    def _call(self, client: Any, request: Any) -> Any:
        """Return the answer, None if there is none in time."""
        future = client.call_async(request)
        end = time.monotonic() + ANSWER
        while not future.done():
            if time.monotonic() > end:
                return None
            time.sleep(0.01)
        return future.result()

    def _changed(self, name: str, event: Any) -> None:
        if self._busy or not self._active:
            return
        if event.goal_state.id == State.PRIMARY_STATE_INACTIVE and (
            event.start_state.id != State.PRIMARY_STATE_UNCONFIGURED
            and event.start_state.id != State.TRANSITION_STATE_CONFIGURING
        ):
            self._log.write("lifecycle_manager", "reset", because=name)
            self.get_logger().error(f"{name} went inactive: everything is reset")
            self._take(DOWN)
            time.sleep(AWAY)
            self._take(UP)
