"""`ros2 action`: actions in the graph."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from ros2_embedded.cli.arguments import (
    add_count_argument,
    add_flags,
    add_graph_arguments,
    add_types_argument,
    add_values_arguments,
    read_values,
)
from ros2_embedded.cli.graph import NamesAndTypes, full_name, node_names, print_names, print_types
from ros2_embedded.cli.interfaces import action_class
from ros2_embedded.cli.node_context import NODE_NAME_PREFIX, await_future, bare_node, ros_node
from ros2_embedded.cli.strangers import wait_for_server


def add_info_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument(
        "action_name", help="Name of the ROS action to get info (e.g. '/fibonacci')"
    )
    add_types_argument(parser, "action")
    add_flags(
        parser, {"-c --count": "Only display the number of action clients and action servers"}
    )


def run_info(args: argparse.Namespace) -> None:
    """Print the clients and servers of an action."""
    from rclpy.action import (
        get_action_client_names_and_types_by_node,
        get_action_server_names_and_types_by_node,
    )

    with ros_node(args) as node:
        name = full_name(node, args.action_name)
        clients = _nodes_with(node, name, get_action_client_names_and_types_by_node)
        servers = _nodes_with(node, name, get_action_server_names_and_types_by_node)
    print(f"Action: {args.action_name}")
    for title, entries in (("clients", clients), ("servers", servers)):
        print(f"Action {title}: {len(entries)}")
        if args.count:
            continue
        for node_name, types in entries:
            suffix = f" [{', '.join(types)}]" if args.show_types else ""
            print(f"    {node_name}{suffix}")


def _nodes_with(node: Any, action: str, getter: Callable[..., NamesAndTypes]) -> NamesAndTypes:
    """List the nodes that have an end of an action, with its types."""
    found = []
    for entry in node_names(node, include_hidden=True):
        for name, types in getter(node, entry.name, entry.namespace):
            if name == action:
                found.append((entry.full_name, types))
    return found


def add_list_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    add_types_argument(parser, "action")
    add_count_argument(parser, "action")


def run_list(args: argparse.Namespace) -> None:
    """Print the names of all actions."""
    from rclpy.action import get_action_names_and_types

    with ros_node(args) as node:
        names_and_types = get_action_names_and_types(node)
    print_names(names_and_types, count=args.count, show_types=args.show_types)


#: The constants of action_msgs/msg/GoalStatus.
_STATUS = dict(
    enumerate(("ACCEPTED", "EXECUTING", "CANCELING", "SUCCEEDED", "CANCELED", "ABORTED"), start=1)
)

#: Seconds an interrupted goal's server is given to confirm the cancellation.
_CANCEL_TIMEOUT = 5.0


def add_send_goal_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("action_name", help="Name of the ROS action (e.g. '/fibonacci')")
    parser.add_argument(
        "action_type", help="Type of the ROS action (e.g. 'example_interfaces/action/Fibonacci')"
    )
    add_values_arguments(parser, "goal", "Goal request values", "'{order: 10}'")
    add_flags(parser, {"-f --feedback": "Echo feedback messages for the goal"})


def run_send_goal(args: argparse.Namespace) -> str | None:
    """Send the goal and wait for its result; Ctrl-C cancels it."""
    from rosidl_runtime_py import set_message_fields

    action_type = action_class(args.action_type)
    goal = action_type.Goal()
    try:
        set_message_fields(goal, read_values(args, "goal") or {})
    except Exception as error:
        return f"Failed to populate message fields: {error!r}"
    name = f"{NODE_NAME_PREFIX}_send_goal_{args.action_type.replace('/', '_')}"
    with bare_node(args, name) as node:
        _send(node, action_type, args.action_name, goal, feedback=args.feedback)
    return None


def _send(node: Any, action_type: Any, action_name: str, goal: Any, *, feedback: bool) -> None:
    """Send a goal and print what becomes of it."""
    import rclpy
    from rclpy.action import ActionClient
    from rosidl_runtime_py import message_to_yaml

    client = ActionClient(node, action_type, action_name)
    print("Waiting for an action server to become available...")
    wait_for_server(node, client.server_is_ready, f"{action_name}/_action/send_goal")
    if not rclpy.ok():
        raise RuntimeError(
            "Failed to check if action server is available: rcl node's context is invalid"
        )
    print(f"Sending goal:\n     {message_to_yaml(goal)}")
    printer = _FeedbackPrinter()
    on_feedback = printer.show if feedback else None
    handle = await_future(node, client.send_goal_async(goal, on_feedback))
    if handle is None:
        raise RuntimeError("Exception while sending goal: shut down before the answer came")
    if not handle.accepted:
        print("Goal was rejected.")
        return
    result = None
    try:
        print(f"Goal accepted with ID: {bytes(handle.goal_id.uuid).hex()}\n")
        printer.begin()
        result = await_future(node, handle.get_result_async())
    finally:
        if result is None:
            _cancel(handle)
    if result is not None:
        print(f"Result:\n    {message_to_yaml(result.result)}")
        print(f"Goal finished with status: {_STATUS.get(result.status, 'UNKNOWN')}")


class _FeedbackPrinter:
    """Prints feedback; what comes before the goal is known to be accepted waits until then."""

    def __init__(self) -> None:
        self._early: list[str] | None = []

    def show(self, message: Any) -> None:
        """Print a feedback message, now or later."""
        from rosidl_runtime_py import message_to_yaml

        text = f"Feedback:\n    {message_to_yaml(message.feedback)}"
        if self._early is None:
            print(text)
        else:
            self._early.append(text)

    def begin(self) -> None:
        """Print what waited."""
        early, self._early = self._early or [], None
        for text in early:
            print(text)


def _cancel(handle: Any) -> None:
    """Cancel a goal nobody waits for any more.

    The signal that got us here has shut the context down, so the request goes through a new one,
    naming the goal by its id.
    """
    import rclpy
    from action_msgs.srv import CancelGoal
    from rclpy.executors import SingleThreadedExecutor

    print("Canceling goal...")
    action_name = handle._action_client._action_name
    context = rclpy.Context()
    rclpy.init(args=[], context=context)
    try:
        node = rclpy.create_node(f"{NODE_NAME_PREFIX}_cancel_goal", context=context)
        client = node.create_client(CancelGoal, f"{action_name}/_action/cancel_goal")
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(node)
        if not client.wait_for_service(timeout_sec=_CANCEL_TIMEOUT):
            raise RuntimeError("Failed to cancel goal: the action server is gone")
        request = CancelGoal.Request()
        request.goal_info.goal_id = handle.goal_id
        future = client.call_async(request)
        executor.spin_until_future_complete(future, timeout_sec=_CANCEL_TIMEOUT)
        response = future.result() if future.done() else None
        if response is None or not response.goals_canceling:
            raise RuntimeError("Failed to cancel goal")
        print("Goal canceled.")
    finally:
        rclpy.shutdown(context=context)


def add_type_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument(
        "action_name", help="Name of the ROS action to get info (e.g. '/fibonacci')"
    )


def run_type(args: argparse.Namespace) -> int:
    """Print the type of an action; fail if there is none of the name."""
    from rclpy.action import get_action_names_and_types

    with ros_node(args) as node:
        return print_types(node, lambda: get_action_names_and_types(node), args.action_name)
