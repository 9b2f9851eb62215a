"""Runs on a real ROS 2: random messages as bytes and as JSON, and back.

`write SEED` prints a line of JSON [type, bytes in hex, values] for messages of all types there are;
`read` takes such lines and prints the values it finds in the bytes.
"""

import importlib
import json
import os
import random
import re
import sys
from pathlib import Path

from rclpy.serialization import deserialize_message, serialize_message

PREFIXES = os.environ.get("AMENT_PREFIX_PATH", sys.prefix).split(os.pathsep)
PARTS = {
    "srv": ("Request", "Response", "Event"),
    "action": ("Goal", "Result", "Feedback", "FeedbackMessage", "SendGoal_Request",
               "SendGoal_Response", "GetResult_Request", "GetResult_Response"),
}  # fmt: skip
ARRAY = re.compile(r"(?P<element>.+)\[(?P<size>\d+)\]|sequence<(?P<item>.+?)(, (?P<bound>\d+))?>")
#: Fast DDS writes characters of wide strings in another size.
WIDE = "wstring"


def names():
    """Yield the types of all messages, and of the parts of services and actions."""
    for kind in ("msg", "srv", "action"):
        found = {
            file.parts[-3:]: file
            for prefix in PREFIXES
            for file in (Path(prefix) / "share").glob(f"*/{kind}/*.{kind}")
        }
        for file in sorted(found.values()):
            name = f"{file.parts[-3]}/{kind}/{file.stem}"
            yield from [f"{name}_{part}" for part in PARTS.get(kind, ())] or [name]


def load(name):
    """Return the class of a message or of a part."""
    package, kind, full = name.split("/")
    module = importlib.import_module(f"{package}.{kind}")
    if hasattr(module, full):
        return getattr(module, full)
    base, _, part = full.partition("_")
    found = getattr(module, base)
    if hasattr(found, part):
        return getattr(found, part)
    service, _, part = part.partition("_")
    return (
        getattr(getattr(found.Impl, f"{service}Service"), part)
        if part
        else getattr(found.Impl, service)
    )


def nested(package, name):
    """Return the class of a field's type, which is named without its kind."""
    for kind in ("msg", "srv", "action"):
        try:
            return load(f"{package}/{kind}/{name}")
        except (ImportError, AttributeError):
            continue
    raise LookupError(f"{package}/{name}")


def scalar(kind):
    if kind == "boolean":
        return random.random() < 0.5
    if kind == "octet":
        return bytes([random.randrange(256)])
    if kind in ("float", "double"):
        return random.randrange(-4000, 4000) / 4
    if kind.startswith("string"):
        bound = re.search(r"\d+", kind)
        return "x" * random.randrange(min(int(bound[0]) if bound else 9, 9) + 1)
    bits = 8 if kind in ("char", "uint8") else int(kind.strip("uint"))
    return random.randrange(2**bits) - (2 ** (bits - 1) if kind.startswith("int") else 0)


def value(kind, depth):
    array = ARRAY.fullmatch(kind)
    if array and array["size"]:
        return [value(array["element"], depth + 1) for _ in range(int(array["size"]))]
    if array:
        size = min(random.choice((0, 1, 2, 3)), int(array["bound"] or 3))
        return [value(array["item"], depth + 1) for _ in range(size if depth < 4 else size // 2)]
    if "/" in kind:
        return made(nested(*kind.split("/")), depth + 1)
    return scalar(kind)


def made(cls, depth=0):
    message = cls()
    for field, kind in cls.get_fields_and_field_types().items():
        if WIDE not in kind:
            setattr(message, field, value(kind, depth))
    return message


def plain(value):
    """Return what JSON can hold."""
    if hasattr(value, "get_fields_and_field_types"):
        return {field: plain(getattr(value, field)) for field in value.get_fields_and_field_types()}
    if isinstance(value, bytes):
        return value[0]
    if isinstance(value, str | int | float):
        return value
    return [plain(item) for item in (value.tolist() if hasattr(value, "tolist") else value)]


if __name__ == "__main__":
    if sys.argv[1] == "write":
        random.seed(int(sys.argv[2]))
        for name in names():
            for _ in range(3):
                message = made(load(name))
                print(json.dumps([name, serialize_message(message).hex(), plain(message)]))
    else:
        for line in sys.stdin:
            name, data, _ = json.loads(line)
            print(json.dumps(plain(deserialize_message(bytes.fromhex(data), load(name)))))
