"""An element of an XML launch file."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from launch.frontend.entity import Entity as BaseEntity
from launch.utilities.type_utils import get_typed_value, is_typing_list


class Entity(BaseEntity):
    """An XML element; `name-sep="," name="1,2"` writes a list."""

    def __init__(self, xml_element: ElementTree.Element, *, parent: Entity | None = None) -> None:
        self.__element = xml_element
        self.__parent = parent
        self.__read_attributes: set[str] = set()
        self.__read_children: set[str] = set()

    @property
    def type_name(self) -> str:
        """The tag."""
        return self.__element.tag

    @property
    def parent(self) -> Entity | None:
        """The element this one is in."""
        return self.__parent

    @property
    def children(self) -> list[BaseEntity]:
        """The elements in this one."""
        self.__read_children.update(child.tag for child in self.__element)
        return [Entity(child, parent=self) for child in self.__element]

    def get_attr(
        self, name: str, *, data_type: Any = str, optional: bool = False, can_be_str: bool = True
    ) -> Any:
        """Return an attribute, or the children with a tag if `data_type` is `list[Entity]`."""
        if is_typing_list(data_type) and BaseEntity in getattr(data_type, "__args__", ()):
            found = [Entity(e, parent=self) for e in self.__element if e.tag == name]
            self.__read_children.add(name)
            if not found and not optional:
                raise AttributeError(f"'{name}' is missing in element '{self.type_name}'")
            return found or None
        value: str | list[str] | None = self.__element.attrib.get(name)
        if value is None:
            if optional:
                return None
            raise AttributeError(f"attribute '{name}' is missing in element '{self.type_name}'")
        self.__read_attributes.add(name)
        separator = self.__element.attrib.get(f"{name}-sep")
        if separator is not None:
            self.__read_attributes.add(f"{name}-sep")
            value = str(value).split(separator)
        try:
            return get_typed_value(value, data_type, can_be_str=can_be_str)
        except ValueError as error:
            raise TypeError(
                f"attribute '{name}' of element '{self.type_name}' is {value!r}: {error}"
            ) from error

    def assert_entity_completely_parsed(self) -> None:
        """Raise ValueError if an attribute or child was never asked for."""
        attributes = set(self.__element.attrib) - self.__read_attributes
        if attributes:
            raise ValueError(
                f"Unexpected attribute(s) found in `{self.type_name}`: {sorted(attributes)}"
            )
        children = {child.tag for child in self.__element} - self.__read_children
        if children:
            raise ValueError(
                f"Unexpected nested element(s) found in `{self.type_name}`: {sorted(children)}"
            )
