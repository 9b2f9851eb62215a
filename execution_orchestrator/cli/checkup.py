"""Compares a ROS graph with what the configuration needs, and says how to fix what is missing."""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import rclpy
from lifecycle_msgs.srv import GetState
from rclpy.action import ActionClient
from rclpy.qos import QoSCompatibility, qos_check_compatible, qos_profile_sensor_data
from rosgraph_msgs.msg import Clock
from tf2_msgs.msg import TFMessage

from execution_orchestrator.capabilities.loading import LoadedRobot
from execution_orchestrator.capabilities.robot_state_document import (
    RobotStateDocument,
    StateBinding,
)
from execution_orchestrator.ros.endpoints import other_version
from execution_orchestrator.ros.messages.installed import InterfaceNotFoundError, interface_class
from execution_orchestrator.ros.world.state_topic import KEPT
from execution_orchestrator.ros.world.transforms import Transforms

ANSWER_TIMEOUT = 2.0  # seconds for the lifecycle states, all asked at once
CLOCKS_APART = 0.5  # seconds between a stamp and this machine's clock that are reported
POST_DATED = 2.0  # seconds that a localisation may stamp its transform ahead (transform_tolerance)


class Level(StrEnum):
    """How bad something is."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, in words; ``cure`` is empty where nothing has to be done."""

    level: Level
    part: str
    what: str
    cure: str = ""


class Checkup:
    """Listens to a graph for some seconds and judges what it heard.

    Args:
        node: an rclpy node; the caller spins it.
        robot: the configured capabilities.
        state: the topics and transforms of `robot.*`.
        orchestrator: full name of the orchestrator node.

    """

    def __init__(
        self, node: Any, robot: LoadedRobot, state: RobotStateDocument, orchestrator: str
    ) -> None:
        self._node = node
        self._robot = robot
        self._state = state
        self._orchestrator = orchestrator
        self._heard: Counter[str] = Counter()
        self._apart: dict[str, float] = {}  # seconds, the least of each
        self._unstamped: set[str] = set()
        self._uninstalled: dict[str, str] = {}
        self._transforms = Transforms(node)
        self._began = time.monotonic()
        for name, binding in state.state.items():
            if binding.kind == "transform":
                continue
            try:
                kind = interface_class(binding.type)
            except InterfaceNotFoundError as failure:
                self._uninstalled[name] = str(failure)
                continue
            # What is published only when it changes was published before.
            for quality in [qos_profile_sensor_data, *([KEPT] if binding.latched else [])]:
                node.create_subscription(kind, binding.topic, self._listener(name), quality)
        node.create_subscription(TFMessage, "/tf", self._transforms_stamped, 100)
        node.create_subscription(
            Clock, "/clock", lambda _: self._heard.update(["/clock"]), qos_profile_sensor_data
        )

    def findings(self) -> Iterator[Finding]:
        """Yield what was found, part by part."""
        middleware = self._middleware()
        yield middleware
        yield from self._interfaces()
        if middleware.level == Level.ERROR:
            return  # without any other node on the graph, all further findings have this cause
        yield from self._servers()
        yield from self._nodes()
        yield from self._twins()
        yield from self._robot_state()
        yield from self._without_stamps()
        yield from self._clocks()
        yield self._node_itself()

    # ------------------------------------------------------------------ listening

    def _listener(self, name: str) -> Callable[[Any], None]:
        def take(message: Any) -> None:
            self._heard[name] += 1
            header = getattr(message, "header", None)
            if header is not None:
                self._stamped(f"robot.{name}", header.stamp)

        return take

    def _transforms_stamped(self, message: Any) -> None:
        for one in message.transforms:
            frames = f"{one.header.frame_id} -> {one.child_frame_id}"
            self._stamped(f"the transform {frames}", one.header.stamp)

    def _stamped(self, what: str, stamp: Any) -> None:
        if not stamp.sec and not stamp.nanosec:
            self._unstamped.add(what)
            return
        apart = time.time() - (stamp.sec + stamp.nanosec * 1e-9)
        known = self._apart.get(what)
        if known is None or abs(apart) < abs(known):
            self._apart[what] = apart

    # ------------------------------------------------------------------ parts

    def _middleware(self) -> Finding:
        environment = os.environ
        others = len(self._node.get_node_names()) - 1
        message = (
            f"{rclpy.get_rmw_implementation_identifier()}, domain "
            f"{environment.get('ROS_DOMAIN_ID') or '0'}, discovery range "
            f"{environment.get('ROS_AUTOMATIC_DISCOVERY_RANGE') or 'SUBNET'}"
        )
        if others > 0:
            return Finding(Level.OK, "middleware", f"{message}; {others} other nodes")
        return Finding(
            Level.ERROR,
            "middleware",
            f"{message}; no other node is heard",
            "start the robot's nodes; their ROS_DOMAIN_ID, discovery range and RMW_IMPLEMENTATION "
            "have to be those of this terminal",
        )

    def _interfaces(self) -> Iterator[Finding]:
        for name, reason in sorted(self._robot.unavailable.items()):
            yield Finding(
                Level.NOTE,
                "interfaces",
                f"{name} cannot be used: {reason}",
                "install that package, or leave the capability out",
            )

    def _servers(self) -> Iterator[Finding]:
        """Compare the servers of the capabilities with the graph."""
        needed: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for name, spec in self._robot.model.capabilities.items():
            interface = spec.interface
            if interface.kind in ("action", "service"):
                needed[interface.kind, interface.name, interface.type].append(name)
        counts = {one: self._node.count_services(self._asked(*one[:2])) for one in needed}
        # Read after they were counted: a server that is found in between has a type, too.
        offered = dict(self._node.get_service_names_and_types())
        for (kind, name, wanted), capabilities in sorted(needed.items()):
            whole, asked = self._resolved(name), self._asked(kind, name)
            several = counts[kind, name, wanted]
            types = [one.removesuffix("_SendGoal") for one in offered.get(asked, ())]
            does = f"{kind} {whole} ({', '.join(capabilities)})"
            if not several or not types:
                yield Finding(
                    Level.WARNING,
                    "servers",
                    f"nobody offers {does}",
                    f"start the server of {wanted}, or remap the name",
                )
            elif wanted not in types:
                yield Finding(
                    Level.ERROR,
                    "servers",
                    f"{does} is of type {' and '.join(types)}, not {wanted}",
                    "name that type in the capability file, or give the server another name",
                )
            elif kind == "action" and self._has_other_fields(whole, wanted):
                yield Finding(
                    Level.ERROR,
                    "servers",
                    f"{does} has other fields than the {wanted} that is installed here",
                    "install the package of the distribution that the server is from on this side, "
                    "or run the orchestrator in that distribution",
                )
            elif several > 1:
                yield Finding(
                    Level.WARNING,
                    "servers",
                    f"{does} is offered by {several} servers: each does every goal",
                    "stop the others: was the robot's software started twice?",
                )
            else:
                yield Finding(Level.OK, "servers", does)

    def _asked(self, kind: str, name: str) -> str:
        """Return the name of the service by which a server is found."""
        whole = self._resolved(name)
        return f"{whole}/_action/send_goal" if kind == "action" else whole

    def _has_other_fields(self, server: str, wanted: str) -> bool:
        # It ends with the node: destroyed earlier, it ends the executor that waits for it.
        ActionClient(self._node, interface_class(wanted), server)
        return other_version(self._node, server)

    def _nodes(self) -> Iterator[Finding]:
        """Look at the nodes that capabilities depend on, and at their lifecycle states."""
        needed: dict[str, list[str]] = defaultdict(list)
        for name, spec in self._robot.model.capabilities.items():
            for node in spec.depends_on_nodes:
                needed[self._resolved(node)].append(name)
        states = self._lifecycle_states(needed)
        there = set(self._node_names())
        for name in sorted(needed):
            state = states.get(name)
            if name not in there and state is None:
                # A node that was never seen holds no goal back.
                yield Finding(
                    Level.NOTE,
                    "nodes",
                    f"{name} is not there; it is in depends_on_nodes of {', '.join(needed[name])}",
                    "start it; if the robot has none of that name, name the one it has",
                )
            elif state in (None, "active"):
                yield Finding(Level.OK, "nodes", f"{name} is {state or 'there'}")
            else:
                yield Finding(
                    Level.ERROR,
                    "nodes",
                    f"{name} is {state}, so its servers refuse goals",
                    f"activate it: ros2 lifecycle set {name} activate, or by its lifecycle manager",
                )

    def _twins(self) -> Iterator[Finding]:
        """Name the nodes that are there more than once: each answers what the other was asked."""
        for name, times in sorted(Counter(self._node_names()).items()):
            hidden = name.rpartition("/")[2].startswith("_")  # as those of the ros2 command
            if times > 1 and not hidden and name != self._orchestrator:
                yield Finding(
                    Level.WARNING,
                    "nodes",
                    f"{times} nodes have the name {name}",
                    "stop all but one: was the robot's software started twice?",
                )

    def _robot_state(self) -> Iterator[Finding]:
        """Report which values of `robot.*` are received."""
        for name, binding in self._state.state.items():
            if binding.kind == "transform":
                yield self._transform(name, binding)
                continue
            if name in self._uninstalled:
                yield Finding(
                    Level.ERROR,
                    "robot state",
                    f"robot.{name}: {self._uninstalled[name]}",
                    "install that package, or leave the value out",
                )
                continue
            topic = self._resolved(binding.topic)
            publishers = self._node.get_publishers_info_by_topic(topic)
            types = {one.topic_type for one in publishers}
            if not publishers:
                yield Finding(
                    Level.WARNING,
                    "robot state",
                    f"robot.{name}: nobody publishes {topic}",
                    "name the robot's own topic in robot_state.yaml, or leave the value out",
                )
            elif binding.type not in types:
                yield Finding(
                    Level.ERROR,
                    "robot state",
                    f"robot.{name}: {topic} is {' and '.join(sorted(types))}, not {binding.type}",
                    "name that type in robot_state.yaml",
                )
            elif refused := self._incompatible(publishers):
                yield Finding(
                    Level.ERROR,
                    "robot state",
                    f"robot.{name}: the QoS of {topic} does not match: {refused}",
                    "the publisher has to offer at least best effort, volatile",
                )
            elif not self._heard[name]:
                yield Finding(
                    Level.WARNING,
                    "robot state",
                    f"robot.{name}: {topic} has a publisher that says nothing",
                    "look at that node; a firewall lets discovery through and not the data",
                )
            else:
                rate = self._heard[name] / (time.monotonic() - self._began)
                yield Finding(Level.OK, "robot state", f"robot.{name}: {topic} at {rate:.1f} Hz")

    def _transform(self, name: str, binding: StateBinding) -> Finding:
        frames = f"{binding.frame} -> {binding.child}"
        if self._transforms.pose(binding.frame, binding.child) is not None:
            return Finding(Level.OK, "robot state", f"robot.{name}: tf knows {frames}")
        missing = [f for f in (binding.frame, binding.child) if f not in self._transforms.frames]
        if missing:
            return Finding(
                Level.ERROR,
                "robot state",
                f"robot.{name}: tf has no frame {' and no '.join(missing)}",
                "start the localisation, or name the robot's own frames in robot_state.yaml",
            )
        return Finding(
            Level.ERROR,
            "robot state",
            f"robot.{name}: tf knows both ends of {frames} and no way between them",
            "a transform in between is not published: ros2 run tf2_tools view_frames shows which",
        )

    def _without_stamps(self) -> Iterator[Finding]:
        for name in sorted(self._unstamped - self._apart.keys()):
            yield Finding(
                Level.WARNING,
                "clocks",
                f"{name} comes with no stamp (all zero): its age is unknown",
                "let its publisher fill in header.stamp",
            )

    def _clocks(self) -> Iterator[Finding]:
        if self._heard["/clock"]:
            yield Finding(
                Level.NOTE,
                "clocks",
                "/clock is published: the robot is simulated or replayed",
                "start the orchestrator with use_sim_time:=true",
            )
            return
        apart = {
            name: gap
            for name, gap in self._apart.items()
            if gap > CLOCKS_APART or -gap > (POST_DATED if "->" in name else CLOCKS_APART)
        }
        if apart:
            name, gap = max(apart.items(), key=lambda pair: abs(pair[1]))
            word = "behind" if gap > 0 else "ahead of"
            yield Finding(
                Level.ERROR,
                "clocks",
                f"the stamps of {name} are {abs(gap):.1f} s {word} this machine's clock",
                "let both machines follow one time server (chrony), or publish sooner",
            )
        elif self._apart:
            worst = max(abs(gap) for gap in self._apart.values())
            yield Finding(Level.OK, "clocks", f"stamps are at most {worst:.2f} s old")

    def _node_itself(self) -> Finding:
        name = self._orchestrator
        there = self._node_names().count(name)
        if there > 1:
            return Finding(
                Level.ERROR,
                "orchestrator",
                f"{there} nodes have the name {name}",
                "stop all but one",
            )
        if there:
            return Finding(Level.OK, "orchestrator", f"{name} runs")
        return Finding(
            Level.NOTE,
            "orchestrator",
            f"{name} does not run",
            "ros2 launch execution_orchestrator orchestrator.launch.py",
        )

    # ------------------------------------------------------------------ the graph

    def _node_names(self) -> list[str]:
        """Return the full names of all nodes; a name that two nodes have is there twice."""
        found = self._node.get_node_names_and_namespaces()
        return [f"{namespace.rstrip('/')}/{name}" for name, namespace in found]

    def _resolved(self, name: str) -> str:
        """Return a name as a node in the orchestrator's namespace resolves it."""
        if name.startswith("/"):
            return name
        return f"{self._orchestrator.rpartition('/')[0]}/{name}"

    def _lifecycle_states(self, names: Mapping[str, Any]) -> dict[str, str]:
        """Ask those that have a lifecycle; who does not answer in time is left out."""
        clients = {
            name: self._node.create_client(GetState, f"{name}/get_state")
            for name in names
            if self._node.count_services(f"{name}/get_state")
        }
        end = time.monotonic() + ANSWER_TIMEOUT
        asked = {
            name: client.call_async(GetState.Request())
            for name, client in clients.items()
            if client.wait_for_service(timeout_sec=max(0.0, end - time.monotonic()))
        }
        while time.monotonic() < end and not all(future.done() for future in asked.values()):
            time.sleep(0.02)
        states = {
            name: future.result().current_state.label
            for name, future in asked.items()
            if future.done() and future.exception() is None
        }
        for client in clients.values():
            self._node.destroy_client(client)
        return states

    @staticmethod
    def _incompatible(publishers: list[Any]) -> str:
        """Return why no publisher's QoS fits what the orchestrator asks for, '' if one does."""
        reasons = []
        for publisher in publishers:
            verdict, reason = qos_check_compatible(publisher.qos_profile, qos_profile_sensor_data)
            if verdict != QoSCompatibility.ERROR:
                return ""
            reasons.append(reason)
        return "; ".join(reasons)
