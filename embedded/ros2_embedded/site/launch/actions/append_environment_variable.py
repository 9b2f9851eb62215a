"""Extends an environment variable."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.frontend.expose import expose_action
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions
from launch.utilities.type_utils import normalize_typed_substitution, perform_typed_substitution

if TYPE_CHECKING:
    from launch.frontend import Entity, Parser
    from launch.launch_context import LaunchContext


@expose_action("append_env")
class AppendEnvironmentVariable(Action):
    """Adds to the end of an environment variable, or to its beginning; sets it if it is not."""

    def __init__(
        self,
        name: SomeSubstitutionsType,
        value: SomeSubstitutionsType,
        prepend: bool | SomeSubstitutionsType = False,
        separator: SomeSubstitutionsType = os.pathsep,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.__name = normalize_to_list_of_substitutions(name)
        self.__value = normalize_to_list_of_substitutions(value)
        self.__prepend = normalize_typed_substitution(prepend, bool)
        self.__separator = normalize_to_list_of_substitutions(separator)

    @classmethod
    def parse(cls, entity: Entity, parser: Parser) -> tuple[type[Action], dict[str, Any]]:
        """Read the attributes of `append_env`."""
        _, kwargs = super().parse(entity, parser)
        kwargs["name"] = parser.parse_substitution(entity.get_attr("name"))
        kwargs["value"] = parser.parse_substitution(entity.get_attr("value"))
        prepend = entity.get_attr("prepend", optional=True, data_type=bool)
        if prepend is not None:
            kwargs["prepend"] = parser.parse_if_substitutions(prepend)
        separator = entity.get_attr("separator", optional=True)
        if separator is not None:
            kwargs["separator"] = parser.parse_substitution(separator)
        return cls, kwargs

    @property
    def name(self) -> list[Substitution]:
        """The name of the variable."""
        return self.__name

    @property
    def value(self) -> list[Substitution]:
        """What is added."""
        return self.__value

    @property
    def prepend(self) -> Any:
        """Whether the value goes to the front."""
        return self.__prepend

    @property
    def separator(self) -> list[Substitution]:
        """What stands between the old and the new value."""
        return self.__separator

    def execute(self, context: LaunchContext) -> None:
        """Extend the variable."""
        name = perform_substitutions(context, self.name)
        parts = [perform_substitutions(context, self.value)]
        if name in context.environment:
            at_front = perform_typed_substitution(context, self.__prepend, bool)
            parts.insert(1 if at_front else 0, context.environment[name])
        context.environment[name] = perform_substitutions(context, self.__separator).join(parts)
