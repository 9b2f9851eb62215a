"""How a mission undoes what it has done: the compensations of its tasks, the last first."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from execution_orchestrator.fleet import orders
    from execution_orchestrator.fleet.document import ANY
    from execution_orchestrator.fleet.orders import SETTLED, Cancellation, TaskOutcome, TaskState
    from execution_orchestrator.plan.expressions import ExpressionError

from execution_orchestrator.fleet.mission.asking import Asking
from execution_orchestrator.fleet.mission.books import Books
from execution_orchestrator.fleet.mission.course import Course, FailedError, StoppedError

UNDO = ".compensation"


class Undoing:
    """Undoes what was done."""

    def __init__(self, books: Books, course: Course, asking: Asking) -> None:
        self._books = books
        self._course = course
        self._asking = asking
        self.why = ""  # something is being undone, empty before
        self.because: Cancellation | None = None

    def begin(self) -> None:
        """Note why something is to be undone."""
        self.why, self.because = self._course.why, self._course.stop

    async def undo(self) -> None:
        """Undo what was done, the last first, on the same robots; a second cancel ends it."""
        first, stopped = self.because, False
        for done in reversed(self._books.done):
            undo, robot = self._books.tasks[done.task].compensation, done.robot
            if undo is None:
                continue
            key = f"{done.key}{UNDO}"
            record = self._books.records.get(key) or self._books.add(key, done.key)
            if record.status in SETTLED:
                continue
            if stopped:
                record.robot = robot
                self._books.settle(record, "SKIPPED", "cancelled before it was undone")
                continue
            record.attempt, record.began = 1, record.began or workflow.time()
            work = undo if undo.robot != ANY or undo.needs.model_fields_set else undo.model_copy(
                update={"robot": robot}
            )  # fmt: skip
            self._course.stop = None
            try:
                outcome = await self._asking.have_done(work, None, record, done.item)
            except (FailedError, ExpressionError, StoppedError) as failure:
                outcome = TaskOutcome(robot, "FAILED", str(failure))
            good = outcome.status in orders.SUCCESS
            message = outcome.error or outcome.message
            record.unconfirmed = outcome.unconfirmed
            self._books.settle(record, "COMPLETED" if good else "FAILED", message)
            stopped = self._course.stop is not None
        self._course.stop = first

    def not_undone(self) -> list[str]:
        """Return a text for each task that could not be undone, with robot and reason."""
        return [
            f"{one.task} on {one.robot} ({one.reason})"
            for one in self._books.records.values()
            if _is_undo(one) and one.status != "COMPLETED"
        ]


def _is_undo(record: TaskState) -> bool:
    return record.key.endswith(UNDO)
