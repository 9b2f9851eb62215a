"""Reads ROS parameter files."""

from pathlib import Path

import yaml

from ros2_embedded.parameter_text import ValueSyntaxError, compose, value_of


def read_parameter_file(path):
    """Read a ROS parameter file as (node pattern, name, value); raises RuntimeError with the place.

    The same key may stand in the file more than once, which a plain mapping would lose.
    """
    found = []
    try:
        document = compose(Path(path).read_text(encoding="utf-8"))
        if document is not None:
            _read_nodes(document, "", found)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueSyntaxError) as failure:
        raise RuntimeError(
            f"Couldn't parse params file: '--params-file {path}': {failure}"
        ) from None
    return found


def _pairs(node):
    if not isinstance(node, yaml.MappingNode):
        raise ValueSyntaxError(f"line {node.start_mark.line + 1}: a mapping is expected")
    return [(key.value, value) for key, value in node.value]


def _read_nodes(node, prefix, found):
    for key, value in _pairs(node):
        if key == "ros__parameters":
            if isinstance(value, yaml.MappingNode):
                _read_parameters(value, "", prefix, found)
        else:
            below = f"{prefix}/{key.lstrip('/')}" if prefix else key
            _read_nodes(value, below, found)


def _read_parameters(node, prefix, pattern, found):
    for key, value in _pairs(node):
        name = f"{prefix}.{key}" if prefix else key
        if isinstance(value, yaml.MappingNode):
            _read_parameters(value, name, pattern, found)
        else:
            found.append((pattern, name, value_of(value)))
