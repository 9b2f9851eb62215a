"""Logs a message."""

from __future__ import annotations

from typing import Any

from launch import logging
from launch.action import Action
from launch.launch_context import LaunchContext
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions


class LogInfo(Action):
    """Logs a message when executed."""

    def __init__(self, *, msg: SomeSubstitutionsType, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.msg = normalize_to_list_of_substitutions(msg)
        self.__logger = logging.get_logger("launch.user")

    def execute(self, context: LaunchContext) -> None:
        self.__logger.info(perform_substitutions(context, self.msg))
