"""What stands behind --ros-args."""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


class UnknownROSArgsError(RuntimeError):
    """There are unknown arguments between --ros-args and --."""

    def __init__(self, unknown):
        super().__init__(f"Found unknown ROS arguments: {unknown}")
        self.unknown_ros_args = unknown


@dataclass
class RosArguments:
    """Remappings, parameters and log settings, in the order they were given."""

    remaps: list[tuple[str, str, str]] = field(default_factory=list)  # node, from, to
    parameters: list[tuple[str, str, Any]] = field(default_factory=list)  # node pattern, name, value
    log_levels: list[tuple[str, str]] = field(default_factory=list)
    stdout_logs: bool = True
    rosout_logs: bool = True
    rest: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)

    def name_for(self, node, key, default):
        """Return the remapped __node or __ns of a node."""
        for target, source, value in self.remaps:
            if source == key and target in ("", node):
                return value
        return default

    def remap(self, node_name, full_name, expand):
        """Return the remapped form of a full topic or service name."""
        for target, source, value in self.remaps:
            if source.startswith("__") or target not in ("", node_name):
                continue
            source = re.sub(r"^(rostopic|rosservice)://", "", source)
            if expand(source) == full_name:
                return expand(value)
        return full_name

    def overrides(self, full_node_name):
        """Return the parameter overrides of a node, later ones winning."""
        found = {}
        for pattern, name, value in self.parameters:
            if _matches(pattern, full_node_name):
                found[name] = value
        return found


def _matches(pattern, full_name):
    if pattern in ("", "/**"):
        return True
    text = pattern if pattern.startswith("/") else f"/{pattern}"
    expression = re.escape(text).replace(r"/\*\*", "(/.*)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    return re.fullmatch(expression, full_name) is not None


def parse_arguments(args=None):
    """Parse a command line; raises UnknownROSArgsError or RuntimeError for what is wrong."""
    argv = list(sys.argv if args is None else args)
    result = RosArguments(raw=argv)
    unknown = []
    index, inside = 0, False
    while index < len(argv):
        word = argv[index]
        index += 1
        if not inside:
            if word == "--ros-args":
                inside = True
            else:
                result.rest.append(word)
            continue
        if word == "--":
            inside = False
        elif word == "--ros-args":
            continue
        elif word in ("-r", "--remap", "-p", "--param", "--params-file", "--log-level", "-e", "--enclave", "--log-file-name", "--log-config-file"):
            if index >= len(argv):
                raise RuntimeError(f"Couldn't parse trailing {word} flag. No value given")
            _take(result, word, argv[index])
            index += 1
        elif word in ("--disable-stdout-logs", "--enable-stdout-logs"):
            result.stdout_logs = word.startswith("--enable")
        elif word in ("--disable-rosout-logs", "--enable-rosout-logs"):
            result.rosout_logs = word.startswith("--enable")
        elif word in ("--disable-external-lib-logs", "--enable-external-lib-logs"):
            continue
        elif ":=" in word:
            _take(result, "-r", word)
        else:
            unknown.append(word)
    if unknown:
        raise UnknownROSArgsError(unknown)
    return result


def _take(result, flag, value):
    if flag in ("-r", "--remap"):
        source, separator, target = value.partition(":=")
        if not separator or not source or not target:
            raise RuntimeError(f"Couldn't parse remap rule: '{flag} {value}'")
        node, colon, name = source.partition(":")
        if colon and not name.startswith("//"):
            result.remaps.append((node, name, target))
        else:
            result.remaps.append(("", source, target))
    elif flag in ("-p", "--param"):
        source, separator, text = value.partition(":=")
        if not separator or not source:
            raise RuntimeError(f"Couldn't parse parameter override rule: '{flag} {value}'")
        node, colon, name = source.partition(":")
        result.parameters.append(
            (node, name, yaml.safe_load(text)) if colon else ("", source, yaml.safe_load(text))
        )
    elif flag == "--params-file":
        result.parameters.extend(read_parameter_file(value))
    elif flag == "--log-level":
        name, separator, level = value.partition(":=")
        result.log_levels.append((name, level) if separator else ("", value))


def read_parameter_file(path):
    """Read a ROS parameter file as (node pattern, name, value); raises RuntimeError with the place."""
    try:
        document = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as failure:
        raise RuntimeError(f"Couldn't parse params file: '--params-file {path}': {failure}") from None
    if document is None:
        return []
    if not isinstance(document, dict):
        raise RuntimeError(f"Couldn't parse params file: '{path}': a mapping of nodes is expected")
    found = []

    def walk(prefix, mapping):
        for key, value in mapping.items():
            if key == "ros__parameters":
                found.extend((prefix, name, item) for name, item in _flat("", value or {}))
            elif isinstance(value, dict):
                walk(f"{prefix}/{str(key).lstrip('/')}" if prefix else str(key), value)
            else:
                raise RuntimeError(
                    f"Couldn't parse params file: '{path}': {prefix or '/'} has no ros__parameters"
                )

    walk("", document)
    return found


def _flat(prefix, mapping):
    for key, value in mapping.items():
        name = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(value, dict):
            yield from _flat(name, value)
        else:
            yield name, value
