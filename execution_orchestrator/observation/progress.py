"""Progress of an execution: percentage, time left, phase. Every display uses this.

The percentage is the done share of the expected seconds of all its actions, and does not go back
while it runs. Of a run that was cancelled or failed it is the share of what succeeded. What is left
is counted along the longest chain of actions that wait for each other; one that waits for resources
begins when those that hold them, and those before it, are expected to give them back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.engine.status import (
    ACTIVE_ACTION,
    SUCCESSFUL_EXECUTION,
    ActionStatus,
    ExecutionStatus,
)
from execution_orchestrator.observation.record import (
    DONE,
    DROPPED,
    ActionRecord,
    ExecutionRecord,
)
from execution_orchestrator.plan.durations import (
    Estimate,
    estimate_of,
    expected,
    in_turn,
    rounds_to_come,
    side_by_side,
)
from execution_orchestrator.plan.tree import UNDO, count_of, longest_way

NEARLY = 0.95  # of its expected time that an action without feedback counts as done at most
UNKNOWN = -1.0  # seconds left when no remaining action has an estimate


@dataclass(frozen=True, slots=True)
class Progress:
    """``percentage`` 0 to 100; ``elapsed`` and ``remaining`` are seconds, remaining -1.0: unknown.

    ``elapsed`` counts from the acceptance, as ``total_duration`` and every list of runs do.
    ``running`` are the keys of the actions that are at work now.
    """

    percentage: float
    completed: int
    total: int
    elapsed: float
    remaining: float
    phase: str
    running: tuple[str, ...]


def progress_of(record: ExecutionRecord, now: float) -> Progress:
    """Return how far an execution is at a moment (Unix seconds)."""
    actions = [one for one in list(record.actions.values()) if one.status != DROPPED]
    completed = sum(one.status in DONE for one in actions)
    elapsed = max(0.0, record.until(now) - record.accepted)
    if record.status in SUCCESSFUL_EXECUTION:
        return Progress(100.0, completed, len(actions), elapsed, 0.0, "finished", ())
    reckoning = _Reckoning(record, actions, now)
    work, done = reckoning.whole()
    share = 100.0 * min(1.0, done / work) if work > 0.0 else 0.0
    if record.is_final:
        return Progress(share, completed, len(actions), elapsed, 0.0, "finished", ())
    record.shown.percentage = max(record.shown.percentage, share)
    remaining = reckoning.remaining()
    return Progress(
        percentage=record.shown.percentage,
        completed=completed,
        total=len(actions) + reckoning.to_come,
        elapsed=elapsed,
        remaining=remaining if reckoning.known or not remaining else UNKNOWN,
        phase=phase_of(record),
        running=tuple(
            one.key for one in actions if one.status in ACTIVE_ACTION and not one.is_control_flow
        ),
    )


def left_of(record: ExecutionRecord, action: ActionRecord, now: float) -> float:
    """Return the seconds that the running attempt of an action, or the next one, still takes."""
    attempt = action.running
    if attempt is not None and action.remaining is not None:
        return max(0.0, action.remaining)
    takes = record.shown.estimates(record.tree)(action.key).takes
    return takes if attempt is None else max(0.0, takes - (now - attempt.dispatched))


_OF_STATUS = {
    ExecutionStatus.PENDING: "queued",
    ExecutionStatus.PROCESSING: "planning",
    ExecutionStatus.EXECUTING: "executing",
    ExecutionStatus.PAUSED: "paused",
    ExecutionStatus.RECOVERING: "recovering",
}


def phase_of(record: ExecutionRecord) -> str:
    """Return the phase of an execution, as ExecutionProgress.msg lists them."""
    if record.is_final:
        return "finished"
    if record.compensating:
        return "compensating"
    if record.cancelling:
        return "cancelling"
    if record.paused:
        return "paused"
    if record.waiting_for_confirmation:
        return "confirming"
    return "planning" if record.replan_run else _OF_STATUS[record.status]


_SUCCEEDED = frozenset({ActionStatus.SUCCEEDED})


class _Reckoning:
    """Sums up one record; ``known``: at least one of the remaining actions has an estimate."""

    def __init__(
        self, record: ExecutionRecord, actions: Sequence[ActionRecord], now: float
    ) -> None:
        self._record = record
        self._now = now
        self._estimate = record.shown.estimates(record.tree)
        # Delays are suspended while the execution is paused.
        self._delay_now = min(now, record.pauses[-1][0]) if record.paused and record.pauses else now
        # Once it is given up, what was left out or broken off is not done.
        stopped = record.cancelling or record.compensating or record.is_final
        self._done = _SUCCEEDED if stopped else DONE
        self.known = False
        self.to_come = 0  # actions of items that have not begun
        self._inside: dict[str, list[ActionRecord]] = {}
        self._undoing: list[ActionRecord] = []
        for action in actions:
            self._inside.setdefault(action.parent, []).append(action)
            if action.block == "compensation":
                self._undoing.append(action)
            if action.action_type == "foreach" and action.entered and action.status not in DONE:
                node = self._node(action)
                left = rounds_to_come(node, action.items, action.item)
                self.to_come += left * count_of(node.get("actions") or ())

    def _node(self, action: ActionRecord) -> Mapping[str, Any]:
        return self._estimate(action.key).action

    def _children(self, action: ActionRecord) -> list[ActionRecord]:
        """Return the actions of the block that runs in an action."""
        return [one for one in self._inside.get(action.key, ()) if one.block == action.entered]

    def _of_plan(self) -> list[ActionRecord]:
        return [one for one in self._inside.get("", ()) if one.block == "actions"]

    # ------------------------------------------------------------------ work
    def whole(self) -> tuple[float, float]:
        """Return the expected seconds of work of the plan, and how many of them are done."""
        parts = [self._work(one) for one in self._of_plan()]
        return sum(work for work, _ in parts), sum(done for _, done in parts)

    def _work(self, action: ActionRecord) -> tuple[float, float]:
        work = self._estimate(action.key).work
        if action.status in self._done:
            return work, work
        if not action.entered:
            return work, work * self._share(action, work)
        parts = [self._work(one) for one in self._children(action)]
        whole, done = sum(w for w, _ in parts), sum(d for _, d in parts)
        if action.entered in ("fallback", "recovery_plan"):
            return work, work * (done / whole if whole else 0.0)
        if action.action_type == "foreach":
            node = self._node(action)
            body = sum(expected(one)[0] for one in node.get("actions") or ())
            return whole + body * rounds_to_come(node, action.items, action.item), done
        if action.action_type == "try" and action.entered != "actions":
            before = sum(expected(one)[0] for one in self._node(action).get("actions") or ())
            return before + whole, before + done
        return whole or work, done

    def _share(self, action: ActionRecord, work: float) -> float:
        """Return the done part of an action without others inside, 0 to 1."""
        if action.waits_from is not None and action.waits_until is not None:
            if action.action_type != "delay":
                return 0.0  # it waits for its next attempt
            whole = action.waits_until - action.waits_from
            gone = max(0.0, self._delay_now - action.waits_from)
            return min(1.0, gone / whole) if whole else 1.0
        attempt = action.running
        if attempt is None:
            return 0.0
        if action.progress > 0.0:
            return min(1.0, action.progress)
        return min(NEARLY, max(0.0, self._now - attempt.dispatched) / work) if work else 0.0

    # ------------------------------------------------------------------ what is left
    def remaining(self) -> float:
        """Return the seconds of the longest chain that is left."""
        record = self._record
        if not record.compensating:
            return self._longest(self._of_plan())
        left = self._longest(self._undoing)
        rollback = record.rollback
        for key in rollback.left if rollback is not None else ():
            partial = rollback is not None and key in rollback.partial
            for undoing in record.tree_of(key).opened("", UNDO, undoes=key, partial=partial):
                estimate = self._estimate(undoing)
                left += self._expected(estimate) if estimate.action else 0.0
        return left

    def _longest(self, actions: Iterable[ActionRecord]) -> float:
        return longest_way(
            # What is done is waited for no longer.
            (one.key, one.depends_on, self._left(one))
            for one in actions
            if one.status not in DONE
        )[1]

    def _expected(self, estimate: Estimate) -> float:
        self.known = self.known or estimate.known
        return estimate.takes

    def _left(self, action: ActionRecord) -> float:
        if action.status in DONE:
            return 0.0
        if action.waits_until is not None:
            self.known = True
            if action.action_type == "delay":
                return max(0.0, action.waits_until - self._delay_now)
            return max(0.0, action.waits_until - self._now) + self._leaf(action)
        if action.entered:
            return self._left_inside(action)
        attempt = action.running
        if attempt is None:
            # What has not begun will not, once the execution is being stopped.
            stopped = self._record.cancelling and not self._record.compensating
            return 0.0 if stopped else self._free_in(action) + self._leaf(action)
        self.known = self.known or action.remaining is not None or self._estimate(action.key).known
        return left_of(self._record, action, self._now)

    def _free_in(self, action: ActionRecord) -> float:
        waits = action.waiting_since is not None
        return self._record.free_in(self._record, action, self._now) if waits else 0.0

    def _leaf(self, action: ActionRecord) -> float:
        return self._expected(self._estimate(action.key))

    def _left_inside(self, action: ActionRecord) -> float:
        node = self._node(action)
        inside = self._children(action)
        left = self._longest(inside)
        if self._record.cancelling or action.entered in ("fallback", "recovery_plan"):
            return left
        if action.action_type == "foreach":
            rounds = rounds_to_come(node, action.items, action.item)
            if rounds:
                left += in_turn(node, rounds) * self._chain(node.get("actions") or ())
        elif action.action_type == "parallel":
            left = side_by_side(node, [self._left(one) for one in inside], left)
        elif action.action_type == "try" and action.entered != "finally":
            left += self._chain(node.get("finally") or ())
        return left

    def _chain(self, actions: Sequence[Mapping[str, Any]]) -> float:
        return longest_way(
            (one["id"], one.get("depends_on") or (), self._expected(estimate_of(one)))
            for one in actions
        )[1]
