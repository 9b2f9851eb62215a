"""The classes that stand for a service or an action and hold the classes of its parts."""

from __future__ import annotations

from functools import cache
from typing import Any, NoReturn

from ros2_embedded.idl.catalog import interface_path
from ros2_embedded.idl.registry import message_class


class InterfaceType(type):
    """Metaclass of services and actions; the parts are made when they are asked for."""

    _parts: dict[str, str]
    _name: str

    def __getattr__(cls, attribute: str) -> Any:
        parts = cls.__dict__.get("_parts", {})
        if attribute not in parts:
            raise AttributeError(f"type object {cls.__name__!r} has no attribute {attribute!r}")
        name = parts[attribute]
        part = load_service(name) if name.startswith("service:") else message_class(name)
        setattr(cls, attribute, part)
        return part

    def __import_type_support__(cls) -> None:
        """Exist for programs that call it; there is no C type support to import."""

    def __call__(cls, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise NotImplementedError("Service and action classes can not be instantiated")


@cache
def load_service(name: str) -> InterfaceType:
    """Return the class of a service, or of a service of an action (``service:`` before its name)."""
    name = name.removeprefix("service:")
    package, folder, short = name.split("/")
    if folder == "srv":
        interface_path(name)
    parts = {part: f"{name}_{part}" for part in ("Request", "Response", "Event")}
    return InterfaceType(
        short, (), {"_parts": parts, "_name": name, "__module__": f"{package}.{folder}"}
    )


@cache
def load_action(name: str) -> InterfaceType:
    """Return the class of an action."""
    interface_path(name)
    package, folder, short = name.split("/")
    module = f"{package}.{folder}"
    parts = {part: f"{name}_{part}" for part in ("Goal", "Result", "Feedback")}
    implementation = InterfaceType(
        "Impl",
        (),
        {
            "_parts": {
                "SendGoalService": f"service:{name}_SendGoal",
                "GetResultService": f"service:{name}_GetResult",
                "FeedbackMessage": f"{name}_FeedbackMessage",
                "CancelGoalService": "service:action_msgs/srv/CancelGoal",
                "GoalStatusMessage": "action_msgs/msg/GoalStatusArray",
            },
            "_name": name,
            "__module__": module,
        },
    )
    return InterfaceType(
        short, (), {"_parts": parts, "_name": name, "Impl": implementation, "__module__": module}
    )
