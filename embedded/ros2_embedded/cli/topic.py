"""`ros2 topic`: topics in the graph."""

from __future__ import annotations

import argparse
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from ros2_embedded.cli.arguments import (
    add_count_argument,
    add_flags,
    add_graph_arguments,
    add_hidden_argument,
    add_node_arguments,
    add_types_argument,
    add_values_arguments,
    positive_float,
    positive_int,
    read_values,
    unsigned_int,
)
from ros2_embedded.cli.graph import (
    NamesAndTypes,
    full_name,
    print_names,
    print_types,
    types_of,
    visible,
)
from ros2_embedded.cli.interfaces import message_class
from ros2_embedded.cli.message_format import add_format_arguments, format_options
from ros2_embedded.cli.node_context import DISCOVERY_PATIENCE, ros_node, spin_for, wait_until
from ros2_embedded.cli.qos import add_qos_arguments, is_qos_given, qos_profile

DELIVERY = 2.0  # seconds in which the last message has to reach those who listen


def topics(node: Any, args: argparse.Namespace) -> NamesAndTypes:
    """List the topics, hidden ones only if asked for."""
    return visible(node.get_topic_names_and_types(), include_hidden=args.include_hidden_topics)


def topic_class(node: Any, topic: str) -> Any:
    """Return the message type of a topic; None if it is not in the graph.

    Raises RuntimeError for an invalid name, or if the topic has several types.
    """
    types = dict(node.get_topic_names_and_types()).get(full_name(node, topic))
    if types is None:
        return None
    if len(types) > 1:
        raise RuntimeError(
            f"Cannot echo topic '{topic}', as it contains more than one type: [{', '.join(types)}]"
        )
    return message_class(types[0], f"The message type '{types[0]}' is invalid")


def warn_unpublished(topic: str) -> None:
    """Say that a topic is not in the graph."""
    print(f"WARNING: topic [{topic}] does not appear to be published yet")
    sys.stdout.flush()


def wait_for_topic_class(node: Any, topic: str) -> Any:
    """Return the message type of a topic, waiting for the topic to appear."""
    found = topic_class(node, topic)
    if found is None:
        warn_unpublished(topic)
    while found is None:
        spin_for(node, 0.1)
        found = topic_class(node, topic)
    return found


def _filter(expression: str | None) -> Callable[[Any], Any]:
    """Make what tells whether a message `m` fulfils an expression: without one, each does."""
    if not expression:
        return lambda _: True
    code = compile(expression, "--filter", "eval")
    # The expression is the user's own, typed on the user's own command line.
    return lambda message: eval(code, {"m": message})


def add_echo_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument("topic_name", help="Name of the ROS topic to listen to (e.g. '/chatter')")
    parser.add_argument(
        "message_type", nargs="?", help="Type of the ROS message (e.g. 'std_msgs/msg/String')"
    )
    add_qos_arguments(parser, "subscribe", "sensor_data")
    add_format_arguments(parser)
    add_flags(
        parser,
        {
            "--no-lost-messages": "Don't report when a message is lost",
            "--raw": "Echo the raw binary representation",
            "--once": "Print the first message received and then exit.",
        },
    )
    parser.add_argument(
        "--field",
        help="Echo a selected field of a message. Use '.' to select sub-fields, "
        "e.g. 'ros2 topic echo /odom --field pose.pose.position'",
    )
    parser.add_argument(
        "--filter",
        dest="filter_expr",
        help="Python expression to filter messages that are printed. Expression can use Python "
        "builtins as well as m (the message).",
    )
    parser.add_argument(
        "--timeout", metavar="N", type=positive_float, help="Set a timeout in seconds for waiting"
    )
    add_flags(parser, {"--include-message-info -i": "Shows the associated message info."})


def run_echo(args: argparse.Namespace) -> None:
    """Print the messages of a topic."""
    import rclpy
    from rclpy.task import Future

    printer = _Printer(args)
    with ros_node(args) as node:
        if args.message_type is not None:
            message_type = message_class(args.message_type)
        else:
            wait_until(
                node, lambda: topic_class(node, args.topic_name) is not None, DISCOVERY_PATIENCE
            )
            message_type = topic_class(node, args.topic_name)
            if message_type is None:
                warn_unpublished(args.topic_name)
                raise RuntimeError("Could not determine the type for the passed topic")
        profile = qos_profile(args) if is_qos_given(args) else _matching_qos(node, args)
        done: Any = Future()

        def on_message(message: Any, info: Any) -> None:
            if printer.show(message, info) and args.once and not done.done():
                done.set_result(True)

        def on_timeout() -> None:
            if not done.done():
                done.set_result(True)

        node.create_subscription(
            message_type,
            args.topic_name,
            on_message,
            profile,
            event_callbacks=None if args.no_lost_messages else _lost_message_callbacks(),
            raw=args.raw,
        )
        if args.timeout is not None:
            node.create_timer(args.timeout, on_timeout)
        rclpy.spin_until_future_complete(node, done)


def _lost_message_callbacks() -> Any:
    """Make the callbacks that report lost messages."""
    from rclpy.event_handler import SubscriptionEventCallbacks

    def on_lost(status: Any) -> None:
        print(
            f"A message was lost!!!\n\ttotal count change:{status.total_count_change}"
            f"\n\ttotal count: {status.total_count}",
            end="---\n",
        )

    return SubscriptionEventCallbacks(message_lost=on_lost)


def _matching_qos(node: Any, args: argparse.Namespace) -> Any:
    """Make the profile that gets most from the publishers there are."""
    from rclpy.qos import QoSDurabilityPolicy, QoSReliabilityPolicy

    profile = qos_profile(args)
    publishers = node.get_publishers_info_by_topic(args.topic_name)
    if not publishers:
        return profile
    reliable = [p.qos_profile.reliability == QoSReliabilityPolicy.RELIABLE for p in publishers]
    kept = [p.qos_profile.durability == QoSDurabilityPolicy.TRANSIENT_LOCAL for p in publishers]
    profile.reliability = _common(
        reliable, QoSReliabilityPolicy.RELIABLE, QoSReliabilityPolicy.BEST_EFFORT
    )
    profile.durability = _common(
        kept, QoSDurabilityPolicy.TRANSIENT_LOCAL, QoSDurabilityPolicy.VOLATILE
    )
    return profile


def _common(offered: list[bool], strong: Any, weak: Any) -> Any:
    """Return the strong policy if all publishers offer it, else the weak one."""
    if all(offered):
        return strong
    if any(offered):
        kind = type(strong).__name__
        print(
            f"Some, but not all, publishers are offering {kind}.{strong.name}. Falling back to "
            f"{kind}.{weak.name} as it will connect to all publishers"
        )
    return weak


class _Printer:
    """Prints messages as the options say."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._args = args
        self._fields = [] if args.field is None else [p for p in args.field.split(".") if p]
        if args.field is not None and not self._fields:
            raise RuntimeError(f"Invalid field value '{args.field}'")
        self._passes = _filter(args.filter_expr)

    def show(self, message: Any, info: Any) -> bool:
        """Print a message; tell whether it passed the filter."""
        message = self._select(message)
        if not self._passes(message):
            return False
        args = self._args
        if not hasattr(message, "__slots__"):
            if args.include_message_info:
                print("---Got new message, message info:---")
                print(info)
                print("---Message data:---")
            print(message, end="\n---\n")
            return True
        from rosidl_runtime_py import message_to_csv, message_to_yaml

        options = format_options(args)
        if args.csv:
            text = message_to_csv(message, **options)
            if args.include_message_info:
                text = f"{','.join(str(value) for value in info.values())},{text}"
            print(text)
            return True
        if args.include_message_info:
            import yaml

            print(yaml.dump(info), end="---\n")
        print(message_to_yaml(message, flow_style=args.flow_style, **options), end="---\n")
        return True

    def _select(self, message: Any) -> Any:
        """Return the field asked for."""
        for field in self._fields:
            try:
                message = getattr(message, field)
            except AttributeError as error:
                raise RuntimeError(f"Invalid field '{'.'.join(self._fields)}': {error}") from error
        return message


def add_hz_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("topic_name", help="Topic name to listen to (e.g. '/chatter')")
    parser.add_argument(
        "--window",
        "-w",
        type=positive_int,
        default=10000,
        metavar="WINDOW",
        help="window size, in # of messages, for calculating (default: %(default)s)",
    )
    add_node_arguments(parser)
    parser.add_argument(
        "--filter",
        dest="filter_expr",
        metavar="EXPR",
        help="only measure messages matching the specified Python expression",
    )
    add_flags(
        parser,
        {
            "--wall-time": "calculates rate using wall time which can be helpful when clock is not "
            "published during simulation"
        },
    )


def run_hz(args: argparse.Namespace) -> None:
    """Print the rate of a topic, once a second, until interrupted."""
    import rclpy
    from rclpy.qos import qos_profile_sensor_data

    with ros_node(args) as node:
        message_type = wait_for_topic_class(node, args.topic_name)
        on_message, on_second = _callbacks(node, args)
        node.create_subscription(message_type, args.topic_name, on_message, qos_profile_sensor_data)
        node.create_timer(1.0, on_second)
        rclpy.spin(node)


def _callbacks(node: Any, args: argparse.Namespace) -> Any:
    """Make the callbacks for messages and for seconds."""
    import statistics

    from rclpy import clock as rclpy_clock

    clock: Any = node.get_clock()
    if args.wall_time:
        clock = rclpy_clock.Clock(clock_type=rclpy_clock.ClockType.SYSTEM_TIME)
    passes = _filter(args.filter_expr)
    periods: deque[int] = deque(maxlen=args.window)
    state = {"last": -1, "printed": -1}

    def on_message(message: Any) -> None:
        if not passes(message):
            return
        now = clock.now().nanoseconds
        if now < state["last"]:
            print("time has reset, resetting counters")
            periods.clear()
        elif state["last"] >= 0:
            periods.append(now - state["last"])
        state["last"] = now

    def on_second() -> None:
        if not periods or state["last"] == state["printed"]:
            return
        state["printed"] = state["last"]
        seconds = [period * 1e-9 for period in periods]
        mean = statistics.fmean(seconds)
        rate = 1.0 / mean if mean > 0.0 else 0.0
        print(
            f"average rate: {rate:.3f}\n\tmin: {min(seconds):.3f}s max: {max(seconds):.3f}s "
            f"std dev: {statistics.pstdev(seconds, mean):.5f}s window: {len(seconds)}"
        )

    return on_message, on_second


def add_info_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument("topic_name", help="Name of the ROS topic to get info (e.g. '/chatter')")
    add_flags(
        parser,
        {
            "--verbose -v": "Prints detailed information like the node name, node namespace, topic "
            "type, topic type hash, GUID, and QoS Profile of the publishers and subscribers to "
            "this topic"
        },
    )


def run_info(args: argparse.Namespace) -> str | None:
    """Print the type of a topic and its endpoints."""
    end = "\n\n" if args.verbose else "\n"
    with ros_node(args) as node:
        name = args.topic_name
        types = types_of(node, node.get_topic_names_and_types, name)
        if types is None:
            return f"Unknown topic '{name}'"
        print(f"Type: {types[0] if len(types) == 1 else types}", end=end)
        print(f"Publisher count: {node.count_publishers(name)}", end=end)
        if args.verbose:
            for endpoint in node.get_publishers_info_by_topic(name):
                print(endpoint, end=end)
        print(f"Subscription count: {node.count_subscribers(name)}", end=end)
        if args.verbose:
            for endpoint in node.get_subscriptions_info_by_topic(name):
                print(endpoint, end=end)
    return None


def add_list_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    add_types_argument(parser, "topic")
    add_count_argument(parser, "topic")
    add_hidden_argument(parser, "topic", argparse.SUPPRESS)
    add_flags(parser, {"-v --verbose": "List full details about each topic"})


def run_list(args: argparse.Namespace) -> None:
    """Print the names of all topics."""
    with ros_node(args) as node:
        found = topics(node, args)
        if args.verbose and not args.count:
            published = [(n, t, node.count_publishers(n)) for n, t in found]
            subscribed = [(n, t, node.count_subscribers(n)) for n, t in found]
            _print_counts("Published", "publisher", published)
            _print_counts("Subscribed", "subscriber", subscribed)
            return
    print_names(found, count=args.count, show_types=args.show_types)


def _print_counts(title: str, unit: str, rows: list[tuple[str, list[str], int]]) -> None:
    """Print the topics that have endpoints of one kind."""
    print(f"{title} topics:")
    for name, types, count in rows:
        if count:
            print(f" * {name} [{', '.join(types)}] {count} {unit}{'s' if count > 1 else ''}")
    print()


def add_pub_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("topic_name", help="Name of the ROS topic to publish to (e.g. '/chatter')")
    parser.add_argument("message_type", help="Type of the ROS message (e.g. 'std_msgs/String')")
    add_values_arguments(parser, "values", "Values to fill the message with", "'data: Hello World'")
    parser.add_argument(
        "-r",
        "--rate",
        metavar="N",
        type=positive_float,
        default=1.0,
        help="Publishing rate in Hz (default: 1)",
    )
    parser.add_argument(
        "-p",
        "--print",
        metavar="N",
        type=int,
        default=1,
        help="Only print every N-th published message (default: 1)",
    )
    group = parser.add_mutually_exclusive_group()
    add_flags(group, {"-1 --once": "Publish one message and exit"})
    group.add_argument(
        "-t",
        "--times",
        type=unsigned_int,
        default=0,
        help="Publish this number of times and then exit",
    )
    parser.add_argument(
        "-w",
        "--wait-matching-subscriptions",
        type=unsigned_int,
        help="Wait until finding the specified number of matching subscriptions. Defaults to 1 "
        'when using "-1"/"--once"/"--times", otherwise defaults to 0.',
    )
    parser.add_argument(
        "--max-wait-time-secs",
        type=positive_float,
        help="This sets the maximum wait time in seconds if --wait-until-matching-subscriptions "
        "is set. By default, this flag is not set meaning the subscriber will wait endlessly.",
    )
    parser.add_argument(
        "--keep-alive",
        metavar="N",
        type=positive_float,
        default=0.1,
        help="Keep publishing node alive for N seconds after the last msg (default: 0.1)",
    )
    parser.add_argument("-n", "--node-name", help="Name of the created publishing node")
    add_qos_arguments(parser, "publish", "default")
    add_node_arguments(parser)


def run_pub(args: argparse.Namespace) -> str | None:
    """Publish a message once, a number of times or until interrupted."""
    from rclpy.duration import Duration
    from rosidl_runtime_py import set_message_fields

    times = 1 if args.once else args.times
    wanted = args.wait_matching_subscriptions
    wanted = int(times != 0) if wanted is None else wanted
    if wanted == 0 and args.max_wait_time_secs is not None:
        return (
            "--max-wait-time-secs option is only effective with "
            "--wait-matching-subscriptions, --once or --times"
        )
    values = read_values(args, "values")
    if not isinstance(values, dict):
        return "The passed value needs to be a dictionary in YAML format"
    message_type = message_class(args.message_type)
    message = message_type()
    try:
        stamps = set_message_fields(message, values, expand_header_auto=True, expand_time_now=True)
    except Exception as error:
        return f"Failed to populate field: {error}"
    with ros_node(args, node_name=args.node_name) as node:
        publisher = node.create_publisher(message_type, args.topic_name, qos_profile(args))
        problem = _wait_for_subscriptions(node, publisher, wanted, args.max_wait_time_secs)
        if problem is not None:
            return problem
        print("publisher: beginning loop")
        _publish(node, publisher, message, stamps or [], args, times)
        # The last message must reach those who listen before the writer goes: one of them may not
        # have met this writer yet.
        publisher.wait_for_all_acked(Duration(seconds=DELIVERY))
        spin_for(node, args.keep_alive)
    return None


def _wait_for_subscriptions(
    node: Any, publisher: Any, wanted: int, limit: float | None
) -> str | None:
    """Wait for subscriptions, with a message each second; return what went wrong."""
    from rclpy.executors import ExternalShutdownException

    begun = time.monotonic()
    next_message = begun
    while (count := publisher.get_subscription_count()) < wanted:
        now = time.monotonic()
        if now >= next_message:
            print(f"Waiting for at least {wanted} matching subscription(s)...")
            next_message = now + 1.0
        if limit is not None and now - begun >= limit:
            return (
                f"Timed out waiting for subscribers: Expected {wanted} subcribers but only got "
                f"{count} subscribers"
            )
        try:
            spin_for(node, 0.05)
        except ExternalShutdownException:
            return "failed to get subscription count: publisher's context is invalid"
    return None


def _publish(
    node: Any, publisher: Any, message: Any, stamps: list[Any], args: argparse.Namespace, times: int
) -> None:
    """Publish at the rate, `times` times or for ever if 0."""
    import rclpy
    from rclpy.task import Future

    done: Any = Future()
    count = 0

    def publish() -> None:
        nonlocal count
        if done.done():
            return
        now = node.get_clock().now().to_msg()
        for set_stamp in stamps:
            set_stamp(now)
        count += 1
        if args.print and count % args.print == 0:
            print(f"publishing #{count}: {message!r}\n")
        publisher.publish(message)
        if count == times:
            done.set_result(True)

    publish()
    if not done.done():
        node.create_timer(1.0 / args.rate, publish)
        rclpy.spin_until_future_complete(node, done)


def add_type_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument("topic_name", help="Name of the ROS topic to get type (e.g. '/chatter')")


def run_type(args: argparse.Namespace) -> int:
    """Print the type of a topic; fail if there is none of the name."""
    with ros_node(args) as node:
        return print_types(node, lambda: topics(node, args), args.topic_name)
