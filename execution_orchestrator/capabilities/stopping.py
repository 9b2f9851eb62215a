"""Which action servers can make a resource move: those of capabilities, and those below them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from execution_orchestrator.plan.capability import CapabilitySpec, ResourceSpec, RobotModel
from execution_orchestrator.plan.robots import KIND

# Nav2's servers, and MoveIt's with the controllers of ros2_control: a goal of theirs goes on when
# the server that sent it dies. `*` stands for any part of a name.
BELOW = {
    "mobile_base": (
        *("navigate_to_pose", "navigate_through_poses", "follow_waypoints"),
        *("follow_gps_waypoints", "follow_path", "follow_object"),
        *("spin", "backup", "drive_on_heading", "assisted_teleop", "wait"),
        *("dock_robot", "undock_robot"),
    ),
    "manipulator": (
        *("move_action", "execute_trajectory", "sequence_move_group"),
        "*follow_joint_trajectory",
    ),
    "gripper": ("*gripper_cmd", "*gripper_action"),
}
STANDING = frozenset({"camera", "speaker", "microphone", "radio"})


def moves(resource: ResourceSpec) -> bool:
    """Whether an emergency stop concerns a resource: yes, unless it is known not to move."""
    return resource.moves if resource.moves is not None else resource.type not in STANDING


def drives(kind: str) -> bool:
    """Whether odometry shows the motion of a resource of this type."""
    return kind == "mobile_base" or kind.endswith("vehicle")


def servers_below(resource: ResourceSpec) -> tuple[str, ...]:
    """Return the names of the servers that move a resource without being a capability's own."""
    if not moves(resource):
        return ()
    return resource.stops if resource.stops is not None else BELOW.get(resource.type, ())


def namespace_of(capability: CapabilitySpec) -> str | None:
    """Return the namespace that a capability's server is named with; None: it has a relative name.

    What belongs to the server (`depends_on_nodes`, `uses`, the servers below it) is there, too.
    """
    name = capability.interface.name
    return name.rpartition("/")[0] if name.startswith("/") else None


def above_servers(resource: str, capabilities: Iterable[CapabilitySpec]) -> list[str]:
    """Return the namespaces that servers of this resource are named with."""
    found = (
        namespace_of(one)
        for one in capabilities
        if any(demand.resource == resource for demand in one.resources)
    )
    return list(dict.fromkeys(one for one in found if one is not None))


def servers_that_move(model: RobotModel, namespace: str) -> Mapping[str, tuple[str, ...]]:
    """Return, for each resource that moves, patterns of the full names of its action servers.

    A pattern that begins with ``!`` takes servers out: an emergency landing goes on. Relative names
    are below the namespace of the resource's robot, or ``namespace``.
    """
    found = {}
    for name, spec in model.resources.items():
        if not spec.moves or (model.robots and KIND not in spec.properties):
            continue
        robot = model.robots.get(str(spec.properties.get(KIND, "")))
        home = robot.namespace if robot is not None else namespace
        own = name.rpartition("/")[2]
        served = [
            capability.interface.name
            for capability in model.capabilities.values()
            if capability.interface.kind == "action"
            and any(demand.resource in (own, name) for demand in capability.resources)
        ]
        found[name] = tuple(
            dict.fromkeys(below(home, one) for one in (*served, *(spec.stops or ())))
        )
    return found


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Return whether a pattern includes an action server and none excludes it."""
    taken = False
    for pattern in patterns:
        if pattern.startswith("!"):
            if fnmatchcase(name, pattern[1:]):
                return False
        else:
            taken = taken or fnmatchcase(name, pattern)
    return taken


def below(namespace: str, pattern: str) -> str:
    """Return the full name of a server, or of a pattern of servers, in a namespace."""
    mark = "!" if pattern.startswith("!") else ""
    name = pattern.removeprefix("!")
    return mark + (name if name.startswith("/") else f"{namespace.rstrip('/')}/{name}")
