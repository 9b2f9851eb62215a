"""The content of a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from launch.frontend.expose import expose_substitution
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.substitution import Substitution
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions

from .parts import describe_parts, expect_arguments
from .substitution_failure import SubstitutionFailure

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


@expose_substitution("file-content")
class FileContent(Substitution):
    """The text of a file."""

    def __init__(self, path: SomeSubstitutionsType) -> None:
        self.__path = normalize_to_list_of_substitutions(path)

    @classmethod
    def parse(cls, data: Sequence[Any]) -> tuple[type[FileContent], dict[str, Any]]:
        """Read the argument of `$(file-content path)`."""
        expect_arguments("file-content", data, 1, 1)
        return cls, {"path": data[0]}

    @property
    def path(self) -> list[Substitution]:
        """The path of the file."""
        return self.__path

    def describe(self) -> str:
        """Return a short description for people."""
        return f"FileContent({describe_parts(self.path)})"

    def perform(self, context: LaunchContext) -> str:
        """Read the file. Raises SubstitutionFailure if that is not possible."""
        path = perform_substitutions(context, self.path)
        try:
            return Path(path).read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise SubstitutionFailure(f"File not found: {path}") from error
        except (OSError, UnicodeDecodeError) as error:
            raise SubstitutionFailure(f"cannot read file '{path}': {error}") from error
