"""Runs a command."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.descriptions import Executable
from launch.frontend.entity import Entity
from launch.frontend.expose import expose_action
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.substitutions import TextSubstitution

from .execute_local import ExecuteLocal
from .shutdown_action import Shutdown

if TYPE_CHECKING:
    from launch.frontend import Parser


@expose_action("executable")
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

    @classmethod
    def _parse_cmdline(cls, cmd: str, parser: Parser) -> list[list[Substitution]]:
        """Split a command line into words, each a list of substitutions.

        Substitutions are not split: what they expand to stays in one word.
        """
        words: list[list[Substitution]] = []
        word: list[Substitution] = []
        for part in parser.parse_substitution(cmd):
            if not isinstance(part, TextSubstitution):
                word.append(part)
                continue
            if part.text[:1].isspace() and word:
                words.append(word)
                word = []
            for index, token in enumerate(shlex.split(part.text)):
                if index and word:
                    words.append(word)
                    word = []
                word.append(TextSubstitution(text=token))
            if part.text[-1:].isspace() and word:
                words.append(word)
                word = []
        return [*words, word] if word else words

    @classmethod
    def parse(
        cls, entity: Entity, parser: Parser, ignore: list[str] | None = None
    ) -> tuple[type[Action], dict[str, Any]]:
        """Read the attributes of `executable`, but for those in `ignore`."""
        _, kwargs = super().parse(entity, parser)
        ignored = ignore or []
        if "cmd" not in ignored:
            kwargs["cmd"] = cls._parse_cmdline(entity.get_attr("cmd"), parser)
        texts = {"cwd": "cwd", "name": "name", "launch-prefix": "prefix", "output": "output"}
        for attribute, argument in texts.items():
            value = None if attribute in ignored else entity.get_attr(attribute, optional=True)
            if value is not None:
                kwargs[argument] = parser.parse_substitution(value)
        typed: dict[str, tuple[str, Any]] = {
            "sigkill_timeout": ("sigkill_timeout", float),
            "sigterm_timeout": ("sigterm_timeout", float),
            "respawn": ("respawn", bool),
        }
        for attribute, (argument, data_type) in typed.items():
            value = (
                None
                if attribute in ignored
                else entity.get_attr(attribute, data_type=data_type, optional=True)
            )
            if value is not None:
                kwargs[argument] = parser.parse_if_substitutions(value)
        values: dict[str, Any] = {
            "respawn_delay": float,
            "respawn_max_retries": int,
            "shell": bool,
            "emulate_tty": bool,
        }
        for attribute, plain_type in values.items():
            value = entity.get_attr(
                attribute, data_type=plain_type, optional=True, can_be_str=False
            )
            if value is not None:
                kwargs[attribute] = value
        on_exit = entity.get_attr("on_exit", optional=True)
        if on_exit is not None:
            if on_exit != "shutdown":
                raise ValueError(f"attribute on_exit is '{on_exit}': only 'shutdown' is known")
            kwargs["on_exit"] = [Shutdown()]
        if "env" not in ignored:
            pairs = entity.get_attr("env", data_type=list[Entity], optional=True)
            if pairs is not None:
                kwargs["additional_env"] = {
                    tuple(parser.parse_substitution(pair.get_attr("name"))): (
                        parser.parse_substitution(pair.get_attr("value"))
                    )
                    for pair in pairs
                }
                for pair in pairs:
                    pair.assert_entity_completely_parsed()
        return cls, kwargs

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

    def describe(self) -> str:
        """Return a short description for people."""
        words = ", ".join(" + ".join(sub.describe() for sub in word) for word in self.cmd)
        return f"ExecuteProcess(cmd=[{words}], cwd={self.cwd}, env={self.env}, shell={self.shell})"
