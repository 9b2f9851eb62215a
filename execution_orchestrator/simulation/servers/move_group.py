"""sim_move_group: what MoveIt's move_group offers, for the simulated arm."""

from __future__ import annotations

from execution_orchestrator.simulation.servers.robot_link import RobotLink
from execution_orchestrator.simulation.servers.simulated_server import SimServer, run
from execution_orchestrator.simulation.work.arm import Arm


class SimMoveGroup(SimServer):
    """The node around it."""

    def __init__(self) -> None:
        super().__init__("sim_move_group")
        Arm(self, RobotLink(self), self.world())


def main(args: list[str] | None = None) -> int:
    """Run sim_move_group until it is told to end."""
    return run(SimMoveGroup, args)
