"""An element of a YAML launch file."""

from __future__ import annotations

from typing import Any

from launch.frontend.entity import Entity as BaseEntity
from launch.utilities.type_utils import is_instance_of, is_typing_list


class Entity(BaseEntity):
    """A mapping, or a list of children, under a key that is its type."""

    def __init__(self, element: Any, type_name: str, *, parent: Entity | None = None) -> None:
        self.__element = element
        self.__type_name = type_name
        self.__parent = parent
        self.__read_keys: set[str] = set()

    @property
    def type_name(self) -> str:
        """The key this element is under."""
        return self.__type_name

    @property
    def parent(self) -> Entity | None:
        """The element this one is in."""
        return self.__parent

    @property
    def children(self) -> list[BaseEntity]:
        """The elements in this one."""
        items = self.__element
        if isinstance(items, dict):
            self.__read_keys.add("children")
            items = items.get("children")
        if not isinstance(items, list):
            raise TypeError(f"'{self.type_name}' must hold a list of entities")
        found: list[BaseEntity] = []
        for item in items:
            if not isinstance(item, dict) or len(item) != 1:
                raise ValueError(
                    f"every entity in '{self.type_name}' must be a mapping with one key, "
                    f"its type; got {item!r}"
                )
            ((name, content),) = item.items()
            found.append(Entity(content, name, parent=self))
        return found

    def get_attr(
        self, name: str, *, data_type: Any = str, optional: bool = False, can_be_str: bool = True
    ) -> Any:
        """Return an attribute, or the children under a key if `data_type` is `list[Entity]`."""
        if not isinstance(self.__element, dict) or name not in self.__element:
            if optional:
                return None
            raise AttributeError(f"'{name}' is missing in '{self.type_name}'")
        self.__read_keys.add(name)
        value = self.__element[name]
        if is_typing_list(data_type) and BaseEntity in getattr(data_type, "__args__", ()):
            if not isinstance(value, list):
                raise TypeError(f"'{name}' of '{self.type_name}' must be a list")
            return [Entity(item, name, parent=self) for item in value]
        # Nothing is converted: YAML has types of its own, and a quoted number is a text.
        if data_type is float and type(value) is int:
            return float(value)
        if data_type is str and isinstance(value, (int, float, bool)):
            raise TypeError(
                f"'{name}' of '{self.type_name}' is {value!r}, but a text is needed: quote it"
            )
        if not is_instance_of(value, data_type, can_be_str=can_be_str):
            raise TypeError(
                f"'{name}' of '{self.type_name}' is {value!r}, which is not of type {data_type}"
            )
        return value

    def assert_entity_completely_parsed(self) -> None:
        """Raise ValueError if a key was never asked for."""
        if isinstance(self.__element, dict):
            unread = set(self.__element) - self.__read_keys
            if unread:
                raise ValueError(
                    f"Unexpected key(s) found in `{self.type_name}`: {sorted(map(str, unread))}"
                )
