"""sim_vehicle: the actions of an aerial, ground or surface vehicle."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from geometry_msgs.msg import PoseStamped
from sensor_msgs.msg import BatteryState
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage

from execution_orchestrator.simulation.geometry import Array, planar
from execution_orchestrator.simulation.physics.vehicle import Kind, Vehicle
from execution_orchestrator.simulation.servers.robot_link import KEPT, OBJECTS_TOPIC
from execution_orchestrator.simulation.servers.simulated_server import SimServer, run
from execution_orchestrator.simulation.servers.ticking import Ticker
from execution_orchestrator.simulation.work.vehicle import FEET, Autopilot

PERIOD = 0.05  # seconds of the wall clock between steps


class SimVehicle(SimServer):
    """The node around an autopilot; it is its radio, too."""

    def __init__(self) -> None:
        super().__init__("sim_vehicle")
        world = self.world()
        self._poses: dict[str, Array] = {name: m.pose for name, m in world.objects().items()}
        kind = str(self._declared("kind", "aerial", "aerial, ground or surface"))
        if kind not in {each.value for each in Kind}:
            raise ValueError(f"kind {kind!r} is unknown; known: aerial, ground, surface")
        fence = float(self._declared("fence", 50.0, "metres around the start it may go"))
        start = world.frames.get("vehicle_start", planar(0.0, -1.0, 0.0))[:3, 3].copy()
        start[2] = FEET
        self._vehicle = Vehicle(Kind(kind), start, fence)
        self._vehicle.charge = float(self._declared("charge", 1.0, "charge at first, 0.0 to 1.0"))
        self.linked = bool(self._declared("link", True, "whether the radio reaches anybody"))
        self._pose = self.create_publisher(PoseStamped, "vehicle/pose", 10)
        self._battery = self.create_publisher(BatteryState, "vehicle/battery_state", 10)
        self._status = self.create_publisher(String, "vehicle/status", 10)
        self._data = self.create_publisher(String, "vehicle/data", 10)
        self.listener().create_subscription(TFMessage, OBJECTS_TOPIC, self._take_objects, KEPT)
        self._last = time.monotonic()
        self._autopilot = Autopilot(self, self._vehicle, world, lambda: self._poses, self)
        self._ticker = Ticker(PERIOD, self._tick)

    def destroy_node(self) -> None:
        """Stand still, and leave the graph."""
        self._ticker.stop()
        super().destroy_node()

    def send(self, content: Mapping[str, Any]) -> None:
        """Publish data for a station."""
        self._data.publish(String(data=json.dumps(content)))

    def broadcast(self, status: str) -> int:
        """Publish a status; returns how many listen."""
        self._status.publish(String(data=status))
        return int(self._status.get_subscription_count())

    def _take_objects(self, message: TFMessage) -> None:
        for each in message.transforms:
            if each.child_frame_id in self._poses:
                moved = self._poses[each.child_frame_id].copy()
                place = each.transform.translation
                moved[:3, 3] = (place.x, place.y, place.z)
                self._poses[each.child_frame_id] = moved

    def _tick(self) -> None:
        now = time.monotonic()
        dt, self._last = min(now - self._last, 0.5) * self.rate, now
        self._vehicle.step(dt)
        self._pose.publish(self._autopilot.where())
        battery = BatteryState(percentage=float(self._vehicle.charge), present=True)
        self._battery.publish(battery)
        self.notify()


def main(args: list[str] | None = None) -> int:
    """Run sim_vehicle until it is told to end."""
    return run(SimVehicle, args)
