"""The three kinds of interfaces, as options."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import rosidl_runtime_py as rosidl

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
