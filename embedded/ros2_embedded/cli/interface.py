"""`ros2 interface`: interface definitions."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import rosidl_runtime_py as rosidl
from rosidl_runtime_py import get_interface_path

from ros2_embedded.cli.arguments import add_flags

Getter = Callable[..., dict[str, list[str]]]

_KINDS: tuple[tuple[str, str, str, Getter], ...] = (
    ("m", "msgs", "Messages", rosidl.get_message_interfaces),
    ("s", "srvs", "Services", rosidl.get_service_interfaces),
    ("a", "actions", "Actions", rosidl.get_action_interfaces),
)


def add_kind_arguments(parser: argparse.ArgumentParser, text: str) -> None:
    """Add an option for each kind; `{}` in the help stands for its name."""
    for letter, name, title, _ in _KINDS:
        parser.add_argument(
            f"-{letter}", f"--only-{name}", action="store_true", help=text.format(title.lower())
        )


def chosen_kinds(args: argparse.Namespace) -> list[tuple[str, Getter]]:
    """List the titles and getters of the kinds asked for: all if none is."""
    chosen = [(title, getter) for _, name, title, getter in _KINDS if getattr(args, f"only_{name}")]
    return chosen or [(title, getter) for _, _, title, getter in _KINDS]


def add_list_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_kind_arguments(parser, "Print out only the {}")


def run_list(args: argparse.Namespace) -> None:
    """Print the interfaces kind by kind."""
    for title, getter in chosen_kinds(args):
        print(f"{title}:")
        for package, names in sorted(getter().items()):
            for name in sorted(names):
                print(f"    {package}/{name}")


_PRIMITIVES = re.compile(
    r"(bool|byte|char|float32|float64|u?int(8|16|32|64)|w?string(<=\d+)?)(\[.*\])?"
)


_LINE = re.compile(r"^\s*(?P<type>[A-Za-z][\w/]*)(<=\d+)?(\[[^\]]*\])?\s+(?P<name>\w+)")


def add_show_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    group = parser.add_mutually_exclusive_group()
    add_flags(
        group,
        {
            "--all-comments": "Show all comments, including for nested interface definitions",
            "--no-comments": "Show no comments or whitespace",
        },
    )
    parser.add_argument(
        "type",
        help="Show an interface definition (e.g. 'example_interfaces/msg/String'). "
        "Passing '-' reads the argument from stdin (e.g. "
        "'ros2 topic type /chatter | ros2 interface show -').",
    )


def run_show(args: argparse.Namespace) -> str | None:
    """Print the definition, that of each nested type indented below its field."""
    name = sys.stdin.readline().strip() if args.type == "-" else args.type
    if not name:
        return "the passed value is empty"
    try:
        for line in _lines(name, comments=not args.no_comments, nested=args.all_comments):
            print(line)
    except (ValueError, LookupError) as error:
        return str(error)
    return None


def _lines(name: str, *, comments: bool, nested: bool) -> Iterator[str]:
    """Yield the lines of a definition; nested ones have comments only if `nested`."""
    if name.count("/") != 2:
        raise ValueError(f"Invalid name '{name}'. Expected three parts separated by '/'")
    text = Path(get_interface_path(name)).read_text(encoding="utf-8")
    for raw in text.splitlines():
        line = raw.rstrip()
        field, _, comment = line.partition("#")
        if comments or (field.strip() and not comment):
            yield line
        elif field.strip():
            yield field.strip()
        inner = _nested_type(field, name.split("/", maxsplit=1)[0])
        if inner is not None:
            for below in _lines(inner, comments=nested, nested=nested):
                yield f"\t{below}" if below else below


def _nested_type(field: str, package: str) -> str | None:
    """Return the full name of a field's message type; None for primitives and other lines."""
    match = _LINE.match(field)
    if match is None or _PRIMITIVES.fullmatch(match["type"]):
        return None
    parts = match["type"].split("/")
    return f"{parts[0] if len(parts) > 1 else package}/msg/{parts[-1]}"
