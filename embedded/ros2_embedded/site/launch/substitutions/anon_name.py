"""A unique name."""

from __future__ import annotations

import os
import re
import secrets
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from launch.frontend.expose import expose_substitution
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from .parts import describe_parts, expect_arguments

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


@expose_substitution("anon")
class AnonName(Substitution):
    """A name made unique; the same name gives the same result everywhere in a launch."""

    def __init__(self, name: SomeSubstitutionsType) -> None:
        self.__name = normalize_to_list_of_substitutions(name)

    @classmethod
    def parse(cls, data: Sequence[Any]) -> tuple[type[AnonName], dict[str, Any]]:
        """Read the arguments of `$(anon name)`."""
        expect_arguments("anon", data, 1, 1)
        return cls, {"name": data[0]}

    @property
    def name(self) -> list[Substitution]:
        """The name that is made unique."""
        return self.__name

    def describe(self) -> str:
        """Return a short description for people."""
        return f"AnonName({describe_parts(self.name)})"

    def perform(self, context: LaunchContext) -> str:
        """Return the unique name."""
        name = perform_substitutions(context, self.name)
        key = f"anon{name}"
        if key not in context.launch_configurations:
            context.launch_configurations[key] = self.compute_name(name)
        return str(context.launch_configurations[key])

    def compute_name(self, id_value: str) -> str:
        """Make a name unique to this host, process and call."""
        unique = f"{id_value}_{socket.gethostname()}_{os.getpid()}_{secrets.randbits(63)}"
        return re.sub(r"[.\-:]", "_", unique)
