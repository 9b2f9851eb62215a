"""Replanning: an execution continues with another plan and keeps the actions that are done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.apply.executions import known_achieved
from execution_orchestrator.engine.effects import AbandonReplan
from execution_orchestrator.engine.inputs import PlanningReport, ReplanFinished
from execution_orchestrator.engine.intake import ask_about_plan
from execution_orchestrator.engine.logic import Logic
from execution_orchestrator.engine.program import Node, Program, ProgramError, compile_new
from execution_orchestrator.engine.state import FOR_A_FAILURE, ExecutionState
from execution_orchestrator.engine.status import ActionStatus, SkipCause
from execution_orchestrator.engine.turn import Turn
from execution_orchestrator.plan.expressions import (
    ExpressionError,
    compile_expression,
    templates_in,
)
from execution_orchestrator.plan.tree import NESTING

_LITERAL = frozenset(
    {"id", "action_type", "parameters", "condition", "preconditions", "postconditions", "if",
     "when", "items", "mode", "inputs", "outputs", "until", "duration", "value", "errors",
     "on_error", "terminate_if", "guard"}
)  # fmt: skip
_PASSED_OVER = frozenset(SkipCause) - {SkipCause.ENDED}
_FIXED_NAMES = frozenset({"actions", "input"})


def on_replan_finished(turn: Turn, incoming: ReplanFinished) -> None:
    """Continue with another plan, or end if there is none."""
    execution = turn.state.executions.get(incoming.execution_id)
    if execution is None or not execution.replan_run or execution.replan_run != incoming.run_id:
        return
    reason = incoming.reason or "the planner has no other plan"
    if incoming.plan is not None:
        try:
            program = compile_new(incoming.plan)
        except ProgramError as failure:
            reason = str(failure)
        else:
            _go_on(turn, execution, incoming, program)
            return
    _failed(turn, execution, reason, incoming.planning)


def _go_on(
    turn: Turn, execution: ExecutionState, incoming: ReplanFinished, program: Program
) -> None:
    limit = turn.config.confirmation_timeout if incoming.confirm else None
    turn.emit(
        e.ExecutionReplanned(
            **turn.execution(execution),
            run_id=incoming.run_id,
            plan=incoming.plan or {},
            kept=tuple(dict.fromkeys(_kept(execution, program))),
            confirm=incoming.confirm,
            confirm_until=None if limit is None else turn.now + limit,
        )
    )
    if incoming.planning is not None:
        turn.emit(e.PlanMade(**turn.execution(execution), report=incoming.planning))
    if incoming.changes:
        turn.emit(e.PlanOptimised(**turn.execution(execution), changes=incoming.changes))
    if incoming.confirm:
        ask_about_plan(turn, execution, "this other plan")


def _failed(
    turn: Turn, execution: ExecutionState, reason: str, planning: PlanningReport | None = None
) -> None:
    turn.emit(
        e.ReplanFailed(
            **turn.execution(execution),
            run_id=execution.replan_run,
            reason=reason,
            planning=planning,
        )
    )


def unanswered(turn: Turn, execution_id: str) -> None:
    """End the wait for a planner that takes too long."""
    execution = turn.state.executions.get(execution_id)
    if execution is not None and execution.replan_run:
        turn.request(AbandonReplan(run_id=execution.replan_run))
        _failed(turn, execution, "the planner did not answer in time")


def _kept(execution: ExecutionState, program: Program) -> Iterator[str]:
    """Yield the keys of done actions that count as done in the new plan.

    An action counts if the new plan has it unchanged and everything it comes after counts, too:
    what has to happen after something new may have been undone by it, so it is done again.
    """
    keeping = _Keeping(execution)
    stack = list(program.root.blocks.get("actions", ()))
    while stack:
        node = stack.pop()
        if keeping.counts(node):
            yield node.id
        for block, children in node.blocks.items():
            if not block.startswith(FOR_A_FAILURE) and node.scope_of_children is program.root:
                stack.extend(children)
        if node.scope_of_children is node and keeping.is_same_beginning(node):
            yield from keeping.inside(node)


def _meaning(data: Any) -> Any:
    """Return what an action does, without how long it may take and in what order it is tried."""
    if isinstance(data, Mapping):
        return {
            key: value if key in _LITERAL else _meaning(value)
            for key, value in data.items()
            if key in _LITERAL or key in NESTING
        }
    if isinstance(data, list | tuple):
        return [_meaning(item) for item in data]
    return data


class _Keeping:
    """Compares a new plan with what an execution achieved."""

    def __init__(self, execution: ExecutionState) -> None:
        self._achieved = known_achieved(execution)
        self._actions = execution.actions
        self._old = {
            node.id: node
            for node in _below(execution.program.root)
            if node.scope is execution.program.root
        }
        self._counts: dict[int, bool] = {}
        self._finally_is_last = execution.follows(Logic.TIDIES_UP_AGAIN)

    def counts(self, node: Node) -> bool:
        """Return whether an action and all those before it were done already."""
        known = self._counts.get(id(node))
        if known is None:
            known = self._counts[id(node)] = (
                node.id in self._achieved
                and self._unchanged(node)
                and not (node.is_composite and _can_be_undone(node))
                and self._follows_what_counts(node)
            )
        return known

    def is_same_beginning(self, node: Node) -> bool:
        """Say whether what was done inside a loop or a subplan would be the same again."""
        return self._unchanged(node) and self._follows_what_counts(node) and _is_fixed(node)

    def inside(self, node: Node) -> Iterator[str]:
        """Yield the keys of what was done inside a loop or a subplan."""
        for key in self._achieved:
            if key.startswith((f"{node.id}[", f"{node.id}/")):
                yield key

    def _unchanged(self, node: Node) -> bool:
        old = self._old.get(node.id)
        if old is None or old.action_type != node.action_type:
            return False
        if node.kind == "capability":
            return old.parameters == node.parameters
        return bool(_meaning(old.data) == _meaning(node.data))

    def _follows_what_counts(self, node: Node) -> bool:
        current: Node | None = node
        while current is not None and current.parent is not None:
            if not all(self._comes_before(one) for one in current.dependencies):
                return False
            if self._finally_is_last and current in current.parent.blocks.get("finally", ()):
                block = current.parent.blocks["actions"]
                if not all(self._comes_before(one) for one in block):
                    return False
            current = current.parent
        return True

    def _comes_before(self, node: Node) -> bool:
        if self.counts(node):
            return True
        # A composite that runs again finds everything in it done; what the old plan passed over is
        # passed over again.
        before = (node.is_composite and node.id in self._achieved) or self._was_passed_over(node)
        return before and self._unchanged(node) and self._follows_what_counts(node)

    def _was_passed_over(self, node: Node) -> bool:
        action = self._actions.get(node.id)
        if action is None:
            return False
        if action.status is ActionStatus.SKIPPED:
            return action.skip_cause in _PASSED_OVER
        return action.status is ActionStatus.FAILED and action.node.on_failure != "abort"


def _below(node: Node) -> Iterator[Node]:
    stack = list(node.children())
    while stack:
        current = stack.pop()
        yield current
        stack.extend(current.children())


def _can_be_undone(node: Node) -> bool:
    """Whether an action in a composite has a compensation: then the composite is kept."""
    return any(one.compensation or one.compensation_of_partial for one in _below(node))


def _is_fixed(node: Node) -> bool:
    """Say whether a loop or subplan, run again, has the same items and inputs."""
    return all(_names_are_fixed(one) for one in (node, *_below(node)))


def _names_are_fixed(node: Node) -> bool:
    if node.kind == "foreach":
        source = node.data.get("items")
        bare = isinstance(source, str) and not source.strip().startswith("{{")
        texts: Iterable[str] = (str(source),) if bare else _templates(source)
    elif node.kind == "subplan":
        texts = _templates(node.data.get("inputs"))
    else:
        return True
    try:
        return all(compile_expression(text).names <= _FIXED_NAMES for text in texts)
    except ExpressionError:
        return False


def _templates(value: object) -> list[str]:
    return [text for _, text in templates_in(value)]
