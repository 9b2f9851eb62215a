"""A thing that robots share (a lift, a door, a dock): one workflow for each, which hands it out.

Whoever asks first has it first. It comes back when its holder says so, when the lease is over, or
when the holder's mission is no longer running, whatever ended it.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError, CancelledError

with workflow.unsafe.imports_passed_through():
    from execution_orchestrator.fleet import orders
    from execution_orchestrator.fleet.needs import MISSIONS
    from execution_orchestrator.fleet.orders import SharedState, Turn

LOOK = timedelta(seconds=10)  # between two looks whether the holder's mission still runs
IDLE = timedelta(minutes=10)  # without anybody, after which the workflow ends; it begins again
ANSWER = timedelta(seconds=20)


def shared_id(name: str) -> str:
    """Return the workflow id of a shared thing."""
    return f"shared-{name}"


@workflow.defn(name="Shared")
class SharedThing:
    """Hands one thing out, in turn."""

    @workflow.init
    def __init__(self, state: SharedState) -> None:
        self._state = state
        self._since = workflow.time()

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
                try:
                    await workflow.wait_condition(lambda: bool(self._state.waiting), timeout=IDLE)
                except TimeoutError:
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
        self._state.holder, self._since = turn, workflow.time()
        if not await self._tell("granted", turn):
            self._free(turn)

    async def _watch(self, turn: Turn) -> None:
        """Wait until it comes back, the lease is over, or the holder's mission has ended."""
        left = self._since + turn.lease - workflow.time()
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
            alive: bool = await workflow.execute_activity(
                orders.IS_RUNNING,
                turn.owner,
                result_type=bool,
                task_queue=MISSIONS,
                start_to_close_timeout=ANSWER,
            )
            if not alive:
                self._free(turn)

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
