"""The description of a node that is a shared library."""

from typing import Any


class ComposableNode:
    """Not supported: composable nodes are C++ libraries, for which a real ROS 2 is needed."""

    def __init__(self, **kwargs: Any) -> None:
        raise NotImplementedError(
            "ComposableNode is not supported by the embedded runtime: composable nodes are C++ "
            "libraries. Launch the node's own executable with launch_ros.actions.Node"
        )
