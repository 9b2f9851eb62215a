"""A run as an MCAP file of ROS 2 messages, for Foxglove and `ros2 bag play`."""

from execution_orchestrator.monitoring.mcap.export import McapUnavailableError, export_run

__all__ = ["McapUnavailableError", "export_run"]
