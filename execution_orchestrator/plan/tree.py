"""The tree of a plan: fields that nest actions, walking, editing, keys and longest ways.

The key of an action is its id behind the scopes it runs in: ``pick``, ``loop[2]/pick`` in the third
item of a foreach, ``fetch/pick`` in a subplan. A sequence, a branch or a try is no scope.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

BRIEF = 0.01  # seconds; keeps the longer chain first when durations are unknown
Action = Mapping[str, Any]
Block = tuple[str, Sequence[Action]]
Editable = dict[str, Any]
# (path in front of the block's ids, its actions) -> its new actions
EditBlock = Callable[[str, list[Editable]], list[Editable]]

COMPOSITES = frozenset(
    {"root", "sequence", "parallel", "conditional", "router", "foreach", "try", "subplan"}
)
STEERING = frozenset({"return", "delay", "wait_for", "wait_for_signal"})
UNDO, UNDO_HALF = "compensation", "compensation_of_partial"
# Fields of an action in which others are nested that run with it: lists of actions, lists of
# branches with ``actions`` of their own, and a subplan.
LISTS = ("actions", "then", "else", "default", "finally")
BRANCHES = ("cases", "catch")
NESTING = frozenset({*LISTS, *BRANCHES, "plan"})
# Fields of what may run in place of an action, or undoes it: one action each, and a list.
SINGLES = ("fallback_action", UNDO, UNDO_HALF)
STAND_INS = frozenset({*SINGLES, "recovery_plan"})
EARLIER = "@"  # in a key: of an earlier plan, see CompensationStarted; no id has it


def on_failure(chosen: str | None, *, critical: bool) -> str:
    """Return what the failure of an action means to the others, by default from `critical`."""
    return chosen or ("abort" if critical else "continue")


def blocks(kind: str, data: Action) -> Iterator[Block]:
    """Yield (name, actions) of the blocks of an action of this kind, or of a plan (``root``)."""
    if kind == "subplan":
        yield "actions", (data.get("plan") or {}).get("actions") or ()
    elif kind in ("root", "sequence", "parallel", "foreach", "try"):
        yield "actions", data.get("actions") or ()
    elif kind == "conditional":
        yield "then", data.get("then") or ()
        yield "else", data.get("else") or ()
    elif kind == "router":
        for index, case in enumerate(data.get("cases") or ()):
            yield f"case[{index}]", case.get("actions") or ()
        yield "default", data.get("default") or ()
    if kind == "try":
        for index, catch in enumerate(data.get("catch") or ()):
            yield f"catch[{index}]", catch.get("actions") or ()
        yield "finally", data.get("finally") or ()


def children(action: Action) -> list[Action]:
    """Return the actions nested in an action, whatever block they are in."""
    kind = action.get("action_type") or ""
    return [inner for _, block in blocks(kind, action) for inner in block]


def every(actions: Iterable[Action]) -> Iterator[Action]:
    """Yield actions with all that is nested in them, in document order."""
    for action in actions:
        yield action
        yield from every(children(action))


def walk_document(
    actions: Any, pointer: str = "/actions", depth: int = 0, deepest: int = 100
) -> Iterator[tuple[Action, str, int]]:
    """Yield every action of a document that is not validated, with its pointer and depth.

    What is no action, or nested more than ``deepest`` times, is left out.
    """
    if not isinstance(actions, list) or depth > deepest:
        return
    for index, action in enumerate(actions):
        if not isinstance(action, Mapping):
            continue
        here = f"{pointer}/{index}"
        yield action, here, depth
        inside = [(name, action.get(name)) for name in (*LISTS, "recovery_plan")]
        inside += [(name, [action[name]]) for name in SINGLES if action.get(name) is not None]
        inside += [
            (f"{name}/{number}/actions", branch.get("actions"))
            for name in BRANCHES
            for number, branch in enumerate(_list(action.get(name)))
            if isinstance(branch, Mapping)
        ]
        if isinstance(plan := action.get("plan"), Mapping):
            inside.append(("plan/actions", plan.get("actions")))
        for name, nested in inside:
            yield from walk_document(nested, f"{here}/{name}", depth + 1, deepest)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def count_of(actions: Iterable[Action]) -> int:
    """Return how many actions there are, nested ones included."""
    return sum(1 for _ in every(actions))


def in_order(actions: Sequence[Action]) -> list[Action]:
    """Sort the actions of a block so that each comes after those that it depends on."""
    by_id = {action["id"]: action for action in actions}
    done: dict[str, None] = {}
    opened: set[str] = set()  # each is looked into once, so that even a cycle comes to an end
    # Iterative: a chain may be longer than Python's stack.
    for first in by_id:
        stack = [first]
        while stack:
            name = stack[-1]
            if name not in done and name not in opened:
                opened.add(name)
                stack += (d for d in by_id[name]["depends_on"] if d in by_id and d not in done)
            else:
                done[name] = None
                stack.pop()
    return [by_id[name] for name in done]


Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Way(Generic[Name]):
    """The longest way to the end of a step: its seconds, and the step before the last."""

    seconds: float
    before: Name | None


def longest_ways(steps: Iterable[tuple[Name, Iterable[Name], float]]) -> dict[Name, Way[Name]]:
    """Return the longest way to the end of each step, each after those that it comes after.

    A step is (name, names it comes after, seconds); names that are no step do not count, and steps
    that wait for each other in a circle have no way.
    """
    given = {name: (tuple(after), seconds) for name, after, seconds in steps}
    followers: dict[Name, list[Name]] = {name: [] for name in given}
    missing = dict.fromkeys(given, 0)
    for name, (after, _) in given.items():
        for other in after:
            if other in given:
                followers[other].append(name)
                missing[name] += 1
    found: dict[Name, Way[Name]] = {}
    ready = [name for name, count in missing.items() if not count]
    for name in ready:
        after, seconds = given[name]
        known = [other for other in after if other in found]
        before = max(known, key=lambda other: found[other].seconds, default=None)
        found[name] = Way(seconds + (found[before].seconds if before is not None else 0.0), before)
        for follower in followers[name]:
            missing[follower] -= 1
            if not missing[follower]:
                ready.append(follower)
    return found


def longest_way(
    steps: Iterable[tuple[Name, Iterable[Name], float]],
) -> tuple[tuple[Name, ...], float]:
    """Return the longest chain of steps that come after each other, and its seconds."""
    ways = longest_ways(steps)
    last = max(ways, key=lambda name: ways[name].seconds, default=None)
    seconds = ways[last].seconds if last is not None else 0.0
    chain: list[Name] = []
    while last is not None:
        chain.append(last)
        last = ways[last].before
    return tuple(reversed(chain)), seconds


def ranks_of(actions: Sequence[Action]) -> dict[int, float]:
    """Return, by ``id()`` of each action nested in a block, its seconds to the plan's end.

    The engine breaks ties by them: what has the longest way to the end goes first.
    """
    found: dict[int, float] = {}
    _rank(actions, found)
    _add_tails(actions, 0.0, found)
    return found


def _rank(actions: Sequence[Action], found: dict[int, float]) -> float:
    """Rank a block and all that is nested in it; returns the longest way through it."""
    followers: dict[str, list[str]] = {}
    for action in actions:
        for name in action["depends_on"]:
            followers.setdefault(name, []).append(action["id"])
    steps = []
    for action in actions:
        inside = max((_rank(block, found) for block in _inside(action)), default=0.0)
        seconds = action.get("estimated_duration") or inside or BRIEF
        steps.append((action["id"], followers.get(action["id"], ()), seconds))
    ways = longest_ways(steps)
    found.update((id(action), ways[action["id"]].seconds) for action in actions)
    return max((way.seconds for way in ways.values()), default=0.0)


def _add_tails(actions: Sequence[Action], tail: float, found: dict[int, float]) -> None:
    for action in actions:
        inside = _inside(action)
        if not inside:
            found[id(action)] += tail
            continue
        longest = max((found[id(inner)] for block in inside for inner in block), default=0.0)
        after = found[id(action)] - (action.get("estimated_duration") or longest or BRIEF) + tail
        found[id(action)] += tail
        for block in inside:
            _add_tails(block, after, found)


def _inside(action: Action) -> list[Sequence[Action]]:
    return [block for _, block in blocks(action["action_type"], action) if block]


def with_blocks(action: Action, edit: EditBlock, path: str = "") -> Editable:
    """Return a copy of an action, or of a plan, with every nested block edited, innermost first.

    The blocks of fallbacks, compensations and recovery plans stay as they are: they run when
    something went wrong, and then exactly as written.
    """

    def edited(block: Sequence[Action]) -> list[Editable]:
        return edit(path, [with_blocks(one, edit, path + scope_of(one)) for one in block])

    made = dict(action)
    if action.get("plan"):
        made["plan"] = with_blocks(action["plan"], edit, path)
        return made
    for name, block in blocks(action.get("action_type") or "root", action):
        field, _, index = name.partition("[")
        if index:
            field = "cases" if field == "case" else field
            branches = made[field] = list(made[field])
            number = int(index[:-1])
            branches[number] = {**branches[number], "actions": edited(block)}
        elif block:
            made[name] = edited(block)
    return made


def scope_of(action: Action) -> str:
    """Return what an action puts before the ids of its parts: only some kinds are a scope."""
    return f"{action['id']}/" if action["action_type"] in ("subplan", "foreach") else ""


def with_actions(plan: Action, edit: Callable[[str, Editable], Editable]) -> Editable:
    """Return a copy of a plan with every action edited; ``edit`` gets its key, too."""
    return with_blocks(
        plan, lambda path, block: [edit(f"{path}{action['id']}", action) for action in block]
    )


def stand_ins(action: Action) -> Iterator[tuple[str, list[tuple[str, Action]]]]:
    """Yield (block, [(id, action)]) of what may run in place of an action, or undo it."""
    name = action.get("id") or ""
    for block, field in (
        ("fallback", "fallback_action"),
        (UNDO, UNDO),
        (UNDO_HALF, UNDO_HALF),
    ):
        if action.get(field):
            yield block, [(action[field].get("id") or f"{name}_{block}", action[field])]
    if action.get("recovery_plan"):
        yield (
            "recovery_plan",
            [
                (one.get("id") or f"{name}_recovery_{index}", one)
                for index, one in enumerate(action["recovery_plan"])
            ],
        )


def ids_of(actions: Iterable[Action], *, undo: bool) -> Iterator[str]:
    """Yield the ids of actions, of all nested in them and of their stand-ins.

    Without ``undo`` those of compensations are left out.
    """
    for action in every(actions):
        yield str(action["id"])
        for block, named in stand_ins(action):
            if undo or block not in (UNDO, UNDO_HALF):
                yield from ids_of((one for _, one in named), undo=undo)


@dataclass(frozen=True, slots=True)
class Place:
    """An action of a document: ``container`` is the id of the action that nests it, '' at the top.

    ``block`` is the name of the container's block it is in.
    """

    id: str
    action: Action
    container: str
    block: str


class PlanTree:
    """The actions of a plan by id; every subplan has a tree, and ids, of its own."""

    def __init__(self, data: Action) -> None:
        self.data = data
        self._places: dict[str, Place] = {}
        self._subplans: dict[str, PlanTree] = {}
        self._add("", "root", data)

    def _add(self, container: str, kind: str, data: Action) -> None:
        for block, actions in blocks(kind, data):
            self._add_block(container, block, [(action["id"], action) for action in actions])

    def _add_block(self, container: str, block: str, actions: Iterable[tuple[str, Action]]) -> None:
        # The nesting depth is bounded by the loader, so recursion over it is, too.
        for name, action in actions:
            self._places.setdefault(name, Place(name, action, container, block))
            kind = action.get("action_type") or ""
            if kind == "subplan":
                self._subplans[name] = PlanTree(action.get("plan") or {})
            elif kind in COMPOSITES:
                self._add(name, kind, action)
            for stand_in, others in stand_ins(action):
                self._add_block(name, stand_in, others)

    def _document(self, key: str) -> tuple[PlanTree, str]:
        """Return the tree of the document that a key's action is written in, and its id there."""
        *scopes, name = key.split("/")
        tree = self
        for scope in scopes:
            tree = tree._subplans.get(scope.partition("[")[0], tree)
        return tree, name

    def find(self, key: str) -> Place | None:
        """Return the place of the action that a key names, None if the plan has none."""
        tree, name = self._document(key)
        return tree._places.get(name)

    def parent(self, key: str) -> str:
        """Return the key of the action that nests another, '' at the top of the plan."""
        prefix = key.rpartition("/")[0]
        place = self.find(key)
        if place is None or EARLIER in prefix:
            return ""
        if not place.container:
            return prefix
        loop = prefix[: prefix.rindex("[")] if prefix.endswith("]") else ""
        if loop.rpartition("/")[2] == place.container:
            return loop
        return f"{prefix}/{place.container}" if prefix else place.container

    def opened(
        self, key: str, block: str, index: int = -1, undoes: str = "", *, partial: bool = False
    ) -> list[str]:
        """Return the keys of the actions of a block that an action enters; '' is the plan itself.

        ``index`` is the item of a foreach, ``undoes`` the action whose compensation it is, and
        ``partial`` whether that was half done.
        """
        if block == UNDO:
            owner = self.find(undoes.partition(EARLIER)[0])
            undo = UNDO_HALF if partial else UNDO
            found = dict(stand_ins(owner.action)).get(undo) if owner is not None else None
            prefix = f"{undoes}/" if EARLIER in undoes else _prefix(undoes)
            return [prefix + name for name, _ in found or ()]
        if not key:
            return [action["id"] for action in self.data.get("actions") or ()]
        place = self.find(key)
        if place is None:
            return []
        if block in ("fallback", "recovery_plan"):
            names = dict(stand_ins(place.action)).get(block, [])
            return [_prefix(key) + name for name, _ in names]
        kind = place.action.get("action_type") or ""
        prefix = _prefix(key)
        if kind == "foreach":
            if index < 0:
                return []
            prefix = f"{key}[{index}]/"
        elif kind == "subplan":
            prefix = f"{key}/"
        return [prefix + action["id"] for action in dict(blocks(kind, place.action)).get(block, ())]

    def below(self, key: str) -> Iterator[str]:
        """Yield the keys nested in an action that are known before it runs, with its own first."""
        yield key
        place = self.find(key)
        kind = (place.action.get("action_type") or "") if place is not None else ""
        if place is None or kind not in COMPOSITES or kind in ("foreach", "subplan"):
            return
        for _, actions in blocks(kind, place.action):
            for action in actions:
                yield from self.below(_prefix(key) + action["id"])

    def known(self) -> Iterator[str]:
        """Yield the keys that are known before the plan runs, in its order."""
        for action in self.data.get("actions") or ():
            yield from self.below(action["id"])


def _prefix(key: str) -> str:
    return key[: key.rfind("/") + 1]
