"""A thing that robots share (a lift, a door, a dock): one workflow for each, which hands it out.

Requests are served in the order of their arrival, and a holder gives the thing back. When the lease
is over, the holder's mission is asked to give it back, and does so if no robot has begun. While a
robot may still use it, it is not handed out: neither when the lease is over, nor when the task has
ended without a server's confirmation. Then that robot is asked to end its execution until it
confirms the end, or a person says that the thing is free.
"""

from __future__ import annotations

import contextlib
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError

with workflow.unsafe.imports_passed_through():
    from execution_orchestrator.fleet import orders, patches
    from execution_orchestrator.fleet.needs import MISSIONS, control_queue
    from execution_orchestrator.fleet.orders import Control, SharedState, Turn, Use

LOOK = timedelta(seconds=10)  # between two looks whether the holder's mission still wants it
IDLE = timedelta(minutes=10)  # without anybody, after which the workflow ends; it begins again
ANSWER = timedelta(seconds=20)
WORD = 60.0  # seconds for a robot to come and say that it has ended, until it is asked again


def shared_id(name: str) -> str:
    """Return the workflow id of a shared thing."""
    return f"shared-{name}"


@workflow.defn(name="Shared")
class SharedThing:
    """Hands one thing out, in turn."""

    @workflow.init
    def __init__(self, state: SharedState) -> None:
        self._state = state
        self._state.since = state.since or workflow.time()

    @workflow.run
    async def run(self, state: SharedState) -> None:
        """Grant it to one request after another until it has not been wanted for a while."""
        del state
        while True:
            if self._state.holder is not None:
                await self._watch(self._state.holder)
            elif self._state.waiting:
                await self._grant(self._state.waiting.pop(0))
            else:
                with contextlib.suppress(TimeoutError):
                    await workflow.wait_condition(lambda: bool(self._state.waiting), timeout=IDLE)
                if not self._state.waiting:
                    return
            if workflow.info().is_continue_as_new_suggested():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(self._state)

    @workflow.signal
    def ask(self, turn: Turn) -> None:
        """Join the queue; asking twice is asking once."""
        if not _is(self._state.holder, turn) and not any(
            _is(one, turn) for one in self._state.waiting
        ):
            self._state.waiting.append(turn)
        elif _is(self._state.holder, turn):
            # The holder asks again, so the grant was lost with the run that waited: grant it again.
            self._state.holder = None
            self._state.waiting.insert(0, turn)

    @workflow.signal
    def give_back(self, turn: Turn) -> None:
        """Let the next one have it, or leave the line."""
        if _is(self._state.holder, turn):
            self._state.holder = None
        self._state.waiting = [one for one in self._state.waiting if not _is(one, turn)]

    @workflow.update
    async def free(self, reason: str) -> str:
        """Release it because a person says that it is free."""
        turn, name = self._state.holder, self._state.name
        if turn is None:
            return f"nobody holds {name}"
        use = await self._use(turn, ANSWER)
        if use.wanted:
            who = f"{turn.task} of {turn.owner}"
            cure = f"`mission move {turn.owner} {turn.task}` takes it from {use.robot}"
            raise ApplicationError(
                f"{who} goes on and holds {name}; {cure if use.robot else 'cancel the mission'}"
            )
        self._free(turn)
        return f"{name} was taken from {turn.task} of {turn.owner}: {reason}"

    @workflow.query
    def describe(self) -> SharedState:
        """Return who has it and who waits."""
        return self._state

    async def _grant(self, turn: Turn) -> None:
        self._state.holder, self._state.since = turn, workflow.time()
        self._state.overdue = False
        if not await self._tell("granted", turn):
            self._free(turn)

    async def _watch(self, turn: Turn) -> None:
        """Wait until it is given back, or its holder cannot have it any more."""
        left = self._state.since + turn.lease - workflow.time()
        if left <= 0.0 and not workflow.patched(patches.KEPT_WHILE_INSIDE):
            self._free(turn)
            await self._tell("lease_over", turn)
            return
        try:
            await workflow.wait_condition(
                lambda: not _is(self._state.holder, turn),
                timeout=min(LOOK, timedelta(seconds=left)) if left > 0.0 else LOOK,
            )
        except TimeoutError:
            await self._look(turn, left)

    async def _look(self, turn: Turn, left: float) -> None:
        """See who is there; ``left`` are the seconds of the lease before the wait."""
        kept = workflow.patched(patches.KEPT_WHILE_INSIDE)
        try:
            if not workflow.patched(patches.ASKS_THE_ROBOT):
                alive: bool = await workflow.execute_activity(
                    orders.IS_RUNNING,
                    turn.owner,
                    result_type=bool,
                    task_queue=MISSIONS,
                    start_to_close_timeout=ANSWER,
                )
                use = Use(alive)
            else:
                # Tried again until the lease is over, if no worker can tell.
                use = await self._use(turn, timedelta(seconds=WORD if kept else left))
            if not use.wanted and not (use.robot and await self._is_there(use, left)):
                self._free(turn)
        except ActivityError:
            return
        over = workflow.time() >= self._state.since + turn.lease
        if kept and over and use.wanted and not (use.robot and self._state.overdue):
            self._state.overdue = bool(use.robot)
            await self._tell("lease_over", turn)

    async def _use(self, turn: Turn, timeout: timedelta) -> Use:
        use: Use = await workflow.execute_activity(
            orders.USE_OF_SHARED,
            args=[turn.owner, turn.task],
            result_type=Use,
            task_queue=MISSIONS,
            start_to_close_timeout=ANSWER,
            schedule_to_close_timeout=timeout,
        )
        return use

    async def _is_there(self, use: Use, left: float) -> bool:
        """Ask a robot, whose task has ended, to end what it does; say whether it still does it."""
        kept = workflow.patched(patches.KEPT_WHILE_INSIDE)
        request = Control(use.execution_id, "cancel", f"{self._state.name} is to be free again")
        open_: str = await workflow.execute_activity(
            orders.CONTROL_TASK,
            request,
            result_type=str,
            task_queue=control_queue(use.robot),
            schedule_to_close_timeout=timedelta(seconds=WORD if kept else min(WORD, left)),
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1)),
            summary=f"is {use.robot} out of {self._state.name}?",
        )
        return bool(open_)

    def _free(self, turn: Turn) -> None:
        if _is(self._state.holder, turn):
            self._state.holder = None

    async def _tell(self, what: str, turn: Turn) -> bool:
        """Tell the mission; False if it has ended."""
        name = self._state.name
        try:
            await workflow.get_external_workflow_handle(turn.owner).signal(
                what, args=[name, turn.task]
            )
        except (ApplicationError, CancelledError):
            return False
        return True


def _is(one: Turn | None, other: Turn) -> bool:
    return one is not None and (one.owner, one.task) == (other.owner, other.task)
