"""Carries the engine's wishes out on the robot and tells it what came of them."""

from execution_orchestrator.ros.driver.robot_driver import RobotDriver

__all__ = ["RobotDriver"]
