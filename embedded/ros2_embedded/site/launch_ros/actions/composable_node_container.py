"""Launches a process that loads nodes from shared libraries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ament_index_python.packages import PackageNotFoundError
from launch.action import Action
from launch.frontend.entity import Entity
from launch.frontend.expose import expose_action
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.some_substitutions_type import SomeSubstitutionsType

from launch_ros.descriptions import ComposableNode

from .load_composable_nodes import LoadComposableNodes
from .node import Node

if TYPE_CHECKING:
    from launch.frontend import Parser
    from launch.launch_context import LaunchContext


@expose_action("node_container")
class ComposableNodeContainer(Node):
    """Launches a component container, and has it load nodes.

    Containers are C++ programs, which this runtime has none of: executing the action raises
    NotImplementedError unless the package of the container is installed.
    """

    def __init__(
        self,
        *,
        name: SomeSubstitutionsType,
        namespace: SomeSubstitutionsType,
        composable_node_descriptions: Iterable[ComposableNode] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, namespace=namespace, **kwargs)
        self.__composable_node_descriptions = list(composable_node_descriptions or [])

    @classmethod
    def parse(
        cls, entity: Entity, parser: Parser, ignore: list[str] | None = None
    ) -> tuple[type[Action], dict[str, Any]]:
        """Read the attributes of `node_container`."""
        _, kwargs = super().parse(entity, parser, ignore=ignore)
        nodes = entity.get_attr("composable_node", data_type=list[Entity], optional=True)
        if nodes is not None:
            parsed = [ComposableNode.parse(parser, node) for node in nodes]
            kwargs["composable_node_descriptions"] = [kind(**args) for kind, args in parsed]
        return cls, kwargs

    def execute(self, context: LaunchContext) -> Sequence[LaunchDescriptionEntity] | None:
        """Launch the container. Raises NotImplementedError if it is not installed."""
        # Looked at here: where the nodes are loaded, the scope of a group may have ended.
        wanted = [
            description
            for description in self.__composable_node_descriptions
            if (condition := description.condition()) is None or condition.evaluate(context)
        ]
        try:
            entities = list(super().execute(context) or [])
        except PackageNotFoundError as error:
            raise NotImplementedError(
                "ComposableNodeContainer is not supported by the embedded runtime: component "
                "containers are C++ programs. Launch the nodes' own executables with "
                f"launch_ros.actions.Node ({error})"
            ) from error
        if wanted:
            entities.append(
                LoadComposableNodes(composable_node_descriptions=wanted, target_container=self)
            )
        return entities
