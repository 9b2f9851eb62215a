"""sim_world: owns the world and its robots, lets time pass, publishes what the sensors say."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from ament_index_python.packages import get_package_share_directory
from builtin_interfaces.msg import Time
from geometry_msgs.msg import TransformStamped
from rcl_interfaces.msg import ParameterDescriptor, SetParametersResult
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node
from rclpy.parameter import Parameter
from rosgraph_msgs.msg import Clock as ClockMessage
from std_srvs.srv import Trigger
from tf2_msgs.msg import TFMessage

from execution_orchestrator.simulation.geometry import Array
from execution_orchestrator.simulation.physics.robot import CAPACITY
from execution_orchestrator.simulation.physics.simulation import Simulation
from execution_orchestrator.simulation.servers.bench import change, refusal
from execution_orchestrator.simulation.servers.robot_link import KEPT, OBJECTS_TOPIC
from execution_orchestrator.simulation.servers.simulated_server import PACKAGE, run
from execution_orchestrator.simulation.servers.ticking import Ticker
from execution_orchestrator.simulation.servers.world_publishing import RobotTopics
from execution_orchestrator.simulation.work.messages import orientation, vector
from execution_orchestrator.simulation.world.finding import load_world
from execution_orchestrator.srv import SimChange

RATE, CHARGE, DRAIN = "real_time_factor", "battery_charge", "battery_drain"
# What chooses the world cannot be changed while it is there.
FIXED = frozenset({"world", "robots", "seed", "odometry_noise", "map_resolution", "publish_clock"})
STEP_PERIOD = 0.02  # seconds of the wall clock between steps
LARGEST_GAP = 0.25  # seconds of the wall clock that are caught up after a stall
STATE_EVERY = 2  # steps between messages of state
SLOW_EVERY = 50  # steps between battery and picture, and of what is told when it changes
ROBOT_FRAME = "base_link"


class SimWorld(Node):  # type: ignore[misc]
    """The simulated world; parameters choose it, its robots and how fast time passes."""

    def __init__(self) -> None:
        super().__init__("sim_world")
        self.lock = threading.RLock()
        world = str(self._declared("world", "apartment", "world of worlds/ or a file"))
        robots = str(self._declared("robots", "", "namespaces with commas; empty: one, without"))
        self._rate = float(self._declared(RATE, 1.0, "simulated seconds per second"))
        charge = float(self._declared(CHARGE, 1.0, "0 to 1: the charge to which batteries are set"))
        drain = float(self._declared(DRAIN, 1.0, "how many times faster the batteries empty"))
        seed = int(self._declared("seed", 0, "seed of every noise"))
        noise = float(self._declared("odometry_noise", 0.0, "slip per metre, standard deviation"))
        resolution = float(self._declared("map_resolution", 0.05, "metres per cell of the map"))
        clocked = bool(self._declared("publish_clock", False, "publish /clock and stamp with it"))
        wrong = refusal(self._rate, charge, drain)
        if wrong or resolution <= 0.0 or noise < 0.0:
            raise ValueError(
                wrong or "map_resolution has to be above 0, odometry_noise must not be below"
            )
        share = Path(get_package_share_directory(PACKAGE))
        names = [name.strip().strip("/") for name in robots.split(",")]
        self.simulation = Simulation(
            load_world(world, share), names, seed=seed, odometry_noise=noise, resolution=resolution
        )
        self._set_batteries(charge, drain)
        self._time_topic = self.create_publisher(ClockMessage, "/clock", 10) if clocked else None
        self._objects = self.create_publisher(TFMessage, OBJECTS_TOPIC, KEPT)
        self._objects_told: dict[str, Array] = {}
        group = MutuallyExclusiveCallbackGroup()
        self._topics = [
            RobotTopics(self, self.simulation, robot, group)
            for robot in self.simulation.robots.values()
        ]
        self.add_on_set_parameters_callback(self._parameters_set)
        self.create_service(Trigger, "~/reset", self._reset, callback_group=group)
        self.create_service(SimChange, "~/change", self._change, callback_group=group)
        self._last = time.monotonic()
        self._steps = 0
        self._ticker = Ticker(STEP_PERIOD, self._tick)
        self.get_logger().info(
            f"world {self.simulation.world.name}: {len(self.simulation.objects)} objects, "
            f"robots {', '.join(name or '(no namespace)' for name in names)}, "
            f"real time factor {self._rate:g}"
        )

    def destroy_node(self) -> None:
        """Let no more time pass, and leave the graph."""
        self._ticker.stop()
        super().destroy_node()

    def stamp(self) -> Time:
        """Time of what is published now."""
        if self._time_topic is None:
            return self.get_clock().now().to_msg()
        whole = int(self.simulation.time)
        return Time(sec=whole, nanosec=int((self.simulation.time - whole) * 1e9))

    def _tick(self) -> None:
        now = time.monotonic()
        gap, self._last = min(now - self._last, LARGEST_GAP), now
        with self.lock:
            self.simulation.step(gap * self._rate)
            self._steps += 1
            if self._time_topic is not None:
                self._time_topic.publish(ClockMessage(clock=self.stamp()))
            if self._steps % STATE_EVERY == 0:
                again = self._steps % SLOW_EVERY == 0
                for topics in self._topics:
                    topics.publish(again=again)
                self._publish_objects(again=again)
            if self._steps % SLOW_EVERY == 1:
                for topics in self._topics:
                    topics.publish_battery()
                    topics.publish_picture()

    def _set_batteries(self, charge: float | None, drain: float | None) -> None:
        for robot in self.simulation.robots.values():
            if charge is not None:
                robot.energy = charge * CAPACITY
            if drain is not None:
                robot.drain = drain

    def _parameters_set(self, changes: list[Parameter]) -> SetParametersResult:
        given = {change.name: change.value for change in changes}
        fixed = sorted(set(given) & FIXED)
        if fixed:
            which = " and ".join(fixed)
            return SetParametersResult(successful=False, reason=f"{which}: only at the start")
        rate, charge, drain = (given.get(name) for name in (RATE, CHARGE, DRAIN))
        wrong = refusal(rate, charge, drain)
        if wrong:
            return SetParametersResult(successful=False, reason=wrong)
        with self.lock:
            self._rate = self._rate if rate is None else float(rate)
            self._set_batteries(charge, drain)
        return SetParametersResult(successful=True)

    def _reset(self, _request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        with self.lock:
            self.simulation.reset()
        response.success, response.message = True, "everything is where it was at the start"
        return response

    def _change(
        self, request: SimChange.Request, response: SimChange.Response
    ) -> SimChange.Response:
        try:
            with self.lock:
                response.message = change(self.simulation, request)
            response.success = True
        except ValueError as wrong:
            response.message = str(wrong)
        return response

    def _publish_objects(self, *, again: bool) -> None:
        """Publish where objects and robots are if that changed, or ``again``."""
        poses = dict(self.simulation.poses)
        for name, robot in self.simulation.robots.items():
            poses[f"{name}/{ROBOT_FRAME}" if name else ROBOT_FRAME] = robot.pose
        told, self._objects_told = self._objects_told, poses
        same = poses.keys() == told.keys() and all(
            map(np.array_equal, poses.values(), (told[n] for n in poses))
        )
        if same and not again:
            return
        message, stamp = TFMessage(), self.stamp()
        for name, pose in poses.items():
            each = TransformStamped(child_frame_id=name)
            each.header.frame_id, each.header.stamp = "map", stamp
            each.transform.translation = vector(pose)
            each.transform.rotation = orientation(pose)
            message.transforms.append(each)
        self._objects.publish(message)

    def _declared(self, name: str, default: Any, description: str) -> Any:
        return self.declare_parameter(
            name, default, ParameterDescriptor(description=description)
        ).value


def main(args: list[str] | None = None) -> int:
    """Run sim_world until it is told to end."""
    return run(SimWorld, args)
