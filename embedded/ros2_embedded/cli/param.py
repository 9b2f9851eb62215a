"""`ros2 param`: parameters of nodes."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from ros2_embedded.cli.arguments import (
    add_flags,
    add_graph_arguments,
    add_hidden_nodes_argument,
    add_node_timeout_argument,
    add_of_node_arguments,
)
from ros2_embedded.cli.graph import absolute_node_name, node_names, wait_for_node
from ros2_embedded.cli.node_context import DISCOVERY_PATIENCE, await_future, ros_node
from ros2_embedded.cli.strangers import UnreachableServerError, wait_for_server

#: Seconds the services of a node that is there are waited for.
_SERVICES_TIMEOUT = 5.0


#: By the constants of rcl_interfaces/msg/ParameterType: the name of a type, what is said before a
#: value of it, and the field the value is in.
_TYPES = (
    ("not set", "", ""),
    ("boolean", "Boolean value is:", "bool_value"),
    ("integer", "Integer value is:", "integer_value"),
    ("double", "Double value is:", "double_value"),
    ("string", "String value is:", "string_value"),
    ("byte array", "Byte values are:", "byte_array_value"),
    ("boolean array", "Boolean values are:", "bool_array_value"),
    ("integer array", "Integer values are:", "integer_array_value"),
    ("double array", "Double values are:", "double_array_value"),
    ("string array", "String values are:", "string_array_value"),
)


def add_target_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that pick a node."""
    add_of_node_arguments(parser)
    add_node_timeout_argument(parser)


class ServicesUnavailableError(RuntimeError):
    """The node is there, but its parameter services are not."""


class ParameterClient:
    """The parameter services of one node."""

    def __init__(self, node: Any, node_name: str) -> None:
        self._node = node
        self.node_name = node_name

    def list_parameters(self, prefixes: Sequence[str] = ()) -> list[str]:
        """Return the names of all parameters, sorted."""
        response = self._call("ListParameters", prefixes=list(prefixes))
        return sorted(response.result.names)

    def get_parameters(self, names: Sequence[str]) -> list[Any]:
        """Return the values of parameters."""
        return list(self._call("GetParameters", names=list(names)).values)

    def describe_parameters(self, names: Sequence[str]) -> list[Any]:
        """Return the descriptors of parameters."""
        return list(self._call("DescribeParameters", names=list(names)).descriptors)

    def set_parameters(self, parameters: Sequence[Any]) -> list[Any]:
        """Set parameters, given as messages; return the result of each."""
        return list(self._call("SetParameters", parameters=list(parameters)).results)

    def _call(self, type_name: str, **fields: Any) -> Any:
        """Call one of the services.

        Raises ServicesUnavailableError if it is not there, RuntimeError if the call fails.
        """
        service = getattr(importlib.import_module("rcl_interfaces.srv"), type_name)
        verb = re.sub(r"(?<!^)(?=[A-Z])", "_", type_name).lower()
        name = f"{self.node_name}/{verb}"
        client = self._node.create_client(service, name)
        if not wait_for_server(self._node, client.service_is_ready, name, _SERVICES_TIMEOUT):
            raise ServicesUnavailableError(
                "Wait for service timed out waiting for parameter services for node "
                f"{self.node_name}"
            )
        response = await_future(self._node, client.call_async(service.Request(**fields)))
        if response is None:
            raise RuntimeError(f"Exception while calling service of node {self.node_name}")
        return response


@contextlib.contextmanager
def target(args: argparse.Namespace) -> Iterator[ParameterClient]:
    """Give the services of the node picked by the arguments.

    Raises RuntimeError if it is not in the graph.
    """
    name = absolute_node_name(args.node_name) or "/"
    with ros_node(args) as node:
        hidden = args.include_hidden_nodes
        if not wait_for_node(node, name, include_hidden=hidden, timeout=args.timeout):
            raise RuntimeError("Node not found")
        yield ParameterClient(node, name)


def report(result: Any, success: str, failure: str) -> None:
    """Print the outcome of a change, failures to the standard error."""
    reason = f": {result.reason}" if result.reason else ""
    if result.successful:
        print(success + reason)
    else:
        print(failure + reason, file=sys.stderr)


def add_describe_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_target_arguments(parser)
    parser.add_argument("parameter_names", nargs="+", help="Names of the parameters")


def run_describe(args: argparse.Namespace) -> None:
    """Print the descriptors of parameters."""
    with target(args) as client:
        descriptors = client.describe_parameters(args.parameter_names)
    for descriptor in descriptors:
        _print(descriptor)


def _print(descriptor: Any) -> None:
    """Print one descriptor."""
    print("Parameter name:", descriptor.name)
    print("  Type:", _TYPES[descriptor.type][0])
    if descriptor.description:
        print("  Description:", descriptor.description)
    print("  Constraints:")
    if descriptor.read_only:
        print("    Read only: true")
    for bounds in [*descriptor.floating_point_range, *descriptor.integer_range][:1]:
        print("    Min value:", bounds.from_value)
        print("    Max value:", bounds.to_value)
        if bounds.step:
            print("    Step:", bounds.step)
    if descriptor.additional_constraints:
        print("    Additional constraints:", descriptor.additional_constraints)


add_dump_arguments = add_target_arguments


def run_dump(args: argparse.Namespace) -> None:
    """Print all parameters of a node as a parameter file."""
    from rclpy.parameter import parameter_value_to_python

    from ros2_embedded.parameter_text import write_values

    with target(args) as client:
        names = client.list_parameters()
        values = client.get_parameters(names) if names else []
        node_name = client.node_name
    parameters: dict[str, Any] = {}
    for name, value in zip(names, values, strict=True):
        _insert(parameters, name, parameter_value_to_python(value))
    print(write_values({node_name: {"ros__parameters": parameters}}))


def _insert(tree: dict[str, Any], name: str, value: Any) -> None:
    """Put a value into nested dictionaries, one level per dot in its name."""
    *levels, last = name.split(".")
    for level in levels:
        tree = tree.setdefault(level, {})
    tree[last] = value.tolist() if hasattr(value, "tolist") else value


def add_get_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_target_arguments(parser)
    parser.add_argument("parameter_name", help="Name of the parameter")
    add_flags(parser, {"--hide-type": "Hide the type information"})


def run_get(args: argparse.Namespace) -> str | None:
    """Print the value of a parameter."""
    with target(args) as client:
        values = client.get_parameters([args.parameter_name])
    if not values:
        return "Parameter not set"
    label, value = _describe(values[0])
    if args.hide_type:
        print(value)
    else:
        print(label, value) if value is not None else print(label)
    return None


def _describe(parameter_value: Any) -> tuple[str, Any]:
    """Return what is said before a value, and the value."""
    if not 0 < parameter_value.type < len(_TYPES):
        return "Parameter not set.", None
    _, label, field = _TYPES[parameter_value.type]
    value = getattr(parameter_value, field)
    return label, value.tolist() if hasattr(value, "tolist") else value


def add_list_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_graph_arguments(parser)
    parser.add_argument("node_name", nargs="?", help="Name of the ROS node")
    parser.add_argument(
        "--filter",
        nargs=1,
        help="Only parameters matching the regex expression will be showed. "
        "Supports `re` regex syntax.",
    )
    add_hidden_nodes_argument(parser)
    parser.add_argument(
        "--param-prefixes",
        nargs="+",
        default=[],
        help="Only list parameters with the provided prefixes",
    )
    add_flags(parser, {"--param-type": "Print parameter types with parameter names"})


def run_list(args: argparse.Namespace) -> int | str | None:
    """Print the parameters of one node or of all."""
    wanted = absolute_node_name(args.node_name)
    with ros_node(args) as node:
        known = node_names(node, include_hidden=args.include_hidden_nodes)
        targets = sorted({entry.full_name for entry in known})
        if wanted is not None:
            hidden = args.include_hidden_nodes
            if not wait_for_node(node, wanted, include_hidden=hidden, timeout=DISCOVERY_PATIENCE):
                return "Node not found"
            targets = [wanted]
        failed = False
        for name in targets:
            try:
                _print_parameters(ParameterClient(node, name), args)
            except (ServicesUnavailableError, UnreachableServerError) as error:
                print(error, file=sys.stderr)
                failed = True
    return 1 if failed else None


def _print_parameters(client: ParameterClient, args: argparse.Namespace) -> None:
    """Print the parameters of a node, with a heading if all nodes are listed."""
    names = client.list_parameters(args.param_prefixes)
    if args.filter is not None:
        pattern = re.compile(args.filter[0])
        names = [name for name in names if pattern.match(name)]
    if not args.node_name and names:
        print(f"{client.node_name}:")
    types: dict[str, str] = {}
    if args.param_type:
        descriptors = client.describe_parameters(names)
        types = {entry.name: f" (type: {_TYPES[entry.type][0]})" for entry in descriptors}
    for name in names:
        print(f"  {name}{types.get(name, '')}")


def add_load_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_target_arguments(parser)
    parser.add_argument("parameter_file", help="Parameter file")
    add_flags(
        parser, {"--no-use-wildcard": "Do not load parameters in the '/**' namespace into the node"}
    )


def run_load(args: argparse.Namespace) -> str | None:
    """Set the parameters of a file."""
    from rclpy.parameter import parameter_dict_from_yaml_file

    wildcard = not args.no_use_wildcard
    try:
        with target(args) as client:
            # All of the file, whatever node it was written for: a dump of one node fits another.
            parameters = parameter_dict_from_yaml_file(args.parameter_file, wildcard)
            results = client.set_parameters(list(parameters.values()))
    except OSError as error:
        return f"cannot read '{args.parameter_file}': {error.strerror}"
    for name, result in zip(parameters, results, strict=True):
        report(result, f"Set parameter {name} successful", f"Set parameter {name} failed")
    return None


def add_set_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_target_arguments(parser)
    parser.add_argument("parameter_name", help="Name of the parameter")
    parser.add_argument("value", help="Value of the parameter")


def run_set(args: argparse.Namespace) -> None:
    """Set a parameter to a value in YAML."""
    from rcl_interfaces.msg import Parameter
    from rclpy.parameter import get_parameter_value

    parameter = Parameter(
        name=args.parameter_name, value=get_parameter_value(string_value=args.value)
    )
    with target(args) as client:
        (result,) = client.set_parameters([parameter])
    report(result, "Set parameter successful", "Setting parameter failed")
