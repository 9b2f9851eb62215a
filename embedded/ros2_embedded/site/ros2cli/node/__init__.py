"""Nodes that have looked at the graph."""

NODE_NAME_PREFIX = "_ros2cli"
