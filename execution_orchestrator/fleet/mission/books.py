"""What a mission knows: its document, how far each task is, and how others are shown it."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey

with workflow.unsafe.imports_passed_through():
    from execution_orchestrator.fleet.details import details
    from execution_orchestrator.fleet.document import ANY, Mission
    from execution_orchestrator.fleet.needs import Demand, capabilities_in
    from execution_orchestrator.fleet.orders import (
        SETTLED,
        Carried,
        MissionOrder,
        MissionState,
        Stage,
        TaskState,
    )
    from execution_orchestrator.fleet.sizes import LEFT_OUT, MOST, packed

from execution_orchestrator.fleet.mission.bounds import MOST_ROWS

STATUS = SearchAttributeKey.for_keyword("MissionStatus")
NAME = SearchAttributeKey.for_keyword("MissionName")
ROBOTS = SearchAttributeKey.for_keyword_list("MissionRobots")
NEEDS = SearchAttributeKey.for_keyword_list("MissionNeeds")
CAPABILITIES = SearchAttributeKey.for_keyword_list("MissionCapabilities")
ATTRIBUTES = (STATUS, NAME, ROBOTS, NEEDS, CAPABILITIES)
MOST_SEARCHABLE = 2000  # bytes of a search attribute; Temporal ends a workflow at more than 2,048
MORE = "?"  # instead of needs that are too many: the mission is to be asked for its queues


class Books:
    """The records of one mission's tasks, and all that its expressions can see."""

    def __init__(self, order: MissionOrder, mission: Mission, before: Carried) -> None:
        self.order = order
        self.mission = mission
        self.tasks = {task.id: task for task in mission.tasks}
        self.inputs = {**mission.inputs, **order.inputs}
        self.run = before.run  # the first one's id
        self.state = before.state
        self.records = {one.key: one for one in self.state.tasks}
        self.stages = before.stages
        self.done = before.done  # for the compensations
        self.answers = before.answers
        self.signals = before.signals
        self.unneeded = set(before.unneeded)  # tasks whose condition does not hold
        self.robots = set(before.robots)
        self.also_needed = set(before.also_needed)  # queues that robots' refusals have made
        self._outcomes: dict[str, dict[str, Any]] = {}  # by task: what expressions see
        self._last: deque[TaskState] = deque(maxlen=MOST_ROWS)  # that ended
        self._to_be_shown = False
        self._bytes = 0  # of the outputs, before they are compressed
        for one in sorted(self.records.values(), key=lambda one: one.ended):
            if one.status in SETTLED:
                self._note_end(one)

    def add(self, key: str, task: str) -> TaskState:
        """Begin the record of a task, or of one of its items."""
        record = TaskState(key, task)
        self.records[key] = record
        return record

    def stage(self, record: TaskState) -> Stage:
        """Return how far a task is that has begun."""
        return self.stages.setdefault(record.key, Stage())

    def left(self, stage: Stage, seconds: float | None) -> float | None:
        """Return how long a wait may still last, of which an earlier run may have had a part."""
        if seconds is None:
            return None
        if stage.ends:
            return max(0.001, stage.ends - workflow.time())
        stage.ends = workflow.time() + seconds
        return seconds

    def settle(self, record: TaskState, status: str, reason: str) -> None:
        """Write down how a task has ended."""
        record.status, record.reason, record.ended = status, reason, workflow.time()
        self.stages.pop(record.key, None)
        self._note_end(record)
        self.tell()

    def urgency(self, priority: int | None) -> int:
        """Return the priority of a task, which may have none of its own."""
        return self.mission.priority if priority is None else priority

    def scope(self, item: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the names that expressions see now; ``item`` has further ones."""
        received = {name: values[-1] for name, values in self.signals.items() if values}
        about = {"id": self.state.mission, "name": self.mission.name}
        return {
            "input": self.inputs,
            "tasks": self._outcomes,
            "signals": received,
            "mission": about,
            **(item or {}),
        }

    def set_status(self, status: str, reason: str) -> None:
        """Publish the status of the mission, also for lists of missions."""
        self.state.status, self.state.reason = status, reason
        self.publish()

    def publish(self) -> None:
        """Set the search attributes of the mission: name, status, robots, capabilities.

        Of robots and capabilities as many as fit.
        """
        needs, can = set(self.also_needed), set()
        for task in self.mission.tasks:
            for work in (task, task.compensation):
                if work is not None and work.robot == ANY:
                    found = capabilities_in(work.plan)
                    needs.add(Demand.of(work.needs, found).queue)
                    can |= {*work.needs.capabilities, *found}
        workflow.upsert_search_attributes(
            [
                STATUS.value_set(self.state.status),
                NAME.value_set(self.mission.name),
                ROBOTS.value_set(that_fit(self.robots)),
                NEEDS.value_set(sorted(needs) if len(that_fit(needs)) == len(needs) else [MORE]),
                CAPABILITIES.value_set(that_fit(can)),
            ]
        )
        self.tell()

    def tell(self) -> None:
        """Show Temporal's UI the progress of the tasks, once for all that changes now."""
        if not self._to_be_shown:
            self._to_be_shown = True
            asyncio.get_running_loop().call_soon(self._draw)

    def _draw(self) -> None:
        """Draw the tasks: those at work, then the newest that ended."""
        self._to_be_shown = False
        begun = (self.records[key] for key in self.stages)
        rows = [*(one for one in begun if one.status != "WAITING"), *reversed(self._last)]
        shown = details(self.state, rows[:MOST_ROWS], len(self.records))
        workflow.set_current_details(shown)

    def whole(self) -> MissionState:
        """Return the mission as Temporal takes it: without the largest outputs, if it has to be."""
        self.state.tasks = list(self.records.values())
        if self._bytes <= MOST:
            return self.state
        sizes = {one.key: packed(one.output) for one in self.state.tasks if one.output is not None}
        left, left_out = sum(sizes.values()), set[str]()
        for key in sorted(sizes, key=lambda one: -sizes[one]):
            if left <= MOST:
                break
            left -= sizes[key]
            left_out.add(key)
        tasks = [
            replace(one, output=None, notes=[*one.notes, LEFT_OUT]) if one.key in left_out else one
            for one in self.state.tasks
        ]
        return replace(self.state, tasks=tasks)

    def _note_end(self, record: TaskState) -> None:
        if record.output is not None:
            self._bytes += len(json.dumps(record.output, default=str))
        self._last.append(record)
        if record.key == record.task:
            self._outcomes[record.key] = {
                "status": record.status,
                "output": record.output,
                "robot": record.robot,
                "error": record.error,
            }


def that_fit(values: Collection[str]) -> list[str]:
    """Return as many of some values, in their order, as a search attribute can have."""
    found: list[str] = []
    left = MOST_SEARCHABLE
    for value in sorted(values):
        left -= len(json.dumps(value)) + 1
        if left < 0:
            break
        found.append(value)
    return found
