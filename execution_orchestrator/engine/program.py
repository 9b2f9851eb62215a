"""A resolved plan as a graph of nodes: everything that does not change while it runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from execution_orchestrator.plan.capability import PATIENCE, ResourceDemand, RetryPolicy
from execution_orchestrator.plan.expressions import has_template
from execution_orchestrator.plan.tree import (
    BRIEF,
    COMPOSITES,
    EARLIER,
    STEERING,
    UNDO,
    UNDO_HALF,
    blocks,
    longest_ways,
    on_failure,
    stand_ins,
)


class ProgramError(ValueError):
    """The data is no resolved plan; says where."""


_NO_RETRY = RetryPolicy()
_SIGNS_OF_KEYS = f"/ [ ] {EARLIER}"  # what stands between the ids of a key
_OF_KEYS = frozenset(_SIGNS_OF_KEYS.split())


@lru_cache(maxsize=1000)
def _retry_policy(**values: float) -> RetryPolicy:
    return RetryPolicy.model_validate(values)


class Demand:
    """What a node needs of a resource or of any resource of a type; hashable."""

    __slots__ = ("amount", "constraints", "resource", "shared", "signature")

    def __init__(
        self, resource: str, amount: float, shared: bool, constraints: Mapping[str, Any]
    ) -> None:
        self.resource = resource
        self.amount = amount
        self.shared = shared
        self.constraints = dict(constraints)
        extra = repr(sorted(self.constraints.items())) if self.constraints else ""
        self.signature = (resource, amount, shared, extra)


class Node:
    """One action of a plan."""

    __slots__ = (
        "adaptive_timeout",
        "action_type",
        "as_text",
        "blocks",
        "compensation",
        "compensation_of_partial",
        "condition",
        "confirmation_default",
        "confirmation_timeout",
        "data",
        "demands",
        "dependencies",
        "dependents",
        "description",
        "estimated_duration",
        "fallback",
        "finishes",
        "guard",
        "has_templates",
        "patience",
        "id",
        "idempotent",
        "targets",
        "index",
        "kind",
        "max_parallel",
        "needed",
        "on_guard_failed",
        "outcomes",
        "on_failure",
        "parameters",
        "parent",
        "pausable",
        "planned_start",
        "postconditions",
        "preconditions",
        "preemptible",
        "priority",
        "race",
        "rank",
        "resume",
        "rate_limit",
        "recovery",
        "recovery_plan",
        "require_confirmation",
        "retry",
        "robot_role",
        "robots",
        "scope",
        "server",
        "servers",
        "signature",
        "terminate_if",
        "timeout",
        "when_skipped",
        "when_taken",
    )

    def __init__(self, data: Mapping[str, Any], parent: Node | None, kind: str) -> None:
        get = data.get
        self.data = data
        self.parent = parent
        self.kind = kind  # "capability", or the name of the control-flow kind
        self.id: str = get("id") or ""
        self.action_type: str = get("action_type") or kind
        self.description: str = get("description") or ""
        self.parameters: dict[str, Any] = get("parameters") or {}
        self.has_templates = has_template(self.parameters)
        self.as_text: tuple[str, ...] = tuple(get("as_text") or ())
        self.condition: str | None = get("condition")
        self.guard: str | None = get("guard")
        self.on_guard_failed: str = get("on_guard_failed") or "fail"
        self.when_skipped: str = get("when_skipped") or "run"
        self.preconditions: tuple[str, ...] = tuple(get("preconditions") or ())
        self.postconditions: tuple[str, ...] = tuple(get("postconditions") or ())
        self.terminate_if: str | None = get("terminate_if")
        self.outcomes: Mapping[str, str] = get("outcomes") or {}
        self.require_confirmation = bool(get("require_confirmation"))
        self.confirmation_timeout: float | None = get("confirmation_timeout")
        self.confirmation_default = bool(get("confirmation_default"))
        self.timeout: float | None = get("timeout")
        self.adaptive_timeout: Mapping[str, Any] | None = get("adaptive_timeout")
        retry = get("retry")
        self.retry = _retry_policy(**retry) if retry else _NO_RETRY
        self.priority: int = get("priority") or 0
        self.on_failure = on_failure(get("on_failure"), critical=get("critical", True))
        self.pausable: str = get("pausable") or "none"
        self.preemptible = bool(get("preemptible"))
        self.idempotent = bool(get("idempotent"))
        self.resume: Mapping[str, Any] = get("resume") or {}
        self.targets: tuple[str, ...] = tuple(get("targets") or ())
        self.rate_limit: float | None = get("rate_limit")
        self.server: str = get("server") or ""
        self.when_taken: str = get("when_taken") or "wait"
        self.patience: float = get("patience") or PATIENCE
        self.robots: tuple[str, ...] = tuple(get("robots") or ())
        # Action server of each robot that may do it.
        self.servers: Mapping[str, str] = get("servers") or {}
        self.robot_role: str = get("robot_role") or ""
        self.recovery: str = get("recovery") or ""
        self.estimated_duration: float = get("estimated_duration") or 0.0
        self.planned_start: float | None = get("planned_start")
        self.max_parallel: int | None = get("max_parallel")
        # Of a parallel: how many of its actions have to succeed, 0 for all; see apply/blocks.py.
        self.needed: int = get("needed") or 0
        self.race = bool(get("race"))
        self.finishes = get("on_first_failure") == "finish"
        self.demands = tuple(_demand(item) for item in get("resources") or ())
        # Ready actions with the same signature are interchangeable for the scheduler.
        self.signature: tuple[Any, ...] = (
            tuple(demand.signature for demand in self.demands),
            self.server,
            self.action_type if self.rate_limit else "",
            *((self.robots, self.robot_role, *self.servers.values()) if self.robots else ()),
        )
        self.index = 0  # place in the plan
        self.rank = 0.0  # seconds from its start to the plan's end
        self.dependencies: tuple[Node, ...] = ()
        self.dependents: list[Node] = []
        self.blocks: dict[str, tuple[Node, ...]] = {}
        self.fallback: Node | None = None
        self.compensation: Node | None = None
        self.compensation_of_partial: Node | None = None
        self.recovery_plan: tuple[Node, ...] = ()
        self.scope: Node = self if parent is None else parent.scope_of_children

    @property
    def scope_of_children(self) -> Node:
        """The node whose instance gives its children's keys their prefix."""
        return self if self.kind in ("root", "foreach", "subplan") else self.scope

    @property
    def is_relative(self) -> bool:
        """Whether a goal moves by so much, and the next one by what is left of it."""
        return bool(self.resume.get("how") == "subtract")

    @property
    def is_composite(self) -> bool:
        """Whether it nests other actions by its kind."""
        return self.kind in COMPOSITES

    def children(self) -> Iterator[Node]:
        """Yield the nodes of all its blocks."""
        for block in self.blocks.values():
            yield from block


class Program:
    """A compiled plan."""

    __slots__ = (
        "__weakref__",
        "count",
        "data",
        "deadline",
        "outcomes",
        "root",
        "signals",
        "success",
        "timeout",
        "without_key",
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Compile the JSON data of a resolved plan.

        Raises:
            ProgramError: it is none.

        """
        self.data = data
        self.timeout: float | None = data.get("timeout")
        self.success: str = data.get("success") or ""
        self.deadline: str = data.get("deadline", "running")  # or wall: pauses count, too
        self.signals: Mapping[str, Any] = data.get("signals") or {}  # their JSON Schemas
        self.count = 0
        self.outcomes: dict[str, Mapping[str, str]] = {}  # of its actions, by their type
        self.root = Node({"id": ""}, None, "root")
        try:
            self._fill(self.root, data)
            self._lift_all()
            _rank_all(self.root)
            _add_tails(self.root, 0.0)
            self.without_key = _without_key(self.root)
        except (TypeError, AttributeError, ValueError, KeyError) as failure:
            raise ProgramError(f"this is no resolved plan: {failure}") from failure

    def _fill(self, node: Node, data: Mapping[str, Any]) -> None:
        # The nesting depth is bounded by the loader, so recursion over it is, too.
        for name, actions in blocks(node.kind, data):
            children = tuple(self._node(item, node) for item in actions)
            _link(children)
            node.blocks[name] = children

    def _lift_all(self) -> None:
        names: dict[tuple[int, str], Node] = {}
        nodes = list(_below(self.root))
        for node in nodes:
            names.setdefault((id(_document(node)), node.id), node)
        for node in nodes:
            for name in node.data.get("depends_on") or ():
                if any(found.id == name for found in node.dependencies):
                    continue
                target = names.get((id(_document(node)), name))
                if target is None:
                    raise ProgramError(f"{node.id} depends on {name}, which is not in its plan")
                _lift(node, target)

    def _node(self, data: Mapping[str, Any], parent: Node, stand_in: str = "") -> Node:
        action_type = data["action_type"]
        kind = action_type if action_type in COMPOSITES | STEERING else "capability"
        node = Node(data, parent, kind)
        if stand_in:
            node.id = stand_in
            # It belongs to the same scope as the action that it replaces.
            node.scope = parent.scope
        self.count += 1
        if node.outcomes:
            self.outcomes[node.action_type] = node.outcomes
        node.index = self.count
        if node.is_composite:
            self._fill(node, data)
        for block, named in stand_ins(data):
            nodes = tuple(self._extra(item, node, name) for name, item in named)
            if block == UNDO:
                node.compensation = nodes[0]
                continue
            if block == UNDO_HALF:
                node.compensation_of_partial = nodes[0]
                continue
            if block == "fallback":
                node.fallback = nodes[0]
            else:
                _link(nodes)
                node.recovery_plan = nodes
            node.blocks[block] = nodes
        return node

    def _extra(self, data: Mapping[str, Any], owner: Node, name: str) -> Node:
        before = self.count
        node = self._node(data, owner, name)
        self.count = before
        return node


#: Programs that something still runs by, by a digest of their plans.
_compiled: WeakValueDictionary[bytes, Program] = WeakValueDictionary()
_newest: list[Program] = []


def compile_program(data: Mapping[str, Any]) -> Program:
    """Return the program of a plan; runs of the same plan share one, as nothing changes it.

    Raises:
        ProgramError: the data is no resolved plan.

    """
    if _newest and _newest[0].data is data:
        return _newest[0]
    try:
        digest = hashlib.blake2b(msgspec.json.encode(data), digest_size=16).digest()
    except (TypeError, ValueError, RecursionError):
        return Program(data)  # it says what is wrong, or takes what is no JSON
    program = _compiled.get(digest)
    if program is None:
        program = _compiled[digest] = Program(data)
    _newest[:] = [program]
    return program


def compile_new(data: Mapping[str, Any]) -> Program:
    """Return the program of a plan that begins now; what an earlier release began is read anyway.

    Raises:
        ProgramError: the data is no resolved plan, or one of its actions has no key of its own. The
            engine would take it for another one, and never come to the end of it.

    """
    program = compile_program(data)
    if program.without_key:
        raise ProgramError(f"this is no resolved plan: {program.without_key}")
    return program


def _demand(item: Any) -> Demand:
    if isinstance(item, str):
        return Demand(item, 1.0, shared=False, constraints={})
    if isinstance(item, ResourceDemand):
        return Demand(item.resource, item.amount, item.shared, item.constraints)
    return Demand(
        item["resource"],
        float(item.get("amount", 1.0)),
        bool(item.get("shared")),
        item.get("constraints") or {},
    )


def _link(children: tuple[Node, ...]) -> None:
    """Set the dependencies between the nodes of a block."""
    by_id = {child.id: child for child in children}
    for child in children:
        named = child.data.get("depends_on") or ()
        child.dependencies = tuple(dict.fromkeys(by_id[name] for name in named if name in by_id))
        for dependency in child.dependencies:
            dependency.dependents.append(child)


def _lift(child: Node, target: Node) -> None:
    """Turn a dependency on something in another block into one between siblings.

    The ancestors of the two that share a block wait for each other instead: that may wait longer
    than asked for, never shorter.
    """
    above = set(_line(child))
    for dependency in _line(target):
        if dependency.parent is None or dependency in above:
            return
        waiting = next((node for node in _line(child) if node.parent is dependency.parent), None)
        if waiting is not None:
            if dependency not in waiting.dependencies:
                waiting.dependencies += (dependency,)
                dependency.dependents.append(waiting)
            return


def _line(node: Node) -> Iterator[Node]:
    current: Node | None = node
    while current is not None:
        yield current
        current = current.parent


def _document(node: Node) -> Node:
    """Return the plan or subplan an action is written in: ids are unique there."""
    current = node.parent
    while current is not None and current.kind not in ("root", "subplan"):
        current = current.parent
    return current or node


def _below(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        current = stack.pop()
        for child in current.children():
            yield child
            stack.append(child)


def _without_key(root: Node) -> str:
    """Say which action has no key of its own; nothing if each has.

    Either two actions of a scope have the same id, or an id has a sign that keys are made of.
    """
    seen: set[tuple[int, str]] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        undo = (node.compensation, node.compensation_of_partial)
        for child in (*node.children(), *(one for one in undo if one is not None)):
            place = (id(child.scope), child.id)
            if place in seen:
                return f"two of its actions have the id {child.id}"
            if not child.id or not _OF_KEYS.isdisjoint(child.id):
                return f"{child.id!r} is no id: an id is not empty, and without {_SIGNS_OF_KEYS}"
            seen.add(place)
            stack.append(child)
    return ""


def _rank_all(node: Node) -> None:
    for child in node.children():
        if child.blocks:
            _rank_all(child)
    for children in node.blocks.values():
        _rank(children)


def _add_tails(node: Node, tail: float) -> None:
    """Let the ranks of what is nested count to the plan's end instead of its block's."""
    for child in node.children():
        after = child.rank - _seconds(child) + tail
        child.rank += tail
        _add_tails(child, after)


def _seconds(node: Node) -> float:
    return node.estimated_duration or BRIEF


def _rank(children: tuple[Node, ...]) -> None:
    """Give every node of a block the seconds from its start to the block's end."""
    for child in children:
        if child.is_composite and not child.estimated_duration:
            child.estimated_duration = max(
                (max((n.rank for n in block), default=0.0) for block in child.blocks.values()),
                default=0.0,
            )
    ways = longest_ways((child, child.dependents, _seconds(child)) for child in children)
    stuck = [child.id for child in children if child not in ways]
    if stuck:
        raise ProgramError(f"these actions wait for each other: {', '.join(stuck)}")
    for child in children:
        child.rank = ways[child].seconds
