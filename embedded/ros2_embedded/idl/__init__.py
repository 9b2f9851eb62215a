"""ROS interfaces without code generation at build time: classes, CDR, type hashes, imports."""

from __future__ import annotations

from typing import Any

from ros2_embedded.idl.errors import (
    DeserializationError,
    InterfaceNotFoundError,
    InterfaceSyntaxError,
    SerializationError,
)
from ros2_embedded.idl.registry import deserialize, message_class, serialize
from ros2_embedded.idl.services import load_action, load_service

__all__ = [
    "DeserializationError",
    "InterfaceNotFoundError",
    "InterfaceSyntaxError",
    "SerializationError",
    "dds_type_name",
    "deserialize",
    "interface_name",
    "load",
    "serialize",
    "type_description",
    "type_hash",
    "type_sources",
]


def load(name: str) -> Any:
    """Return the class of ``package/msg/Name``, ``package/srv/Name`` or ``package/action/Name``.

    Raises:
        InterfaceNotFoundError: there is no such interface on the ament index.
        InterfaceSyntaxError: its file is wrong.

    """
    parts = name.split("/")
    if len(parts) != 3 or parts[1] not in ("msg", "srv", "action"):
        raise InterfaceNotFoundError(f"{name!r} is not of the form package/msg/Name")
    if "_" in parts[2] or parts[1] == "msg":
        return message_class(name)
    return load_service(name) if parts[1] == "srv" else load_action(name)


def interface_name(interface: Any) -> str:
    """Return ``package/msg/Name`` of a class (or of such a name)."""
    if isinstance(interface, str):
        return interface
    kind = getattr(interface, "_definition_", None)
    return str(kind.name if kind is not None else interface._name)


def type_hash(interface: Any) -> str:
    """Return the RIHS01 hash of a class or of an interface name."""
    from ros2_embedded.idl import hashing  # noqa: PLC0415

    return hashing.type_hash(interface_name(interface))


def dds_type_name(interface: Any) -> str:
    """Return the name of the type on the wire, such as ``std_msgs::msg::dds_::String_``."""
    package, folder, short = interface_name(interface).split("/")
    return f"{package}::{folder}::dds_::{short}_"


def type_description(interface: Any) -> Any:
    """Return the type_description_interfaces/msg/TypeDescription of an interface."""
    from ros2_embedded.idl.hashing import describe  # noqa: PLC0415

    package = "type_description_interfaces/msg/"
    make_field = message_class(package + "Field")
    make_type = message_class(package + "FieldType")
    make_individual = message_class(package + "IndividualTypeDescription")

    def individual(described: dict[str, Any]) -> Any:
        fields = [
            make_field(name=field["name"], type=make_type(**field["type"]))
            for field in described["fields"]
        ]
        return make_individual(type_name=described["type_name"], fields=fields)

    whole = describe(interface_name(interface))
    return message_class(package + "TypeDescription")(
        type_description=individual(whole["type_description"]),
        referenced_type_descriptions=[
            individual(one) for one in whole["referenced_type_descriptions"]
        ],
    )


def type_sources(interface: Any) -> list[Any]:
    """Return the type_description_interfaces/msg/TypeSource of an interface and of all it uses."""
    from ros2_embedded.idl.catalog import interface_path  # noqa: PLC0415
    from ros2_embedded.idl.hashing import describe  # noqa: PLC0415

    make = message_class("type_description_interfaces/msg/TypeSource")
    whole = describe(interface_name(interface))
    found = []
    for one in (whole["type_description"], *whole["referenced_type_descriptions"]):
        name = one["type_name"]
        _, folder, short = name.split("/")
        if folder != "msg" and "_" in short:
            # A part of a service or action has no file of its own.
            found.append(make(type_name=name, encoding="implicit"))
        else:
            text = interface_path(name).read_text(encoding="utf-8")
            found.append(make(type_name=name, encoding=folder, raw_file_contents=text))
    return found
