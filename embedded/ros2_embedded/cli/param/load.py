"""`ros2 param load`."""

import argparse

from ros2_embedded.cli.param.client import NodeNotFoundError, add_target_arguments, report, target


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_target_arguments(parser)
    parser.add_argument("parameter_file", help="Parameter file")
    parser.add_argument(
        "--no-use-wildcard",
        action="store_true",
        help="Do not load parameters in the '/**' namespace into the node",
    )


def run(args: argparse.Namespace) -> str | None:
    """Set the parameters of a file."""
    from rclpy.parameter import parameter_dict_from_yaml_file

    wildcard = not args.no_use_wildcard
    try:
        with target(args) as client:
            # All of the file, whatever node it was written for: a dump of one node fits another.
            parameters = parameter_dict_from_yaml_file(args.parameter_file, wildcard)
            results = client.set_parameters(list(parameters.values()))
    except NodeNotFoundError:
        return "Node not found"
    except OSError as error:
        return f"cannot read '{args.parameter_file}': {error.strerror}"
    for name, result in zip(parameters, results, strict=True):
        report(result, f"Set parameter {name} successful", f"Set parameter {name} failed")
    return None
