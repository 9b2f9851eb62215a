"""`ros2 lifecycle`: nodes with managed states."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from ros2_embedded.cli.arguments import (
    add_graph_arguments,
    add_hidden_nodes_argument,
    add_node_list_arguments,
    add_of_node_arguments,
)
from ros2_embedded.cli.graph import absolute_node_name, node_names
from ros2_embedded.cli.node_context import await_future, look_up, ros_node
from ros2_embedded.cli.strangers import wait_for_server

_GET_STATE = "lifecycle_msgs/srv/GetState"


#: Seconds the services of a node that is there are waited for.
_TIMEOUT = 5.0


def lifecycle_nodes(node: Any, *, include_hidden: bool) -> list[str]:
    """List the full names of the nodes that have a lifecycle."""
    found = set()
    for entry in node_names(node, include_hidden=include_hidden):
        services = node.get_service_names_and_types_by_node(entry.name, entry.namespace)
        if any(_GET_STATE in types for _, types in services):
            found.add(entry.full_name)
    return sorted(found)


def find_lifecycle_node(node: Any, name: str, *, include_hidden: bool) -> None:
    """Raise RuntimeError unless a node with a lifecycle is in the graph."""
    if not look_up(node, lambda: lifecycle_nodes(node, include_hidden=include_hidden), name):
        raise RuntimeError("Node not found")


def call(node: Any, service: Any, name: str, request: Any) -> Any:
    """Call a service. Raises RuntimeError if it is not there or the call fails."""
    client = node.create_client(service, name)
    if not wait_for_server(node, client.service_is_ready, name, _TIMEOUT):
        raise RuntimeError(f"service '{name}' is not available")
    response = await_future(node, client.call_async(request))
    if response is None:
        raise RuntimeError(f"no answer from service '{name}'")
    return response


def available_transitions(node: Any, node_name: str) -> list[Any]:
    """List the transitions a node can make now."""
    from lifecycle_msgs.srv import GetAvailableTransitions

    request = GetAvailableTransitions.Request()
    response = call(
        node, GetAvailableTransitions, f"{node_name}/get_available_transitions", request
    )
    return list(response.available_transitions)


def add_get_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument(
        "node_name",
        nargs="?",
        help="Name of the ROS node. If no name is provided, then get the state for all nodes.",
    )
    add_hidden_nodes_argument(parser)


def run_get(args: argparse.Namespace) -> int | None:
    """Print the state of one node or of all."""
    from lifecycle_msgs.srv import GetState

    wanted = absolute_node_name(args.node_name)
    with ros_node(args) as node:
        hidden = args.include_hidden_nodes
        if wanted is None:
            names = lifecycle_nodes(node, include_hidden=hidden)
        else:
            find_lifecycle_node(node, wanted, include_hidden=hidden)
            names = [wanted]
        for name in names:
            try:
                state = call(node, GetState, f"{name}/get_state", GetState.Request()).current_state
            except RuntimeError as error:
                print(f"Exception while calling service of node '{name}': {error}", file=sys.stderr)
                if wanted is not None:
                    return 1
                continue
            prefix = "" if wanted is not None else f"{name}: "
            print(f"{prefix}{state.label} [{state.id}]")
    return None


add_nodes_arguments = add_node_list_arguments


def run_nodes(args: argparse.Namespace) -> None:
    """Print the nodes that have a lifecycle."""
    with ros_node(args) as node:
        names = lifecycle_nodes(node, include_hidden=args.all)
    if args.count:
        print(len(names))
        return
    for name in names:
        print(name)


def add_set_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_of_node_arguments(parser)
    parser.add_argument("transition", help="The lifecycle transition")


def run_set(args: argparse.Namespace) -> str | None:
    """Let a node make a transition, given by label or id."""
    from lifecycle_msgs.srv import ChangeState

    name = absolute_node_name(args.node_name) or "/"
    with ros_node(args) as node:
        find_lifecycle_node(node, name, include_hidden=args.include_hidden_nodes)
        known = [entry.transition for entry in available_transitions(node, name)]
        by_label = [entry for entry in known if entry.label == args.transition]
        by_id = [entry for entry in known if str(entry.id) == args.transition]
        if not by_label and not by_id:
            choices = "".join(f"\n- {entry.label} [{entry.id}]" for entry in known)
            return f"Unknown transition requested, available ones are:{choices}"
        request = ChangeState.Request(transition=(by_label or by_id)[0])
        if call(node, ChangeState, f"{name}/change_state", request).success:
            print("Transitioning successful")
        else:
            print("Transitioning failed", file=sys.stderr)
    return None
