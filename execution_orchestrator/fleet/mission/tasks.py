"""One task of a mission: what it waits for, its items, its attempts, and how it ends."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from execution_orchestrator.fleet import orders, patches
    from execution_orchestrator.fleet.document import MAX_ITEMS, MAX_TASKS, Task
    from execution_orchestrator.fleet.orders import (
        SETTLED,
        Answer,
        Cancellation,
        Done,
        TaskOutcome,
        TaskState,
    )
    from execution_orchestrator.plan.expressions import (
        ExpressionError,
        compile_expression,
        is_true,
        render,
        single_template,
    )

from execution_orchestrator.fleet.mission.asking import Asking
from execution_orchestrator.fleet.mission.books import Books
from execution_orchestrator.fleet.mission.bounds import BREATH, PORTION, PORTION_OF_ITEMS
from execution_orchestrator.fleet.mission.course import Course, FailedError, StoppedError
from execution_orchestrator.fleet.mission.places import Places
from execution_orchestrator.fleet.mission.sharing import Sharing


class Tasks:
    """Takes each task from its dependencies to its end."""

    def __init__(
        self, books: Books, course: Course, places: Places, sharing: Sharing, asking: Asking
    ) -> None:
        self._books = books
        self._course = course
        self._places = places
        self._sharing = sharing
        self._asking = asking

    async def do(self, task: Task) -> None:
        """Wait for what it depends on, then do it; its record says what came of it."""
        record = self._books.records[task.id]
        begun = task.id in self._books.stages
        try:
            if not begun:
                await self._course.until(
                    lambda: all(
                        self._books.records[one].status in SETTLED for one in task.depends_on
                    )
                )
            lost = [] if begun else [one for one in task.depends_on if self._is_lost(one)]
            if lost:
                self._books.settle(record, "SKIPPED", f"{', '.join(lost)} was not done")
            elif not begun and task.condition is not None and not self._holds(task.condition):
                self._books.unneeded.add(task.id)
                why = f"its condition {task.condition} does not hold"
                self._books.settle(record, "SKIPPED", why)
            elif task.for_each is not None:
                await self._each(task, record)
            else:
                await self._once(task, record, {})
        except StoppedError:
            self._books.settle(record, "CANCELLED", self._course.why)
        except (FailedError, ExpressionError) as failure:
            self._fail(task, record, str(failure))

    def _is_lost(self, name: str) -> bool:
        record = self._books.records[name]
        policy = self._books.tasks[name].on_failure
        if record.status == "CANCELLED":
            return True
        failed = record.status == "FAILED" or (
            record.status == "SKIPPED" and name not in self._books.unneeded
        )
        return failed and policy != "continue"

    def _holds(self, condition: str) -> bool:
        return is_true(condition, self._books.scope())

    def _fail(self, task: Task, record: TaskState, why: str) -> None:
        record.error = why
        self._books.settle(record, "FAILED", why)
        if task.on_failure == "abort" and self._course.stop is None:
            self._course.failure = self._course.failure or f"{record.key} failed: {why}"
            self._course.begin_to_stop(Cancellation(self._course.failure, compensate=True))

    # ------------------------------------------------------------------ for each item

    async def _each(self, task: Task, record: TaskState) -> None:
        """Do the task for every item; its output is the list of theirs."""
        stage = self._books.stage(record)
        given = stage.items = self._items(task) if stage.items is None else stage.items
        record.status, record.began = "EXECUTING", record.began or workflow.time()
        places = asyncio.Semaphore(task.max_parallel or len(given) or 1)
        children = [
            self._books.records.get(key) or self._books.add(key, task.id)
            for key in (f"{task.id}[{index}]" for index in range(len(given)))
        ]

        async def one(child: TaskState, item: dict[str, Any]) -> None:
            async with places:
                try:
                    await self._once(task, child, item)
                except StoppedError:
                    self._books.settle(child, "CANCELLED", self._course.why)
                except (FailedError, ExpressionError) as failure:
                    self._fail(task, child, str(failure))

        left = [
            (child, {"item": item, "index": index})
            for index, (child, item) in enumerate(zip(children, given, strict=True))
            if child.status not in SETTLED
        ]
        at_work: list[asyncio.Task[None]] = []
        for first in range(0, len(left), self._portion):
            if first:
                await asyncio.sleep(BREATH)
            portion = left[first : first + self._portion]
            at_work += [asyncio.create_task(one(*each)) for each in portion]
        await asyncio.gather(*at_work)
        record.output = [child.output for child in children]
        record.robot = next((child.robot for child in children if child.robot), "")
        for status in ("CANCELLED", "FAILED"):
            bad = [child.key for child in children if child.status == status]
            if bad:
                self._books.settle(record, status, f"{', '.join(bad)}: {status.lower()}")
                return
        self._books.settle(record, "COMPLETED", "")

    @property
    def _portion(self) -> int:
        """How many items are begun in one step."""
        if self._course.brisk:
            return PORTION
        return PORTION_OF_ITEMS if self._course.bounded else MAX_ITEMS

    def _items(self, task: Task) -> list[Any]:
        given = task.for_each
        if isinstance(given, str):
            text = single_template(given) or given
            given = compile_expression(text).evaluate(self._books.scope())
        else:
            given = render(given, self._books.scope())
        if not isinstance(given, list):
            raise FailedError(f"for_each is {given!r}, which is no list")
        most = MAX_ITEMS if self._course.bounded else MAX_TASKS
        if len(self._books.records) + len(given) > most:
            raise FailedError(f"for_each has {len(given)} items; a mission has at most {most}")
        return given

    # ------------------------------------------------------------------ once

    async def _once(self, task: Task, record: TaskState, item: dict[str, Any]) -> None:
        """Ask, wait, hold what is shared, and have a robot do it, as often as it may fail."""
        stage = self._books.stage(record)
        if not record.claimed:
            await self._course.through_pause(record)
        record.began = record.began or workflow.time()
        await self._confirmed(task, record, item)
        await self._signalled(task, record)
        await self._delayed(task, record)
        if not task.works:
            self._books.settle(record, "COMPLETED", "")
            return
        try:
            for name in sorted(task.shared):  # everybody in the same order: no circle can arise
                if name not in stage.held:
                    await self._sharing.take(name, record, self._books.urgency(task.priority))
            await self._places.turn(task, record, item)
            try:
                outcome = await self._tried(task, record, item)
            finally:
                self._places.leave(record)
        except Exception:
            # Where the robot may still be it is not given on: the shared thing asks the robot.
            if not (record.unconfirmed and workflow.patched(patches.KEPT_WHERE_UNCONFIRMED)):
                await self._sharing.give_all_back(record)
            raise
        # Not in a `finally`: it may not wait when Temporal puts the workflow out of memory.
        await self._sharing.give_all_back(record)
        record.output = outcome.output
        if task.compensation is not None or not self._course.bounded:
            self._books.done.append(Done(record.key, task.id, record.robot, item))
        self._books.settle(record, outcome.status, outcome.message)

    async def _confirmed(self, task: Task, record: TaskState, item: dict[str, Any]) -> None:
        stage, asked = self._books.stage(record), task.require_confirmation
        if asked is False or stage.confirmed:
            return
        question = task.id
        if isinstance(asked, str):
            question = str(render(asked, self._books.scope(item)))
        record.status, record.reason = "WAITING_FOR_CONFIRMATION", question
        self._books.tell()
        await self._course.until(
            lambda: record.key in self._books.answers,
            self._books.left(stage, task.confirmation_timeout),
        )
        stage.ends = 0.0
        answer = self._books.answers.pop(record.key, None)
        if answer is None:
            answer = Answer(approve=task.confirmation_default, comment="nobody answered in time")
        if answer.comment:
            record.notes.append(answer.comment)
        if not answer.approve:
            raise FailedError(f"not confirmed: {answer.comment or 'refused'}")
        stage.confirmed = True

    async def _signalled(self, task: Task, record: TaskState) -> None:
        stage, name = self._books.stage(record), task.wait_for_signal
        if name is None or stage.signalled:
            return
        record.status, record.reason = "WAITING_FOR_SIGNAL", f"waits for the signal {name}"
        await self._course.until(
            lambda: bool(self._books.signals.get(name)), self._books.left(stage, task.patience)
        )
        if not self._books.signals.get(name):
            raise FailedError(f"the signal {name} did not come within {task.patience:g} s")
        record.output = self._books.signals[name].pop(0)
        stage.signalled, stage.ends = True, 0.0

    async def _delayed(self, task: Task, record: TaskState) -> None:
        stage = self._books.stage(record)
        if task.delay is None or stage.delayed:
            return
        record.status, record.reason = "DELAYED", f"for {task.delay:g} s"
        await self._course.pass_time(self._books.left(stage, task.delay))
        stage.delayed, stage.ends = True, 0.0

    async def _tried(self, task: Task, record: TaskState, item: dict[str, Any]) -> TaskOutcome:
        """Have a robot do it, again where the task's `retry` says so."""
        stage = self._books.stage(record)
        for attempt in range(stage.failed + 1, task.retry.max_attempts + 1):
            if stage.ends:
                await self._course.pass_time(self._books.left(stage, 0.0))
                stage.ends = 0.0
            record.attempt = attempt
            outcome = await self._asking.have_done(task, task.priority, record, item)
            if outcome.status in orders.SUCCESS:
                return outcome
            if outcome.unconfirmed:
                record.unconfirmed = outcome.unconfirmed
            if self._course.stop is not None:
                raise StoppedError
            message = outcome.error or outcome.message or outcome.status
            record.notes.append(f"attempt {attempt} on {outcome.robot}: {message}")
            if attempt == task.retry.max_attempts or outcome.unconfirmed:
                raise FailedError(message)
            # It was cancelled on the robot, so it must not begin again.
            if outcome.status == "CANCELLED" and workflow.patched(patches.CANCELLED_IS_NOT_RETRIED):
                raise FailedError(message)
            delay = task.retry.delay(attempt, workflow.random().uniform(-1.0, 1.0))
            record.status, record.reason = "WAITING", f"tries again in {delay:.1f} s: {message}"
            record.claimed = False
            stage.failed, stage.since, stage.refusals = attempt, 0.0, {}
            stage.ends = workflow.time() + delay
            await self._course.pass_time(delay)
            stage.ends = 0.0
        raise AssertionError("there is at least one attempt")
