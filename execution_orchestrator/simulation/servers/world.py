"""sim_world: owns the world and its robots, lets time pass, publishes what the sensors say."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from ament_index_python.packages import get_package_share_directory
from builtin_interfaces.msg import Time
from geometry_msgs.msg import TransformStamped
from rcl_interfaces.msg import ParameterDescriptor
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rosgraph_msgs.msg import Clock as ClockMessage
from tf2_msgs.msg import TFMessage

from execution_orchestrator.simulation.physics.simulation import Simulation
from execution_orchestrator.simulation.servers.robot_link import OBJECTS_TOPIC
from execution_orchestrator.simulation.servers.server import PACKAGE, run
from execution_orchestrator.simulation.servers.world_publishing import RobotTopics
from execution_orchestrator.simulation.work.messages import orientation, vector
from execution_orchestrator.simulation.world.finding import load_world

STEP_PERIOD = 0.02  # seconds of the wall clock between steps
LARGEST_GAP = 0.25  # seconds of the wall clock that are caught up after a stall
STATE_EVERY = 2  # steps between messages of state
SLOW_EVERY = 50  # steps between battery and picture
ROBOT_FRAME = "base_link"


class SimWorld(Node):  # type: ignore[misc]
    """The simulated world; parameters choose it, its robots and how fast time passes."""

    def __init__(self) -> None:
        super().__init__("sim_world")
        self.lock = threading.RLock()
        world = str(self._declared("world", "apartment", "world of worlds/ or a file"))
        robots = str(self._declared("robots", "", "namespaces with commas; empty: one, without"))
        self._rate = float(self._declared("real_time_factor", 1.0, "simulated seconds per second"))
        seed = int(self._declared("seed", 0, "seed of every noise"))
        noise = float(self._declared("odometry_noise", 0.0, "slip per metre, standard deviation"))
        resolution = float(self._declared("map_resolution", 0.05, "metres per cell of the map"))
        clocked = bool(self._declared("publish_clock", False, "publish /clock and stamp with it"))
        if self._rate <= 0.0 or resolution <= 0.0 or noise < 0.0:
            raise ValueError(
                "real_time_factor and map_resolution have to be above 0, odometry_noise not below"
            )
        share = Path(get_package_share_directory(PACKAGE))
        names = [name.strip().strip("/") for name in robots.split(",")]
        self.simulation = Simulation(
            load_world(world, share), names, seed=seed, odometry_noise=noise, resolution=resolution
        )
        self._time_topic = self.create_publisher(ClockMessage, "/clock", 10) if clocked else None
        self._objects = self.create_publisher(TFMessage, OBJECTS_TOPIC, QoSProfile(depth=10))
        group = MutuallyExclusiveCallbackGroup()
        self._topics = [
            RobotTopics(self, self.simulation, robot, group)
            for robot in self.simulation.robots.values()
        ]
        self._last = time.monotonic()
        self._steps = 0
        # The timer must not run on /clock, which is published here.
        self.create_timer(
            STEP_PERIOD,
            self._tick,
            callback_group=group,
            clock=Clock(clock_type=ClockType.STEADY_TIME),
        )
        self.get_logger().info(
            f"world {self.simulation.world.name}: {len(self.simulation.objects)} objects, "
            f"robots {', '.join(name or '(no namespace)' for name in names)}, "
            f"real time factor {self._rate:g}"
        )

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
                for topics in self._topics:
                    topics.publish()
                self._publish_objects()
            if self._steps % SLOW_EVERY == 1:
                for topics in self._topics:
                    topics.publish_battery()
                    topics.publish_picture()

    def _publish_objects(self) -> None:
        poses = dict(self.simulation.poses)
        for name, robot in self.simulation.robots.items():
            poses[f"{name}/{ROBOT_FRAME}" if name else ROBOT_FRAME] = robot.pose
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
