"""The command line: only the chosen verb is imported."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType

from ros2_embedded.cli.registry import COMMANDS

Run = Callable[[argparse.Namespace], int | str | None]

#: Options of commands that verbs repeat or rely on, with their help.
_COMMAND_OPTIONS = {
    "topic": ("--include-hidden-topics", "Consider hidden topics as well"),
    "service": ("--include-hidden-services", "Consider hidden services as well"),
}


def parse(argv: Sequence[str]) -> tuple[argparse.Namespace, Run | None]:
    """Read the arguments; return them with the verb to run, or None after printing help."""
    parser = argparse.ArgumentParser(
        prog="ros2",
        description="ros2 is an extensible command-line tool for ROS 2.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--use-python-default-buffering",
        action="store_true",
        help="Do not force line buffering in stdout and instead use the python default buffering, "
        "which might be affected by PYTHONUNBUFFERED/-u and depends on whatever stdout is "
        "interactive or not",
    )
    names = [word for word in argv if not word.startswith("-")]
    command_name = names[0] if names and names[0] in COMMANDS else None
    helps = {name: text for name, (text, _) in COMMANDS.items()}
    commands = _add_choices(parser, helps, "Commands", "ros2 <command>")
    if command_name is None:
        args = parser.parse_args(argv)
        parser.print_help()
        return args, None
    command = commands[command_name]
    module_name = f"ros2_embedded.cli.{command_name}"
    verbs = COMMANDS[command_name][1]
    if not verbs:
        return _parse_verb(parser, command, importlib.import_module(module_name), argv)
    if command_name in _COMMAND_OPTIONS:
        option, text = _COMMAND_OPTIONS[command_name]
        command.add_argument(option, action="store_true", help=text)
    verb_name = names[1] if len(names) > 1 and names[1] in verbs else None
    choices = _add_choices(command, verbs, "Verbs", f"ros2 {command_name} <verb>")
    if verb_name is None:
        args = parser.parse_args(argv)
        command.print_help()
        return args, None
    verb = importlib.import_module(f"{module_name}.{verb_name}")
    return _parse_verb(parser, choices[verb_name], verb, argv)


def _add_choices(
    parser: argparse.ArgumentParser, helps: Mapping[str, str], title: str, usage: str
) -> dict[str, argparse.ArgumentParser]:
    """Add a parser per choice."""
    width = max(map(len, helps))
    action = parser.add_subparsers(
        title=title,
        # Listed by ourselves: argparse would put the usage line before the list.
        description="\n".join(f"{name.ljust(width)}  {text}" for name, text in helps.items()),
        metavar=f"Call `{usage} -h` for more detailed usage.",
    )
    return {
        name: action.add_parser(
            name, description=text, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        for name, text in helps.items()
    }


def _parse_verb(
    parser: argparse.ArgumentParser,
    verb_parser: argparse.ArgumentParser,
    module: ModuleType,
    argv: Sequence[str],
) -> tuple[argparse.Namespace, Run]:
    """Read the arguments of a verb."""
    module.add_arguments(verb_parser)
    return parser.parse_args(argv), module.run
