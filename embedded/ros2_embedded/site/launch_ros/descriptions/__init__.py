"""Descriptions of what actions are given."""

from typing import Any

from launch_ros.parameter_descriptions import Parameter, ParameterFile, ParameterValue


class ComposableNode:
    """A node that a component container would load."""

    def __init__(self, **_: Any) -> None:
        """Take what upstream's takes; nothing here loads it."""
