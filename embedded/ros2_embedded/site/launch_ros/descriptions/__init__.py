"""Descriptions of what actions are given."""

from launch_ros.parameter_descriptions import Parameter, ParameterFile, ParameterValue

from .composable_node import ComposableNode

__all__ = ["ComposableNode", "Parameter", "ParameterFile", "ParameterValue"]
