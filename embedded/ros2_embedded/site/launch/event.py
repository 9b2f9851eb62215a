"""The base of everything that can happen while a system is launched."""


class Event:
    """Something that happened; event handlers match on the class and its fields."""

    name: str = "launch.Event"
