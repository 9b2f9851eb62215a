"""Descriptions of interface types, as far as programs look at SLOT_TYPES."""

from dataclasses import dataclass


class AbstractType:
    """Any type."""


class AbstractNestableType(AbstractType):
    """A type that can be an element of an array or a sequence."""


@dataclass(frozen=True)
class BasicType(AbstractNestableType):
    """A number, a bool or an octet."""

    typename: str


class AbstractGenericString(AbstractNestableType):
    """A text."""


class AbstractString(AbstractGenericString):
    """A text of 8-bit characters."""


class AbstractWString(AbstractGenericString):
    """A text of wide characters."""


@dataclass(frozen=True)
class BoundedString(AbstractString):
    """A text of limited length."""

    maximum_size: int

    def has_maximum_size(self) -> bool:
        """Say that it has a limit."""
        return True


@dataclass(frozen=True)
class UnboundedString(AbstractString):
    """A text."""

    def has_maximum_size(self) -> bool:
        """Say that it has no limit."""
        return False


@dataclass(frozen=True)
class BoundedWString(AbstractWString):
    """A wide text of limited length."""

    maximum_size: int

    def has_maximum_size(self) -> bool:
        """Say that it has a limit."""
        return True


@dataclass(frozen=True)
class UnboundedWString(AbstractWString):
    """A wide text."""

    def has_maximum_size(self) -> bool:
        """Say that it has no limit."""
        return False


class NamespacedType(AbstractNestableType):
    """A message."""

    def __init__(self, namespaces: list[str], name: str) -> None:
        self.namespaces = list(namespaces)
        self.name = name

    def namespaced_name(self) -> tuple[str, ...]:
        """Return package, folder and name."""
        return (*self.namespaces, self.name)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, NamespacedType) and self.namespaced_name() == other.namespaced_name()
        )

    def __hash__(self) -> int:
        return hash(self.namespaced_name())


@dataclass(frozen=True)
class AbstractNestedType(AbstractType):
    """Many of one type."""

    value_type: AbstractNestableType

    def has_maximum_size(self) -> bool:
        """Say whether there is a limit."""
        return False


@dataclass(frozen=True)
class Array(AbstractNestedType):
    """A fixed number."""

    size: int

    def has_maximum_size(self) -> bool:
        """Say that there is a limit."""
        return True


class AbstractSequence(AbstractNestedType):
    """A number that varies."""


@dataclass(frozen=True)
class BoundedSequence(AbstractSequence):
    """At most so many."""

    maximum_size: int

    def has_maximum_size(self) -> bool:
        """Say that there is a limit."""
        return True


class UnboundedSequence(AbstractSequence):
    """Any number."""
