"""Several goals in a row become one goal with a list, where the result is the same.

``navigate_to`` A, then B, then C becomes ``navigate_through_poses`` A, B, C: the base does not stop
and plan anew at each place. The last action's id stays, so whatever waits for it still does.

A path that ends where it began, or crosses its end before, is not batched: a controller checks the
distance to the end of the path, and may take such a path for done before it is driven.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.plan.capability import BatchSpec, RobotModel
from execution_orchestrator.plan.changes import PlanChange
from execution_orchestrator.plan.expressions import has_template
from execution_orchestrator.plan.model import Action as PlanAction
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.optimise.estimates import Measure, with_timeout
from execution_orchestrator.plan.optimise.expected_run import project_of_plan
from execution_orchestrator.plan.optimise.options import NOTHING_SPECIAL, OptimiseOptions
from execution_orchestrator.plan.optimise.places import HERE, UNKNOWN, origins
from execution_orchestrator.plan.resolve import resolve
from execution_orchestrator.plan.tree import STAND_INS, with_blocks
from execution_orchestrator.plan.tree import Editable as Action

MOST_TOGETHER = 100  # goals in one
SAME_PLACE = 0.5  # metres between two places that a follower of paths may take for one
# What a person or the plan may want between two goals: each of these keeps them apart.
_GATES = (
    "condition",
    "guard",
    "require_confirmation",
    "terminate_if",
    *STAND_INS,
    "preconditions",
    "postconditions",
    "timeout_explicit",
    "robots",
)
_SAME = ("action_type", "on_failure", "critical", "priority", "cost_rate")
_WORD = re.compile(r"[A-Za-z_]\w*")
# In what a plan is for: holds for the one goal if it would hold for each of those put together.
_DONE = re.compile(r"\bactions\.([A-Za-z_]\w*)\.status == 'SUCCEEDED'")
_BARE = re.compile(r"\bactions\b(?!\s*\.\s*[A-Za-z_])(?!\s*\[\s*['\"])")


def with_batches(
    plan: Mapping[str, Any],
    robot: RobotModel,
    options: OptimiseOptions = NOTHING_SPECIAL,
    *,
    places: frozenset[str] = frozenset(),
    measure: Measure = lambda _start, _goal: None,
) -> tuple[dict[str, Any], list[PlanChange]]:
    """Return the plan with goals in a row put together, and what was changed.

    ``measure`` says how far a place is from where the robot is.

    ``places`` are names of goals that do not move; the name of anything else may mean another
    place by the time the robot gets there, so such goals stay apart.
    """
    referred = _referred(plan)
    if referred is None:
        return dict(plan), []
    batcher = _Batcher(
        robot, referred, options, places, _dependents(plan), _origins(plan, robot), measure
    )
    changes: list[PlanChange] = []
    heirs: dict[str, str] = {}

    def edit(path: str, block: list[Action]) -> list[Action]:
        chains = list(batcher.chains(path, block))
        if not path:
            heirs.update({action["id"]: chain[-1]["id"] for chain in chains for action in chain})
        gone = {action["id"] for chain in chains for action in chain[:-1]}
        made = {chain[-1]["id"]: batcher.together(chain) for chain in chains}
        changes.extend(_change(path, chain, made[chain[-1]["id"]]) for chain in chains)
        return [made.get(action["id"], action) for action in block if action["id"] not in gone]

    batched = with_blocks(plan, edit)
    if plan.get("success"):
        batched["success"] = _DONE.sub(
            lambda found: f"actions.{heirs.get(found[1], found[1])}.status == 'SUCCEEDED'",
            plan["success"],
        )
    return batched, changes


def _change(path: str, chain: Sequence[Action], made: Action) -> PlanChange:
    return PlanChange(
        kind="batching",
        action_ids=tuple(f"{path}{action['id']}" for action in chain),
        reason=(
            f"{len(chain)} {chain[0]['action_type']} in a row become one {made['action_type']}, "
            f"{path}{made['id']}: the plan wants nothing in between"
        ),
    )


@dataclass(frozen=True)
class _Batcher:
    robot: RobotModel
    apart: frozenset[str]
    options: OptimiseOptions
    places: frozenset[str]
    dependents: Mapping[str, int]
    origins: Mapping[str, Any]  # by key of an action: where it finds what it moves
    measure: Measure

    def chains(self, path: str, block: Sequence[Action]) -> Iterator[list[Action]]:
        """Yield the longest runs of actions that can become one."""
        following = self._following(path, block)
        heads = set(following) - {action["id"] for action in following.values()}
        for action in block:
            if action["id"] not in heads:
                continue
            chain = [action]
            while (later := following.get(chain[-1]["id"])) is not None:
                if len(chain) == MOST_TOGETHER or self._comes_back(path, chain, later):
                    yield from self._several(chain)
                    chain = []
                chain.append(later)
            yield from self._several(chain)

    def _several(self, chain: list[Action]) -> Iterator[list[Action]]:
        if len(chain) > 1:
            yield chain

    def _comes_back(self, path: str, chain: Sequence[Action], later: Action) -> bool:
        """Whether a goal is where the ones before it began or have been."""
        batch = self._batch(later)
        assert batch is not None  # it is batchable
        goal = later["parameters"].get(batch.item)
        start = self.origins.get(f"{path}{chain[0]['id']}", UNKNOWN)
        if start is HERE:
            way = self.measure(None, goal)
            if way is not None and way.metres < SAME_PLACE:
                return True
        passed = [start, *(action["parameters"].get(batch.item) for action in chain)]
        return any(_near(place, goal) for place in passed)

    def _following(self, path: str, block: Sequence[Action]) -> dict[str, Action]:
        """Return, for each action that can be put together with a later one, that one."""
        by_id = {action["id"]: action for action in block}
        found: dict[str, Action] = {}
        for second in block:
            first = by_id.get(second["depends_on"][0]) if len(second["depends_on"]) == 1 else None
            if (
                first is not None
                and self.dependents[first["id"]] == 1
                and self._batchable(path, first)
                and self._batchable(path, second)
                and self._alike(first, second)
            ):
                found[first["id"]] = second
        return found

    def _batchable(self, path: str, action: Action) -> bool:
        batch = self._batch(action)
        key = f"{path}{action['id']}"
        if batch is None or {action["id"], key} & (self.apart | self.options.breakpoints):
            return False
        if self.options.is_done(key, action):
            return False
        spec = self.robot.capabilities[action["action_type"]]
        target = self.robot.capabilities[batch.into]
        return (
            self._stays(action["parameters"].get(batch.item))
            and not has_template(action["parameters"])
            and not any(action.get(gate) for gate in _GATES)
            # One that may fail without the others must be able to.
            and action["on_failure"] == "abort"
            and set(action["parameters"]) - {batch.item} <= set(_properties(target.parameters))
            and action["retry"] == spec.retry.model_dump()
            and action["resources"] == [demand.model_dump() for demand in spec.resources]
            and spec.resources == target.resources
        )

    def _stays(self, goal: Any) -> bool:
        return isinstance(goal, Mapping) or (isinstance(goal, str) and goal in self.places)

    def _alike(self, first: Action, second: Action) -> bool:
        """Whether two differ in nothing but their goal."""
        batch = self._batch(first)
        return all(first[name] == second[name] for name in _SAME) and (
            _others(first, batch) == _others(second, batch)
        )

    def _batch(self, action: Action) -> BatchSpec | None:
        spec = self.robot.capabilities.get(action["action_type"])
        batch = spec.batch if spec is not None else None
        return batch if batch is not None and batch.into in self.robot.capabilities else None

    def together(self, chain: Sequence[Action]) -> Action:
        """Return the one action that replaces several."""
        first, last = chain[0], chain[-1]
        batch = self._batch(first)
        assert batch is not None  # they are batchable
        wanted = PlanAction(
            id=last["id"],
            action_type=batch.into,
            description=", then ".join(a["description"] for a in chain if a["description"]),
            parameters={
                **_others(first, batch),
                batch.items: [action["parameters"][batch.item] for action in chain],
            },
            critical=first["critical"],
            on_failure=first["on_failure"],
            priority=first["priority"],
            cost=first["cost_rate"],
            estimated_duration=sum(action["estimated_duration"] for action in chain),
        )
        made: Action = resolve(Plan(actions=(wanted,)), self.robot)["actions"][0]
        made["depends_on"] = first["depends_on"]
        return with_timeout(made, max(made["timeout"], sum(action["timeout"] for action in chain)))


def _origins(plan: Mapping[str, Any], robot: RobotModel) -> Mapping[str, Any]:
    """Return where each action finds the resource that it moves, by its key."""
    whole = project_of_plan(plan, robot.resources)
    moved: dict[str, dict[int, Any]] = {}
    found = {}
    for index, task in enumerate(whole.tasks):
        demands = (task.action or {}).get("resources")
        if not demands:
            continue
        name = str(demands[0]["resource"])
        if name not in moved:
            moved[name] = origins(whole, robot, name)
        found[task.key] = moved[name].get(index, UNKNOWN)
    return found


def _near(one: Any, other: Any) -> bool:
    """Whether two places of a plan are known to be the same, or nearly."""
    if isinstance(one, str) or isinstance(other, str):
        return bool(one == other)
    first, second = _spot(one), _spot(other)
    if first is None or second is None:
        return False
    if first[0] and second[0] and first[0] != second[0]:
        return False
    return math.dist(first[1], second[1]) < SAME_PLACE


def _spot(place: Any) -> tuple[Any, tuple[float, float]] | None:
    """Return frame and coordinates of a place that has them."""
    if not isinstance(place, Mapping):
        return None
    header, pose = place.get("header") or {}, place.get("pose", place)
    frame = place.get("frame") or place.get("frame_id") or header.get("frame_id", "")
    at = pose.get("position", pose)
    x, y = at.get("x"), at.get("y")
    numbers = isinstance(x, int | float) and isinstance(y, int | float)
    return (frame, (float(x), float(y))) if numbers else None


def _others(action: Action, batch: BatchSpec | None) -> dict[str, Any]:
    """Return the parameters except for the goal."""
    item = batch.item if batch is not None else ""
    return {name: value for name, value in action["parameters"].items() if name != item}


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = schema.get("properties", {})
    return found


def _dependents(plan: Mapping[str, Any]) -> Counter[str]:
    """Count how many actions anywhere in the plan depend on each id."""
    found: Counter[str] = Counter()

    def look(_: str, block: list[Action]) -> list[Action]:
        for action in block:
            found.update(action["depends_on"])
        return block

    with_blocks(plan, look)
    return found


def _referred(plan: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the ids that expressions may look at; None if they may look at any."""
    found: set[str] = set()
    for text in (*_texts(plan["actions"]), _DONE.sub("", plan.get("success") or "")):
        if "actions" not in text:
            continue
        if _BARE.search(text):
            return None
        found.update(_WORD.findall(text))
    return frozenset(found)


def _texts(value: Any) -> Iterator[str]:
    """Yield every text that may be or hold an expression."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key not in ("id", "description", "depends_on", "action_type", "command"):
                yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
