"""Reads launch files of markup languages."""

from __future__ import annotations

import importlib
import traceback
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TextIO

from launch.invalid_launch_file_error import InvalidLaunchFileError
from launch.substitution import Substitution
from launch.utilities.type_utils import NormalizedValueType

from .entity import Entity
from .expose import instantiate_action
from .parse_substitution import (
    parse_if_substitutions,
    parse_substitution,
    replace_escaped_characters,
)

if TYPE_CHECKING:
    from launch.action import Action
    from launch.launch_description import LaunchDescription

#: The front ends and extensions that come with this runtime; further ones are entry points.
_OWN_PARSERS = {"xml": "launch_xml:Parser"}
_OWN_EXTENSIONS = ("launch.actions", "launch.substitutions", "launch_ros")


class InvalidFrontendLaunchFileError(InvalidLaunchFileError):
    """No front end can read the launch file."""


def _load(reference: str) -> Any:
    """Return what `module:attribute` names."""
    module, attribute = reference.split(":")
    return getattr(importlib.import_module(module), attribute)


def __getattr__(name: str) -> Any:
    """Return importlib.metadata by the name programs know it here."""
    if name == "importlib_metadata":
        return importlib.import_module("importlib.metadata")
    raise AttributeError(name)


def _load_entry_points(group: str, kind: str) -> dict[str, Any]:
    """Load what other packages add; what cannot be loaded is warned of and left out."""
    # Imported here: launch files in Python do not need it, and it takes its time.
    metadata = importlib.import_module("importlib.metadata")
    entry_points = metadata.entry_points()
    # Programs put plain dicts in place of the result.
    chosen = (
        entry_points.select(group=group)
        if hasattr(entry_points, "select")
        else entry_points.get(group, ())
    )
    found = {}
    for entry_point in chosen:
        try:
            found[entry_point.name] = entry_point.load()
        except Exception:
            warnings.warn(
                f"Failed to load the {kind} extension: {entry_point.name}\n"
                f"{traceback.format_exc()}",
                stacklevel=3,
            )
    return found


class Parser:
    """The base of the front ends, and the way to find the right one for a file."""

    extensions_loaded = False
    frontend_parsers: ClassVar[dict[str, type[Parser]] | None] = None

    @classmethod
    def load_launch_extensions(cls) -> None:
        """Import everything that exposes actions and substitutions."""
        if Parser.extensions_loaded:
            return
        for name in _OWN_EXTENSIONS:
            importlib.import_module(name)
        _load_entry_points("launch.frontend.launch_extension", "launch")
        Parser.extensions_loaded = True

    @classmethod
    def load_parser_implementations(cls) -> dict[str, type[Parser]]:
        """Return the front ends by name."""
        if Parser.frontend_parsers is None:
            found: dict[str, type[Parser]] = {
                name: _load(reference) for name, reference in _OWN_PARSERS.items()
            }
            found |= _load_entry_points("launch.frontend.parser", "parser")
            Parser.frontend_parsers = dict(sorted(found.items()))
        return Parser.frontend_parsers

    @classmethod
    def get_available_extensions(cls) -> list[str]:
        """List the names of the front ends."""
        return list(cls.load_parser_implementations())

    @classmethod
    def get_file_extensions(cls) -> set[str]:
        """Return the endings of the files this front end reads."""
        return set()

    @classmethod
    def get_file_extensions_from_parsers(cls) -> set[str]:
        """Return the endings of the files any front end reads."""
        parsers = cls.load_parser_implementations().values()
        return {ending for parser in parsers for ending in parser.get_file_extensions()}

    @classmethod
    def may_parse(cls, filename: str) -> bool:
        """Tell whether this front end reads files with such a name."""
        return any(filename.endswith("." + ending) for ending in cls.get_file_extensions())

    @classmethod
    def is_filename_valid(cls, filename: str) -> bool:
        """Tell whether any front end reads files with such a name."""
        return bool(cls.get_parsers_from_filename(filename))

    @classmethod
    def get_parsers_from_filename(cls, filename: str) -> list[type[Parser]]:
        """List the front ends that read files with such a name."""
        parsers = cls.load_parser_implementations().values()
        return [parser for parser in parsers if parser.may_parse(filename)]

    @classmethod
    def load(cls, file: str | Path | TextIO) -> tuple[Entity, Parser]:
        """Read the root element of a file with the front end for its name, else with any.

        Raises InvalidFrontendLaunchFileError if none can.
        """
        if isinstance(file, (str, Path)):
            with Path(file).open(encoding="utf-8") as opened:
                return cls.load(opened)
        filename = getattr(file, "name", "")
        if filename.endswith((".yaml", ".yml")):
            error = NotImplementedError("launch files in YAML are left to a whole ROS 2: use XML")
            raise InvalidFrontendLaunchFileError("yaml", likely_errors=[error])
        preferred = cls.get_parsers_from_filename(filename)
        others = cls.load_parser_implementations().values()
        errors: list[BaseException] = []
        for parser in [*preferred, *(other for other in others if other not in preferred)]:
            try:
                return parser.load(file)
            except Exception as error:
                errors.append(error)
                file.seek(0)
        ending = Path(filename).suffix[1:] if preferred else ""
        raise InvalidFrontendLaunchFileError(ending, likely_errors=errors)

    def parse_action(self, entity: Entity) -> Action:
        """Make the action an element describes."""
        self.load_launch_extensions()
        return instantiate_action(entity, self)

    def parse_actions(self, entities: Iterable[Entity]) -> list[Action]:
        """Make the actions elements describe."""
        return [self.parse_action(entity) for entity in entities]

    def parse_substitution(self, value: str) -> list[Substitution]:
        """Split a text into fixed texts and substitutions."""
        self.load_launch_extensions()
        return parse_substitution(value)

    def parse_if_substitutions(self, value: Any) -> NormalizedValueType:
        """Split a text; leave values of other types as they are."""
        self.load_launch_extensions()
        return parse_if_substitutions(value)

    def escape_characters(self, value: str) -> str:
        """Take the backslash from the characters it protects."""
        return replace_escaped_characters(value)

    def parse_description(self, entity: Entity) -> LaunchDescription:
        """Make the launch description the root element describes.

        Raises RuntimeError if the root is not `launch`.
        """
        from launch.launch_description import LaunchDescription

        if entity.type_name != "launch":
            raise RuntimeError(f"Expected 'launch' as root tag, got '{entity.type_name}'")
        reason = entity.get_attr("deprecated", optional=True)
        return LaunchDescription(self.parse_actions(entity.children), deprecated_reason=reason)
