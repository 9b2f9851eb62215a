"""The whole node as one message, made anew only where something changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from execution_orchestrator.msg import OrchestratorState, ResourceState
from execution_orchestrator.ros.interface.projection import Projection
from execution_orchestrator.ros.interface.state_messages import (
    action_message,
    execution_message,
    lease_message,
    server_message,
    time_message,
)
from execution_orchestrator.ros.interface.view import ActionView, ExecutionView, LeaseView

# Seconds a finished execution shows its actions on the state topic: long enough for every display
# to draw the end, short enough that the topic does not grow with the past.
ACTIONS_SHOWN = 2.0


class StateSnapshots:
    """Makes OrchestratorState messages of a projection. Used on the loop's thread."""

    def __init__(
        self,
        projection: Projection,
        *,
        instance_id: str,
        queue_capacity: int,
        failure: Callable[[], str] = lambda: "",
    ) -> None:
        self._projection = projection
        self._failure = failure
        self._instance_id = instance_id
        self._queue_capacity = queue_capacity
        self._actions: dict[str, dict[str, tuple[Any, Any]]] = {}

    def message(self, now: float) -> Any:
        """OrchestratorState of this moment (Unix seconds)."""
        projection = self._projection
        views = list(projection.executions.values())
        for gone in self._actions.keys() - projection.executions.keys():
            del self._actions[gone]
        return OrchestratorState(
            stamp=time_message(now),
            instance_id=self._instance_id,
            emergency_stopped=projection.emergency,
            emergency_reason=projection.emergency_reason,
            storage_failure=self._failure(),
            executions=[self._execution(view, now) for view in reversed(views)],
            resources=self._resources(),
            servers=[server_message(server) for server in projection.servers.values()],
            queue_length=sum(view.status == "PENDING" for view in views),
            queue_capacity=self._queue_capacity,
        )

    def _execution(self, view: ExecutionView, now: float) -> Any:
        message = execution_message(view, now, with_actions=False)
        if view.is_final and now - view.ended > ACTIONS_SHOWN:
            self._actions.pop(view.execution_id, None)
            return message
        known = self._actions.setdefault(view.execution_id, {})
        message.actions = [_action(action, known, now) for action in view.actions.values()]
        return message

    def _resources(self) -> list[Any]:
        by_resource: dict[str, list[LeaseView]] = {}
        for lease in self._projection.leases.values():
            by_resource.setdefault(lease.resource, []).append(lease)
        resources = []
        for name, spec in self._projection.resources.items():
            leases = by_resource.get(name, [])
            held = sum(lease.amount for lease in leases)
            resources.append(
                ResourceState(
                    resource=name,
                    type=spec.type,
                    capacity=float(spec.capacity),
                    available=float(max(0.0, spec.capacity - held)),
                    leases=[lease_message(lease) for lease in leases],
                )
            )
        return resources


def _action(action: ActionView, known: dict[str, tuple[Any, Any]], now: float) -> Any:
    if action.started and not action.ended:
        return action_message(action, now)  # its duration grows
    shown = (
        *(action.status, action.reason, action.phase, action.progress, action.attempt),
        *(action.resources, action.goal_id, action.started, action.ended),
        *(action.error, action.output),
    )
    before = known.get(action.key)
    if before is not None and before[0] == shown:
        return before[1]
    message = action_message(action, now)
    known[action.key] = (shown, message)
    return message
