"""The workflow of a mission: deterministic, so that Temporal can replay it from its history.

Each task is a coroutine that waits for those it depends on. What a robot does is an activity. The
robot that takes it asks with the update ``claim`` before anything physical begins: from the answer
on, the task belongs to that robot, and if robot, agent or connection is lost, it is asked again on
the queue of this robot alone. A task that nobody has claimed may go to any other robot.

Temporal bounds how long a workflow's history may be, what may be open at once, and how long a step
may compute. So tasks are asked for in turn and in portions, and a long mission goes on in a new
run, which asks again for what robots have begun.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy, SearchAttributeKey
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    CancelledError,
    TimeoutType,
    is_cancelled_exception,
)
from temporalio.exceptions import TimeoutError as ActivityTimeoutError

with workflow.unsafe.imports_passed_through():
    # Loaded for the first signal elsewhere (plan/schemas.py), which a workflow may not do.
    import jsonschema.exceptions  # noqa: F401

    from execution_orchestrator.fleet import orders, patches
    from execution_orchestrator.fleet.details import details
    from execution_orchestrator.fleet.document import (
        ANY,
        MAX_ITEMS,
        MAX_TASKS,
        Mission,
        Task,
        Work,
    )
    from execution_orchestrator.fleet.needs import (
        MISSIONS,
        Demand,
        capabilities_in,
        control_queue,
        own_queue,
    )
    from execution_orchestrator.fleet.orders import (
        SETTLED,
        Answer,
        Cancellation,
        Carried,
        Claim,
        Control,
        Done,
        MissionOrder,
        MissionState,
        Move,
        Signal,
        Stage,
        TaskOrder,
        TaskOutcome,
        TaskState,
        Turn,
        Use,
        execution_id_of,
    )
    from execution_orchestrator.fleet.turns import Turns
    from execution_orchestrator.plan.expressions import (
        ExpressionError,
        compile_expression,
        is_true,
        render,
        single_template,
    )
    from execution_orchestrator.plan.signals import signal_problem

HEARTBEAT = timedelta(seconds=15)  # of silence, after which a robot counts as lost
LONGEST = timedelta(days=30)  # an activity may last; the mission's own limits come first
CONTROL = timedelta(seconds=20)  # for a robot to do what is asked about a running task
WORD = timedelta(seconds=60)  # for a robot that is away to come and say that it has stopped
FOLLOWS = timedelta(seconds=5)  # from a person's cancel to that of the workflow
HAND_BACK_PAUSE = 0.2  # seconds before a task that was handed back is offered again
LONGEST_PAUSE = 5.0  # seconds, when it is handed back again and again
ANOTHER = 60.0  # seconds for another robot to take what one has said that it cannot do
MOST_ROWS = 50  # tasks that Temporal's UI is told of
MOST_AT_ONCE = (
    1500  # tasks that robots are asked for; Temporal ends a workflow with 2,000 open ones
)
MOST_UNTAKEN = 100  # of them in one queue, which no robot has taken yet
MOST_IN_LINE = 100  # tasks of one mission that ask for one shared thing
PORTION = 50  # tasks that are begun in one step, which may not compute for longer than 2 s
PORTION_OF_ITEMS = 500  # of a for_each in the missions of earlier releases
BREATH = 0.01  # seconds between two such steps
MOST_BYTES = 10_000_000  # of one run's history; Temporal ends a workflow with five times as many
MOST_CLAIMS = 1500  # that one run answers; Temporal takes 2,000
QUIET = timedelta(seconds=0.3)  # without news from robots, after which a new run begins; what
LONGEST_QUIET = 60.0  # comes meanwhile makes Temporal try anew. Seconds to wait for such a moment
MOST_REFUSALS = 16  # robots that say so, after which it is not asked of more
BEGAN = "began"  # in the memo: when the first run of a mission that is in a later one did
STATUS = SearchAttributeKey.for_keyword("MissionStatus")
NAME = SearchAttributeKey.for_keyword("MissionName")
ROBOTS = SearchAttributeKey.for_keyword_list("MissionRobots")
NEEDS = SearchAttributeKey.for_keyword_list("MissionNeeds")
CAPABILITIES = SearchAttributeKey.for_keyword_list("MissionCapabilities")
ATTRIBUTES = (STATUS, NAME, ROBOTS, NEEDS, CAPABILITIES)
_UNDO = ".compensation"


class _Stopped(Exception):
    """The mission is being cancelled; the task ends at once."""


class _Failed(Exception):
    """A task cannot be done; the text says why."""


@workflow.defn(name="Mission")
class MissionWorkflow:
    """One mission, from its document to its end."""

    @workflow.init
    def __init__(self, order: MissionOrder) -> None:
        self._order = order
        self._mission = Mission.model_validate(order.document)
        self._tasks = {task.id: task for task in self._mission.tasks}
        self._inputs = {**self._mission.inputs, **order.inputs}
        info = workflow.info()
        before = order.carried or Carried(
            info.run_id, MissionState(info.workflow_id, self._mission.name)
        )
        self._run = before.run
        self._state = before.state
        self._records = {one.key: one for one in self._state.tasks}
        self._stages = before.stages
        self._outcomes: dict[str, dict[str, Any]] = {}  # by task: what expressions see
        self._last: deque[TaskState] = deque(maxlen=MOST_ROWS)  # that ended
        for one in sorted(self._records.values(), key=lambda one: one.ended):
            if one.status in SETTLED:
                self._note_end(one)
        self._done = before.done  # for the compensations
        self._activities: dict[str, workflow.ActivityHandle[TaskOutcome]] = {}
        self._answers = before.answers
        self._signals = before.signals
        self._granted = set(before.granted)
        self._moved: set[str] = set()  # whose activity ends because the mission withdrew it
        self._moves = Counter(before.moves)
        self._unneeded = set(before.unneeded)  # tasks whose condition does not hold
        self._stop = before.stop
        self._undone_for: Cancellation | None = None  # what is being undone, because of this
        self._to_be_told = False
        self._stop_asked = before.stop_asked  # by a person's update, before Temporal's cancel
        self._cancelled_in_temporal = False
        self._failure = before.failure
        self._paused = before.paused
        self._bounded = True
        self._brisk = False
        self._turns = Turns(self._mission.max_parallel or MOST_AT_ONCE, MOST_UNTAKEN)
        self._untaken: dict[str, str] = {}  # lines of the tasks that no robot has taken
        self._lines = Turns(MAX_ITEMS, MOST_IN_LINE)  # before shared things
        self._withdrawing: asyncio.Task[None] | None = None
        self._closing = False  # for the next run to go on
        self._news = 0  # from robots
        self._claims = 0
        self._robots = set(before.robots)
        self._also_needed = set(before.also_needed)  # queues that robots' refusals have made

    # ------------------------------------------------------------------ the mission

    @workflow.run
    async def run(self, order: MissionOrder) -> MissionState:
        """Do the tasks, undo them if need be, and say what came of it.

        Raises:
            ApplicationError: a task failed for good; its details are the same MissionState.
            CancelledError: it was cancelled; the query ``describe`` has the MissionState.

        """
        self._brisk = workflow.patched(patches.BRISK)
        if order.carried is None:
            self._bounded = workflow.patched(patches.BOUNDED)
            self._state.began = workflow.time()
            self._publish()
            for task in self._mission.tasks:
                self._record(task.id, task.id)
        left = [
            task for task in self._mission.tasks if self._records[task.id].status not in SETTLED
        ]
        tasks: list[asyncio.Task[None]] = []
        beside = [
            asyncio.create_task(one)
            for one in (self._limits(), self._give_turns(), self._begin(left, tasks))
        ]
        await self._through_runs(
            lambda: len(tasks) == len(left) and all(task.done() for task in tasks)
        )
        for done in tasks:
            done.result()
        for one in beside:
            one.cancel()
        wanted = self._stop.compensate or self._mission.compensate_on_cancel if self._stop else True
        if (self._stop is not None or self._failure) and wanted and self._done:
            self._state.status, self._state.reason = "COMPENSATING", self._why()
            self._publish()
            undoing = asyncio.create_task(self._compensate())
            await self._through_runs(undoing.done)
            undoing.result()
        await self._through_cancellation(workflow.all_handlers_finished)
        if self._stop_asked and workflow.patched(patches.CANCELLED_IN_TEMPORAL):
            # Who asked for it cancels the workflow next, so that Temporal shows it as cancelled.
            await self._through_cancellation(lambda: self._cancelled_in_temporal, FOLLOWS)
        return self._end()

    async def _begin(self, left: Sequence[Task], begun: list[asyncio.Task[None]]) -> None:
        """Begin tasks, a portion in a step."""
        portion = PORTION if self._brisk else MAX_TASKS
        for first in range(0, len(left), portion):
            if first:
                await asyncio.sleep(BREATH)
            begun += [
                asyncio.create_task(self._task(task)) for task in left[first : first + portion]
            ]

    async def _through_cancellation(
        self, condition: Callable[[], bool], timeout: timedelta | None = None
    ) -> None:
        """Wait until it holds. A cancel from Temporal's side is one of the mission."""
        while True:
            try:
                with contextlib.suppress(asyncio.TimeoutError):
                    await workflow.wait_condition(condition, timeout=timeout)
            except asyncio.CancelledError:
                self._cancelled_in_temporal = True
                if not self._stop_asked:
                    self._begin_to_stop(Cancellation("cancelled in Temporal"))
            else:
                return

    async def _through_runs(self, condition: Callable[[], bool]) -> None:
        """Wait until it holds, in a new run if this one becomes too long."""
        while True:
            await self._through_cancellation(lambda: condition() or self._is_long())
            if condition():
                return
            await self._go_on_anew()

    def _is_long(self) -> bool:
        info = workflow.info()
        return (
            self._bounded
            and self._stop is None  # what still runs then is little, and has to be heard of here
            and (
                info.get_current_history_length() >= self._order.most_events
                or info.get_current_history_size() >= MOST_BYTES
                or self._claims >= MOST_CLAIMS
            )
        )

    async def _go_on_anew(self) -> None:
        """Begin a new run, which asks again for what robots have begun.

        In a quiet moment, as Temporal does not take the end of a run that has not seen all news;
        nothing new is asked for until then. A cancel of the mission comes first.
        """
        self._closing = True
        untaken = [key for key in self._activities if not self._records[key].claimed]
        self._moved.update(untaken)
        self._withdraw(untaken)
        since = workflow.time()
        while self._stop is None:
            before = self._news
            await self._through_cancellation(lambda: self._stop is not None, QUIET)
            quiet = before == self._news and not self._moved
            if (
                self._stop is None
                and workflow.all_handlers_finished()
                and (quiet or workflow.time() - since > LONGEST_QUIET)
            ):
                workflow.continue_as_new(
                    replace(self._order, carried=self._carried()),
                    memo={**workflow.memo(), BEGAN: self._state.began},
                )
        self._closing = False

    def _carried(self) -> Carried:
        self._state.tasks = list(self._records.values())
        return Carried(
            run=self._run,
            state=self._state,
            stages=self._stages,
            done=self._done,
            answers=self._answers,
            signals=self._signals,
            granted=sorted(self._granted),
            moves=dict(self._moves),
            unneeded=sorted(self._unneeded),
            robots=sorted(self._robots),
            also_needed=sorted(self._also_needed),
            stop=self._undone_for,
            stop_asked=self._stop_asked,
            failure=self._failure,
            paused=self._paused,
        )

    def _why(self) -> str:
        return self._failure or (self._stop.reason if self._stop is not None else "")

    def _end(self) -> MissionState:
        state = self._state
        statuses = {record.status for record in self._records.values()}
        state.ended = workflow.time()
        if self._failure:
            state.status, state.reason = "FAILED", self._failure
        elif self._stop is not None:
            state.status, state.reason = "CANCELLED", self._stop.reason
        elif "FAILED" in statuses:
            state.status, state.reason = "PARTIALLY_COMPLETED", "some tasks failed"
        else:
            state.status, state.reason = "COMPLETED", ""
        if not self._failure and self._stop is None:
            try:
                state.output = render(self._mission.return_, self._scope())
            except ExpressionError as failure:
                state.status, state.reason = "FAILED", f"return: {failure}"
        records = self._records.values()
        unconfirmed = [f"{one.key} on {one.robot}" for one in records if one.unconfirmed]
        undone = [
            f"{one.task} on {one.robot} ({one.reason})"
            for one in records
            if one.key == _undo_of(one.key) and one.status != "COMPLETED"
        ]
        told = (("not confirmed as ended", unconfirmed), ("not undone", undone))
        state.reason = "; ".join(
            filter(None, [state.reason, *(f"{what}: {', '.join(of)}" for what, of in told if of)])
        )
        self._publish()
        state.tasks = list(records)
        if state.status == "FAILED":
            raise ApplicationError(state.reason, state, type="MissionFailed", non_retryable=True)
        if state.status == "CANCELLED" and self._cancelled_in_temporal:
            raise CancelledError(state.reason)
        return state

    async def _limits(self) -> None:
        """Stop the mission when its time is over."""
        ends = []
        if self._mission.timeout is not None:
            ends.append((self._state.began + self._mission.timeout, "its timeout is over"))
        if self._order.deadline:
            ends.append((self._order.deadline, "its deadline has come"))
        if not ends:
            return
        moment, reason = min(ends)
        await asyncio.sleep(max(0.0, moment - workflow.time()))
        self._begin_to_stop(Cancellation(reason, compensate=self._mission.compensate_on_cancel))

    def _begin_to_stop(self, request: Cancellation) -> None:
        if self._stop is None:
            self._stop = request
            self._state.status, self._state.reason = "CANCELLING", request.reason
            self._publish()
        self._withdraw(self._activities)
        self._turns.end(_Stopped)
        self._lines.end(_Stopped)

    def _withdraw(self, keys: Iterable[str]) -> None:
        """Ask no longer for some tasks, once all that is heard in this step has been taken in.

        A handle that is cancelled in the step that began its activity, or in which it ended, gives
        no answer of the robot any more.
        """
        handles = [self._activities[key] for key in keys]

        def cancel() -> None:
            for handle in handles:
                handle.cancel()

        async def cancel_later() -> None:
            await workflow.wait_condition(lambda: True)  # looked at when nothing else can go on
            cancel()

        if self._bounded:
            self._withdrawing = asyncio.create_task(cancel_later())
        else:
            cancel()

    # ------------------------------------------------------------------ one task

    async def _task(self, task: Task) -> None:
        record = self._records[task.id]
        begun = task.id in self._stages
        try:
            if not begun:
                await self._until(
                    lambda: all(self._records[one].status in SETTLED for one in task.depends_on)
                )
            lost = [] if begun else [one for one in task.depends_on if self._is_lost(one)]
            if lost:
                self._settle(record, "SKIPPED", f"{', '.join(lost)} was not done")
            elif not begun and task.condition is not None and not self._holds(task, {}):
                self._unneeded.add(task.id)
                self._settle(record, "SKIPPED", f"its condition {task.condition} does not hold")
            elif task.for_each is not None:
                await self._each(task, record)
            else:
                await self._once(task, record, {})
        except _Stopped:
            self._settle(record, "CANCELLED", self._why())
        except (_Failed, ExpressionError) as failure:
            self._fail(task, record, str(failure))

    def _is_lost(self, name: str) -> bool:
        record = self._records[name]
        policy = self._tasks[name].on_failure
        if record.status == "CANCELLED":
            return True
        failed = record.status == "FAILED" or (
            record.status == "SKIPPED" and name not in self._unneeded
        )
        return failed and policy != "continue"

    def _holds(self, task: Task, item: dict[str, Any]) -> bool:
        return task.condition is None or is_true(task.condition, self._scope(item))

    def _fail(self, task: Task, record: TaskState, why: str) -> None:
        record.error = why
        self._settle(record, "FAILED", why)
        if task.on_failure == "abort" and self._stop is None:
            self._failure = self._failure or f"{record.key} failed: {why}"
            self._begin_to_stop(Cancellation(self._failure, compensate=True))

    async def _each(self, task: Task, record: TaskState) -> None:
        """Do the task for every item; its output is the list of theirs."""
        stage = self._stage(record)
        given = stage.items = self._items(task) if stage.items is None else stage.items
        record.status, record.began = "EXECUTING", record.began or workflow.time()
        places = asyncio.Semaphore(task.max_parallel or len(given) or 1)
        children = [
            self._records.get(key) or self._record(key, task.id)
            for key in (f"{task.id}[{index}]" for index in range(len(given)))
        ]
        without_condition = task.model_copy(update={"condition": None})

        async def one(child: TaskState, item: dict[str, Any]) -> None:
            async with places:
                try:
                    await self._once(without_condition, child, item)
                except _Stopped:
                    self._settle(child, "CANCELLED", self._why())
                except (_Failed, ExpressionError) as failure:
                    self._fail(task, child, str(failure))

        left = [
            (child, {"item": item, "index": index})
            for index, (child, item) in enumerate(zip(children, given, strict=True))
            if child.status not in SETTLED
        ]
        at_work: list[asyncio.Task[None]] = []
        portion = PORTION if self._brisk else PORTION_OF_ITEMS if self._bounded else MAX_ITEMS
        for first in range(0, len(left), portion):
            if first:
                await asyncio.sleep(BREATH)
            at_work += [asyncio.create_task(one(*each)) for each in left[first : first + portion]]
        await asyncio.gather(*at_work)
        record.output = [child.output for child in children]
        record.robot = next((child.robot for child in children if child.robot), "")
        for status in ("CANCELLED", "FAILED"):
            bad = [child.key for child in children if child.status == status]
            if bad:
                self._settle(record, status, f"{', '.join(bad)}: {status.lower()}")
                return
        self._settle(record, "COMPLETED", "")

    def _items(self, task: Task) -> list[Any]:
        given = task.for_each
        if isinstance(given, str):
            text = single_template(given) or given
            given = compile_expression(text).evaluate(self._scope())
        else:
            given = render(given, self._scope())
        if not isinstance(given, list):
            raise _Failed(f"for_each is {given!r}, which is no list")
        most = MAX_ITEMS if self._bounded else MAX_TASKS
        if len(self._records) + len(given) > most:
            raise _Failed(f"for_each has {len(given)} items; a mission has at most {most}")
        return given

    async def _once(self, task: Task, record: TaskState, item: dict[str, Any]) -> None:
        """Ask, wait, hold what is shared, and have a robot do it, as often as it may fail."""
        stage = self._stage(record)
        if not record.claimed:
            await self._may_begin(record)
        record.began = record.began or workflow.time()
        if task.require_confirmation is not False and not stage.confirmed:
            await self._confirmed(task, record, item)
            stage.confirmed = True
        if task.wait_for_signal is not None and not stage.signalled:
            name = task.wait_for_signal
            record.status, record.reason = "WAITING_FOR_SIGNAL", f"waits for the signal {name}"
            await self._until(
                lambda: bool(self._signals.get(name)), self._left(stage, task.patience)
            )
            if not self._signals.get(name):
                raise _Failed(f"the signal {name} did not come within {task.patience:g} s")
            record.output = self._signals[name].pop(0)
            stage.signalled, stage.ends = True, 0.0
        if task.delay is not None and not stage.delayed:
            record.status, record.reason = "DELAYED", f"for {task.delay:g} s"
            await self._until(lambda: False, self._left(stage, task.delay))
            stage.delayed, stage.ends = True, 0.0
        if not task.works:
            self._settle(record, "COMPLETED", "")
            return
        try:
            for name in sorted(task.shared):  # everybody in the same order: no circle can arise
                if name not in stage.held:
                    await self._take(name, record, self._urgency(task.priority))
                    stage.held.append(name)
            await self._turn(task, record, item)
            try:
                outcome = await self._tried(task, record, item)
            finally:
                self._taken(record)
                self._turns.ended()
        except Exception:
            # Where the robot may still be it is not given on: the shared thing asks the robot.
            if not (record.unconfirmed and workflow.patched(patches.KEPT_WHERE_UNCONFIRMED)):
                await self._give_all_back(stage.held, record)
            raise
        # Not in a `finally`: it may not wait when Temporal puts the workflow out of memory.
        await self._give_all_back(stage.held, record)
        record.output = outcome.output
        if task.compensation is not None or not self._bounded:
            self._done.append(Done(record.key, task.id, record.robot, item))
        self._settle(record, outcome.status, outcome.message)

    async def _tried(self, task: Task, record: TaskState, item: dict[str, Any]) -> TaskOutcome:
        stage = self._stage(record)
        for attempt in range(stage.failed + 1, task.retry.max_attempts + 1):
            if stage.ends:
                await self._until(lambda: False, self._left(stage, 0.0))
                stage.ends = 0.0
            record.attempt = attempt
            outcome = await self._on_a_robot(task, task.priority, record, item)
            if outcome.status in orders.SUCCESS:
                return outcome
            if outcome.unconfirmed:
                record.unconfirmed = outcome.unconfirmed
            if self._stop is not None:
                raise _Stopped
            told = outcome.error or outcome.message or outcome.status
            record.notes.append(f"attempt {attempt} on {outcome.robot}: {told}")
            if attempt == task.retry.max_attempts or outcome.unconfirmed:
                raise _Failed(told)
            # Somebody has cancelled it on the robot, and does not want it to begin again.
            if outcome.status == "CANCELLED" and workflow.patched(patches.CANCELLED_IS_NOT_RETRIED):
                raise _Failed(told)
            delay = task.retry.delay(attempt, workflow.random().uniform(-1.0, 1.0))
            record.status, record.reason = "WAITING", f"tries again in {delay:.1f} s: {told}"
            record.claimed = False
            stage.failed, stage.since, stage.refusals = attempt, 0.0, {}
            stage.ends = workflow.time() + delay
            await self._until(lambda: False, delay)
            stage.ends = 0.0
        raise AssertionError("there is at least one attempt")

    async def _on_a_robot(
        self, work: Work, priority: int | None, record: TaskState, item: dict[str, Any]
    ) -> TaskOutcome:
        """Have one robot do the task, across crashes of agent and worker; return its outcome."""
        stage = self._stage(record)
        urgency = self._urgency(priority)
        if not stage.since:
            scope = self._scope(item)
            stage.robot = str(render(work.robot, scope))
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
            if self._closing:
                await self._until(lambda: not self._closing, stopping=record.claimed)
            if self._stop is not None:
                return await self._last_word(record)
            if not record.claimed and self._lost(record) and workflow.patched(patches.LEASE_FIRST):
                await self._hold_again(record, urgency)
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
            self._tell()
            order.execution_id = record.execution_id = execution_id_of(
                mission, self._run, record.key, record.attempt, self._moves[record.key]
            )
            try:
                outcome = await self._asked(order, record, urgency, left)
                record.report = outcome.report
                if record.key not in self._moved:
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
                    if len(refusals) >= MOST_REFUSALS:
                        raise _Failed("; ".join(_cannot(refusals)))
                    demand = demand.not_by(refusals)
                    self._also_needed.add(demand.queue)
                    self._publish()
                    if work.patience is None:
                        stage.since = workflow.time()
            except ActivityError as failure:
                cause = failure.cause
                if self._stop is not None:
                    return await self._last_word(record)
                if is_cancelled_exception(failure):
                    pass  # it was withdrawn
                elif isinstance(cause, ActivityTimeoutError):
                    if cause.type == TimeoutType.SCHEDULE_TO_START:
                        who = "no other robot" if refusals else "no robot"
                        nobody = f"{who} took it within {patience:g} s"
                        where = "" if refusals else f" ({record.queue.replace(';', ', ')})"
                        told = "; ".join([*_cannot(refusals), f"{nobody}{where}"])
                        raise _Failed(told) from None
                    who = record.robot or "the robot that took it"
                    record.notes.append(f"{who} fell silent")
                elif isinstance(cause, ApplicationError) and cause.type == orders.HANDED_BACK:
                    handed_back += 1
                else:
                    record.notes.append(f"asked again: {cause or failure}")
                    handed_back += 1
            self._moved.discard(record.key)
            if not record.claimed:
                record.robot = "" if choice == ANY else choice
            if handed_back:
                pause = min(LONGEST_PAUSE, HAND_BACK_PAUSE * 2 ** min(handed_back - 1, 10))
                await self._until(lambda: False, pause, stopping=record.claimed)

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
        self._activities[record.key] = handle
        try:
            outcome: TaskOutcome = await handle
        finally:
            del self._activities[record.key]
            self._news += 1
        return outcome

    async def _last_word(self, record: TaskState) -> TaskOutcome:
        """Hear from the robot of a cancelled task whether everything has ended."""
        if not record.claimed:
            raise _Stopped
        try:
            told: str = await self._control(
                record, Control(record.execution_id, "cancel", self._why()), WORD
            )
        except ActivityError:
            told = f"{record.robot} did not answer; what it began may still run"
        return TaskOutcome(record.robot, "CANCELLED", unconfirmed=[told] if told else [])

    # ------------------------------------------------------------------ undoing

    async def _compensate(self) -> None:
        """Undo what was done, the last first, on the same robots; a second cancel ends it."""
        first, stopped = self._stop, False
        self._undone_for = first
        for done in reversed(self._done):
            undo, robot = self._tasks[done.task].compensation, done.robot
            if undo is None:
                continue
            key = _undo_of(done.key)
            record = self._records.get(key) or self._record(key, done.key)
            if record.status in SETTLED:
                continue
            if stopped:
                record.robot = robot
                self._settle(record, "SKIPPED", "cancelled before it was undone")
                continue
            record.attempt, record.began = 1, record.began or workflow.time()
            work = undo if undo.robot != ANY or undo.needs.model_fields_set else undo.model_copy(
                update={"robot": robot}
            )  # fmt: skip
            self._stop = None
            try:
                outcome = await self._on_a_robot(work, None, record, done.item)
            except (_Failed, ExpressionError, _Stopped) as failure:
                outcome = TaskOutcome(robot, "FAILED", str(failure))
            good = outcome.status in orders.SUCCESS
            told = outcome.error or outcome.message
            record.unconfirmed = outcome.unconfirmed
            self._settle(record, "COMPLETED" if good else "FAILED", told)
            stopped = self._stop is not None
        self._stop = first

    # ------------------------------------------------------------------ waiting

    async def _until(
        self,
        condition: Callable[[], bool],
        timeout: float | None = None,
        *,
        stopping: bool = False,
    ) -> None:
        """Wait until it holds, or the time is over.

        Raises:
            _Stopped: the mission is being cancelled, unless ``stopping``.

        """
        if self._brisk and self._stop is None and condition():
            return  # at once: hundreds of tasks may come by in one step
        with contextlib.suppress(asyncio.TimeoutError):
            await workflow.wait_condition(
                lambda: (self._stop is not None and not stopping) or condition(),
                timeout=None if timeout is None else timedelta(seconds=timeout),
            )
        if self._stop is not None and not stopping:
            raise _Stopped

    async def _may_begin(self, record: TaskState) -> None:
        if self._paused:
            record.reason = f"the mission is paused: {self._paused}"
        await self._until(lambda: not self._paused)

    def _left(self, stage: Stage, seconds: float | None) -> float | None:
        """Return how long a wait may still last, of which an earlier run may have had a part."""
        if seconds is None:
            return None
        if stage.ends:
            return max(0.001, stage.ends - workflow.time())
        stage.ends = workflow.time() + seconds
        return seconds

    async def _turn(self, task: Task, record: TaskState, item: dict[str, Any]) -> None:
        """Wait until robots may be asked for it."""
        if not self._bounded:
            most = self._mission.max_parallel
            await self._until(lambda: not self._paused and (most is None or self._turns.free > 0))
            self._turns.enter()
        elif record.claimed:
            self._turns.enter()
        else:
            robot = str(render(task.robot, self._scope(item)))
            demand = Demand.of(task.needs, capabilities_in(task.plan))
            line = demand.queue if robot == ANY else own_queue(robot)
            record.status, record.reason = "WAITING", "waits for its turn"
            await self._turns.wait(line, self._urgency(task.priority))
            self._untaken[record.key] = line

    def _taken(self, record: TaskState) -> None:
        """Note that a robot has a task, or that none is asked for it any more."""
        line = self._untaken.pop(record.key, None)
        if line is not None:
            self._turns.taken(line)

    async def _give_turns(self) -> None:
        """Let tasks go on, a portion in a step."""
        while self._bounded:
            await workflow.wait_condition(
                lambda: not (self._paused or self._closing) and (self._turns.due or self._lines.due)
            )
            self._turns.give(PORTION)
            self._lines.give(PORTION)
            if self._turns.due or self._lines.due:
                await asyncio.sleep(BREATH)

    def _urgency(self, priority: int | None) -> int:
        return self._mission.priority if priority is None else priority

    def _stage(self, record: TaskState) -> Stage:
        return self._stages.setdefault(record.key, Stage())

    async def _confirmed(self, task: Task, record: TaskState, item: dict[str, Any]) -> None:
        asked = task.require_confirmation
        question = str(render(asked, self._scope(item))) if isinstance(asked, str) else task.id
        record.status, record.reason = "WAITING_FOR_CONFIRMATION", question
        self._tell()
        stage = self._stage(record)
        await self._until(
            lambda: record.key in self._answers, self._left(stage, task.confirmation_timeout)
        )
        stage.ends = 0.0
        answer = self._answers.pop(record.key, None)
        if answer is None:
            answer = Answer(approve=task.confirmation_default, comment="nobody answered in time")
        if answer.comment:
            record.notes.append(answer.comment)
        if not answer.approve:
            raise _Failed(f"not confirmed: {answer.comment or 'refused'}")

    async def _take(self, name: str, record: TaskState, urgency: int) -> None:
        record.status, record.reason = "WAITING", f"waits for {name}"
        grant = f"{name}\n{record.key}"
        stage = self._stage(record)
        lines_up = self._bounded and stage.asked_for != name
        if lines_up:
            await self._lines.wait(name, urgency)
        try:
            if stage.asked_for != name:
                await workflow.execute_activity(
                    orders.ASK_FOR_SHARED,
                    args=[name, self._turn_of(name, record.key)],
                    task_queue=MISSIONS,
                    start_to_close_timeout=CONTROL,
                )
                stage.asked_for = name
            await self._until(lambda: grant in self._granted)
        except _Stopped:
            await self._give_back(name, record.key)
            raise
        finally:
            if lines_up:
                self._lines.taken(name)
                self._lines.ended()

    def _lost(self, record: TaskState) -> bool:
        """Say whether the lease of something is over that a task was given."""
        stage = self._stages.get(record.key)
        held = stage.held if stage is not None else ()
        return any(f"{name}\n{record.key}" not in self._granted for name in held)

    async def _hold_again(self, record: TaskState, urgency: int) -> None:
        """Stand in line once more for all that a task needs, which has not begun."""
        stage = self._stage(record)
        names, stage.asked_for = sorted(stage.held), ""
        while stage.held:
            await self._give_back(stage.held.pop(), record.key)
        for name in names:
            await self._take(name, record, urgency)
            stage.held.append(name)
        stage.since = workflow.time()

    async def _give_all_back(self, names: Sequence[str], record: TaskState) -> None:
        for name in names:
            await self._give_back(name, record.key)

    async def _give_back(self, name: str, task: str) -> None:
        self._granted.discard(f"{name}\n{task}")
        thing = workflow.get_external_workflow_handle(f"shared-{name}")
        with contextlib.suppress(ApplicationError):  # nobody keeps it any more
            await thing.signal("give_back", self._turn_of(name, task))

    def _turn_of(self, name: str, task: str) -> Turn:
        return Turn(workflow.info().workflow_id, task, self._mission.shared[name].lease)

    # ------------------------------------------------------------------ what others ask

    @workflow.update
    def claim(self, request: Claim) -> str:
        """Say whether a robot may begin a task; from then on it is that robot's alone.

        The answer is ``begin``, ``hold`` (it is the robot's, but the mission is paused) or ``no``.
        """
        self._claims += 1
        record = self._records.get(request.task)
        if (
            record is None
            or record.execution_id != request.execution_id
            or record.status in SETTLED
            or self._stop is not None
        ):
            return "no"
        yes = "hold" if self._paused else "begin"
        if record.claimed:
            return yes if record.robot == request.robot else "no"
        if (
            record.key not in self._activities
            or record.key in self._moved
            or record.robot not in ("", request.robot)
            or (self._lost(record) and workflow.patched(patches.LEASE_FIRST))
        ):
            return "no"
        self._taken(record)
        record.claimed, record.robot = True, request.robot
        record.status, record.reason = "EXECUTING", ""
        self._tell()
        if request.robot not in self._robots:
            self._robots.add(request.robot)
            self._publish()
        return yes

    @workflow.query
    def describe(self) -> MissionState:
        """Return the current state of the mission."""
        self._state.tasks = list(self._records.values())
        return self._state

    @workflow.query
    def holder(self, execution_id: str) -> str:
        """Return the robot that an execution belongs to, empty if it belongs to none."""
        for record in self._records.values():
            if record.execution_id == execution_id and record.claimed:
                return record.robot if record.status not in SETTLED else ""
        return ""

    @workflow.query
    def use(self, task: str) -> Use:
        """Say whether a task goes on, and which robot may still be at what it was given."""
        record = self._records.get(task)
        if record is None:
            return Use()
        wanted = record.status not in SETTLED
        if record.claimed and (wanted or record.unconfirmed):
            return Use(wanted, record.robot, record.execution_id)
        return Use(wanted)

    @workflow.update
    def cancel(self, request: Cancellation) -> str:
        """Cancel every task; the mission ends when the robots have said that they stopped."""
        self._stop_asked = True
        self._begin_to_stop(request)
        return f"{len(self._activities)} tasks on robots are being cancelled"

    @workflow.update
    async def pause(self, reason: str) -> str:
        """Begin no task any more, and pause those that run on robots."""
        self._paused = reason or "a person asked for it"
        self._state.status, self._state.reason = "PAUSED", self._paused
        self._publish()
        return await self._on_all("pause", self._paused)

    @workflow.update
    async def resume(self) -> str:
        """Go on, the robots included."""
        self._paused = ""
        self._state.status, self._state.reason = "EXECUTING", ""
        self._publish()
        return await self._on_all("resume", "")

    @workflow.update
    async def confirm(self, answer: Answer) -> str:
        """Answer a task that asks, in the mission or on its robot."""
        asking = [
            record.key
            for record in self._records.values()
            if record.status == "WAITING_FOR_CONFIRMATION" and record.key not in self._answers
        ]
        key = answer.task or (asking[0] if asking else "")
        if key in asking:
            self._answers[key] = answer
            return f"{key}: {'confirmed' if answer.approve else 'refused'}"
        record = self._records.get(key)
        if record is None or not record.claimed or record.status in SETTLED:
            said = f"{key} does not ask for a confirmation" if key else "say which task is meant"
            raise ApplicationError(f"{said}; those that ask: {', '.join(asking) or 'none'}")
        return await self._forwarded(
            record,
            Control(record.execution_id, "confirm", answer.comment, approve=answer.approve),
        )

    @workflow.signal(name="confirm")
    def confirm_by_signal(self, answer: Answer) -> None:
        """Answer a task that asks in the mission, from Temporal's own UI."""
        for record in self._records.values():
            if record.status == "WAITING_FOR_CONFIRMATION" and answer.task in ("", record.key):
                self._answers[record.key] = answer
                return

    @workflow.update
    async def send(self, signal: Signal) -> str:
        """Give a value to the mission, or to the plan of a task on its robot."""
        if not signal.task:
            problem = signal_problem(self._mission.signals, signal.name, signal.value)
            if problem:
                raise ApplicationError(problem.replace("the plan has", "the mission has"))
            self._signals.setdefault(signal.name, []).append(signal.value)
            return f"{signal.name} was taken"
        record = self._records.get(signal.task)
        if record is None or not record.claimed or record.status in SETTLED:
            raise ApplicationError(f"{signal.task} does not run on a robot")
        return await self._forwarded(
            record,
            Control(record.execution_id, "signal", name=signal.name, value=signal.value),
        )

    @workflow.update
    def move(self, request: Move) -> str:
        """Take a task from a lost robot because a person confirms that it has stopped."""
        record = self._records.get(request.task)
        if record is None or not record.claimed or record.status in SETTLED:
            raise ApplicationError(f"{request.task} is not held by a robot")
        if self._stop is not None:
            raise ApplicationError(f"{request.task} is ending already")
        before, record.robot, record.claimed = record.robot, "", False
        self._moves[record.key] += 1
        record.notes.append(f"taken from {before}: {request.reason or 'a person said so'}")
        if record.key in self._activities:
            self._moved.add(record.key)
            self._withdraw([record.key])
        return f"{request.task} was taken from {before}"

    @workflow.signal
    async def granted(self, name: str, task: str) -> None:
        """Take a shared thing, for which a task waited; one that has ended gives it back."""
        record = self._records.get(task)
        if record is None or record.status in SETTLED:
            await self._give_back(name, task)
        else:
            self._granted.add(f"{name}\n{task}")

    @workflow.signal
    def lease_over(self, name: str, task: str) -> None:
        """Hear that a shared thing was held too long and has been given to the next."""
        self._granted.discard(f"{name}\n{task}")
        record = self._records.get(task)
        if record is None:
            return
        record.notes.append(f"{name} was held too long and given to the next")
        if (
            not record.claimed
            and record.key in self._activities
            and workflow.patched(patches.LEASE_FIRST)
        ):
            self._moved.add(record.key)
            self._withdraw([record.key])

    async def _on_all(self, what: str, reason: str) -> str:
        # Also those that their robots are just asked for again.
        begun = self._records if self._bounded else self._activities
        running = [
            record
            for record in (self._records[key] for key in begun)
            if record.claimed and record.status not in SETTLED
        ]
        answers = await asyncio.gather(
            *(
                self._control(record, Control(record.execution_id, what, reason))
                for record in running
            ),
            return_exceptions=True,
        )
        failed = [
            f"{record.key}: {_said(answer)}"
            for record, answer in zip(running, answers, strict=True)
            if isinstance(answer, BaseException)
        ]
        told = f"{what}: {len(running) - len(failed)} of {len(running)} running tasks"
        return "; ".join([told, *failed])

    async def _forwarded(self, record: TaskState, request: Control) -> str:
        try:
            return await self._control(record, request)
        except ActivityError as failure:
            raise ApplicationError(f"{record.robot}: {_said(failure)}") from None

    async def _control(
        self, record: TaskState, request: Control, timeout: timedelta = CONTROL
    ) -> str:
        told: str = await workflow.execute_activity(
            orders.CONTROL_TASK,
            request,
            result_type=str,
            task_queue=control_queue(record.robot),
            schedule_to_close_timeout=timeout,
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=0),
            summary=f"{request.what} {record.key} on {record.robot}",
        )
        return told

    # ------------------------------------------------------------------ records

    def _record(self, key: str, task: str) -> TaskState:
        record = TaskState(key, task)
        self._records[key] = record
        return record

    def _settle(self, record: TaskState, status: str, reason: str) -> None:
        record.status, record.reason, record.ended = status, reason, workflow.time()
        self._stages.pop(record.key, None)
        self._note_end(record)
        self._tell()

    def _note_end(self, record: TaskState) -> None:
        self._last.append(record)
        if record.key == record.task:
            self._outcomes[record.key] = {
                "status": record.status,
                "output": record.output,
                "robot": record.robot,
                "error": record.error,
            }

    def _scope(self, item: dict[str, Any] | None = None) -> dict[str, Any]:
        received = {name: values[-1] for name, values in self._signals.items() if values}
        about = {"id": self._state.mission, "name": self._mission.name}
        return {
            "input": self._inputs,
            "tasks": self._outcomes,
            "signals": received,
            "mission": about,
            **(item or {}),
        }

    def _tell(self) -> None:
        """Show Temporal's UI where the tasks stand, once for all that changes now."""
        if not self._to_be_told:
            self._to_be_told = True
            asyncio.get_running_loop().call_soon(self._draw)

    def _draw(self) -> None:
        """Draw the tasks: those at work, then the newest that ended."""
        self._to_be_told = False
        begun = (self._records[key] for key in self._stages)
        rows = [*(one for one in begun if one.status != "WAITING"), *reversed(self._last)]
        shown = details(self._state, rows[:MOST_ROWS], len(self._records))
        workflow.set_current_details(shown)

    def _publish(self) -> None:
        """Set the search attributes of the mission: name, status, robots, capabilities."""
        needs, can = set(self._also_needed), set()
        for task in self._mission.tasks:
            for work in (task, task.compensation):
                if work is not None and work.robot == ANY:
                    found = capabilities_in(work.plan)
                    needs.add(Demand.of(work.needs, found).queue)
                    can |= {*work.needs.capabilities, *found}
        workflow.upsert_search_attributes(
            [
                STATUS.value_set(self._state.status),
                NAME.value_set(self._mission.name),
                ROBOTS.value_set(sorted(self._robots)),
                NEEDS.value_set(sorted(needs)),
                CAPABILITIES.value_set(sorted(can)),
            ]
        )
        self._tell()


def priority_key(priority: int) -> int:
    """Return Temporal's priority, 1 (first) to 5, of one from -100 (least urgent) to 100."""
    return max(1, min(5, 3 - round(priority / 50)))


def _undo_of(key: str) -> str:
    """Return the key of what undoes a task."""
    return f"{key.removesuffix(_UNDO)}{_UNDO}"


def _cannot(refusals: Mapping[str, str]) -> list[str]:
    return [f"{robot} cannot: {why}" for robot, why in refusals.items()]


def _said(failure: BaseException) -> str:
    cause = failure.cause if isinstance(failure, ActivityError) else failure
    if isinstance(cause, ActivityTimeoutError):
        return "it did not answer in time"
    return str(cause or failure)
