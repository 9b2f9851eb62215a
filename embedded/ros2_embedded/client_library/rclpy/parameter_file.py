"""Reads ROS parameter files."""

from pathlib import Path

import yaml


def read_parameter_file(path):
    """Read a ROS parameter file as (node pattern, name, value); raises RuntimeError with the place.

    The same key may stand in the file more than once, which a plain mapping would lose.
    """
    try:
        loader = yaml.SafeLoader(Path(path).read_text(encoding="utf-8"))
        document = loader.get_single_node()
        if document is None:
            return []
        found = []
        _read_nodes(loader, document, "", path, found)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as failure:
        raise RuntimeError(
            f"Couldn't parse params file: '--params-file {path}': {failure}"
        ) from None
    return found


def _pairs(loader, node, path):
    if not isinstance(node, yaml.MappingNode):
        raise RuntimeError(
            f"Couldn't parse params file: '{path}': line {node.start_mark.line + 1}: "
            "a mapping is expected"
        )
    return [(str(loader.construct_object(key)), value) for key, value in node.value]


def _read_nodes(loader, node, prefix, path, found):
    for key, value in _pairs(loader, node, path):
        if key == "ros__parameters":
            if isinstance(value, yaml.MappingNode):
                _read_parameters(loader, value, "", prefix, path, found)
        else:
            below = f"{prefix}/{key.lstrip('/')}" if prefix else key
            _read_nodes(loader, value, below, path, found)


def _read_parameters(loader, node, prefix, pattern, path, found):
    for key, value in _pairs(loader, node, path):
        name = f"{prefix}.{key}" if prefix else key
        if isinstance(value, yaml.MappingNode):
            _read_parameters(loader, value, name, pattern, path, found)
        else:
            found.append((pattern, name, loader.construct_object(value, deep=True)))
