"""The whole node as one message, updated only where something changed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any

from execution_orchestrator.msg import OrchestratorState, ResourceState
from execution_orchestrator.observation import (
    ActionRecord,
    ExecutionRecord,
    LeaseRecord,
    Observation,
)
from execution_orchestrator.observation.reasons import reason_now
from execution_orchestrator.plan.capability import ResourceSpec
from execution_orchestrator.plan.shortened import shortened
from execution_orchestrator.plan.urgency import urgency
from execution_orchestrator.ros.interface.state_messages import (
    action_message,
    execution_message,
    lease_message,
    quarantine_message,
    server_message,
    shown_actions,
    time_message,
)

# Seconds a finished execution shows its actions on the state topic: long enough for every display
# to draw the end, short enough that the topic does not grow with the past.
ACTIONS_SHOWN = 2.0
ENDED_SHOWN = 50  # executions; ~/list_executions has the others
# Actions of all executions together; ~/get_execution has the others. A thousand executions of
# twenty would make a message of 4 MB, for which the loop stands still for a quarter of a second.
MOST_ACTIONS = 2_000
# Characters of each output and command here; ~/get_execution has more of them.
SHOWN_OUTPUT = 4_096
SHOWN_COMMAND = 1_000


def places_in_queue(records: Iterable[ExecutionRecord]) -> dict[str, int]:
    """Return the place of each waiting execution in the queue (0: next), by the engine's order.

    One that is paused, waits for a confirmation or has a start time still to come delays no other
    and has no place.
    """
    waiting = [one for one in records if _in_queue(one) and not one.paused]
    waiting.sort(key=lambda one: (-urgency(one.priority, one.accepted), one.accepted))
    return {record.execution_id: place for place, record in enumerate(waiting)}


def _in_queue(record: ExecutionRecord) -> bool:
    return not (record.admitted or record.is_final or record.waits)


def _first_shown(records: Iterable[ExecutionRecord]) -> set[str]:
    """Return the executions whose actions are shown: those that were let in before the others.

    The first one is whole, whatever its size.
    """
    found: set[str] = set()
    left = MOST_ACTIONS
    for record in sorted(records, key=lambda one: not one.admitted):
        left -= len(record.actions)
        if found and left < 0:
            break
        found.add(record.execution_id)
    return found


class StateSnapshots:
    """Makes OrchestratorState messages of what is observed. Used on the loop's thread."""

    def __init__(
        self,
        observation: Observation,
        resources: Mapping[str, ResourceSpec],
        *,
        instance_id: str,
        queue_capacity: int,
        failure: Callable[[], str] = lambda: "",
    ) -> None:
        self._observation = observation
        self._resource_specs = resources
        self._failure = failure
        self._instance_id = instance_id
        self._queue_capacity = queue_capacity
        self._actions: dict[str, dict[str, tuple[Any, Any]]] = {}

    def message(self, now: float) -> Any:
        """OrchestratorState of this moment (execution time, Unix seconds)."""
        steps = self.steps(now)
        while True:
            try:
                next(steps)
            except StopIteration as made:
                return made.value

    def steps(self, now: float) -> Generator[None, None, Any]:
        """Make the same in steps of one execution, between which others may have their turn.

        What happens meanwhile may be in it: each execution is shown as it is at its step.
        """
        observation = self._observation
        newest = observation.newest()
        ended = [record for record in newest if record.is_final][:ENDED_SHOWN]
        shown = [*(record for record in newest if not record.is_final), *ended]
        shown.sort(key=lambda record: record.accepted, reverse=True)
        ahead = places_in_queue(newest)
        with_actions = _first_shown(shown)
        executions = []
        for gone in self._actions.keys() - observation.executions.keys():
            del self._actions[gone]
        for record in shown:
            place = ahead.get(record.execution_id, 0)
            whole = record.execution_id in with_actions
            executions.append(self._execution(record, now, place, whole=whole))
            yield
        return OrchestratorState(
            stamp=time_message(observation.wall.of(now)),
            instance_id=self._instance_id,
            emergency_stopped=observation.emergency,
            emergency_reason=observation.emergency_reason,
            robot_motion=observation.robot_motion,
            robot_motion_reason=observation.robot_motion_reason,
            storage_failure=self._failure(),
            executions=executions,
            resources=self._resources(),
            quarantined=[quarantine_message(goal) for goal in observation.quarantined.values()],
            servers=[server_message(server) for server in observation.servers.values()],
            queue_length=sum(map(_in_queue, newest)),
            queue_capacity=self._queue_capacity,
        )

    def _execution(self, record: ExecutionRecord, now: float, ahead: int, *, whole: bool) -> Any:
        message = execution_message(record, now)
        message.reason = self._observation.reason_now(record)
        message.command = shortened(record.command, SHOWN_COMMAND)
        message.queue_position = ahead
        over = record.ended is not None and now - record.ended > ACTIONS_SHOWN
        if over or not whole:
            self._actions.pop(record.execution_id, None)
            return message
        known = self._actions.setdefault(record.execution_id, {})
        message.actions = [
            self._action(record, action, known, now) for action in shown_actions(record)
        ]
        return message

    def _resources(self) -> list[Any]:
        by_resource: dict[str, list[LeaseRecord]] = {}
        for lease in self._observation.leases.values():
            by_resource.setdefault(lease.resource, []).append(lease)
        resources = []
        for name, spec in self._resource_specs.items():
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

    def _action(
        self,
        record: ExecutionRecord,
        action: ActionRecord,
        known: dict[str, tuple[Any, Any]],
        now: float,
    ) -> Any:
        servers = self._observation.servers
        if action.started and not action.ended:
            # Its duration grows.
            return action_message(record, action, servers, now, SHOWN_OUTPUT)
        shown = (
            *(action.status, reason_now(record, action, servers, now), action.phase),
            *(action.progress, action.attempt, action.resources, action.goal_id),
            *(action.started, action.ended, action.error, action.output),
        )
        before = known.get(action.key)
        if before is not None and before[0] == shown:
            return before[1]
        message = action_message(record, action, servers, now, SHOWN_OUTPUT)
        known[action.key] = (shown, message)
        return message
