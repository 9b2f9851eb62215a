"""Where a launch description comes from."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from . import logging
from .some_substitutions_type import SomeSubstitutionsType
from .substitution import Substitution
from .utilities import normalize_to_list_of_substitutions, perform_substitutions

if TYPE_CHECKING:
    from .launch_context import LaunchContext
    from .launch_description import LaunchDescription


class LaunchDescriptionSource:
    """A launch description, given or loaded from a place when it is needed."""

    def __init__(
        self,
        launch_description: LaunchDescription | None = None,
        location: SomeSubstitutionsType = "",
        method: str = "unspecified mechanism from a script",
    ) -> None:
        self.__launch_description = launch_description
        self.__location: list[Substitution] = normalize_to_list_of_substitutions(location)
        self.method = method
        self.__expanded_location: str | None = None
        self.__logger = logging.get_logger("launch.launch_description_source")

    @property
    def location(self) -> str:
        """The place: expanded once it was loaded, a description of its parts before."""
        if self.__expanded_location is None:
            return " + ".join(str(sub) for sub in self.__location)
        return self.__expanded_location

    def try_get_launch_description_without_context(self) -> LaunchDescription | None:
        """Return the description if it can be loaded before run time, else None."""
        if self.__launch_description is not None:
            return self.__launch_description
        from .launch_context import LaunchContext

        try:
            # Arguments are unknown here, so locations depending on them fail; others load.
            return self._get_launch_description(
                perform_substitutions(LaunchContext(), self.__location)
            )
        except Exception as error:
            self.__logger.debug(traceback.format_exc())
            self.__logger.debug(f"Failed to load the launch file without a context: {error}")
            return None

    def get_launch_description(self, context: LaunchContext) -> LaunchDescription:
        """Return the description, loaded at the first call."""
        if self.__expanded_location is None:
            self.__expanded_location = perform_substitutions(context, self.__location)
        if self.__launch_description is None:
            if self.__expanded_location and not Path(self.__expanded_location).exists():
                raise FileNotFoundError(f"launch file '{self.__expanded_location}' does not exist")
            self.__launch_description = self._get_launch_description(self.__expanded_location)
        return self.__launch_description

    def _get_launch_description(self, location: str) -> LaunchDescription:
        """Load the description from an expanded location."""
        raise RuntimeError(
            f"{self.__class__.__name__} was given no launch description and cannot load one"
        )
