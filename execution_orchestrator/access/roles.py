"""What people may do, in three steps."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Each role may do what those before it may: look, steer what runs, decide for others."""

    WATCH = "watch"
    OPERATE = "operate"
    ADMINISTER = "administer"

    def may(self, needed: Role) -> bool:
        """Return whether this role is enough where ``needed`` is asked for."""
        order = list(Role)
        return order.index(self) >= order.index(needed)
