"""Which tasks may be asked for now: Temporal bounds how many may be open, and what a step takes."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from execution_orchestrator.fleet.document import ANY, MAX_ITEMS, Task
    from execution_orchestrator.fleet.needs import Demand, capabilities_in, own_queue
    from execution_orchestrator.fleet.orders import TaskState
    from execution_orchestrator.fleet.turns import Turns
    from execution_orchestrator.plan.expressions import render

from execution_orchestrator.fleet.mission.books import Books
from execution_orchestrator.fleet.mission.bounds import (
    BREATH,
    MOST_AT_ONCE,
    MOST_IN_LINE,
    MOST_UNTAKEN,
    PORTION,
)
from execution_orchestrator.fleet.mission.course import Course, StoppedError


class Places:
    """Lets tasks line up for robots, and for shared things (``lines``)."""

    def __init__(self, books: Books, course: Course) -> None:
        self._books = books
        self._course = course
        self._turns = Turns(books.mission.max_parallel or MOST_AT_ONCE, MOST_UNTAKEN)
        self._untaken: dict[str, str] = {}  # lines of the tasks that no robot has taken
        self.lines = Turns(MAX_ITEMS, MOST_IN_LINE)

    async def turn(self, task: Task, record: TaskState, item: dict[str, Any]) -> None:
        """Wait until robots may be asked for it."""
        if not self._course.bounded:
            most = self._books.mission.max_parallel
            await self._course.until(
                lambda: not self._course.paused and (most is None or self._turns.free > 0)
            )
            self._turns.enter()
        elif record.claimed:
            self._turns.enter()
        else:
            robot = str(render(task.robot, self._books.scope(item)))
            demand = Demand.of(task.needs, capabilities_in(task.plan))
            line = demand.queue if robot == ANY else own_queue(robot)
            record.status, record.reason = "WAITING", "waits for its turn"
            await self._turns.wait(line, self._books.urgency(task.priority))
            self._untaken[record.key] = line

    def taken(self, record: TaskState) -> None:
        """Note that a robot has a task, or that none is asked for it any more."""
        line = self._untaken.pop(record.key, None)
        if line is not None:
            self._turns.taken(line)

    def leave(self, record: TaskState) -> None:
        """Note that robots are no longer asked for a task that had its turn."""
        self.taken(record)
        self._turns.ended()

    async def give(self) -> None:
        """Give tasks their turns, a portion in a step."""
        while self._course.bounded:
            await workflow.wait_condition(
                lambda: not (self._course.paused or self._course.closing) and self._due
            )
            self._turns.give(PORTION)
            self.lines.give(PORTION)
            if self._due:
                await asyncio.sleep(BREATH)

    @property
    def _due(self) -> bool:
        return self._turns.due or self.lines.due

    def end(self) -> None:
        """Let all who wait here end, because the mission is being cancelled."""
        self._turns.end(StoppedError)
        self.lines.end(StoppedError)
