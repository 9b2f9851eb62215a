"""Actions for nodes that are shared libraries."""

from typing import Any

from launch.action import Action

_MESSAGE = (
    "{} is not supported by the embedded runtime: composable nodes are C++ libraries. "
    "Launch the nodes' own executables with launch_ros.actions.Node"
)


class ComposableNodeContainer(Action):
    """Not supported: there are no C++ components here."""

    def __init__(self, **kwargs: Any) -> None:
        raise NotImplementedError(_MESSAGE.format("ComposableNodeContainer"))


class LoadComposableNodes(Action):
    """Not supported: there are no C++ components here."""

    def __init__(self, **kwargs: Any) -> None:
        raise NotImplementedError(_MESSAGE.format("LoadComposableNodes"))
