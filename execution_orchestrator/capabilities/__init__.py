"""What the robot can do: configuration files, goal and result mapping, recoveries."""

from execution_orchestrator.capabilities.moveit_request import motion_plan_request

__all__ = ["motion_plan_request"]
