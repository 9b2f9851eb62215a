"""Amending the plan of a running execution: actions that have not begun are replaced.

No running action is stopped. Actions that have begun or ended have to be in the new plan unchanged,
and may not depend on one that has not ended; all others may be added, changed or removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.apply.amending import children_of, has_begun, is_open
from execution_orchestrator.engine.cancellation import chosen_executions
from execution_orchestrator.engine.inputs import AmendPlan
from execution_orchestrator.engine.program import Node, Program, ProgramError, compile_new
from execution_orchestrator.engine.state import ActionState, ExecutionState
from execution_orchestrator.engine.status import ActionStatus
from execution_orchestrator.engine.turn import Turn

# What an action is expected to take, and when it begins, is not what it does.
_BESIDES = frozenset(
    {"planned_start", "estimated_duration", "timeout", "adaptive_timeout", "depends_on",
     "description", "cost_rate"}
)  # fmt: skip
MOST_PROBLEMS = 20


@dataclass
class Amendment:
    """What another plan would change; with ``problems`` it is refused.

    The lists hold the keys of actions: ``begun`` are not changed, ``replanted`` are in both plans
    and have not begun.
    """

    begun: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    replanted: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def on_amend(turn: Turn, incoming: AmendPlan) -> None:
    """Replace the plan of a running execution, or refuse with the reasons."""
    if not incoming.execution_id:
        turn.refuse("an amendment has to name an execution")
        return
    for execution in chosen_executions(turn, incoming.execution_id):
        turn.ids = (execution.execution_id,)
        found = amendment(execution, incoming.plan)
        if found.problems:
            turn.refuse("; ".join(found.problems))
            return
        turn.emit(
            e.PlanAmended(
                **turn.execution(execution),
                plan=incoming.plan,
                added=tuple(found.added),
                changed=tuple(found.changed),
                removed=tuple(found.removed),
                replanted=tuple(found.replanted),
                reason=incoming.reason,
            )
        )


def amendment(execution: ExecutionState, plan: Mapping[str, Any]) -> Amendment:
    """Return what a resolved plan would change in an execution, and what forbids it."""
    found = Amendment()
    reason = _why_not_now(execution)
    if reason:
        found.problems.append(reason)
        return found
    try:
        program = compile_new(plan)
    except ProgramError as failure:
        found.problems.append(str(failure))
        return found
    root = execution.root
    assert root is not None  # it has a plan
    if root.started and execution.program.timeout != program.timeout:
        found.problems.append("the plan's timeout runs already and stays as it is")
    if execution.paused and execution.program.deadline != program.deadline:
        found.problems.append(
            "the pause counts for the deadline as the plan said when it began: "
            "resume the execution before deadline: is changed"
        )
    if root.started:
        _compare(found, root, program.root)
    else:
        _compare_lists(found, "", execution.program, program)
    same = not (found.added or found.changed or found.removed or found.problems)
    if same and _same_besides(execution.program, program):
        found.problems.append("the plan is the one that it has")
    del found.problems[MOST_PROBLEMS:]
    return found


def _why_not_now(execution: ExecutionState) -> str:
    if execution.goal is not None:
        return "its plan is still being made"
    if execution.cancel_cause or execution.compensating:
        return "it is being stopped"
    if execution.replan_run:
        return "a planner is making another plan of it"
    if execution.waiting_for_confirmation:
        return "a person is asked about its plan; answer that first"
    root = execution.root
    if root is not None and root.flow is not None and root.flow.abort:
        return "it is coming to its end"
    return ""


def _same_besides(old: Program, new: Program) -> bool:
    return (old.success, old.deadline, dict(old.signals)) == (
        new.success,
        new.deadline,
        dict(new.signals),
    )


def _compare_lists(found: Amendment, prefix: str, old: Program, new: Program) -> None:
    """Compare two plans of which nothing has begun."""
    before = {node.id: node for node in old.root.children()}
    after = {node.id: node for node in new.root.children()}
    _note(found, prefix, before, after)


def _note(
    found: Amendment, prefix: str, before: Mapping[str, Node], after: Mapping[str, Node]
) -> None:
    found.removed += [prefix + name for name in before if name not in after]
    found.added += [prefix + name for name in after if name not in before]
    found.changed += [
        prefix + name
        for name, node in after.items()
        if name in before and _asked(before[name].data) != _asked(node.data)
    ]


def _asked(data: Any) -> Any:
    """Return the fields of an action, without those that the optimiser added."""
    if not isinstance(data, Mapping):
        return [_asked(one) for one in data] if isinstance(data, list | tuple) else data
    made = {key: _asked(value) for key, value in data.items() if key != "planned_start"}
    if not data.get("timeout_explicit", True):
        made["timeout"] = made["adaptive_timeout"] = None
    if not data.get("estimate_explicit", True):
        made["estimated_duration"] = None
    return made


def _compare(found: Amendment, parent: ActionState, node: Node) -> None:
    """Compare the nested actions of a running action with those of the amended plan."""
    flow = parent.flow
    assert flow is not None  # it runs a block
    frame = flow.frame
    prefix = frame.prefix if frame is not None else ""
    if not is_open(parent):
        return
    mine = {c.node.id: c for c in children_of(parent) if c.block == flow.block}
    nodes = node.blocks.get(flow.block, ())
    after = {one.id: one for one in nodes}
    waiting = {name: child.node for name, child in mine.items() if not has_begun(child)}
    found.replanted += [mine[name].key for name in waiting]
    begun = {name: child for name, child in mine.items() if name not in waiting}
    _note(found, prefix, waiting, {k: v for k, v in after.items() if k not in begun})
    for name, child in begun.items():
        following = after.get(name)
        if following is None:
            found.problems.append(f"{child.key} {_fate(child)} and is not in the new plan")
            continue
        found.begun.append(child.key)
        _compare_begun(found, child, following)
        _compare_order(found, child, following, mine)


def _compare_begun(found: Amendment, child: ActionState, node: Node) -> None:
    inside = is_open(child) and child.flow is not None
    block = child.flow.block if child.flow is not None and inside else ""
    if child.node.kind != node.kind or _doing(child.node.data, block) != _doing(node.data, block):
        names = ", ".join(_differences(child.node.data, node.data, block)) or "its type"
        found.problems.append(f"{child.key} {_fate(child)} and would change: {names}")
    elif inside:
        _compare(found, child, node)


def _compare_order(
    found: Amendment, child: ActionState, node: Node, siblings: Mapping[str, ActionState]
) -> None:
    before = {one.id for one in child.node.dependencies}
    for dependency in node.dependencies:
        other = siblings.get(dependency.id)
        if dependency.id not in before and (other is None or not other.is_final):
            found.problems.append(
                f"{child.key} {_fate(child)} and would come after {dependency.id}, which has not "
                "ended"
            )


def _fate(action: ActionState) -> str:
    if not action.is_final:
        return "has begun"
    return "was left out" if action.status is ActionStatus.SKIPPED else "has ended"


def _doing(data: Any, block: str) -> Any:
    """Return what an action does; ``block`` is the one whose actions are compared one by one."""
    if isinstance(data, Mapping):
        return {
            key: _doing(value, "")
            for key, value in data.items()
            if value not in (None, [], {}, ()) and not _is_besides(key, block)
        }
    if isinstance(data, list | tuple):
        return [_doing(item, "") for item in data]
    return data


def _is_besides(key: str, block: str) -> bool:
    if key in _BESIDES:
        return True
    # The cases of a router, and the catches of a try, have their actions inside.
    outer = block.partition("[")[0]
    return bool(block) and key == {"case": "cases", "catch": "catch"}.get(outer, outer)


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], block: str) -> Iterable[str]:
    one, other = _doing(old, block), _doing(new, block)
    return sorted(key for key in {*one, *other} if one.get(key) != other.get(key))
