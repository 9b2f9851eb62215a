"""Hashes of interface types."""


class TypeHash:
    """A version and 32 bytes."""

    _TYPE_HASH_SIZE = 32
    __slots__ = ["_value", "_version"]

    def __init__(self, version=-1, value=bytes(_TYPE_HASH_SIZE)):
        self.version = version
        self.value = value

    @classmethod
    def from_text(cls, text):
        """Read ``RIHS01_...``; anything else gives an invalid hash."""
        try:
            return cls(1, bytes.fromhex(text[7:])) if text.startswith("RIHS01_") else cls()
        except ValueError:
            return cls()

    @property
    def version(self):
        return self._version

    @version.setter
    def version(self, value):
        assert isinstance(value, int)
        self._version = value

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, value):
        assert isinstance(value, bytes)
        self._value = value

    def __eq__(self, other):
        if not isinstance(other, TypeHash):
            return False
        return (self._version, self._value) == (other._version, other._value)

    __hash__ = None

    def __str__(self):
        if self._version <= 0 or len(self._value) != self._TYPE_HASH_SIZE:
            return "INVALID"
        return f"RIHS{self._version:02}_{self._value.hex()}"
