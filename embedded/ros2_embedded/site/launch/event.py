"""The base of everything that can happen while a system is launched."""


class Event:
    """Something that happened; event handlers match on the class and its fields."""

    name: str = "launch.Event"

    def __init_subclass__(cls) -> None:
        cls.name = vars(cls).get("name", f"{cls.__module__}.{cls.__qualname__}")
