"""A thing that robots share (a lift, a door, a dock): one workflow for each, which hands it out.

Whoever asks first has it first. It comes back when its holder says so, or when the lease is over.
If its task has ended and a robot may still be there, this robot is asked to end what it does, and
the thing is given on when it has said so.
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
        """Stand in line; asking twice is asking once."""
        if not _is(self._state.holder, turn) and not any(
            _is(one, turn) for one in self._state.waiting
        ):
            self._state.waiting.append(turn)
        elif _is(self._state.holder, turn):
            # The answer got lost with whoever waited for it: it is told again.
            self._state.holder = None
            self._state.waiting.insert(0, turn)

    @workflow.signal
    def give_back(self, turn: Turn) -> None:
        """Let the next one have it, or leave the line."""
        if _is(self._state.holder, turn):
            self._state.holder = None
        self._state.waiting = [one for one in self._state.waiting if not _is(one, turn)]

    @workflow.query
    def describe(self) -> SharedState:
        """Return who has it and who waits."""
        return self._state

    async def _grant(self, turn: Turn) -> None:
        self._state.holder, self._state.since = turn, workflow.time()
        if not await self._tell("granted", turn):
            self._free(turn)

    async def _watch(self, turn: Turn) -> None:
        """Wait until it comes back, the lease is over, or nobody can be there any more."""
        left = self._state.since + turn.lease - workflow.time()
        if left <= 0.0:
            self._free(turn)
            await self._tell("lease_over", turn)
            return
        try:
            await workflow.wait_condition(
                lambda: not _is(self._state.holder, turn),
                timeout=min(LOOK, timedelta(seconds=left)),
            )
        except TimeoutError:
            if not await self._is_used(turn, left):
                self._free(turn)

    async def _is_used(self, turn: Turn, left: float) -> bool:
        """Say whether a mission wants it, or a robot may still be there; ``left`` are seconds."""
        if not workflow.patched(patches.ASKS_THE_ROBOT):
            alive: bool = await workflow.execute_activity(
                orders.IS_RUNNING,
                turn.owner,
                result_type=bool,
                task_queue=MISSIONS,
                start_to_close_timeout=ANSWER,
            )
            return alive
        try:
            # Tried again until the lease is over, if no worker can tell.
            use: Use = await workflow.execute_activity(
                orders.USE_OF_SHARED,
                args=[turn.owner, turn.task],
                result_type=Use,
                task_queue=MISSIONS,
                start_to_close_timeout=ANSWER,
                schedule_to_close_timeout=timedelta(seconds=left),
            )
            if use.wanted or not use.robot:
                return use.wanted
            request = Control(use.execution_id, "cancel", f"{self._state.name} is to be free again")
            open_: str = await workflow.execute_activity(
                orders.CONTROL_TASK,
                request,
                result_type=str,
                task_queue=control_queue(use.robot),
                schedule_to_close_timeout=timedelta(seconds=min(WORD, left)),
                retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1)),
                summary=f"is {use.robot} out of {self._state.name}?",
            )
        except ActivityError:
            return True
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
