"""Repeats entities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


class ForLoop(Action):
    """Visits what a function returns for each index from 0 to a length that may be computed."""

    def __init__(
        self,
        length: SomeSubstitutionsType,
        *,
        function: Callable[[int], Sequence[LaunchDescriptionEntity] | None],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.__length = normalize_to_list_of_substitutions(length)
        self.__function = function

    def execute(self, context: LaunchContext) -> list[LaunchDescriptionEntity]:
        """Return the entities of all indices. Raises ValueError if the length is no integer."""
        text = perform_substitutions(context, self.__length)
        entities: list[LaunchDescriptionEntity] = []
        for index in range(int(text)):
            entities += self.__function(index) or []
        return entities
