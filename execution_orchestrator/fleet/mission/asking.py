"""How robots are asked for a task: each time an activity, until one has an outcome."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    TimeoutType,
    is_cancelled_exception,
)
from temporalio.exceptions import TimeoutError as ActivityTimeoutError

with workflow.unsafe.imports_passed_through():
    from execution_orchestrator.fleet import orders, patches
    from execution_orchestrator.fleet.document import ANY, ROBOT, Work
    from execution_orchestrator.fleet.needs import (
        LONGEST_QUEUE,
        Demand,
        capabilities_in,
        control_queue,
        own_queue,
    )
    from execution_orchestrator.fleet.orders import (
        Carried,
        Control,
        TaskOrder,
        TaskOutcome,
        TaskState,
        execution_id_of,
    )
    from execution_orchestrator.plan.expressions import render

from execution_orchestrator.fleet.mission.books import Books
from execution_orchestrator.fleet.mission.bounds import (
    ANOTHER,
    CONTROL,
    HAND_BACK_PAUSE,
    HEARTBEAT,
    LONGEST,
    LONGEST_PAUSE,
    MOST_NOTIFIED,
    MOST_REFUSALS,
    WORD,
)
from execution_orchestrator.fleet.mission.course import Course, FailedError, StoppedError
from execution_orchestrator.fleet.mission.sharing import Sharing


class Asking:
    """Asks robots for tasks, and for what is wanted of those that they have begun."""

    def __init__(self, books: Books, course: Course, sharing: Sharing, before: Carried) -> None:
        self._books = books
        self._course = course
        self._sharing = sharing
        self.activities: dict[str, workflow.ActivityHandle[TaskOutcome]] = {}
        self.moved: set[str] = set()  # whose activity ends because the mission withdrew it
        self.moves = Counter(before.moves)
        self.news = 0  # from robots
        self._withdrawing: asyncio.Task[None] | None = None
        self._telling: list[asyncio.Task[None]] = []
        self._notified: set[str] = set()  # executions whose robots were asked to end them

    async def have_done(
        self, work: Work, priority: int | None, record: TaskState, item: dict[str, Any]
    ) -> TaskOutcome:
        """Have one robot do the task, across crashes of agent and worker; return its outcome.

        Raises:
            FailedError: no robot took it in time, or those that were asked cannot do it.
            StoppedError: the mission is being cancelled, and no robot has begun it.

        """
        stage = self._books.stage(record)
        urgency = self._books.urgency(priority)
        if not stage.since:
            scope = self._books.scope(item)
            stage.robot = self._robot_of(work, scope)
            stage.command = str(render(work.command or "", scope))
            stage.context = render(work.context, scope)
            stage.since = workflow.time()
            record.robot = "" if stage.robot == ANY else stage.robot
            record.report = ""
        mission, choice, refusals = workflow.info().workflow_id, stage.robot, stage.refusals
        order = TaskOrder(
            mission=mission,
            task=record.key,
            execution_id="",
            command=stage.command,
            plan=work.plan,
            context=stage.context,
            timeout=work.timeout or 0.0,
            priority=urgency,
        )
        demand = Demand.of(work.needs, capabilities_in(work.plan)).not_by(refusals)
        handed_back = 0
        while True:
            if self._course.closing:
                await self._course.until(lambda: not self._course.closing, stopping=record.claimed)
            if self._course.stop is not None:
                return await self._last_word(record)
            if (
                not record.claimed
                and self._sharing.lost(record)
                and workflow.patched(patches.LEASE_FIRST)
            ):
                await self._sharing.hold_again(record, urgency)
            if not record.claimed:  # or no longer: a person may have taken it from its robot
                record.robot = "" if choice == ANY else choice
            record.queue = own_queue(record.robot) if record.robot else demand.queue
            record.status = "EXECUTING" if record.claimed else "QUEUED"
            record.reason = (
                f"waits for {record.robot}, which has begun it" if record.claimed
                else "; ".join([f"waits for {record.robot or 'a robot that is free and able'}",
                                *_cannot(refusals)])
            )  # fmt: skip
            left = None
            patience = ANOTHER if refusals and work.patience is None else work.patience
            if patience is not None and not record.claimed:
                left = max(0.1, stage.since + patience - workflow.time())
            self._books.tell()
            order.execution_id = record.execution_id = execution_id_of(
                mission, self._books.run, record.key, record.attempt, self.moves[record.key]
            )
            try:
                outcome = await self._asked(order, record, urgency, left)
                record.report = outcome.report
                if outcome.note:
                    record.notes.append(outcome.note)
                if record.key not in self.moved:
                    # What a robot could not begin, because it does not understand the words or does
                    # not know the place, may be asked of others.
                    if (
                        record.robot
                        or record.claimed
                        or outcome.status != "FAILED"
                        or not workflow.patched(patches.REFUSALS)
                    ):
                        return outcome
                    refusals[outcome.robot] = outcome.error or outcome.message
                    demand = demand.not_by(refusals)
                    if len(refusals) >= MOST_REFUSALS or len(demand.queue) > LONGEST_QUEUE:
                        raise FailedError("; ".join(_cannot(refusals)))
                    self._books.also_needed.add(demand.queue)
                    self._books.publish()
                    if work.patience is None:
                        stage.since = workflow.time()
            except ActivityError as failure:
                cause = failure.cause
                if self._course.stop is not None:
                    return await self._last_word(record)
                if is_cancelled_exception(failure):
                    pass  # it was withdrawn
                elif isinstance(cause, ActivityTimeoutError):
                    if cause.type == TimeoutType.SCHEDULE_TO_START:
                        who = "no other robot" if refusals else "no robot"
                        nobody = f"{who} took it within {patience:g} s"
                        where = "" if refusals else f" ({record.queue.replace(';', ', ')})"
                        message = "; ".join([*_cannot(refusals), f"{nobody}{where}"])
                        raise FailedError(message) from None
                    who = record.robot or "the robot that took it"
                    record.notes.append(f"{who} fell silent")
                elif isinstance(cause, ApplicationError) and cause.type == orders.HANDED_BACK:
                    handed_back += 1
                else:
                    note = f"asked again: {cause or failure}"
                    if note not in record.notes:
                        record.notes.append(note)
                    handed_back += 1
            self.moved.discard(record.key)
            if handed_back:
                pause = min(LONGEST_PAUSE, HAND_BACK_PAUSE * 2 ** min(handed_back - 1, 10))
                await self._course.pass_time(pause, stopping=record.claimed)

    def _robot_of(self, work: Work, scope: Mapping[str, Any]) -> str:
        """Return the robot of a task, which an expression may give.

        Raises:
            FailedError: it gives none, as when the task that it names was skipped.

        """
        robot = str(render(work.robot, scope))
        if robot != work.robot and workflow.patched(patches.ROBOT_IS_LOOKED_AT):
            if not robot or not re.fullmatch(ROBOT, robot):
                raise FailedError(f"robot: {work.robot} gives {robot!r}, which is no robot")
            if robot == ANY:  # which agents do not see in the document
                demand = Demand.of(work.needs, capabilities_in(work.plan))
                self._books.also_needed.add(demand.queue)
                self._books.publish()
        return robot

    async def _asked(
        self, order: TaskOrder, record: TaskState, urgency: int, patience: float | None
    ) -> TaskOutcome:
        handle = workflow.start_activity(
            orders.RUN_TASK,
            order,
            result_type=TaskOutcome,
            task_queue=record.queue,
            heartbeat_timeout=HEARTBEAT,
            start_to_close_timeout=LONGEST,
            schedule_to_start_timeout=None if patience is None else timedelta(seconds=patience),
            retry_policy=RetryPolicy(maximum_attempts=1),
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            priority=Priority(priority_key=priority_key(urgency)),
            activity_id=record.key if workflow.patched(patches.ACTIVITIES_HAVE_NAMES) else None,
            summary=f"{order.task} on {record.robot or 'any robot'}",
        )
        self.activities[record.key] = handle
        try:
            outcome: TaskOutcome = await handle
        finally:
            del self.activities[record.key]
            self.news += 1
        return outcome

    async def _last_word(self, record: TaskState) -> TaskOutcome:
        """Hear from the robot of a cancelled task whether everything has ended."""
        if not record.claimed:
            raise StoppedError
        try:
            answer: str = await self.control(
                record, Control(record.execution_id, "cancel", self._course.why), WORD
            )
        except ActivityError:
            answer = f"{record.robot} did not answer; what it began may still run"
        return TaskOutcome(record.robot, "CANCELLED", unconfirmed=[answer] if answer else [])

    def stop(self) -> None:
        """End what robots do, because the mission is being cancelled.

        Temporal reports that an activity is cancelled with the answer to its next heartbeat, which
        may be seconds away. So the robot is asked directly, too.
        """
        self._withdraw(self.activities)
        begun = [
            record
            for record in (self._books.records[key] for key in self.activities)
            if record.claimed and record.execution_id not in self._notified
        ]
        if begun and workflow.patched(patches.CANCEL_IS_SENT):
            self._notified.update(record.execution_id for record in begun)
            self._telling.append(asyncio.create_task(self._tell_to_end(begun)))

    async def _tell_to_end(self, records: Sequence[TaskState]) -> None:
        """Ask the robots of some tasks to end them; the outcomes come from the activities."""
        places = asyncio.Semaphore(MOST_NOTIFIED)

        async def tell(record: TaskState) -> None:
            async with places:
                with contextlib.suppress(ActivityError):
                    await self.control(
                        record, Control(record.execution_id, "cancel", self._course.why)
                    )

        await asyncio.gather(*map(tell, records))

    def take_back(self, keys: Iterable[str]) -> None:
        """Ask no longer for some tasks, which are asked for again."""
        known = [key for key in keys if key in self.activities]
        self.moved.update(known)
        self._withdraw(known)

    def _withdraw(self, keys: Iterable[str]) -> None:
        """Ask no longer for some tasks, once all that is heard in this step has been taken in.

        A handle that is cancelled in the step that began its activity, or in which it ended, gives
        no answer of the robot any more.
        """
        handles = [self.activities[key] for key in keys]

        def cancel() -> None:
            for handle in handles:
                handle.cancel()

        async def cancel_later() -> None:
            await workflow.wait_condition(lambda: True)  # after all else of this step
            cancel()

        if self._course.bounded:
            self._withdrawing = asyncio.create_task(cancel_later())
        else:
            cancel()

    # ------------------------------------------------------------------ what has begun

    async def control(
        self, record: TaskState, request: Control, timeout: timedelta = CONTROL
    ) -> str:
        """Ask the robot of a running task for something, and return what it said.

        Raises:
            ActivityError: it refuses, or did not answer in time.

        """
        answer: str = await workflow.execute_activity(
            orders.CONTROL_TASK,
            request,
            result_type=str,
            task_queue=control_queue(record.robot),
            schedule_to_close_timeout=timeout,
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=0),
            summary=f"{request.what} {record.key} on {record.robot}",
        )
        return answer

    async def forwarded(self, record: TaskState, request: Control) -> str:
        """Do the same for a person.

        Raises:
            ApplicationError: it refuses, or did not answer in time.

        """
        try:
            return await self.control(record, request)
        except ActivityError as failure:
            raise ApplicationError(f"{record.robot}: {_said(failure)}") from None

    async def on_all(self, what: str, reason: str) -> str:
        """Ask the robots of all running tasks for something, and return how many did it."""
        # Also those that their robots are just asked for again.
        begun = self._books.records if self._course.bounded else self.activities
        running = [
            record for record in (self._books.records[key] for key in begun) if record.is_held
        ]
        answers = await asyncio.gather(
            *(
                self.control(record, Control(record.execution_id, what, reason))
                for record in running
            ),
            return_exceptions=True,
        )
        failed = [
            f"{record.key}: {_said(answer)}"
            for record, answer in zip(running, answers, strict=True)
            if isinstance(answer, BaseException)
        ]
        message = f"{what}: {len(running) - len(failed)} of {len(running)} running tasks"
        return "; ".join([message, *failed])


def priority_key(priority: int) -> int:
    """Return Temporal's priority, 1 (first) to 5, of one from -100 (least urgent) to 100."""
    return max(1, min(5, 3 - round(priority / 50)))


def _cannot(refusals: Mapping[str, str]) -> list[str]:
    return [f"{robot} cannot: {why}" for robot, why in refusals.items()]


def _said(failure: BaseException) -> str:
    cause = failure.cause if isinstance(failure, ActivityError) else failure
    if isinstance(cause, ActivityTimeoutError):
        return "it did not answer in time"
    return str(cause or failure)
