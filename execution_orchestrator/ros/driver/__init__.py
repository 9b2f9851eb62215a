"""Carries out the engine's effects on the robot and reports the results."""

from execution_orchestrator.ros.driver.robot_driver import RobotDriver

__all__ = ["RobotDriver"]
