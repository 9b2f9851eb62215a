"""Shows a launch description to people."""

from __future__ import annotations

from collections.abc import Iterable

from .actions.execute_local import ExecuteLocal
from .actions.register_event_handler import RegisterEventHandler
from .launch_description import LaunchDescription
from .launch_description_entity import LaunchDescriptionEntity


def _indent(lines: Iterable[str], by: str = "    ") -> list[str]:
    """Shift lines to the right."""
    return [by + line for line in lines]


def _tree(lines: Iterable[str]) -> list[str]:
    """Hang lines below a heading."""
    marks = ("├── ", "│   ")
    return [marks[line.startswith(" ")] + line for line in lines]


class LaunchIntrospector:
    """Formats launch descriptions as trees of text."""

    def format_launch_description(self, launch_description: LaunchDescription) -> str:
        """Return the tree of a launch description."""
        lines = [str(launch_description)]
        lines += _tree(self._format_entities(launch_description.entities))
        return "\n".join(lines) + "\n"

    def _format_entities(self, entities: Iterable[LaunchDescriptionEntity]) -> list[str]:
        lines: list[str] = []
        for entity in entities:
            lines += self._format_entity(entity)
        return lines

    def _format_entity(self, entity: LaunchDescriptionEntity) -> list[str]:
        if isinstance(entity, ExecuteLocal):
            return [entity.describe()]
        if isinstance(entity, RegisterEventHandler):
            text, entities = entity.event_handler.describe()
            return [text, *_indent(self._format_entities(entities))]
        lines = [entity.describe(), *_indent(self._format_entities(entity.describe_sub_entities()))]
        for condition, entities in entity.describe_conditional_sub_entities():
            lines += [condition, *_indent(self._format_entities(entities))]
        return lines
