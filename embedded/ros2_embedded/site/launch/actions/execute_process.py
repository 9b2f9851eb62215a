"""Runs a command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from launch.descriptions import Executable
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution

from .execute_local import ExecuteLocal


class ExecuteProcess(ExecuteLocal):
    """Runs a command line; see ExecuteLocal for what else can be given."""

    def __init__(
        self,
        *,
        cmd: Iterable[SomeSubstitutionsType],
        prefix: SomeSubstitutionsType | None = None,
        name: SomeSubstitutionsType | None = None,
        cwd: SomeSubstitutionsType | None = None,
        env: Mapping[SomeSubstitutionsType, SomeSubstitutionsType] | None = None,
        additional_env: Mapping[SomeSubstitutionsType, SomeSubstitutionsType] | None = None,
        **kwargs: Any,
    ) -> None:
        executable = Executable(
            cmd=cmd, prefix=prefix, name=name, cwd=cwd, env=env, additional_env=additional_env
        )
        super().__init__(process_description=executable, **kwargs)

    @property
    def name(self) -> Any:
        """The unique name of the process once it is known, what was given before."""
        description = self.process_description
        return description.final_name if description.final_name is not None else description.name

    @property
    def cmd(self) -> list[list[Substitution]]:
        """The command line; extended before execution by subclasses."""
        return self.process_description.cmd

    @property
    def cwd(self) -> Any:
        """The working directory."""
        description = self.process_description
        return description.final_cwd if description.final_cwd is not None else description.cwd

    @property
    def env(self) -> Any:
        """The environment."""
        description = self.process_description
        return description.final_env if description.final_env is not None else description.env

    @property
    def additional_env(self) -> Any:
        """What is added to the environment."""
        return self.process_description.additional_env
