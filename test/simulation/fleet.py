"""Several robots in the simulation: plans whose actions name one, or ask for any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.resources import allocate_on_robot, resting
from execution_orchestrator.engine.state import ActionState, OrchestratorState
from execution_orchestrator.plan.capability import ResourceDemand, ResourceSpec, RobotSpec
from execution_orchestrator.plan.robots import demands_on_robot, resources_of, role_of

PLACES = {"robot1": 0.0, "robot2": 6.0}  # where they are at first; of robot3 nobody knows it
ROBOTS = ("robot1", "robot2", "robot3")
DRIVING, HANDLING = "nav", "arm"  # servers
LACKING = {"robot2": HANDLING}  # which server a robot does not have
WISHES = ("", "", "robot1", "robot3", "any", "any", "any:carrier", "any:helper")
SHARES = frozenset((1, 5, 8, 9))  # last figures of the seeds with several robots
# What an action of a server needs of its robot.
NEEDS = {"nav": ("base",), "arm": ("arm",), "camera": ("camera",), "gripper": ("base", "arm")}
PARTS = (
    ResourceSpec(name="base"), ResourceSpec(name="arm"), ResourceSpec(name="camera", capacity=2.0),
)  # fmt: skip
RESOURCES = resources_of(
    (RobotSpec(name=name, namespace=name) for name in ROBOTS), {one.name: one for one in PARTS}
)


def has_robots(seed: int) -> bool:
    """Say whether there are several robots in the run of a seed."""
    return seed % 10 in SHARES


def on_robots(plan: dict[str, Any], draw: Random) -> dict[str, Any]:
    """Let actions of a resolved plan be for a robot, as the resolver writes it."""
    actions = list(_capabilities(plan))
    wishes = {id(action): draw.choice(WISHES) for action in actions}
    duties: dict[str, set[str]] = {}
    for action in actions:
        if role := role_of(wishes[id(action)]):
            duties.setdefault(role, set()).add(action["server"])
    for action in actions:
        wish = wishes[id(action)]
        if not wish:
            continue
        wanted = duties.get(role_of(wish), {action["server"]})
        able = [
            name
            for name in ROBOTS
            if wish in (name, "any") or (role_of(wish) and LACKING.get(name) not in wanted)
        ]
        needs = [ResourceDemand(resource=name) for name in NEEDS[action["server"]]]
        action.update(
            robots=able,
            robot_role=role_of(wish),
            resources=demands_on_robot(needs),
            servers={name: f"{name}/{action['server']}" for name in able},
            server=f"{wish}/{action['server']}" if wish in ROBOTS else "",
        )
        if action["recovery"] == DRIVING:
            action["targets"] = ["place"]
            place = draw.choice((1.0, 4.0, 9.0, "{{ 2.0 + 5.0 }}"))
            action["parameters"] = {**action["parameters"], "place": place}
    return plan


def _capabilities(found: Any) -> Iterator[dict[str, Any]]:
    """Yield everything in a plan that goes to a server."""
    if isinstance(found, dict):
        if found.get("server"):
            yield found
        found = list(found.values())
    if isinstance(found, list):
        for one in found:
            yield from _capabilities(one)


def _may_run_on(state: OrchestratorState, server: str) -> bool:
    """Say whether a goal in quarantine may still run on a server."""
    return any(goal.server == server for goal in state.quarantined.values())


class Whereabouts:
    """Where the robots are: the last place to which one drove."""

    def __init__(self) -> None:
        self._known: dict[str, float] = dict(PLACES)

    def distance(self, robot: str, place: Any) -> float | None:
        """Return how far a robot is from a place, in metres, None if nobody knows."""
        where = self._known.get(robot)
        return None if where is None else abs(where - float(place))

    def drove(self, robot: str, parameters: dict[str, Any]) -> None:
        """Note that a robot has come to where its goal was."""
        if robot and "place" in parameters:
            self._known[robot] = float(parameters["place"])


class FleetWatch:
    """What must hold of an action that several robots could do."""

    def __init__(self, broken: type[Exception], checked: Callable[[str], None]) -> None:
        self._broken = broken
        self._checked = checked
        self._stays: dict[ActionState, str] = {}
        self._last: dict[ActionState, str] = {}
        self._roles: dict[tuple[str, str], str] = {}
        # Whether a server takes no goals for a reason that is not in the journal.
        self.hindered: Callable[[str], bool] = lambda _: False

    def look(self, state: OrchestratorState, event: e.Event, moved: bool) -> None:
        """Check one event; ``moved``: it is the end of a strategy that moved the robot."""
        if isinstance(event, e.ExecutionRequested):
            for place in [one for one in self._roles if one[0] == event.execution_id]:
                del self._roles[place]
        if not isinstance(event, e.ResourceAllocated | e.TaskStarted | e.RecoveryFinished):
            return
        execution = state.executions.get(event.execution_id)
        action = execution.actions.get(event.key) if execution is not None else None
        if action is None or not action.node.robots:
            return
        if isinstance(event, e.RecoveryFinished):
            if moved and event.outcome == "RETRY":
                self._stays[action] = action.robot
        elif isinstance(event, e.TaskStarted):
            self._is_where_it_may_be(action)
        elif not action.run_id:  # else it is what a strategy moves
            self._stayed(state, action)
            self._is_nearest(state, action, event)
            # Who crashes between this and the start takes it for the robot that failed just now.
            self._last[action] = action.robot

    def _is_where_it_may_be(self, action: ActionState) -> None:
        self._checked("an action is on a robot that may do it, and in its role")
        node, robot = action.node, action.robot
        roles = action.execution.robots or {}
        if robot not in node.robots:
            raise self._broken(f"{action.key} is given to {robot}, it is for {node.robots}")
        if action.server != f"{robot}/{action.server.rpartition('/')[2]}":
            raise self._broken(f"{action.key} of {robot} goes to {action.server}")
        if any(
            not lease.startswith(f"{action.execution.execution_id}/") for lease in action.leases
        ):
            raise self._broken(f"{action.key} holds what is leased to others: {action.leases}")
        if node.robot_role:
            place = (action.execution.execution_id, node.robot_role)
            if roles.get(node.robot_role) != robot:
                raise self._broken(f"{action.key} is done by {robot}, not by its {place[1]}")
            before = self._roles.get(place, robot)
            # Of another plan the one that had the role may not be able to do this.
            if before != robot and before in node.robots:
                raise self._broken(f"the {place[1]} was {before} and is {robot}")
            self._roles[place] = robot

    def _stayed(self, state: OrchestratorState, action: ActionState) -> None:
        stays = self._stays.pop(action, "")
        if not stays:
            return
        self._checked("what a robot was moved for goes on there")
        server = action.node.servers[stays]
        if action.robot != stays and not (resting(state, server) or self.hindered(server)):
            raise self._broken(f"{action.key}: {stays} was moved for it, {action.robot} gets it")

    def _is_nearest(
        self, state: OrchestratorState, action: ActionState, event: e.ResourceAllocated
    ) -> None:
        way = event.distances.get(action.robot)
        for other, metres in event.distances.items():
            server = action.node.servers[other]
            known = state.servers.get(server)
            if (
                other in (action.robot, self._last.get(action))
                or (known is not None and known.available is False)
                or resting(state, server)
                or self.hindered(server)
                or (not action.node.idempotent and _may_run_on(state, server))
                or (way is not None and way <= metres)
            ):
                continue
            self._checked("a nearer robot was not free")
            demands = action.node.demands
            if allocate_on_robot(state, RESOURCES, demands, "", (other,)) is not None:
                raise self._broken(
                    f"{action.key}: {other} is {metres:g} m away, {action.robot} gets it"
                )
        self._checked("the nearest robot that is free gets it")
