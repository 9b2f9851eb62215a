"""What stands behind --ros-args."""

import re
import sys
from dataclasses import dataclass, field
from typing import Any

from rclpy.exceptions import RCLInvalidROSArgsError


class UnknownROSArgsError(RuntimeError):
    """There are unknown arguments between --ros-args and --."""

    def __init__(self, unknown):
        super().__init__(f"Found unknown ROS arguments: {unknown}")


@dataclass
class RosArguments:
    """Remappings, parameters and log settings, in the order they were given."""

    remaps: list[tuple[str, str, str]] = field(default_factory=list)  # node, from, to
    parameters: list[tuple[str, str, Any]] = field(
        default_factory=list
    )  # node pattern, name, value
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
    expression = ""
    for part in text[1:].split("/"):
        # Two stars stand for any number of names, one star for exactly one.
        expression += "(/[^/]+)*" if part == "**" else "/" + re.escape(part).replace(r"\*", "[^/]+")
    return re.fullmatch(expression, full_name) is not None


_WITH_VALUE = (
    "-r", "--remap", "-p", "--param", "--params-file", "--log-level", "-e", "--enclave",
    "--log-file-name", "--log-config-file",
)  # fmt: skip


def parse_arguments(args=None):
    """Parse a command line; raises UnknownROSArgsError or RuntimeError for what is wrong."""
    argv = list(sys.argv if args is None else args)
    for word in argv:
        word.encode("utf-8")  # a file name in another encoding would be no valid name here
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
        elif word in _WITH_VALUE:
            if index >= len(argv):
                raise RCLInvalidROSArgsError(
                    f"Failed to parse ROS arguments: Couldn't parse trailing {word} flag. No value given"
                )
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
            raise RCLInvalidROSArgsError(
                f"Failed to parse ROS arguments: Couldn't parse remap rule: '{flag} {value}'"
            )
        node, colon, name = source.partition(":")
        if colon and not name.startswith("//"):
            result.remaps.append((node, name, target))
        else:
            result.remaps.append(("", source, target))
    elif flag in ("-p", "--param"):
        source, separator, text = value.partition(":=")
        if not separator or not source:
            raise RCLInvalidROSArgsError(
                "Failed to parse ROS arguments: "
                f"Couldn't parse parameter override rule: '{flag} {value}'"
            )
        # YAML is slow to import, and most programs are given no parameters.
        from ros2_embedded.parameter_text import ValueSyntaxError, read_value

        node, colon, name = source.partition(":")
        try:
            parsed = read_value(text)
        except ValueSyntaxError as failure:
            raise RCLInvalidROSArgsError(
                "Failed to parse ROS arguments: "
                f"Couldn't parse parameter override rule: '{flag} {value}': {failure}"
            ) from None
        result.parameters.append((node, name, parsed) if colon else ("", source, parsed))
    elif flag == "--params-file":
        from rclpy.parameter_file import read_parameter_file

        result.parameters.extend(read_parameter_file(value))
    elif flag == "--log-level":
        name, separator, level = value.partition(":=")
        result.log_levels.append((name, level) if separator else ("", value))
