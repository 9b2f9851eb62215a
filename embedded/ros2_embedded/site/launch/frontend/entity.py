"""An element of a launch file."""

from __future__ import annotations

from typing import Any


class Entity:
    """An element with a type, attributes and children; each front end has its own."""

    @property
    def type_name(self) -> str:
        """The type, such as `node`."""
        raise NotImplementedError

    @property
    def parent(self) -> Entity | None:
        """The element this one is in."""
        raise NotImplementedError

    @property
    def children(self) -> list[Entity]:
        """The elements in this one."""
        raise NotImplementedError

    def get_attr(
        self,
        name: str,
        *,
        data_type: Any = str,
        optional: bool = False,
        can_be_str: bool = True,
    ) -> Any:
        """Return an attribute, or the children of a type if `data_type` is `list[Entity]`.

        Raises AttributeError if it is missing and not optional, TypeError if it is of another type.
        """
        raise NotImplementedError

    def assert_entity_completely_parsed(self) -> None:
        """Raise ValueError if an attribute or child was never asked for."""
        raise NotImplementedError
