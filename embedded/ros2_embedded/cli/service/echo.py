"""`ros2 service echo`."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from ros2_embedded.cli.interfaces import service_class
from ros2_embedded.cli.message_format import add_format_arguments, format_options
from ros2_embedded.cli.node_context import look_up, ros_node

#: What introspection adds to a service's name for the topic of its events.
_EVENT_TOPIC = "/_service_event"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "service_name", help="Name of the ROS service to echo (e.g. '/add_two_ints')"
    )
    parser.add_argument(
        "service_type",
        nargs="?",
        help="Type of the ROS service (e.g. 'example_interfaces/srv/AddTwoInts')",
    )
    add_format_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """Print the calls of a service whose clients or servers have introspection enabled."""
    import rclpy
    from rclpy.qos import QoSPresetProfiles

    with ros_node(args) as node:
        service = _service_class(node, args)
        topic = args.service_name + _EVENT_TOPIC
        subscription = node.create_subscription(
            service.Event,
            topic,
            lambda event: print(_format(event, args)),
            QoSPresetProfiles.get_from_short_key("services_default"),
        )
        if subscription.get_publisher_count() < 1:
            print(
                f"No publishers on topic '{topic}'; is service introspection on the client or "
                "server enabled?"
            )
        rclpy.spin(node)


def _service_class(node: Any, args: argparse.Namespace) -> Any:
    """Return the type given, or that of the service in the graph. Raises RuntimeError."""
    if args.service_type is not None:
        return service_class(
            args.service_type, f"The service type '{args.service_type}' is invalid"
        )
    if not look_up(node, lambda: dict(node.get_service_names_and_types()), args.service_name):
        raise RuntimeError("Could not load the type for the passed service")
    types = dict(node.get_service_names_and_types())[args.service_name]
    if len(types) > 1:
        raise RuntimeError(
            f"Cannot echo service '{args.service_name}', as it contains more than one type: "
            f"[{', '.join(types)}]"
        )
    return service_class(types[0], f"The service name '{args.service_name}' is invalid")


def _format(event: Any, args: argparse.Namespace) -> str:
    """Write an event as the options say, the kind of event by name."""
    from rosidl_runtime_py import message_to_csv, message_to_ordereddict

    if args.csv:
        return str(message_to_csv(event, **format_options(args)))
    import yaml
    from service_msgs.msg import ServiceEventInfo

    names = ("REQUEST_SENT", "REQUEST_RECEIVED", "RESPONSE_SENT", "RESPONSE_RECEIVED")
    fields: Any = message_to_ordereddict(event, **format_options(args))
    kinds = {getattr(ServiceEventInfo, name): name for name in names}
    kind = fields["info"]["event_type"]
    fields["info"]["event_type"] = kinds.get(kind, kind)
    text = yaml.safe_dump(
        _plain(fields),
        allow_unicode=True,
        width=sys.maxsize,
        default_flow_style=args.flow_style,
        sort_keys=False,
    )
    return f"{text}---"


def _plain(value: Any) -> Any:
    """Turn ordered dictionaries into those that YAML knows."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
