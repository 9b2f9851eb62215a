"""The actions and substitutions launch files can name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from launch.action import Action
    from launch.substitution import Substitution

    from .entity import Entity
    from .parser import Parser

Exposed = TypeVar("Exposed")
ParseMethod = Callable[..., tuple[Any, dict[str, Any]]]

action_parse_methods: dict[str, ParseMethod] = {}
substitution_parse_methods: dict[str, ParseMethod] = {}


def __expose_impl(
    name: str, parse_methods_map: dict[str, ParseMethod], exposed_type: str
) -> Callable[[Exposed], Exposed]:
    """Return a decorator that registers a class's parse(), or a function, under a name.

    The decorator raises RuntimeError for anything else and for a name that is taken.
    """

    def register(exposed: Exposed) -> Exposed:
        method: Any = exposed
        if inspect.isclass(exposed):
            method = getattr(exposed, "parse", None)
            if not inspect.ismethod(method):
                raise RuntimeError(
                    "Did not find a class method called 'parse' in the class being decorated."
                )
        if not callable(method):
            raise RuntimeError(  # noqa: TRY004 - what programs expect
                f"Exposed {exposed_type} parser for {name} is not a callable or a class"
                " containing a parse method"
            )
        if parse_methods_map.get(name, method) != method:
            raise RuntimeError(
                f"Two {exposed_type} parsing methods exposed with the same name: [{name}]"
            )
        parse_methods_map[name] = method
        return exposed

    return register


def expose_action(name: str) -> Callable[[Exposed], Exposed]:
    """Let launch files name an action."""
    return __expose_impl(name, action_parse_methods, "action")


def expose_substitution(name: str) -> Callable[[Exposed], Exposed]:
    """Let launch files name a substitution."""
    return __expose_impl(name, substitution_parse_methods, "substitution")


def instantiate_action(entity: Entity, parser: Parser) -> Action:
    """Make the action an element describes.

    Raises RuntimeError for an unknown type, ValueError for attributes the type does not know.
    """
    if entity.type_name not in action_parse_methods:
        known = ", ".join(sorted(action_parse_methods))
        raise RuntimeError(f"Unrecognized entity of the type: {entity.type_name}; known: {known}")
    action_type, kwargs = action_parse_methods[entity.type_name](entity, parser)
    action: Action = action_type(**kwargs)
    entity.assert_entity_completely_parsed()
    return action


def instantiate_substitution(
    type_name: str, arguments: list[list[Substitution]] | None = None
) -> Substitution:
    """Make the substitution `$(type_name arguments)` stands for.

    Raises RuntimeError for an unknown name.
    """
    if type_name not in substitution_parse_methods:
        known = ", ".join(sorted(substitution_parse_methods))
        raise RuntimeError(f"Unknown substitution: {type_name}; known: {known}")
    substitution_type, kwargs = substitution_parse_methods[type_name](arguments or [])
    positional = kwargs.pop("args", ())
    substitution: Substitution = substitution_type(*positional, **kwargs)
    return substitution
