"""How a mission gets the things that robots share, and gives them back (fleet/shared.py)."""

from __future__ import annotations

import contextlib

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from execution_orchestrator.fleet import orders
    from execution_orchestrator.fleet.needs import MISSIONS
    from execution_orchestrator.fleet.orders import Carried, TaskState, Turn

from execution_orchestrator.fleet.mission.books import Books
from execution_orchestrator.fleet.mission.bounds import CONTROL
from execution_orchestrator.fleet.mission.course import Course, StoppedError
from execution_orchestrator.fleet.mission.places import Places


class Sharing:
    """The shared things that tasks of a mission wait for and hold."""

    def __init__(self, books: Books, course: Course, places: Places, before: Carried) -> None:
        self._books = books
        self._course = course
        self._places = places
        self._granted = set(before.granted)

    @property
    def granted(self) -> list[str]:
        """Return what tasks have been given, for the next run."""
        return sorted(self._granted)

    def grant(self, name: str, task: str) -> None:
        """Take a thing, for which a task waited."""
        self._granted.add(_grant(name, task))

    def revoke(self, name: str, task: str) -> None:
        """Note that a task has a thing no longer."""
        self._granted.discard(_grant(name, task))

    async def take(self, name: str, record: TaskState, urgency: int) -> None:
        """Queue for a thing and wait until the task has it.

        Raises:
            StoppedError: the mission is being cancelled.

        """
        record.status, record.reason = "WAITING", f"waits for {name}"
        stage = self._books.stage(record)
        lines_up = self._course.bounded and stage.asked_for != name
        if lines_up:
            await self._places.lines.wait(name, urgency)
        try:
            if stage.asked_for != name:
                await workflow.execute_activity(
                    orders.ASK_FOR_SHARED,
                    args=[name, self._turn_of(name, record.key)],
                    task_queue=MISSIONS,
                    start_to_close_timeout=CONTROL,
                )
                stage.asked_for = name
            await self._course.until(lambda: _grant(name, record.key) in self._granted)
        except StoppedError:
            await self.give_back(name, record.key)
            raise
        finally:
            if lines_up:
                self._places.lines.taken(name)
                self._places.lines.ended()
        stage.held.append(name)

    def lost(self, record: TaskState) -> bool:
        """Say whether the lease of something is over that a task was given."""
        stage = self._books.stages.get(record.key)
        held = stage.held if stage is not None else ()
        return any(_grant(name, record.key) not in self._granted for name in held)

    async def hold_again(self, record: TaskState, urgency: int) -> None:
        """Queue again for all that a task needs, which has not begun.

        Raises:
            StoppedError: the mission is being cancelled.

        """
        stage = self._books.stage(record)
        names, stage.asked_for = sorted(stage.held), ""
        while stage.held:
            await self.give_back(stage.held.pop(), record.key)
        for name in names:
            await self.take(name, record, urgency)
        stage.since = workflow.time()

    async def give_all_back(self, record: TaskState) -> None:
        """Give back all that a task holds."""
        for name in self._books.stage(record).held:
            await self.give_back(name, record.key)

    async def give_back(self, name: str, task: str) -> None:
        """Give one thing back, or leave the line before it."""
        self.revoke(name, task)
        thing = workflow.get_external_workflow_handle(f"shared-{name}")
        with contextlib.suppress(ApplicationError):  # the workflow of the thing has ended
            await thing.signal("give_back", self._turn_of(name, task))

    def _turn_of(self, name: str, task: str) -> Turn:
        return Turn(workflow.info().workflow_id, task, self._books.mission.shared[name].lease)


def _grant(name: str, task: str) -> str:
    return f"{name}\n{task}"
