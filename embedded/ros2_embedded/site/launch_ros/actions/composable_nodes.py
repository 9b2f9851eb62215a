"""Nodes from shared libraries: launch files may name them; loading them needs a whole ROS 2."""

from __future__ import annotations

from typing import Any, NoReturn

from launch.action import Action
from launch.launch_context import LaunchContext


class _NeedsContainer(Action):
    """Is left out by its condition, or refused."""

    def __init__(self, *, condition: Any = None, **_: Any) -> None:
        super().__init__(condition=condition)

    def execute(self, context: LaunchContext) -> NoReturn:
        """Raise NotImplementedError."""
        raise NotImplementedError(
            f"{type(self).__name__} is not supported by the embedded runtime: component containers "
            "are C++ programs. Launch the nodes' own executables with launch_ros.actions.Node"
        )


class ComposableNodeContainer(_NeedsContainer):
    """Stands for a component container in files that only may use one."""


class LoadComposableNodes(_NeedsContainer):
    """Stands for nodes that a container loads in files that only may use one."""
