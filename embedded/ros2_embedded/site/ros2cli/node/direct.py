"""A node of its own for a look at the graph."""

from __future__ import annotations

import argparse
import contextlib
from typing import Any

import rclpy.action

from ros2_embedded.cli.arguments import DEFAULT_SPIN_TIME, add_node_arguments
from ros2_embedded.cli.node_context import ros_node

DEFAULT_TIMEOUT = DEFAULT_SPIN_TIME  # seconds


class DirectNode:
    """Has the methods of its node, and waits for discovery when it is made.

    ``args`` may have `spin_time` (seconds) and `use_sim_time`. It begins rclpy and ends it.
    """

    def __init__(self, args: Any, *, node_name: str | None = None) -> None:
        self._open = contextlib.ExitStack()
        self.node = self._open.enter_context(ros_node(args, node_name=node_name))

    def __enter__(self) -> DirectNode:
        """Return the node."""
        return self

    def __exit__(self, *_: object) -> None:
        """Destroy the node and end rclpy."""
        self._open.close()

    def __getattr__(self, name: str) -> Any:
        """Return what the node has."""
        if name == "node":  # it could not be made
            raise AttributeError(name)
        return getattr(self.node, name)

    def get_action_names_and_types(self) -> list[tuple[str, list[str]]]:
        """Return the actions in the graph."""
        return rclpy.action.get_action_names_and_types(self.node)

    def get_action_client_names_and_types_by_node(
        self, remote_node_name: str, remote_node_namespace: str
    ) -> list[tuple[str, list[str]]]:
        """Return the actions a node is a client of."""
        return rclpy.action.get_action_client_names_and_types_by_node(
            self.node, remote_node_name, remote_node_namespace
        )

    def get_action_server_names_and_types_by_node(
        self, remote_node_name: str, remote_node_namespace: str
    ) -> list[tuple[str, list[str]]]:
        """Return the actions a node serves."""
        return rclpy.action.get_action_server_names_and_types_by_node(
            self.node, remote_node_name, remote_node_namespace
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options `--spin-time` and `--use-sim-time`."""
    add_node_arguments(parser)
