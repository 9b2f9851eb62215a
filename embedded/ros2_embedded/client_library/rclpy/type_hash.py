"""Hashes of interface types."""

from __future__ import annotations


class TypeHash:
    """A version and 32 bytes."""

    _TYPE_HASH_SIZE = 32
    __slots__ = ["_value", "_version"]

    def __init__(self, version: int = -1, value: bytes = bytes(_TYPE_HASH_SIZE)) -> None:
        self.version = version
        self.value = value

    @classmethod
    def from_text(cls, text: str) -> TypeHash:
        """Read ``RIHS01_...``; anything else gives an invalid hash."""
        try:
            return cls(1, bytes.fromhex(text[7:])) if text.startswith("RIHS01_") else cls()
        except ValueError:
            return cls()

    @property
    def version(self) -> int:
        return self._version

    @version.setter
    def version(self, value: int) -> None:
        assert isinstance(value, int)
        self._version = value

    @property
    def value(self) -> bytes:
        return self._value

    @value.setter
    def value(self, value: bytes) -> None:
        assert isinstance(value, bytes)
        self._value = value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TypeHash):
            return False
        return (self._version, self._value) == (other._version, other._value)

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        if self._version <= 0 or len(self._value) != self._TYPE_HASH_SIZE:
            return "INVALID"
        return f"RIHS{self._version:02}_{self._value.hex()}"
