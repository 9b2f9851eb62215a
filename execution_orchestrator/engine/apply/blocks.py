"""Children of actions: how they are created and what their end means to the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from execution_orchestrator.engine.apply.moves import (
    decided,
    dequeue,
    disarm_action,
    forget_goal,
    forget_run,
    move,
    stop_waiting,
    want,
)
from execution_orchestrator.engine.logic import Logic
from execution_orchestrator.engine.program import Node
from execution_orchestrator.engine.state import ActionState, Flow, Frame, OrchestratorState
from execution_orchestrator.engine.status import AbortCause, ActionStatus, SkipCause
from execution_orchestrator.plan.errors import ErrorInfo

_SUCCEEDED = ActionStatus.SUCCEEDED
_FAILED = ActionStatus.FAILED
_SKIPPED = ActionStatus.SKIPPED


def open_block(
    state: OrchestratorState,
    parent: ActionState,
    nodes: Sequence[Node],
    frame: Frame,
    block: str,
    iteration: int = -1,
) -> None:
    """Create the actions of a block."""
    execution = parent.execution
    flow = parent.flow
    if flow is None:
        flow = parent.flow = Flow()
    flow.block = block
    flow.frame = frame
    actions = execution.actions
    made = []
    for node in nodes:
        action = ActionState(execution, node, frame, parent, block)
        action.iteration = iteration
        actions[action.key] = action
        if node.guard:
            watch_guard(state, action)
        flow.children[action.key] = action
        made.append(action)
    flow.open += len(made)
    prefix = frame.prefix
    for action in made:
        for dependency in action.node.dependencies:
            other = actions[prefix + dependency.id]
            action.blockers += 1
            if other.waiters is None:
                other.waiters = [action]
            else:
                other.waiters.append(action)
    if iteration >= 0:
        flow.results[iteration] = {}
        if made:
            flow.iterations[iteration] = len(made)
            flow.running += 1
    for action in made:
        if not action.blockers:
            unblocked(state, action)
    if not flow.open or (iteration >= 0 and has_place(parent, flow)):
        want(state, parent)


def has_place(parent: ActionState, flow: Flow) -> bool:
    """Say whether a foreach may start another item now."""
    if flow.items is None or flow.next_index >= len(flow.items) or flow.abort:
        return False
    parallel = parent.node.data.get("mode") == "parallel"
    return flow.running < ((parent.node.max_parallel or len(flow.items)) if parallel else 1)


def unblocked(state: OrchestratorState, action: ActionState) -> None:
    """Its dependencies are done."""
    parent = action.parent
    if parent is not None and parent.node.kind == "parallel" and parent.node.max_parallel:
        flow = parent.flow
        if flow is not None and flow.block == "actions":
            if flow.window >= parent.node.max_parallel:
                flow.window_queue.append(action)
                return
            flow.window += 1
            action.windowed = True
    want(state, action)


def end_action(
    state: OrchestratorState,
    action: ActionState,
    status: ActionStatus,
    time: float,
    *,
    tolerated: bool = False,
    cause: SkipCause | None = None,
) -> None:
    """Give an action its final status, and count down its dependents."""
    execution = action.execution
    leave(state, action)
    move(action, status)
    action.ended = time
    action.skip_cause = cause
    execution.completed += 1
    taints = (
        (status is _FAILED and action.node.on_failure != "continue")
        or (status is _SKIPPED and cause in (SkipCause.DEPENDENCY, SkipCause.LEFT_OUT))
        or (
            status is _SKIPPED
            and cause in (SkipCause.CONDITION, SkipCause.GUARD)
            and action.node.when_skipped == "skip"
        )
        or status is ActionStatus.CANCELLED
    )
    action.taints = taints
    waiters = action.waiters
    if waiters is not None:
        action.waiters = None
        for waiter in waiters:
            waiter.blockers -= 1
            if taints:
                waiter.tainted = action.key
            if not waiter.blockers and waiter.status is ActionStatus.PENDING:
                unblocked(state, waiter)
    parent = action.parent
    if parent is not None and parent.flow is not None:
        _child_ended(state, parent, parent.flow, action, tolerated=tolerated)


def watch_guard(state: OrchestratorState, action: ActionState) -> None:
    """Let steps look at the guard of an action until the action is left."""
    state.guarded.setdefault(action.execution.execution_id, {})[action.key] = action


def leave(state: OrchestratorState, action: ActionState) -> None:
    """Take an action out of everything that could still act on it."""
    decided(state, action)
    dequeue(state, action)
    disarm_action(state, action)
    forget_goal(state, action)
    forget_run(state, action)
    stop_waiting(action)
    name = action.execution.execution_id
    guarded = state.guarded.get(name)
    if guarded is not None:
        guarded.pop(action.key, None)
        if not guarded:
            del state.guarded[name]


def _child_ended(
    state: OrchestratorState,
    parent: ActionState,
    flow: Flow,
    action: ActionState,
    *,
    tolerated: bool,
) -> None:
    if flow.children.pop(action.key, None) is None:
        return
    flow.open -= 1
    status = action.status
    if status is _SUCCEEDED and not action.node.data.get("between_rounds"):
        if action.iteration >= 0:
            flow.results[action.iteration][action.node.id] = action.output
        else:
            flow.outputs[action.node.id] = action.output
    elif status is _FAILED and tolerated:
        flow.partial = True
    flow.outcomes[status] = flow.outcomes.get(status, 0) + 1
    if flow.block == "actions" and _has_policy(parent):
        _by_policy(state, parent, flow, action, tolerated=tolerated)
    elif status is _FAILED and not tolerated:
        if _overturns(action, parent):
            flow.overturned, flow.returning = True, False
            flow.abort, flow.abort_reason = AbortCause.FAILURE, f"{action.key} failed"
        fail_flow(state, parent, flow, action.error, action.key)
    if action.windowed:
        flow.window -= 1
        while flow.window_queue:
            following = flow.window_queue.popleft()
            if following.status is ActionStatus.PENDING:
                flow.window += 1
                following.windowed = True
                want(state, following)
                break
    if action.iteration >= 0:
        left = flow.iterations[action.iteration] - 1
        if left:
            flow.iterations[action.iteration] = left
        else:
            del flow.iterations[action.iteration]
            flow.running -= 1
            if has_place(parent, flow):
                want(state, parent)
    if not flow.open:
        want(state, parent)


def _overturns(action: ActionState, parent: ActionState) -> bool:
    """Return whether a finally failed in an action, on the way out that a return had begun."""
    inner = action.flow
    if inner is None or inner.abort is not AbortCause.FAILURE:
        return False
    if not (inner.overturned or inner.block == "finally"):
        return False
    return is_left_by_a_return(parent) and action.execution.follows(Logic.FINALLY_FAILS_THE_RETURN)


def is_left_by_a_return(block: ActionState | None) -> bool:
    """Return whether a block is stopped because the plan or subplan around it returns."""
    while block is not None and block.flow is not None and block.flow.abort is AbortCause.CANCEL:
        block = block.parent
    return block is not None and block.flow is not None and block.flow.abort is AbortCause.RETURN


def _has_policy(parent: ActionState) -> bool:
    node = parent.node
    return node.kind == "parallel" and (node.needed > 0 or node.race or node.finishes)


def _by_policy(
    state: OrchestratorState,
    parent: ActionState,
    flow: Flow,
    action: ActionState,
    *,
    tolerated: bool,
) -> None:
    """Decide what the end of one action means to a parallel that need not succeed as a whole."""
    node, status = parent.node, action.status
    failed = status is _FAILED and not tolerated
    succeeded = flow.outcomes.get(_SUCCEEDED, 0)
    if failed and flow.error is None:
        flow.error, flow.failed_key = action.error, action.key
    if flow.abort:
        return
    if node.race:
        if status is _SUCCEEDED:
            _enough(state, parent, flow, f"{action.key} was first")
        elif failed:
            fail_flow(state, parent, flow, action.error, action.key)
    elif node.needed:
        reachable = succeeded + flow.open
        if succeeded >= node.needed:
            _enough(state, parent, flow, f"{succeeded} of {len(node.blocks['actions'])} are enough")
        elif reachable < node.needed:
            fail_flow(state, parent, flow, flow.error, flow.failed_key or action.key)
    elif not flow.open and flow.error is not None:
        fail_flow(state, parent, flow, flow.error, flow.failed_key)


def _enough(state: OrchestratorState, parent: ActionState, flow: Flow, reason: str) -> None:
    """Let a parallel end well; what still runs in it is cancelled first."""
    flow.error, flow.failed_key = None, ""
    if flow.open:
        flow.abort = AbortCause.ENOUGH
        flow.abort_reason = reason
        want(state, parent)


def fail_flow(
    state: OrchestratorState, parent: ActionState, flow: Flow, error: ErrorInfo | None, key: str
) -> None:
    """Note the failure of a child that ends its block."""
    if flow.error is None:
        flow.error = error
        flow.failed_key = key
    if not flow.abort:
        flow.abort = AbortCause.FAILURE
        flow.abort_reason = f"{key} failed"
        want(state, parent)


def collected(parent: ActionState) -> Any:
    """Return the outputs of a composite's children: by id, or a list of these for a foreach."""
    flow = parent.flow
    if flow is None:
        return {}
    if parent.node.kind == "foreach":
        return [flow.results.get(index, {}) for index in range(flow.next_index)]
    return dict(flow.outputs)
