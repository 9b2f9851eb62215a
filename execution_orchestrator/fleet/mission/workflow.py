"""A mission as others see it: its run, and what may be asked of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ApplicationError, CancelledError

with workflow.unsafe.imports_passed_through():
    # Loaded for the first signal elsewhere (plan/schemas.py), which a workflow may not do.
    import jsonschema.exceptions  # noqa: F401

    from execution_orchestrator.fleet import patches
    from execution_orchestrator.fleet.document import MAX_TASKS, Mission, Task
    from execution_orchestrator.fleet.orders import (
        CLAIM,
        SETTLED,
        Answer,
        Cancellation,
        Carried,
        Claim,
        Control,
        MissionOrder,
        MissionState,
        Move,
        Signal,
        TaskState,
        Use,
    )
    from execution_orchestrator.plan.expressions import ExpressionError, render
    from execution_orchestrator.plan.signals import signal_problem

from execution_orchestrator.fleet.mission.asking import Asking
from execution_orchestrator.fleet.mission.books import Books
from execution_orchestrator.fleet.mission.bounds import (
    BREATH,
    FOLLOWS,
    LONGEST_QUIET,
    MOST_BYTES,
    MOST_CLAIMS,
    PORTION,
    QUIET,
)
from execution_orchestrator.fleet.mission.course import Course
from execution_orchestrator.fleet.mission.places import Places
from execution_orchestrator.fleet.mission.sharing import Sharing
from execution_orchestrator.fleet.mission.tasks import Tasks
from execution_orchestrator.fleet.mission.undoing import Undoing

BEGAN = "began"  # in the memo: when the first run of a mission that is in a later one did


@workflow.defn(name="Mission")
class MissionWorkflow:
    """One mission, from its document to its end."""

    @workflow.init
    def __init__(self, order: MissionOrder) -> None:
        info, mission = workflow.info(), Mission.model_validate(order.document)
        before = order.carried or Carried(info.run_id, MissionState(info.workflow_id, mission.name))
        self._books = Books(order, mission, before)
        self._course = Course(self._books, before)
        self._places = Places(self._books, self._course)
        self._sharing = Sharing(self._books, self._course, self._places, before)
        self._asking = Asking(self._books, self._course, self._sharing, before)
        self._tasks = Tasks(self._books, self._course, self._places, self._sharing, self._asking)
        self._undoing = Undoing(self._books, self._course, self._asking)
        self._course.when_stopped = [self._asking.stop, self._places.end]
        self._claims = 0

    @workflow.run
    async def run(self, order: MissionOrder) -> MissionState:
        """Do the tasks, undo them if need be, and say what came of it.

        Raises:
            ApplicationError: a task failed for good; its details are the same MissionState.
            CancelledError: it was cancelled; the query ``describe`` has the MissionState.

        """
        books, course = self._books, self._course
        course.brisk = workflow.patched(patches.BRISK)
        if order.carried is None:
            course.bounded = workflow.patched(patches.BOUNDED)
            books.state.began = workflow.time()
            books.publish()
            for task in books.mission.tasks:
                books.add(task.id, task.id)
        left = [
            task for task in books.mission.tasks if books.records[task.id].status not in SETTLED
        ]
        tasks: list[asyncio.Task[None]] = []
        beside = [
            asyncio.create_task(one)
            for one in (self._limits(), self._places.give(), self._begin(left, tasks))
        ]
        await self._through_runs(
            lambda: len(tasks) == len(left) and all(task.done() for task in tasks)
        )
        for done in tasks:
            done.result()
        for one in beside:
            one.cancel()
        if self._is_to_be_undone():
            self._undoing.begin()
            self._tell_course()
            undoing = asyncio.create_task(self._undoing.undo())
            await self._through_runs(undoing.done)
            undoing.result()
        await course.through_cancellation(workflow.all_handlers_finished)
        if course.stop_asked and workflow.patched(patches.CANCELLED_IN_TEMPORAL):
            # Who asked for it cancels the workflow next, so that Temporal shows it as cancelled.
            await course.through_cancellation(lambda: course.cancelled_in_temporal, FOLLOWS)
        return self._end()

    async def _begin(self, left: Sequence[Task], begun: list[asyncio.Task[None]]) -> None:
        """Begin tasks, a portion in a step."""
        portion = PORTION if self._course.brisk else MAX_TASKS
        for first in range(0, len(left), portion):
            if first:
                await asyncio.sleep(BREATH)
            begun += [
                asyncio.create_task(self._tasks.do(task)) for task in left[first : first + portion]
            ]

    async def _limits(self) -> None:
        """Stop the mission when its time is over."""
        books, ends = self._books, []
        if books.mission.timeout is not None:
            ends.append((books.state.began + books.mission.timeout, "its timeout is over"))
        if books.order.deadline:
            ends.append((books.order.deadline, "its deadline has come"))
        if not ends:
            return
        moment, reason = min(ends)
        await asyncio.sleep(max(0.0, moment - workflow.time()))
        undo = books.mission.compensate_on_cancel
        self._course.begin_to_stop(Cancellation(reason, compensate=undo))

    def _is_to_be_undone(self) -> bool:
        stop = self._course.stop
        if not self._books.done or (stop is None and not self._course.failure):
            return False
        return stop is None or stop.compensate or self._books.mission.compensate_on_cancel

    # ------------------------------------------------------------------ from run to run

    async def _through_runs(self, condition: Callable[[], bool]) -> None:
        """Wait until it holds, in a new run if this one becomes too long."""
        while True:
            await self._course.through_cancellation(lambda: condition() or self._is_long())
            if condition():
                return
            await self._go_on_anew()

    def _is_long(self) -> bool:
        info = workflow.info()
        return (
            self._course.bounded
            and self._course.stop is None  # what still runs is little, and has to be heard of here
            and (
                info.get_current_history_length() >= self._books.order.most_events
                or info.get_current_history_size() >= MOST_BYTES
                or self._claims >= MOST_CLAIMS
            )
        )

    async def _go_on_anew(self) -> None:
        """Begin a new run, which asks again for what robots have begun.

        In a quiet moment, as Temporal does not take the end of a run that has not seen all news;
        nothing new is asked for until then. A cancel of the mission comes first.
        """
        course, asking = self._course, self._asking
        course.closing = True
        asking.take_back(key for key in asking.activities if not self._books.records[key].claimed)
        since = workflow.time()
        while course.stop is None:
            before = asking.news
            await course.through_cancellation(lambda: course.stop is not None, QUIET)
            quiet = before == asking.news and not asking.moved
            if (
                course.stop is None
                and workflow.all_handlers_finished()
                and (quiet or workflow.time() - since > LONGEST_QUIET)
            ):
                workflow.continue_as_new(
                    replace(self._books.order, carried=self._carried()),
                    memo={**workflow.memo(), BEGAN: self._books.state.began},
                )
        course.closing = False

    def _carried(self) -> Carried:
        books = self._books
        return Carried(
            run=books.run,
            state=self.describe(),
            stages=books.stages,
            done=books.done,
            answers=books.answers,
            signals=books.signals,
            granted=self._sharing.granted,
            moves=dict(self._asking.moves),
            unneeded=sorted(books.unneeded),
            robots=sorted(books.robots),
            also_needed=sorted(books.also_needed),
            stop=self._undoing.because,
            stop_asked=self._course.stop_asked,
            failure=self._course.failure,
            paused=self._course.paused,
        )

    # ------------------------------------------------------------------ its end

    def _end(self) -> MissionState:
        state, course, records = self._books.state, self._course, self._books.records.values()
        state.ended = workflow.time()
        if course.failure:
            state.status, state.reason = "FAILED", course.failure
        elif course.stop is not None:
            state.status, state.reason = "CANCELLED", course.stop.reason
        elif any(one.status == "FAILED" for one in records):
            state.status, state.reason = "PARTIALLY_COMPLETED", "some tasks failed"
        else:
            state.status, state.reason = "COMPLETED", ""
        if not course.failure and course.stop is None:
            try:
                state.output = render(self._books.mission.return_, self._books.scope())
            except ExpressionError as failure:
                state.status, state.reason = "FAILED", f"return: {failure}"
        groups = (
            ("not confirmed as ended", [f"{i.key} on {i.robot}" for i in records if i.unconfirmed]),
            ("not undone", self._undoing.not_undone()),
        )
        state.reason = "; ".join(
            filter(None, [state.reason, *(f"{what}: {', '.join(of)}" for what, of in groups if of)])
        )
        self._books.publish()
        state = self._books.whole()
        if state.status == "FAILED":
            raise ApplicationError(state.reason, state, type="MissionFailed", non_retryable=True)
        if state.status == "CANCELLED" and course.cancelled_in_temporal:
            raise CancelledError(state.reason)
        return state

    # ------------------------------------------------------------------ what robots ask

    @workflow.update(name=CLAIM)
    def claim(self, request: Claim) -> str:
        """Say whether a robot may begin a task; from then on it is that robot's alone.

        The answer is ``begin``, ``hold`` (it is the robot's, but the mission is paused) or ``no``.
        """
        self._claims += 1
        record = self._books.records.get(request.task)
        if (
            record is None
            or record.execution_id != request.execution_id
            or record.status in SETTLED
            or self._course.stop is not None
        ):
            return "no"
        yes = "hold" if self._course.paused else "begin"
        if record.claimed:
            return yes if record.robot == request.robot else "no"
        if (
            record.key not in self._asking.activities
            or record.key in self._asking.moved
            or record.robot not in ("", request.robot)
            or (self._sharing.lost(record) and workflow.patched(patches.LEASE_FIRST))
        ):
            return "no"
        self._places.taken(record)
        record.claimed, record.robot = True, request.robot
        record.status, record.reason = "EXECUTING", ""
        self._books.tell()
        if request.robot not in self._books.robots:
            self._books.robots.add(request.robot)
            self._books.publish()
        return yes

    @workflow.query
    def queues(self) -> list[str]:
        """Return the queues in which robots are asked for something now."""
        return sorted({self._books.records[key].queue for key in self._asking.activities})

    @workflow.query
    def holder(self, execution_id: str) -> str:
        """Return the robot that an execution belongs to, empty if it belongs to none."""
        for record in self._books.records.values():
            if record.execution_id == execution_id and record.claimed:
                return record.robot if record.is_held else ""
        return ""

    # ------------------------------------------------------------------ what people ask

    @workflow.query
    def describe(self) -> MissionState:
        """Return the current state of the mission."""
        return self._books.whole()

    @workflow.update
    def cancel(self, request: Cancellation) -> str:
        """Cancel every task; the mission ends when the robots have said that they stopped."""
        self._course.stop_asked = True
        self._course.begin_to_stop(request)
        return f"{len(self._asking.activities)} tasks on robots are being cancelled"

    @workflow.update
    async def pause(self, reason: str) -> str:
        """Begin no task any more, and pause those that run on robots."""
        self._course.paused = reason or "a person asked for it"
        self._tell_course()
        return await self._asking.on_all("pause", self._course.paused)

    @workflow.update
    async def resume(self) -> str:
        """Resume the mission and the executions of its robots."""
        self._course.paused = ""
        self._tell_course()
        return await self._asking.on_all("resume", "")

    def _tell_course(self) -> None:
        """Say what the mission does now, after a pause too."""
        course, undone = self._course, self._undoing.why
        if course.stop is not None and not undone:
            self._books.set_status("CANCELLING", course.why)
        elif course.paused:
            self._books.set_status("PAUSED", course.paused)
        elif undone:
            self._books.set_status("COMPENSATING", undone)
        else:
            self._books.set_status("EXECUTING", "")

    @workflow.update
    async def confirm(self, answer: Answer) -> str:
        """Answer a task that asks, in the mission or on its robot."""
        answers = self._books.answers
        asking = [record.key for record in self._that_ask() if record.key not in answers]
        key = answer.task or (asking[0] if asking else "")
        if key in asking:
            answers[key] = answer
            return f"{key}: {'confirmed' if answer.approve else 'refused'}"
        record = self._books.records.get(key)
        if record is None or not record.is_held:
            if not asking:
                raise ApplicationError("no task asks for a confirmation")
            said = f"{key} does not ask for a confirmation"
            raise ApplicationError(f"{said}; those that ask: {', '.join(asking)}")
        return await self._asking.forwarded(
            record,
            Control(record.execution_id, "confirm", answer.comment, approve=answer.approve),
        )

    @workflow.signal(name="confirm")
    def confirm_by_signal(self, answer: Answer) -> None:
        """Answer a task that asks in the mission, from Temporal's own UI."""
        for record in self._that_ask():
            if answer.task in ("", record.key):
                self._books.answers[record.key] = answer
                return

    def _that_ask(self) -> list[TaskState]:
        records = self._books.records.values()
        return [one for one in records if one.status == "WAITING_FOR_CONFIRMATION"]

    @workflow.update
    async def send(self, signal: Signal) -> str:
        """Give a value to the mission, or to the plan of a task on its robot."""
        if not signal.task:
            problem = signal_problem(self._books.mission.signals, signal.name, signal.value)
            if problem:
                raise ApplicationError(problem.replace("the plan has", "the mission has"))
            self._books.signals.setdefault(signal.name, []).append(signal.value)
            return f"{signal.name} was taken"
        record = self._books.records.get(signal.task)
        if record is None or not record.is_held:
            raise ApplicationError(f"{signal.task} does not run on a robot")
        return await self._asking.forwarded(
            record,
            Control(record.execution_id, "signal", name=signal.name, value=signal.value),
        )

    @workflow.update
    def move(self, request: Move) -> str:
        """Take a task from a lost robot because a person confirms that it has stopped."""
        record = self._books.records.get(request.task)
        if record is None or not record.is_held:
            raise ApplicationError(f"{request.task} is not held by a robot")
        if self._course.stop is not None:
            raise ApplicationError(f"{request.task} is ending already")
        before, record.robot, record.claimed = record.robot, "", False
        self._asking.moves[record.key] += 1
        record.notes.append(f"taken from {before}: {request.reason or 'a person said so'}")
        self._asking.take_back([record.key])
        return f"{request.task} was taken from {before}"

    # ------------------------------------------------------------------ what shared things ask

    @workflow.query
    def use(self, task: str) -> Use:
        """Return whether a task has not ended, and which robot may still use its shared thing."""
        record = self._books.records.get(task)
        if record is None:
            return Use()
        wanted = record.status not in SETTLED
        if record.claimed and (wanted or record.unconfirmed):
            return Use(wanted, record.robot, record.execution_id)
        return Use(wanted)

    @workflow.signal
    async def granted(self, name: str, task: str) -> None:
        """Take a shared thing, for which a task waited; one that has ended gives it back."""
        record = self._books.records.get(task)
        if record is None or record.status in SETTLED:
            await self._sharing.give_back(name, task)
        else:
            self._sharing.grant(name, task)

    @workflow.signal
    async def lease_over(self, name: str, task: str) -> None:
        """Give back a shared thing whose lease is over.

        While a robot may still use it, it is kept, and the overdue lease is only noted.
        """
        record = self._books.records.get(task)
        if workflow.patched(patches.KEPT_WHILE_INSIDE):
            await self._over(name, record)
            return
        self._sharing.revoke(name, task)
        if record is None:
            return
        record.notes.append(f"{name} was held too long and given to the next")
        if (
            not record.claimed
            and record.key in self._asking.activities
            and workflow.patched(patches.LEASE_FIRST)
        ):
            self._asking.take_back([record.key])

    async def _over(self, name: str, record: TaskState | None) -> None:
        if record is None or record.status in SETTLED:
            return
        lease = f"its lease of {self._books.mission.shared[name].lease:g} s"
        if record.claimed:
            until = f"nobody else gets it until {record.robot} has ended"
            record.notes.append(f"{name} is held longer than {lease}; {until}")
            return
        record.notes.append(f"{name} was held for {lease} before a robot began, and given back")
        self._asking.take_back([record.key])
        await self._sharing.give_back(name, record.key)
