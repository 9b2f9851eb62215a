"""Hashes of interface types."""

from __future__ import annotations

from dataclasses import dataclass

_SIZE = 32


@dataclass
class TypeHash:
    """A version and 32 bytes."""

    version: int = -1
    value: bytes = bytes(_SIZE)

    @classmethod
    def from_text(cls, text: str) -> TypeHash:
        """Read ``RIHS01_...``; anything else gives an invalid hash."""
        try:
            return cls(1, bytes.fromhex(text[7:])) if text.startswith("RIHS01_") else cls()
        except ValueError:
            return cls()

    def __str__(self) -> str:
        if self.version <= 0 or len(self.value) != _SIZE:
            return "INVALID"
        return f"RIHS{self.version:02}_{self.value.hex()}"
