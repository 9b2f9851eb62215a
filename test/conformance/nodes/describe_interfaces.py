"""Prints, for every interface of the packages named, what the runtime at hand makes of it.

One JSON object: of each message, and each part of services and actions, the fields, the constants, the
values of a message that is filled with values that differ (two elements in each sequence) and its bytes.
With ``--bytes FILE``, the output of another runtime, also the values that its bytes have here.
"""

import argparse
import importlib
import itertools
import json
import re
import sys
from pathlib import Path

from rclpy.serialization import deserialize_message, serialize_message
from rosidl_runtime_py.convert import message_to_ordereddict
from rosidl_runtime_py.get_interfaces import get_interfaces

ELEMENTS = 2
PARTS = {"msg": (None,), "srv": ("Request", "Response"), "action": ("Goal", "Result", "Feedback")}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("packages", nargs="+")
    parser.add_argument("--bytes", type=Path)
    arguments = parser.parse_args()
    foreign = json.loads(arguments.bytes.read_text()) if arguments.bytes else {}
    found = {}
    for name, message_class in parts_of(arguments.packages):
        message = filled(message_class, itertools.count(1))
        found[name] = {
            "fields": message_class.get_fields_and_field_types(),
            "constants": constants_of(message_class),
            "values": message_to_ordereddict(message),
            "bytes": serialize_message(message).hex(),
        }
        if name in foreign:
            data = bytes.fromhex(foreign[name]["bytes"])
            read = deserialize_message(data, message_class)
            found[name]["foreign"] = message_to_ordereddict(read)
    json.dump(found, sys.stdout, default=plain)


def parts_of(packages):
    for package, names in get_interfaces(packages).items():
        for name in names:
            kind, _, short = name.partition("/")
            interface = getattr(importlib.import_module(f"{package}.{kind}"), short)
            for part in PARTS[kind]:
                if part is None:
                    yield f"{package}/{name}", interface
                else:
                    yield f"{package}/{name}_{part}", getattr(interface, part)


def constants_of(message_class):
    """Upstream has them, and the defaults of fields, in the metaclass."""
    names = {*dir(message_class), *dir(type(message_class))}
    return {
        name: getattr(message_class, name)
        for name in sorted(names)
        if re.fullmatch(r"[A-Z][A-Z0-9_]*", name)
        and not name.endswith("__DEFAULT")
        and name != "SLOT_TYPES"
    }


def plain(value):
    return value.hex() if isinstance(value, bytes) else value.tolist()


def filled(message_class, numbers):
    message = message_class()
    for name, kind in message_class.get_fields_and_field_types().items():
        setattr(message, name, value_of(kind, numbers))
    return message


def value_of(kind, numbers):
    if match := re.fullmatch(r"sequence<(.+?)(?:, (\d+))?>", kind):
        count = min(ELEMENTS, int(match[2] or ELEMENTS))
        return [value_of(match[1], numbers) for _ in range(count)]
    if match := re.fullmatch(r"(.+)\[(\d+)\]", kind):
        return [value_of(match[1], numbers) for _ in range(int(match[2]))]
    if "/" in kind:
        package, name = kind.split("/")
        return filled(getattr(importlib.import_module(f"{package}.msg"), name), numbers)
    number = next(numbers) % 100
    if kind == "boolean":
        return number % 2 == 1
    if kind == "octet":
        return bytes([number])
    if kind in ("float", "double"):
        return number / 8
    if "string" in kind:
        return f"text {number}"
    assert re.fullmatch(r"char|u?int\d+", kind), kind
    return -number if kind.startswith("int") else number


if __name__ == "__main__":
    main()
