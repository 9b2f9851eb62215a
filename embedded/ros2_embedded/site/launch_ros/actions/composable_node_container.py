"""Actions for nodes that are shared libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.frontend.expose import expose_action

if TYPE_CHECKING:
    from launch.frontend import Entity, Parser

_MESSAGE = (
    "{} is not supported by the embedded runtime: composable nodes are C++ libraries. "
    "Launch the nodes' own executables with launch_ros.actions.Node"
)


@expose_action("node_container")
class ComposableNodeContainer(Action):
    """Not supported: there are no C++ components here."""

    @classmethod
    def parse(cls, entity: Entity, parser: Parser) -> tuple[type[Action], dict[str, Any]]:
        """Raise NotImplementedError."""
        raise NotImplementedError(_MESSAGE.format("node_container"))

    def __init__(self, **kwargs: Any) -> None:
        raise NotImplementedError(_MESSAGE.format("ComposableNodeContainer"))


@expose_action("load_composable_node")
class LoadComposableNodes(Action):
    """Not supported: there are no C++ components here."""

    @classmethod
    def parse(cls, entity: Entity, parser: Parser) -> tuple[type[Action], dict[str, Any]]:
        """Raise NotImplementedError."""
        raise NotImplementedError(_MESSAGE.format("load_composable_node"))

    def __init__(self, **kwargs: Any) -> None:
        raise NotImplementedError(_MESSAGE.format("LoadComposableNodes"))
