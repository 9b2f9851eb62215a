"""Stopping the robot: cancels, zero velocity, and whether it is at rest."""

from execution_orchestrator.ros.stopping.aftermath import Aftermath
from execution_orchestrator.ros.stopping.emergency import RobotStop, StopVerdict
from execution_orchestrator.ros.stopping.servers import CancelReport, MovingServers
from execution_orchestrator.ros.stopping.stand_still import StandStill
from execution_orchestrator.ros.stopping.standstill import Motion, Odometer, Odometers
from execution_orchestrator.ros.stopping.zero_velocity import ZeroVelocity

__all__ = [
    "Aftermath",
    "CancelReport",
    "Motion",
    "MovingServers",
    "Odometer",
    "Odometers",
    "RobotStop",
    "StandStill",
    "StopVerdict",
    "ZeroVelocity",
]
