"""sim_gripper: the action of ros2_controllers' gripper controllers, for the simulated jaws."""

from __future__ import annotations

from execution_orchestrator.simulation.servers.robot_link import RobotLink
from execution_orchestrator.simulation.servers.simulated_server import SimServer, run
from execution_orchestrator.simulation.work.gripper import Gripper


class SimGripper(SimServer):
    """The node around it."""

    def __init__(self) -> None:
        super().__init__("sim_gripper")
        Gripper(self, RobotLink(self))


def main(args: list[str] | None = None) -> int:
    """Run sim_gripper until it is told to end."""
    return run(SimGripper, args)
