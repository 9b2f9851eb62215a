"""sim_navigation: Nav2's servers for the simulated base, with its lifecycle nodes."""

from __future__ import annotations

from nav_msgs.msg import Path

from execution_orchestrator.simulation.physics.grid import build_grid
from execution_orchestrator.simulation.servers.lifecycle import Lifecycle
from execution_orchestrator.simulation.servers.robot_link import RobotLink
from execution_orchestrator.simulation.servers.simulated_server import SimServer, run
from execution_orchestrator.simulation.work.navigation import Navigation

NODES = ("bt_navigator", "planner_server", "controller_server", "behavior_server",
         "waypoint_follower", "docking_server")  # fmt: skip


class SimNavigation(SimServer):
    """Takes goals while every one of its Nav2 nodes is active."""

    def __init__(self) -> None:
        super().__init__("sim_navigation")
        world = self.world()
        own_frame = f"{self.get_namespace().strip('/')}/base_link".lstrip("/")
        autostart = bool(self._declared("autostart", True, "begin with the Nav2 nodes active"))
        self._lifecycle = Lifecycle(
            self, NODES, "lifecycle_manager_navigation", autostart=autostart
        )
        path = self.create_publisher(Path, "plan", 1)  # as planner_server does
        Navigation(
            self,
            RobotLink(self),
            world,
            build_grid(world.static_solids()),
            own_frame,
            planned=path.publish,
        )

    def ready(self) -> bool:
        """Goals are taken while every Nav2 node is active."""
        return self._lifecycle.active()


def main(args: list[str] | None = None) -> int:
    """Run sim_navigation until it is told to end."""
    return run(SimNavigation, args)
