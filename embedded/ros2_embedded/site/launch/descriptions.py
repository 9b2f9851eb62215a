"""Descriptions of what actions run."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING

from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.substitutions import LaunchConfiguration
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

if TYPE_CHECKING:
    from launch.action import Action
    from launch.launch_context import LaunchContext


SomeEnvironment = Mapping[SomeSubstitutionsType, SomeSubstitutionsType]
_Pairs = list[tuple[list[Substitution], list[Substitution]]]

#: Makes the names of all processes of a launch unique.
_process_numbers = itertools.count(1)


def _normalize_environment(environment: SomeEnvironment | None) -> _Pairs | None:
    """Make substitutions of names and values."""
    if environment is None:
        return None
    return [
        (normalize_to_list_of_substitutions(name), normalize_to_list_of_substitutions(value))
        for name, value in environment.items()
    ]


class Executable:
    """A command line with its environment, all in substitutions until prepare()."""

    def __init__(
        self,
        *,
        cmd: Iterable[SomeSubstitutionsType],
        prefix: SomeSubstitutionsType | None = None,
        name: SomeSubstitutionsType | None = None,
        cwd: SomeSubstitutionsType | None = None,
        env: SomeEnvironment | None = None,
        additional_env: SomeEnvironment | None = None,
        arguments: Iterable[SomeSubstitutionsType] | None = None,
    ) -> None:
        self.cmd = [normalize_to_list_of_substitutions(part) for part in cmd]
        self.arguments = arguments
        if arguments is not None:
            self.cmd += [normalize_to_list_of_substitutions(part) for part in arguments]
        # A prefix of the user's applies to all processes, unless one was given here.
        self.prefix = normalize_to_list_of_substitutions(
            LaunchConfiguration("launch-prefix", default="") if prefix is None else prefix
        )
        self.name = None if name is None else normalize_to_list_of_substitutions(name)
        self.cwd = None if cwd is None else normalize_to_list_of_substitutions(cwd)
        self.env = _normalize_environment(env)
        self.additional_env = _normalize_environment(additional_env)
        self.final_name: str | None = None
        self.final_cmd: list[str] | None = None
        self.final_cwd: str | None = None
        self.final_env: dict[str, str] | None = None

    def prepare(self, context: LaunchContext, action: Action | None) -> None:
        """Compute everything that is a substitution."""
        cmd = [perform_substitutions(context, part) for part in self.cmd]
        self.final_cmd = shlex.split(perform_substitutions(context, self.prefix)) + cmd
        name = (
            PurePath(cmd[0]).name
            if self.name is None
            else perform_substitutions(context, self.name)
        )
        self.final_name = f"{name}-{next(_process_numbers)}"
        if self.cwd is not None:
            self.final_cwd = perform_substitutions(context, self.cwd)
        pairs = list(self.additional_env or [])
        if self.env is None:
            environment = dict(context.environment)
        else:
            environment = {}
            pairs = [*self.env, *pairs]
        for variable, value in pairs:
            environment[perform_substitutions(context, variable)] = perform_substitutions(
                context, value
            )
        self.final_env = environment
