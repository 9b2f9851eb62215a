"""Trees of BehaviorTree.CPP 4 (and 3, where it means the same) as plan documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from execution_orchestrator.plan.importing.imported import Imported, Note, NotImportableError
from execution_orchestrator.plan.importing.nav2_nodes import (
    ARRIVED,
    COUNTING_PORTS,
    ERROR_PORTS,
    IN_NAV2,
    INSIDE,
    NOT_COME_TO,
    PASSED_ON,
    SETTLED,
)
from execution_orchestrator.plan.importing.port_values import constant, literal, plain, pose
from execution_orchestrator.plan.importing.scripting import (
    NUMBER,
    ScriptError,
    assign,
    expression,
    port_of,
)
from execution_orchestrator.plan.importing.table import Table, filled, snake
from execution_orchestrator.plan.importing.xml_nodes import XmlNode
from execution_orchestrator.plan.model import CONTROL_FLOW

MAX_ATTEMPTS = 100  # of a retry policy
MAX_ITERATIONS = 1000  # of a loop
MAX_ACTIONS = 10_000  # of the plan, in which each use of a subtree is expanded
MAX_SUBTREES = 30  # inside each other
Action = dict[str, Any]
_SEQUENCES = {"Sequence", "SequenceStar", "SequenceWithMemory", "PipelineSequence"}
_FALLBACKS = {"Fallback", "FallbackStar", "Selector", "RoundRobin"}
# Of the node itself, or of how an editor shows it.
_OWN = frozenset({"name", "ID", "_autoremap", "__autoremap", "_fullpath", "_uid", "_collapsed"})
_OF_ROUND = frozenset({"item", "index"})  # what an expression of a loop calls its own round


@dataclass
class _Scope:
    """What a tree knows: the expressions of its blackboard's entries."""

    tree: str
    known: dict[str, str] = field(default_factory=dict)


def import_tree(root: XmlNode, table: Table, name: str = "") -> Imported:
    """Return the plan of a file's main tree, or of its tree ``name``; what it includes is in it.

    Raises:
        NotImportableError: the file holds no such tree.

    """
    return _Importer(root, table).plan(name)


# What does again what is in it, and a script that works out a value from the one before.
_AGAIN = frozenset(
    {"Repeat", "KeepRunningUntilFailure", "RetryUntilSuccessful", "RecoveryNode", "ForEach"}
    | {f"Loop{kind}" for kind in ("Int", "Bool", "Double", "String", "Pose")}
)
_COUNTS = re.compile(r"[-+*/]=|\b([A-Za-z_]\w*)\s*:?=(?!=)[^;]*\b\1\b")


class _Importer:
    def __init__(self, root: XmlNode, table: Table) -> None:
        if root.tag != "root":
            raise NotImportableError(
                f"line {root.line}: the outermost element is <{root.tag}>, not <root> of a "
                "behaviour tree"
            )
        self._root = root
        self._table = table
        self._trees = {
            one.attributes.get("ID", ""): one for one in root.children if one.tag == "BehaviorTree"
        }
        self._notes: list[Note] = []
        self._ids: dict[str, int] = {}
        self._taken: set[str] = set()
        self._inside: list[str] = []
        self._rounds = 0  # how many nodes are around that do again what is in them
        self._driven: set[str] = set()  # stand for what is a whole tree in Nav2: it tries again
        self._settled: set[str] = set()  # succeed also when they are skipped
        self._paths: dict[str, tuple[str, str, str]] = {}  # what drives where a path leads
        self._count = 0
        self._older = False  # than version 4
        self._read: set[str] | None = None  # words of the ports and scripts of the file
        self._build: dict[str, Callable[[XmlNode, _Scope], list[Action]]] = {
            **dict.fromkeys(_SEQUENCES, self._sequence),
            **dict.fromkeys(_FALLBACKS, self._fallback),
            **dict.fromkeys(PASSED_ON, self._passed_on),
            **dict.fromkeys(NOT_COME_TO, self._not_come_to),
            "Parallel": self._parallel,
            "ParallelAll": self._parallel,
            "ParallelNode": self._parallel,  # of version 2
            "ReactiveSequence": self._reactive_sequence,
            "ReactiveFallback": self._reactive_fallback,
            "AsyncSequence": self._sequence,
            "AsyncFallback": self._fallback,
            "IfThenElse": self._if_then_else,
            "WhileDoElse": self._while_do_else,
            "RetryUntilSuccessful": self._retry,
            "RetryUntilSuccesful": self._retry,
            "RecoveryNode": self._recovery,
            "Repeat": self._repeat,
            "ForEach": self._for_each,  # MoveIt Pro
            "TryCatch": self._try_catch,
            **{f"Loop{kind}": self._loop for kind in ("Int", "Bool", "Double", "String", "Pose")},
            "Timeout": self._timeout,
            "Delay": self._delay,
            "Inverter": self._inverter,
            "ForceSuccess": self._force_success,
            "ForceFailure": self._force_failure,
            "Precondition": self._precondition,
            "SubTree": self._subtree,
            "SubTreePlus": self._subtree,
            "Script": self._script,
            "SetBlackboard": self._set_blackboard,
            "UnsetBlackboard": self._unset,
            "Sleep": self._sleep,
            "AlwaysSuccess": lambda _, __: [],
            "AlwaysFailure": lambda node, _: [self._failure(node)],
            **{f"Switch{count}": self._switch for count in range(2, 7)},
        }

    def plan(self, name: str) -> Imported:
        main = name or self._root.attributes.get("main_tree_to_execute", "")
        if not main and len(self._trees) == 1:
            main = next(iter(self._trees))
        if not main:
            main = self._outermost()
        if main not in self._trees:
            known = ", ".join(sorted(self._trees)) or "none"
            wanted = f"the tree {main!r}" if main else "main_tree_to_execute, or one tree only"
            raise NotImportableError(f"the file has not {wanted}; its trees are: {known}")
        version = self._root.attributes.get("BTCPP_format")
        self._older = version != "4"
        if self._older:
            self._note(self._root, "the format is read as that of BehaviorTree.CPP 4")
        for other in self._root.children:
            if other.tag == "include":
                where = other.attributes.get("path", "")
                self._note(other, f"the file {where!r} cannot be read; put its trees here")
            elif other.tag not in ("BehaviorTree", "TreeNodesModel"):
                self._note(other, "it is not known, and left out")
        actions = self._tree(self._trees[main], _Scope(main))
        if not actions:
            raise NotImportableError(f"the tree {main!r} holds nothing that could be done")
        reached = set(self._reached(main, set()))
        for tree, node in self._trees.items():
            if tree not in reached:
                self._note(node, f"the tree {tree!r} is not used by {main!r}, and left out")
        plan = {"version": 1, "description": f"imported from the behaviour tree {main}"}
        return Imported(
            {**plan, "ordering": "sequence", "actions": actions}, tuple(sorted(set(self._notes)))
        )

    def _outermost(self) -> str:
        """Return the main tree of a file that names none: the one no other tree refers to."""
        held = {one for tree in self._trees for one in self._reached(tree, set()) - {tree}}
        free = [tree for tree in self._trees if tree not in held]
        main = "MainTree" if "MainTree" in self._trees else free[0] if len(free) == 1 else ""
        if main:
            self._note(self._root, f"main_tree_to_execute is not given; {main!r} is taken")
        return main

    def _reached(self, tree: str, seen: set[str]) -> set[str]:
        if tree in seen or tree not in self._trees:
            return seen
        seen.add(tree)
        below = list(self._trees[tree].children)
        while below:
            node = below.pop()
            below += node.children
            if node.tag in ("SubTree", "SubTreePlus"):
                self._reached(node.attributes.get("ID", ""), seen)
        return seen

    # ------------------------------------------------------------------ helpers
    def _note(self, node: XmlNode, text: str, what: str = "") -> None:
        self._notes.append(Note(node.line, what or node.name, text, node.file))

    def _id(self, name: str) -> str:
        name = re.sub(r"[^A-Za-z0-9_]", "_", name)[:100] or "node"
        name = name if not name[0].isdigit() else f"_{name}"
        free, count = name, self._ids.get(name, 1)
        while free in self._taken:
            count += 1
            free = f"{name}_{count}"
        self._ids[name] = count
        self._taken.add(free)
        return free

    def _action(self, node: XmlNode, kind: str, **fields: Any) -> Action:
        self._count += 1
        if self._count > MAX_ACTIONS:
            raise NotImportableError(
                f"line {node.line}: the plan would have more than {MAX_ACTIONS} actions"
            )
        name = self._id(snake(node.attributes.get("name") or node.name))
        return {"id": name, "action_type": kind, **fields}

    def _failure(self, node: XmlNode, unless: str = "false") -> Action:
        """Return an action that fails, or that fails unless something holds."""
        return self._action(node, "delay", duration=0.0, preconditions=[unless])

    def _block(self, node: XmlNode, actions: list[Action], **fields: Any) -> Action:
        """Return one action for several: the one there is, or a sequence of them.

        An action that may fail or be skipped stays as it is: what is now said is said of more.
        """
        alone = len(actions) == 1 and actions[0].keys().isdisjoint(fields)
        alone = alone and not (fields and {"on_failure", "condition"} & actions[0].keys())
        if alone and not ("retry" in fields and actions[0]["action_type"] == "delay"):
            return {**actions[0], **fields}
        return self._action(node, "sequence", actions=actions, **fields)

    def _number(self, node: XmlNode, names: Sequence[str], default: float, scope: _Scope) -> float:
        for name in names:
            text = node.attributes.get(name)
            if text is None:
                continue
            port = port_of(text)
            value = scope.known.get(port, "") if port is not None else text
            if NUMBER.match(value):
                return float(value)
            self._note(node, f"{name}={text!r} is known only at run time; {default:g} is taken")
            return default
        return default

    def _expression(self, node: XmlNode, script: str, scope: _Scope) -> str | None:
        try:
            return expression(script, scope.known, {})
        except ScriptError as failure:
            self._note(node, f"no equivalent of {failure}; it is left out")
            return None

    # ------------------------------------------------------------------ nodes
    def _tree(self, tree: XmlNode, scope: _Scope) -> list[Action]:
        return [action for child in tree.children for action in self._node(child, scope)]

    def _node(self, node: XmlNode, scope: _Scope, *, next_way: bool = False) -> list[Action]:
        """Return a node's actions; ``next_way``: where it is skipped, the next way is tried."""
        if node.tag == "Action" and node.name in self._trees:
            build: Any = self._subtree
        else:
            build = self._build.get(node.name, self._leaf)
        guards = self._guards(node, scope, next_way=next_way)
        self._rounds += node.name in _AGAIN
        built: list[Action] = build(node, scope)
        self._rounds -= node.name in _AGAIN
        self._after(node, scope)
        if guards:
            built = [self._block(node, built, **guards)] if built else built
        if built and "_successIf" in node.attributes:
            self._settled.add(built[0]["id"])
        return built

    def _guards(self, node: XmlNode, scope: _Scope, *, next_way: bool) -> Action:
        fields: Action = {}
        # A node that is skipped does not fail, but in a fallback the next one is tried.
        fields_of = {"_successIf": "condition", "_failureIf": "preconditions"}
        fields_of["_skipIf"] = "preconditions" if next_way else "condition"
        found_in: dict[str, list[str]] = {}
        for name in ("_skipIf", "_successIf", "_failureIf"):
            if name in node.attributes:
                found = self._expression(node, node.attributes[name], scope)
                if found is not None:
                    found_in.setdefault(fields_of[name], []).append(f"!({found})")
        if "condition" in found_in:
            fields["condition"] = " && ".join(found_in["condition"])
        if "preconditions" in found_in:
            fields["preconditions"] = found_in["preconditions"]
        if "_while" in node.attributes:
            found = self._expression(node, node.attributes["_while"], scope)
            fields |= (
                {}
                if found is None
                else {"while": found, "on_guard_failed": "fail" if next_way else "skip"}
            )
        return fields

    def _after(self, node: XmlNode, scope: _Scope) -> None:
        for name, text in node.attributes.items():
            if name in ("_onSuccess", "_post"):
                self._assign(node, text, scope)
            elif name in ("_onFailure", "_onHalted"):
                self._note(node, f"no equivalent of {name}={text!r}; it is left out")
            elif name.startswith("_") and name not in _OWN | {
                "_skipIf",
                "_successIf",
                "_failureIf",
                "_while",
            }:
                self._note(node, f"{name}={text!r} is not known, and left out")

    def _assign(self, node: XmlNode, script: str, scope: _Scope) -> None:
        try:
            if not assign(script, scope.known, {}):
                self._note(node, f"of {script!r} only what is assigned is taken")
            if self._rounds and _COUNTS.search(script):
                message = (
                    "has in every round the value of the first one; a loop counts in iteration"
                )
                self._note(node, f"what {script!r} assigns {message}")
        except ScriptError as failure:
            self._note(node, f"no equivalent of {failure}; it is left out")

    def _children(self, node: XmlNode, scope: _Scope) -> list[list[Action]]:
        return [self._node(child, scope) for child in node.children]

    def _only(self, node: XmlNode, scope: _Scope) -> list[Action]:
        if len(node.children) != 1:
            self._note(node, f"it has {len(node.children)} children instead of one")
        return [action for child in self._children(node, scope) for action in child]

    def _sequence(self, node: XmlNode, scope: _Scope) -> list[Action]:
        if node.name == "PipelineSequence":
            self._note(node, "its earlier children are not done anew while a later one runs")
        actions: list[Action] = []
        for child in node.children:
            condition = self._condition(child, scope)
            if condition is not None:
                actions += [] if condition == "true" else [self._failure(child, condition)]
            else:
                actions += self._node(child, scope)
        return [self._block(node, actions)] if len(actions) > 1 else actions

    def _fallback(self, node: XmlNode, scope: _Scope) -> list[Action]:
        if node.name == "RoundRobin":
            self._note(node, "it begins with its first child each time, not with the next one")
        children = []
        for child in node.children:
            if _capital(child.name) in ARRIVED and child is not node.children[-1]:
                message = "where the robot is already, the goal that it drives to ends at once"
                self._note(child, f"it is left out: {message}")
                continue
            children.append(child)
        ways = self._ways(node, children, scope)
        if node.name == "RoundRobin":  # what is left out there is not a way that succeeds
            ways = [way for way in ways if way]
        return self._one_of(node, ways)

    def _ways(
        self, node: XmlNode, children: Sequence[XmlNode], scope: _Scope
    ) -> list[list[Action]]:
        """Return the actions of each way of a fallback.

        Each begins with what is known whichever action before it failed; what is known after it
        is what those leave that may have succeeded.
        """
        ways, ends = [], []
        known = dict(scope.known)
        for child in children:
            scope.known = dict(known)
            condition = self._condition(child, scope)
            way = (
                [self._failure(child, condition)]
                if condition is not None
                else self._node(child, scope, next_way=True)
            )
            ways.append(way)
            if not _always_fails(way):
                ends.append(scope.known)
            scope.known = known
            for one in child.children if child.name in _SEQUENCES else ():
                if one.name not in ("Script", "SetBlackboard"):
                    break
                self._node(one, scope)  # done before anything in it can fail
        scope.known = known
        self._meet(node, scope, ends)
        return ways

    def _meet(self, node: XmlNode, scope: _Scope, ends: Sequence[dict[str, str]]) -> None:
        """Note what is known where ways meet; where they differ, by which of them succeeded."""
        if not ends:
            return
        for name in {name: None for end in ends for name in end}:
            values = [end.get(name, f"input.{plain(name)}") for end in ends]
            value = values[-1]
            for other in reversed(values[:-1]):
                by = _OF_AN_ACTION.search(other)
                if other == value:
                    continue
                if by is None:
                    if any(_is_read(tree, name) for tree in self._trees.values()):
                        message = f"what {{{name}}} is after it depends on the way that was taken"
                        self._note(node, f"{message}: it is read as input.{plain(name)}")
                    value = f"input.{plain(name)}"
                    break
                value = f"(actions.{by[1]}.status == 'SUCCEEDED' ? {other} : {value})"
            scope.known[name] = value

    def _one_of(self, node: XmlNode, ways: list[list[Action]]) -> list[Action]:
        if not ways or not ways[0]:
            return []  # nothing to do succeeds
        # A way that does nothing but fail is none; one that does something first is done.
        if len(ways) > 1 and len(ways[0]) == 1 and _always_fails(ways[0]):
            return self._one_of(node, ways[1:])
        if len(ways) == 1:
            return ways[0]
        catch = [{"errors": [], "actions": self._once(self._one_of(node, ways[1:]))}]
        return [self._action(node, "try", actions=self._once(ways[0]), catch=catch)]

    def _once(self, actions: list[Action]) -> list[Action]:
        """Try each goal once: what follows its failure is said by the tree, and by nothing else."""
        for action in actions:
            if action["action_type"] not in CONTROL_FLOW and action["id"] not in self._driven:
                action.setdefault("retry", {"max_attempts": 1})
            for name in ("actions", "then", "else", "default"):
                self._once(action.get(name, []))
            for one in (*action.get("cases", ()), *action.get("catch", ())):
                self._once(one["actions"])
        return actions

    def _parallel(self, node: XmlNode, scope: _Scope) -> list[Action]:
        branches = [branch for branch in self._children(node, scope) if branch]
        actions = [self._block(node, branch) for branch in branches]
        if not actions:
            return []
        count = len(actions)
        if node.name == "ParallelAll":
            allowed = int(self._number(node, ["max_failures"], 0, scope))
            wanted, failures = max(1, count - max(0, allowed)), count
            if wanted < count:
                self._note(node, f"it does not wait for the others once {wanted} have succeeded")
        else:
            wanted = int(
                self._number(node, ["success_count", "success_threshold", "threshold"], -1, scope)
            )
            failures = int(self._number(node, ["failure_count", "failure_threshold"], 1, scope))
            wanted = count + 1 + wanted if wanted < 0 else wanted
        success: Any = "all" if wanted >= count else max(1, wanted)
        first = "cancel" if failures == 1 else "finish"
        if 1 < failures < count:
            self._note(
                node, f"failure_count={failures}: it fails when {wanted} can no longer succeed"
            )
        fields: Action = {"on_first_failure": first} if success == "all" else {"success": success}
        if success != "all" and failures == 1 and node.name == "Parallel":
            if success == 1:
                fields = {"race": True}  # whoever ends first decides
            else:
                self._note(node, f"a failure does not end it while {success} may still succeed")
        return [self._action(node, "parallel", actions=actions, **fields)]

    def _reactive_sequence(self, node: XmlNode, scope: _Scope) -> list[Action]:
        conditions, rest = self._leading(node, scope)
        actions: list[Action] = []
        for child in rest:
            actions += self._node(child, scope)
        if len(rest) > 1:
            self._note(
                node,
                "only its leading conditions are watched while it runs; no action is done anew",
            )
        if not actions:
            return [self._failure(node, " && ".join(conditions))] if conditions else []
        if not conditions:
            return [self._block(node, actions)]
        guard = _joined(conditions, all_of=True)
        inner = [self._block(node, actions)]
        return [self._block(node, inner, **{"while": guard, "on_guard_failed": "fail"})]

    def _reactive_fallback(self, node: XmlNode, scope: _Scope) -> list[Action]:
        conditions, rest = self._leading(node, scope)
        ways = self._ways(node, rest, scope)
        if len(rest) > 1:
            self._note(node, "only its leading conditions are watched while it runs")
        actions = self._one_of(node, ways)
        if not conditions:
            return actions
        until = _joined(conditions, all_of=False)
        if not actions:  # and a last child that succeeds with nothing done
            return [] if rest else [self._failure(node, until)]
        guard = {"while": _negated(until), "on_guard_failed": "skip"}
        block = self._block(node, actions, **guard)
        self._settled.add(block["id"])
        return [block]

    def _succeeded(self, action: Action) -> str:
        status = f"actions.{action['id']}.status"
        if action["id"] in self._settled:
            return f"{status} in ['SUCCEEDED', 'SKIPPED']"
        return f"{status} == 'SUCCEEDED'"

    def _leading(self, node: XmlNode, scope: _Scope) -> tuple[list[str], list[XmlNode]]:
        conditions: list[str] = []
        for index, child in enumerate(node.children):
            condition = self._condition(child, scope)
            if condition is None:
                return conditions, node.children[index:]
            if condition != ("true" if "Sequence" in node.name else "false"):
                conditions.append(condition)  # and not what changes nothing
        return conditions, []

    def _condition(self, node: XmlNode, scope: _Scope) -> str | None:
        """Return the expression of a condition node, None for other nodes."""
        if node.name == "Inverter" and len(node.children) == 1:
            inner = self._condition(node.children[0], scope)
            return None if inner is None else _negated(inner)
        if node.name == "ScriptCondition":
            return self._expression(node, node.attributes.get("code", ""), scope)
        if (
            node.name in ("Sequence", "ReactiveSequence", "Fallback", "ReactiveFallback")
            and node.children
        ):
            parts = (
                [self._condition(child, scope) for child in node.children]
                if all(map(_asks, node.children))
                else [None]
            )
            if all(part is not None for part in parts):
                return _joined([str(part) for part in parts], all_of="Sequence" in node.name)
            return None
        text = self._table.condition(node.name)
        if text is None and (settled := SETTLED.get(_capital(node.name))) is not None:
            value, why = settled
            self._note(node, f"it is taken as {value}: {why}")
            return value
        if text is None or node.name in ("AlwaysSuccess", "AlwaysFailure"):
            return None

        def port(found: re.Match[str]) -> str:
            given = node.attributes.get(found[1], "")
            name = port_of(given)
            if name is not None:
                return scope.known.get(name, f"input.{name}")
            return given if NUMBER.match(given) or not given else repr(given)

        filled = re.sub(r"\{(\w+)\}", port, text)
        if not filled.strip() or re.search(r"[<>=]\s*$", filled):
            self._note(node, f"the condition {text!r} needs a port that the node does not have")
            return "true"
        return filled

    def _if_then_else(self, node: XmlNode, scope: _Scope) -> list[Action]:
        return self._branching(node, scope, guarded=False)

    def _while_do_else(self, node: XmlNode, scope: _Scope) -> list[Action]:
        return self._branching(node, scope, guarded=True)

    def _branching(self, node: XmlNode, scope: _Scope, *, guarded: bool) -> list[Action]:
        if not 2 <= len(node.children) <= 3:
            self._note(node, f"it has {len(node.children)} children instead of two or three")
            return self._fallback(node, scope)
        before: list[Action] = []
        condition = self._condition(node.children[0], scope)
        if condition is None:
            # Whether it succeeded is what is asked.
            work = self._node(node.children[0], scope)
            before = [self._tolerated(node.children[0], work)] if work else []
            condition = self._succeeded(before[0]) if work else "true"
            if guarded:
                self._note(node, "its first child is done once, and not again and again")
            guarded = False
        then, *other = self._branches(node, node.children[1:], scope)
        fields: Action = {"if": condition, "then": then}
        fields["else"] = other[0] if other else [self._failure(node)]
        if not (then or fields["else"]):
            return before
        if guarded:
            self._note(
                node,
                "the first branch is stopped when the condition ends, and the other not begun",
            )
            fields["then"] = (
                [self._block(node, then, **{"while": condition, "on_guard_failed": "skip"})]
                if then
                else then
            )
        return [*before, self._action(node, "conditional", **fields)]

    def _branches(
        self, node: XmlNode, children: Sequence[XmlNode], scope: _Scope
    ) -> list[list[Action]]:
        """Return the actions of branches of which one is taken."""
        branches, ends = [], []
        known = scope.known
        for child in children:
            scope.known = dict(known)
            branch = self._node(child, scope)
            branches.append(branch)
            if not _always_fails(branch):
                ends.append(scope.known)
        scope.known = known
        self._meet(node, scope, ends)
        return branches

    def _switch(self, node: XmlNode, scope: _Scope) -> list[Action]:
        count = int(node.name[-1])
        variable = node.attributes.get("variable", "")
        name = port_of(variable)
        value = scope.known.get(name, f"input.{name}") if name is not None else repr(variable)
        branches = self._branches(node, node.children, scope)
        cases = []
        for index in range(min(count, len(branches))):
            case = node.attributes.get(f"case_{index + 1}", "")
            text = case if NUMBER.match(case) else repr(case)
            cases.append({"when": f"{value} == {text}", "actions": branches[index]})
        fields: Action = {"cases": cases}
        fields["default"] = branches[count] if len(branches) > count else [self._failure(node)]
        return [self._action(node, "router", **fields)]

    def _retry(self, node: XmlNode, scope: _Scope) -> list[Action]:
        count = int(self._number(node, ["num_attempts"], 1, scope))
        return self._tried(node, self._only(node, scope), count)

    def _tried(self, node: XmlNode, actions: list[Action], count: int) -> list[Action]:
        if not actions:
            return []
        if count < 0 or count > MAX_ATTEMPTS:
            asked = str(count) if count > 0 else "any number"
            self._note(node, f"at most {MAX_ATTEMPTS} attempts are made, not {asked}")
            count = MAX_ATTEMPTS
        retry = {"max_attempts": max(1, count), "initial_delay": 0.0}
        made = self._block(node, actions, retry=retry)
        self._once(made.get("actions", []))
        return [made]

    def _recovery(self, node: XmlNode, scope: _Scope) -> list[Action]:
        count = int(self._number(node, ["number_of_retries"], 1, scope))
        children = self._children(node, scope)
        if len(children) != 2:
            self._note(node, f"it has {len(children)} children instead of two")
            return self._one_of(node, children)
        work, recovery = children
        if not work:
            return []
        if not recovery:
            return self._tried(node, work, count + 1)
        self._note(node, "the recovery is done after the last attempt, too")
        catch = [{"errors": [], "actions": recovery, "rethrow": True}]
        return self._tried(node, [self._action(node, "try", actions=work, catch=catch)], count + 1)

    def _repeat(self, node: XmlNode, scope: _Scope) -> list[Action]:
        actions = self._only(node, scope)
        cycles = node.attributes.get("num_cycles", "1")
        asked = self._value(cycles, scope)
        if port_of(cycles) is not None and not NUMBER.match(asked):
            self._note(node, f"num_cycles={cycles!r} is at most {MAX_ITERATIONS}")
            fields = {"if": f"index < int({asked})", "max_iterations": MAX_ITERATIONS}
            return [self._action(node, "while", actions=actions, **fields)] if actions else []
        count = int(self._number(node, ["num_cycles"], 1, scope))
        if not actions:
            return []
        if count < 0 or count > MAX_ITERATIONS:
            self._note(
                node,
                f"it is done {MAX_ITERATIONS} times, not {count if count > 0 else 'without end'}",
            )
            count = MAX_ITERATIONS
        return [self._action(node, "repeat", max_iterations=max(1, count), actions=actions)]

    def _loop(self, node: XmlNode, scope: _Scope) -> list[Action]:
        """Go over a queue: "1;2;3", or an entry of the blackboard."""
        text = node.attributes.get("queue", "")
        name = port_of(text)
        kind = node.name.removeprefix("Loop")
        items: Any = [_entry(part, kind) for part in text.split(";")] if text else []
        if name is not None:
            known = scope.known.get(name, f"input.{plain(name)}")
            found = literal(known)
            items = known if found is None else [_entry(p, kind) for p in str(found).split(";")]
        if node.attributes.get("if_empty", "SUCCESS").upper() == "FAILURE":
            self._note(node, "with nothing in the queue it succeeds")
        return self._over(node, items, {"value": "item"}, scope)

    def _for_each(self, node: XmlNode, scope: _Scope) -> list[Action]:
        """Go over a list of the blackboard, as MoveIt Pro does."""
        name = port_of(node.attributes.get("vector_in", ""))
        if name is None:
            self._note(node, "vector_in has to name an entry of the blackboard; nothing is done")
            return []
        items = scope.known.get(name, f"input.{plain(name)}")
        return self._over(node, items, {"out": "item", "index": "index"}, scope)

    def _over(
        self, node: XmlNode, items: Any, ports: Mapping[str, str], scope: _Scope
    ) -> list[Action]:
        """Repeat what is inside for every item; ``ports`` hold a value of the round each."""
        given = {port: port_of(node.attributes.get(port, "")) for port in ports}
        mine = {name: ports[port] for port, name in given.items() if name is not None}
        before = dict(scope.known)
        for name, value in before.items():
            if value in _OF_ROUND and name not in mine:
                # In a round of the inner loop these are its own.
                if _is_read(node, name):
                    message = f"{{{name}}} of the loop around it is not known inside of it"
                    self._note(node, f"{message}; go over both in one list")
                scope.known[name] = f"outer_{plain(name)}"
        scope.known.update(mine)
        actions = self._only(node, scope)
        for name in (*mine, *(name for name, value in before.items() if value in _OF_ROUND)):
            if name in before:
                scope.known[name] = before[name]
            else:
                scope.known.pop(name, None)
        return [self._action(node, "foreach", items=items, actions=actions)] if actions else []

    def _try_catch(self, node: XmlNode, scope: _Scope) -> list[Action]:
        """Do the last child when one of the others fails, and fail then."""
        *work, last = self._children(node, scope) or [[]]
        actions = [action for child in work for action in child]
        if node.attributes.get("catch_on_halt", "false").lower() in ("true", "1"):
            self._note(node, "its last child is not done when it is stopped; see compensation")
        if not actions or not last:
            return actions
        catch = [{"errors": [], "actions": last, "rethrow": True}]
        return [self._action(node, "try", actions=self._once(actions), catch=catch)]

    def _timeout(self, node: XmlNode, scope: _Scope) -> list[Action]:
        seconds = self._number(node, ["msec"], 0.0, scope) / 1000.0
        actions = self._only(node, scope)
        if not actions or seconds <= 0.0:
            return actions
        return [self._block(node, actions, timeout=seconds)]

    def _delay(self, node: XmlNode, scope: _Scope) -> list[Action]:
        seconds = self._number(node, ["delay_msec"], 0.0, scope) / 1000.0
        return [self._action(node, "delay", duration=seconds), *self._only(node, scope)]

    def _inverter(self, node: XmlNode, scope: _Scope) -> list[Action]:
        condition = self._condition(node, scope)
        if condition is not None:
            return [self._failure(node, condition)]
        work = self._only(node, scope)
        if not work:
            return [self._failure(node)]
        inner = self._tolerated(node, work)
        return [inner, self._failure(node, _negated(self._succeeded(inner)))]

    def _tolerated(self, node: XmlNode, work: list[Action]) -> Action:
        """Return what may fail: what that means is said by what comes after it."""
        tolerated = self._block(node, work, critical=False, on_failure="continue")
        return self._once([tolerated])[0]

    def _force_success(self, node: XmlNode, scope: _Scope) -> list[Action]:
        work = self._only(node, scope)
        return [self._tolerated(node, work)] if work else []

    def _force_failure(self, node: XmlNode, scope: _Scope) -> list[Action]:
        return [*self._force_success(node, scope), self._failure(node)]

    def _precondition(self, node: XmlNode, scope: _Scope) -> list[Action]:
        condition = self._expression(node, node.attributes.get("if", "true"), scope)
        actions = self._only(node, scope)
        otherwise = node.attributes.get("else", "FAILURE").upper()
        if condition is None or not actions:
            return actions
        if otherwise in ("SUCCESS", "SKIPPED"):
            return [self._block(node, actions, condition=condition)]
        if otherwise == "RUNNING":  # it is looked at again until it holds
            return [self._block(node, [self._action(node, "wait_for", until=condition), *actions])]
        return [self._block(node, actions, preconditions=[condition])]

    def _passed_on(self, node: XmlNode, scope: _Scope) -> list[Action]:
        if node.name == "KeepRunningUntilFailure":
            held = [self._condition(child, scope) for child in node.children]
            if len(held) == 1 and held[0] is not None:  # a watch beside something else
                until = _negated(held[0])
                wait = self._action(node, "wait_for", until=until)
                return [wait, self._failure(node)]
            actions = self._only(node, scope)
            self._note(node, f"it is done {MAX_ITERATIONS} times at most")
            return (
                [self._action(node, "repeat", max_iterations=MAX_ITERATIONS, actions=actions)]
                if actions
                else []
            )
        self._note(node, PASSED_ON[node.name])
        return self._only(node, scope)

    def _not_come_to(self, node: XmlNode, _: _Scope) -> list[Action]:
        self._note(node, NOT_COME_TO[node.name])
        return []

    # ------------------------------------------------------------------ leaves
    def _subtree(self, node: XmlNode, scope: _Scope) -> list[Action]:
        name = node.attributes.get("ID", node.tag)
        tree = self._trees.get(name)
        if tree is None:
            self._note(node, f"there is no tree {name!r} in the file; it stays as an action")
            return self._leaf(replace(node, tag="Action"), scope)
        if name in self._inside or len(self._inside) >= MAX_SUBTREES:
            self._note(node, f"the tree {name!r} is inside itself; here it is left out")
            return []
        shared = node.attributes.get("_autoremap", node.attributes.get("__autoremap", "")).lower()
        known = dict(scope.known) if shared in ("true", "1") else {}
        back: dict[str, str] = {}
        for port, text in node.attributes.items():
            if port in _OWN or port.startswith("_"):
                continue
            outer = port_of(text)
            if outer is None and node.tag == "SubTree" and self._is_entry(text):
                outer = text  # version 3 writes the entry's name without braces
                self._note(node, f"{port}={text!r} is the entry {{{text}}} of the blackboard")
            if outer is None:
                known[port] = constant(text)
                continue
            back[port] = outer
            known[port] = scope.known.get(outer, f"input.{plain(outer)}")
        inner = _Scope(name, known)
        self._inside.append(name)
        actions = self._tree(tree, inner)
        self._inside.pop()
        for port, outer in back.items():
            if inner.known.get(port) != f"input.{plain(outer)}":
                scope.known[outer] = inner.known[port]
        return actions

    def _is_entry(self, name: str) -> bool:
        """Whether a file of version 3 has an entry of the blackboard of this name."""
        return self._older and any(
            _is_read(tree, name) or _sets(tree, name) for tree in self._trees.values()
        )

    def _script(self, node: XmlNode, scope: _Scope) -> list[Action]:
        self._assign(node, node.attributes.get("code", ""), scope)
        return []

    def _set_blackboard(self, node: XmlNode, scope: _Scope) -> list[Action]:
        key = node.attributes.get("output_key", "")
        scope.known[port_of(key) or key] = self._value(node.attributes.get("value", ""), scope)
        return []

    def _unset(self, node: XmlNode, scope: _Scope) -> list[Action]:
        key = node.attributes.get("key", "")
        scope.known.pop(port_of(key) or key, None)
        return []

    def _value(self, text: str, scope: _Scope) -> str:
        name = port_of(text)
        return constant(text) if name is None else scope.known.get(name, f"input.{plain(name)}")

    def _sleep(self, node: XmlNode, scope: _Scope) -> list[Action]:
        seconds = self._number(node, ["msec"], 0.0, scope) / 1000.0
        return [self._action(node, "delay", duration=seconds)]

    def _leaf(self, node: XmlNode, scope: _Scope) -> list[Action]:
        condition = self._condition(node, scope)
        if condition is not None:
            return [self._failure(node, condition)]
        if node.children:
            # Done without it they would mean something else: an `inverter` is no Inverter.
            near = _capital(node.name)
            known = f" (there is {near})" if near != node.name and near in self._build else ""
            self._note(
                node,
                f"this control or decorator node is not known{known}; it stays in the plan as "
                f"{snake(node.name)!r}, which cannot run, with what is in it",
            )
            inside = [action for child in self._children(node, scope) for action in child]
            return [self._action(node, snake(node.name), actions=inside)]
        row = self._table.row(node.name)
        if row is None and (why := IN_NAV2.get(_capital(node.name))) is not None:
            self._note(node, f"it is left out: {why}")
            return []
        if row is None and node.name in ("ComputePathToPose", "ComputePathThroughPoses"):
            return self._path(node, scope)
        if row is None and node.name == "FollowPath":
            return self._drive(node, scope)
        if row is None:
            kind = (
                "condition" if node.tag == "Condition" or _sounds_like_one(node.name) else "action"
            )
            self._note(
                node,
                f"no {kind} of this robot is known for it: add it to the table under "
                f"{kind}s; it stays in the plan as {snake(node.name)!r}",
            )
        ports = {
            **(row.defaults if row is not None else {}),
            **{k: v for k, v in node.attributes.items() if k not in _OWN and k[0] != "_"},
        }
        outputs = dict(row.outputs) if row is not None else {}
        if row is None or row.parameters is None:
            parameters = {
                name: self._parameter(text, scope, row is None or row.numbers)
                for name, text in ports.items()
                if name not in outputs
            }
            taken = set(ports)
        else:
            taken = set(outputs)

            def value(port: str, numbers: bool) -> Any:
                taken.add(port)
                if port not in ports:
                    return None
                return self._parameter(ports[port], scope, numbers and row.numbers)

            parameters = filled(row.parameters, value)
            for name in row.unsigned:
                if isinstance(parameters.get(name), int | float):
                    parameters[name] = abs(parameters[name])
        for port in sorted(ports.keys() - taken):
            unread = port in ERROR_PORTS and not self._is_read(port_of(ports[port]))
            if unread or port in COUNTING_PORTS:
                continue
            self._note(node, f"the port {port}={ports[port]!r} has no parameter, and is left out")
        action = self._action(node, row.action_type if row is not None else snake(node.name))
        if parameters:
            action["parameters"] = parameters
        for port, output in outputs.items():
            bound = port_of(ports.get(port, ""))
            if bound is not None:
                scope.known[bound] = f"actions.{action['id']}.output.{output}"
        return [action]

    def _path(self, node: XmlNode, _: _Scope) -> list[Action]:
        """Remember where a path leads; Nav2 plans it again when it is driven."""
        one = node.name == "ComputePathToPose"
        goal = node.attributes.get("goal" if one else "goals", "{goal}" if one else "{goals}")
        path = port_of(node.attributes.get("path", "{path}"))
        if path is not None:
            self._paths[path] = ("navigate_to", "target_location", goal) if one else (
                "navigate_through_poses", "poses", goal
            )  # fmt: skip
        self._note(node, f"it is left out: {INSIDE}")
        return []

    def _is_read(self, entry: str | None) -> bool:
        """Whether a node of the file reads what others write of their errors to the blackboard."""
        if self._read is None:
            self._read = set()
            below = list(self._trees.values())
            while below:
                node = below.pop()
                below += node.children
                for port, text in node.attributes.items():
                    if port not in ERROR_PORTS and node.name not in SETTLED:
                        self._read |= set(re.findall(r"\w+", text))
        return entry in self._read

    def _drive(self, node: XmlNode, scope: _Scope) -> list[Action]:
        path = port_of(node.attributes.get("path", "{path}")) or ""
        kind, parameter, goal = self._paths.get(path, ("navigate_to", "target_location", "{goal}"))
        self._note(node, f"it becomes {kind}, which plans and follows a path to {goal}")
        target = self._parameter(goal, scope, numbers=True)
        drive = self._action(node, kind, parameters={parameter: target})
        self._driven.add(drive["id"])
        return [drive]

    def _parameter(self, text: str, scope: _Scope, numbers: bool) -> Any:
        name = port_of(text)
        if name is not None:
            value = scope.known.get(name, f"input.{plain(name)}")
            known = literal(value)
            if known is None:
                return f"{{{{ {value} }}}}"
            return known if numbers or isinstance(known, str) else value
        if numbers and NUMBER.match(text.strip()):
            return float(text)
        if numbers and text.strip() in ("true", "false"):
            return text.strip() == "true"
        return pose(text) if numbers and ";" in text else text


def _capital(name: str) -> str:
    """Return a name as Nav2 writes it since its first releases: GoalReached for goalReached."""
    return name[:1].upper() + name[1:]


def _entry(text: str, kind: str) -> Any:
    """Return an entry of the queue of a LoopInt, LoopDouble, LoopString and the like."""
    part = text.strip()
    if kind in ("Int", "Double") and NUMBER.match(part):
        return int(float(part)) if kind == "Int" else float(part)
    return {"true": True, "false": False}.get(part, part) if kind == "Bool" else part


def _is_read(node: XmlNode, entry: str) -> bool:
    """Whether a port of a node, or of one inside it, is bound to an entry of the blackboard."""
    bound = f"{{{entry}}}"
    return any(bound in text for text in node.attributes.values()) or any(
        _is_read(child, entry) for child in node.children
    )


def _sets(node: XmlNode, entry: str) -> bool:
    """Whether a node, or one inside it, is a SetBlackboard of this entry."""
    return node.attributes.get("output_key") == entry or any(
        _sets(child, entry) for child in node.children
    )


_OF_AN_ACTION = re.compile(r"^actions\.(\w+)\.output\b")


def _always_fails(actions: Sequence[Action]) -> bool:
    """Whether what is done at last fails, is never skipped, and its failure counts."""
    last = actions[-1] if actions else {}
    settles = last.keys() & {"on_failure", "condition", "while"}
    return last.get("preconditions") == ["false"] and not settles


def _asks(node: XmlNode) -> bool:
    return node.name in ("ScriptCondition", "Inverter", "Condition") or not node.children


def _negated(condition: str) -> str:
    constants = {"true": "false", "false": "true"}
    return constants.get(condition, f"!({condition})")


def _joined(conditions: Sequence[str], *, all_of: bool) -> str:
    """Return that all of the conditions hold, or one of them; constants are worked out."""
    nothing, enough = ("true", "false") if all_of else ("false", "true")
    left = [one for one in dict.fromkeys(conditions) if one != nothing]
    if enough in left:
        return enough
    if len(left) <= 1:
        return left[0] if left else nothing
    return (" && " if all_of else " || ").join(f"({one})" for one in left)


_ASKING = re.compile(
    r"(?:Is|Has|Are|Check|Can|Was|Would)(?=[A-Z])|(?!Open|Close).*(?:OK|Ok|Updated|Expired|Reached|"
    r"Received|Stuck|Valid|Closed|Open|Nearby)$"
)


def _sounds_like_one(name: str) -> bool:
    return _ASKING.match(name) is not None
