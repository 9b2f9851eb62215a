"""sim_camera: pictures and detections of what the simulated camera sees."""

from __future__ import annotations

from execution_orchestrator.simulation.servers.robot_link import RobotLink
from execution_orchestrator.simulation.servers.simulated_server import SimServer, run
from execution_orchestrator.simulation.work.camera import Camera


class SimCamera(SimServer):
    """The node around it; its files are below the parameter ``output_directory``."""

    def __init__(self) -> None:
        super().__init__("sim_camera")
        seed = int(self._declared("seed", 0, "seed of the noise"))
        keep = self.keeper("pictures and videos", "pictures")
        Camera(self, RobotLink(self), self.world(), seed=seed, keep=keep)


def main(args: list[str] | None = None) -> int:
    """Run sim_camera until it is told to end."""
    return run(SimCamera, args)
