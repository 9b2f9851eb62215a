"""The command line: only the chosen command is imported.

Its module has `add_arguments` and `run`, or for each verb `add_VERB_arguments` and `run_VERB`.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Mapping, Sequence

from ros2_embedded.cli.arguments import add_hidden_argument
from ros2_embedded.cli.registry import COMMANDS

Run = Callable[[argparse.Namespace], int | str | None]

#: Commands with the option to see hidden names, which verbs repeat or rely on.
_WITH_HIDDEN = ("topic", "service")


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
        module = importlib.import_module(module_name)
        module.add_arguments(command)
        return parser.parse_args(argv), module.run
    if command_name in _WITH_HIDDEN:
        add_hidden_argument(command, command_name, default=False)
    verb_name = names[1] if len(names) > 1 and names[1] in verbs else None
    choices = _add_choices(command, verbs, "Verbs", f"ros2 {command_name} <verb>")
    if verb_name is None:
        args = parser.parse_args(argv)
        command.print_help()
        return args, None
    module = importlib.import_module(module_name)
    getattr(module, f"add_{verb_name}_arguments")(choices[verb_name])
    return parser.parse_args(argv), getattr(module, f"run_{verb_name}")


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
