"""What each action server depends on, and who else's use of the robot concerns it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from execution_orchestrator.capabilities.stopping import matches
from execution_orchestrator.plan.capability import CapabilitySpec, ResourceSpec, RobotModel
from execution_orchestrator.plan.robots import name_on


@dataclass(frozen=True, slots=True)
class Target:
    """One action server as capabilities use it.

    ``key`` is its name for the engine, ``nodes`` are full names of what it depends on, ``shared``
    the servers of the resources that its capabilities hold alone, itself among them.
    """

    key: str
    server: str
    nodes: tuple[str, ...]
    shared: tuple[str, ...]

    def at_work(self, parents: Mapping[str, frozenset[str]]) -> list[str]:
        """Return those of the shared servers that a goal of it moves the robot with."""
        return [
            name
            for name in self.shared
            if name == self.server or self.server in parents.get(name, ())
        ]


@dataclass(frozen=True, slots=True)
class Targets:
    """All of them. ``parents``: for a server, those that send goals to it themselves.

    ``movers`` are the servers of each resource, by its name on its robot: those of capabilities,
    and those they use which move it (a controller's). ``in_turn``: the server gets one goal of a
    client after the other. ``uses_during`` are the phases in which a server sends goals to others;
    they are unknown for a server without an entry.
    """

    by_key: Mapping[str, Target]
    by_capability: Mapping[tuple[str, str], Target]  # (robot, action type)
    parents: Mapping[str, frozenset[str]]
    movers: Mapping[str, tuple[str, ...]]
    in_turn: frozenset[str]
    nodes_behind: Mapping[str, tuple[str, ...]]  # by server
    shared_with: Mapping[str, tuple[str, ...]]  # by server: those of the resources it holds alone
    uses_during: Mapping[str, frozenset[str]]

    @property
    def all_servers(self) -> list[str]:
        """Every server of a capability, and those that these send goals to."""
        return sorted({target.server for target in self.by_key.values()} | set(self.parents))

    @property
    def servers(self) -> list[str]:
        """Every server whose status is of interest."""
        named = {name for target in self.by_key.values() for name in target.shared}
        return sorted(named)


def targets_of(model: RobotModel, namespace: str) -> Targets:
    """Work them out; ``namespace`` is the node's own, in which relative node names are."""
    movers: dict[str, dict[str, None]] = {}
    found: list[tuple[str, str, str, CapabilitySpec]] = []
    uses: dict[str, set[str]] = {}
    robots = {"": "", **{name: robot.namespace for name, robot in model.robots.items()}}
    for spec in model.capabilities.values():
        if spec.interface.kind != "action":
            continue
        for robot, below in robots.items():
            server = name_on(below, spec.interface.name) if robot else spec.interface.name
            found.append((robot, below, server, spec))
            inner = {name_on(below, name) if robot else name for name in spec.uses}
            uses.setdefault(server, set()).update(inner)
            for resource in held_alone(spec, model.resources):
                stops = model.resources[resource].stops or ()
                moved_by = [one for one in spec.uses if matches(one, stops)]
                below_it = [name_on(below, one) if robot else one for one in moved_by]
                movers.setdefault(_on(robot, resource), {}).update(
                    dict.fromkeys([server, *below_it])
                )
    by_key: dict[str, Target] = {}
    by_capability: dict[tuple[str, str], Target] = {}
    behind: dict[str, dict[str, None]] = {}
    beside: dict[str, dict[str, None]] = {}
    for robot, below, server, spec in found:
        named = spec.server or spec.interface.name
        key = name_on(below, named) if robot else named
        nodes = tuple(
            full_name(namespace, name_on(below, node) if robot else node)
            for node in spec.depends_on_nodes
        )
        behind.setdefault(server, {}).update(dict.fromkeys(nodes))
        shared = dict.fromkeys([server]) if held_alone(spec, model.resources) else {}
        for resource in held_alone(spec, model.resources):
            shared.update(movers[_on(robot, resource)])
        beside.setdefault(server, {}).update(shared)
        mine = Target(key, server, nodes, tuple(shared))
        by_capability[robot, spec.name] = mine
        other = by_key.get(key)
        if other is not None:
            mine = Target(
                key,
                server,
                tuple(dict.fromkeys((*other.nodes, *nodes))),
                tuple(dict.fromkeys((*other.shared, *shared))),
            )
        by_key[key] = mine
    return Targets(
        by_key,
        by_capability,
        _parents(uses),
        {name: tuple(servers) for name, servers in movers.items()},
        # A controller gets a new path while it follows the last one.
        frozenset(server for _, _, server, _ in found),
        {server: tuple(nodes) for server, nodes in behind.items() if nodes},
        {server: tuple(others) for server, others in beside.items()},
        _uses_during(found),
    )


def _uses_during(
    found: Iterable[tuple[str, str, str, CapabilitySpec]],
) -> dict[str, frozenset[str]]:
    """Phases by server; a server of which one capability does not name them has none."""
    phases: dict[str, frozenset[str]] = {}
    unlimited = set()
    for _, _, server, spec in found:
        if spec.uses_during:
            phases[server] = phases.get(server, frozenset()) | frozenset(spec.uses_during)
        elif spec.uses:
            unlimited.add(server)
    return {server: named for server, named in phases.items() if server not in unlimited}


def held_alone(spec: CapabilitySpec, resources: Mapping[str, ResourceSpec]) -> list[str]:
    """Names of the resources that a capability holds exclusively."""
    return [
        demand.resource
        for demand in spec.resources
        if not demand.shared
        and (known := resources.get(demand.resource)) is not None
        and demand.amount >= known.capacity
    ]


def full_name(namespace: str, node: str) -> str:
    """Full name of a node; a relative one is in a namespace."""
    return node if node.startswith("/") else f"{namespace.rstrip('/')}/{node}"


def _on(robot: str, resource: str) -> str:
    return f"{robot}/{resource}" if robot else resource


def _parents(uses: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    """Turn "sends goals to" around, over any number of servers in between."""
    parents: dict[str, set[str]] = {}
    for server in uses:
        seen: set[str] = set()
        ahead = list(uses[server])
        while ahead:
            inner = ahead.pop()
            if inner not in seen and inner != server:
                seen.add(inner)
                parents.setdefault(inner, set()).add(server)
                ahead.extend(uses.get(inner, ()))
    return {name: frozenset(found) for name, found in parents.items()}
