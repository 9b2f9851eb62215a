"""Another plan under a running execution: what has begun continues, all else is replaced."""

from __future__ import annotations

from collections.abc import Iterator

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.apply.blocks import leave, unblocked, watch_guard
from execution_orchestrator.engine.apply.executions import plant
from execution_orchestrator.engine.apply.moves import want
from execution_orchestrator.engine.program import Node, compile_program
from execution_orchestrator.engine.state import ActionState, Flow, OrchestratorState
from execution_orchestrator.engine.status import ActionStatus, WaitingKind

# Composites whose running block may get other actions; a loop or a subplan is of one piece.
OPEN_KINDS = frozenset({"root", "sequence", "parallel", "conditional", "router", "try"})
_WAITS_TO_BEGIN = frozenset(
    {None, WaitingKind.CONFIRMATION, WaitingKind.BREAKPOINT, WaitingKind.GUARD}
)


def has_begun(action: ActionState) -> bool:
    """Say whether anything of an action has happened that another plan could not take back."""
    if action.status in (ActionStatus.PENDING, ActionStatus.READY, ActionStatus.WAITING):
        waits = action.waiting_kind in _WAITS_TO_BEGIN
        return not waits or bool(action.attempt) or action.flow is not None
    return True


def children_of(action: ActionState) -> Iterator[ActionState]:
    """Yield the actions that were planted in an action, whatever became of them."""
    for other in action.execution.actions.values():
        if other.parent is action:
            yield other


def is_open(action: ActionState) -> bool:
    """Say whether the block that an action runs may get other actions."""
    flow = action.flow
    return (
        flow is not None
        and not action.is_final
        and action.node.kind in OPEN_KINDS
        and not flow.abort
        and bool(flow.block)
        and not flow.block.startswith(("fallback", "recovery_plan", "compensation"))
    )


def amended(state: OrchestratorState, event: e.PlanAmended) -> None:
    """Put another plan under an execution; the event is only made where that is possible."""
    execution = state.executions[event.execution_id]
    program = compile_program(event.plan)
    rounds = execution.known - execution.program.count
    root = execution.root
    execution.program = program
    execution.known = program.count + rounds
    if root is None or not root.started:
        plant(execution)
        return
    _graft(state, root, program.root, opened=True)


def _graft(state: OrchestratorState, parent: ActionState, node: Node, *, opened: bool) -> None:
    """Give an action and all in it their new nodes; ``opened``: its block may get other actions."""
    parent.node = node
    children = list(children_of(parent))
    flow = parent.flow
    opened = opened and is_open(parent)
    for child in children:
        if opened and flow is not None and child.block == flow.block and not has_begun(child):
            _uproot(state, flow, child)
            continue
        following = _node_of(node, child)
        if following is not None:
            inside = opened and flow is not None and child.block == flow.block
            _graft(state, child, following, opened=inside)
    if opened and flow is not None:
        _plant_rest(state, parent, flow, node.blocks[flow.block])


def _node_of(parent: Node, child: ActionState) -> Node | None:
    found = parent.blocks.get(child.block, ())
    return next((one for one in found if one.id == child.node.id), None)


def _uproot(state: OrchestratorState, flow: Flow, action: ActionState) -> None:
    leave(state, action)
    if action.windowed:
        flow.window -= 1
    if action in flow.window_queue:
        flow.window_queue.remove(action)
    del action.execution.actions[action.key]
    del flow.children[action.key]
    flow.open -= 1


def _plant_rest(
    state: OrchestratorState, parent: ActionState, flow: Flow, nodes: tuple[Node, ...]
) -> None:
    execution, frame = parent.execution, flow.frame
    assert frame is not None  # a block that runs has one
    made = []
    for node in nodes:
        key = frame.prefix + node.id
        known = execution.actions.get(key)
        if known is not None and known.parent is parent and known.block == flow.block:
            known.waiters = None
            continue
        action = ActionState(execution, node, frame, parent, flow.block)
        execution.actions[key] = flow.children[key] = action
        if node.guard:
            watch_guard(state, action)
        made.append(action)
    flow.open += len(made)
    for action in made:
        for dependency in action.node.dependencies:
            other = execution.actions[frame.prefix + dependency.id]
            if other.is_final:
                if other.taints:
                    action.tainted = other.key
                continue
            action.blockers += 1
            other.waiters = [*(other.waiters or ()), action]
    for action in made:
        if not action.blockers:
            unblocked(state, action)
    if not flow.open:
        want(state, parent)
