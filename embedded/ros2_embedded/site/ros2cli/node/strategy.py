"""The node of a command; without a daemon, always one of its own."""

from __future__ import annotations

import argparse

from ros2_embedded.cli.arguments import add_graph_arguments

from .direct import DirectNode


class NodeStrategy(DirectNode):
    """A DirectNode: there is no daemon that would know the graph already."""

    @property
    def direct_node(self) -> DirectNode:
        """The node itself."""
        return self

    @property
    def daemon_node(self) -> None:
        """No daemon."""
        return


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of commands that look at the graph."""
    add_graph_arguments(parser)


__all__ = ["DirectNode", "NodeStrategy", "add_arguments"]
