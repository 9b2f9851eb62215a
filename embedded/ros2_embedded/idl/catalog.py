"""Finds interface definitions on the ament index and derives the parts of services and actions."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ros2_embedded.idl.definition import Field, FieldType, MessageDefinition
from ros2_embedded.idl.errors import InterfaceNotFoundError
from ros2_embedded.idl.parser import parse_message, split_sections
from ros2_embedded.search_path import KINDS, interface_directory

_UUID = FieldType("unique_identifier_msgs/msg/UUID")
_TIME = FieldType("builtin_interfaces/msg/Time")
_EVENT_INFO = FieldType("service_msgs/msg/ServiceEventInfo")


def share_directory(package: str) -> Path:
    """Return the folder that holds the package's msg, srv and action folders.

    Raises:
        InterfaceNotFoundError: no package of that name has interfaces.

    """
    found = interface_directory(package)
    if found is None:
        raise InterfaceNotFoundError(
            f"no package {package!r} with interfaces is on the ament index"
        )
    return found


def interface_names(package: str, kind: str) -> list[str]:
    """List the names of a package's interfaces of one kind."""
    try:
        folder = share_directory(package) / kind
    except InterfaceNotFoundError:
        return []
    return sorted(path.stem for path in folder.glob(f"*.{kind}"))


def interface_path(name: str) -> Path:
    """Return the file of ``package/msg/Name``.

    Raises:
        InterfaceNotFoundError: there is none.

    """
    parts = name.split("/")
    if len(parts) != 3 or parts[1] not in KINDS:
        raise InterfaceNotFoundError(f"{name!r} is not of the form package/msg/Name")
    package, kind, short = parts
    path = share_directory(package) / kind / f"{short}.{kind}"
    if not path.is_file():
        raise InterfaceNotFoundError(f"package {package!r} has no {kind} {short!r}")
    return path


@cache
def definition(name: str) -> MessageDefinition:
    """Return a message, or a derived part such as ``package/srv/Name_Request``.

    Raises:
        InterfaceNotFoundError: there is no such interface.
        InterfaceSyntaxError: its file is wrong.

    """
    package, kind, short = name.split("/")
    if kind == "msg":
        return parse_message(name, interface_path(name).read_text(encoding="utf-8"))
    if kind == "srv":
        return _of_service(package, short)
    return _of_action(package, short)


def _of_service(package: str, short: str) -> MessageDefinition:
    base, _, part = short.rpartition("_")
    name = f"{package}/srv/{short}"
    if part == "Event":
        return _event(name, f"{package}/srv/{base}")
    path = interface_path(f"{package}/srv/{base}")
    sections = split_sections(str(path), path.read_text(encoding="utf-8"), 2)
    return parse_message(name, sections[("Request", "Response").index(part)])


def _of_action(package: str, short: str) -> MessageDefinition:
    base, _, part = short.rpartition("_")
    prefix = f"{package}/action/"
    name = prefix + short
    if part in ("Request", "Response", "Event"):
        owner, _, service = base.rpartition("_")
        if part == "Event":
            return _event(name, prefix + base)
        return MessageDefinition(name, _service_fields(prefix + owner, service, part))
    if part == "FeedbackMessage":
        feedback = FieldType(f"{prefix}{base}_Feedback")
        return MessageDefinition(name, (Field("goal_id", _UUID), Field("feedback", feedback)))
    path = interface_path(prefix + base)
    sections = split_sections(str(path), path.read_text(encoding="utf-8"), 3)
    return parse_message(name, sections[("Goal", "Result", "Feedback").index(part)])


def _service_fields(action: str, service: str, part: str) -> tuple[Field, ...]:
    if service == "SendGoal":
        if part == "Request":
            return Field("goal_id", _UUID), Field("goal", FieldType(f"{action}_Goal"))
        return Field("accepted", FieldType("bool")), Field("stamp", _TIME)
    if part == "Request":
        return (Field("goal_id", _UUID),)
    return Field("status", FieldType("int8")), Field("result", FieldType(f"{action}_Result"))


def _event(name: str, service: str) -> MessageDefinition:
    return MessageDefinition(
        name,
        (
            Field("info", _EVENT_INFO),
            Field("request", FieldType(f"{service}_Request", "bounded", 1)),
            Field("response", FieldType(f"{service}_Response", "bounded", 1)),
        ),
    )
