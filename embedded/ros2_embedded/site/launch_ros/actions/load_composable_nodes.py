"""Has a running component container load nodes."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.frontend.entity import Entity
from launch.frontend.expose import expose_action
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from launch import logging
from launch_ros.descriptions import ComposableNode, ParameterFile
from launch_ros.ros_adapters import get_ros_node
from launch_ros.utilities import (
    add_node_name,
    evaluate_parameters,
    get_node_name_count,
    make_namespace_absolute,
    normalize_parameter_dict,
    prefix_namespace,
    to_parameters_list,
)

from .node import Node

if TYPE_CHECKING:
    from launch.frontend import Parser
    from launch.launch_context import LaunchContext

#: Seconds between looks at whether the launch is being shut down.
_POLL = 1.0


@expose_action("load_composable_node")
class LoadComposableNodes(Action):
    """Loads nodes one after the other by the service of a container, wherever it runs.

    The container is given by its full name or by the action that launches it. The action waits
    for the service as long as the launch runs.
    """

    def __init__(
        self,
        *,
        composable_node_descriptions: Iterable[ComposableNode],
        target_container: SomeSubstitutionsType | Node,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.__descriptions = list(composable_node_descriptions)
        self.__target = (
            target_container
            if isinstance(target_container, Node)
            else normalize_to_list_of_substitutions(target_container)
        )
        self.__logger = logging.get_logger("launch_ros.actions.load_composable_nodes")

    @classmethod
    def parse(cls, entity: Entity, parser: Parser) -> tuple[type[Action], dict[str, Any]]:
        """Read the attributes of `load_composable_node`."""
        _, kwargs = super().parse(entity, parser)
        kwargs["target_container"] = parser.parse_substitution(entity.get_attr("target"))
        nodes = entity.get_attr("composable_node", data_type=list[Entity])
        parsed = [ComposableNode.parse(parser, node) for node in nodes]
        kwargs["composable_node_descriptions"] = [kind(**args) for kind, args in parsed]
        return cls, kwargs

    def execute(self, context: LaunchContext) -> None:
        """Begin to load the nodes."""
        from composition_interfaces.srv import LoadNode

        if isinstance(self.__target, Node):
            container = self.__target.node_name
        else:
            container = perform_substitutions(context, self.__target)
        # Made here: while the nodes are loaded, the scope of a group may end.
        requests = [
            request
            for description in self.__descriptions
            if (request := get_composable_node_load_request(description, context)) is not None
        ]
        if not requests:
            return
        client = get_ros_node(context).create_client(LoadNode, f"{container}/_container/load_node")
        context.add_completion_future(
            context.asyncio_loop.run_in_executor(
                None, self._load_in_sequence, client, container, requests, context
            )
        )

    def _load_in_sequence(
        self, client: Any, container: str, requests: Sequence[Any], context: LaunchContext
    ) -> None:
        """Load nodes, as long as the launch is not shut down."""
        name, ros_context = client.srv_name, get_ros_node(context).context
        for request in requests:
            try:
                done = self._load(client, container, request, context)
            except Exception:
                # The node of the launch goes with the launch, whatever its client is doing.
                if ros_context.ok():
                    raise
                done = False
            if not done:
                self.__logger.warning(f"Abandoning the '{name}' service, due to shutdown.")
                return

    def _load(self, client: Any, container: str, request: Any, context: LaunchContext) -> bool:
        """Load one node; return False if the launch is shut down meanwhile."""
        while not client.wait_for_service(timeout_sec=_POLL):
            if context.is_shutdown:
                return False
        answered = threading.Event()
        future = client.call_async(request)
        future.add_done_callback(lambda _: answered.set())
        while not answered.wait(_POLL):
            if context.is_shutdown:
                future.cancel()
                return False
        response = future.result()
        name = response.full_node_name or request.node_name
        if not response.success:
            self.__logger.error(
                f"Failed to load node '{name}' of type '{request.plugin_name}' in container "
                f"'{container}': {response.error_message}"
            )
            return True
        add_node_name(context, name)
        count = get_node_name_count(context, name)
        if count > 1:
            logging.get_logger(container).warning(
                f"there are now at least {count} nodes with the name {name} created within this "
                "launch context"
            )
        self.__logger.info(f"Loaded node '{name}' in container '{container}'")
        return True


def get_composable_node_load_request(description: ComposableNode, context: LaunchContext) -> Any:
    """Make the request to load a node; None if its condition does not hold."""
    from composition_interfaces.srv import LoadNode

    condition = description.condition()
    if condition is not None and not condition.evaluate(context):
        return None
    request = LoadNode.Request()
    request.package_name = perform_substitutions(context, description.package)
    request.plugin_name = perform_substitutions(context, description.node_plugin)
    if description.node_name is not None:
        request.node_name = perform_substitutions(context, description.node_name)
    relative = description.node_namespace
    namespace = make_namespace_absolute(
        prefix_namespace(
            context.launch_configurations.get("ros_namespace"),
            None if relative is None else perform_substitutions(context, relative),
        )
    )
    request.node_namespace = namespace or ""
    rules = list(context.launch_configurations.get("ros_remaps", []))
    rules += [
        (perform_substitutions(context, source), perform_substitutions(context, target))
        for source, target in description.remappings or []
    ]
    request.remap_rules = [f"{source}:={target}" for source, target in rules]
    scope = [_of_scope(item) for item in context.launch_configurations.get("global_params", [])]

    def messages(parameters: Sequence[Any]) -> list[Any]:
        evaluated = evaluate_parameters(context, list(parameters))
        listed = to_parameters_list(context, request.node_name, namespace or "", evaluated)
        return [parameter.to_parameter_msg() for parameter in listed]

    request.parameters = messages([*scope, *(description.parameters or [])])
    request.extra_arguments = messages(description.extra_arguments or [])
    return request


def _of_scope(item: Any) -> Any:
    """Normalize a parameter, or a file of them, that was set for all nodes of a scope."""
    if isinstance(item, tuple):
        return normalize_parameter_dict({item[0]: item[1]})
    return ParameterFile(Path(item).resolve())
