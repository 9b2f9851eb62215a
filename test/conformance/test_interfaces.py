"""Messages, bytes and hashes equal those recorded from a real ROS 2 Jazzy (data/)."""

import json
import math
import random
import struct
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

idl = pytest.importorskip("ros2_embedded.idl", reason="a real ROS 2 has its own conformance tests")
from ros2_embedded.idl.catalog import definition  # noqa: E402

DATA = Path(__file__).parent / "data"
VECTORS = json.loads((DATA / "cdr.json").read_text())
FIELDS = json.loads((DATA / "interface_fields.json").read_text())
PARTS = {"msg": ("",), "srv": ("request", "response"), "action": ("goal", "result", "feedback")}


def built(cls, values):
    made = {}
    for field in cls._definition_.fields:
        value, kind = values[field.name], field.type
        if kind.is_message:
            nested = idl.load(kind.base)
            value = [built(nested, v) for v in value] if kind.array else built(nested, value)
        elif kind.base == "byte":
            value = [bytes(v) for v in value] if kind.array else bytes(value)
        made[field.name] = value
    return cls(**made)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['type']}-{v['case']}")
def test_vector(vector):
    cls = idl.load(vector["type"])
    message = built(cls, vector["value"])
    assert bytes(idl.serialize(message)).hex() == vector["cdr"]
    assert idl.deserialize(bytes.fromhex(vector["cdr"]), cls) == message
    assert idl.type_hash(vector["type"]) == vector["rihs01"]


def recorded_parts():
    for name, fact in FIELDS.items():
        for part in PARTS[name.split("/")[1]]:
            suffix = f"_{part.capitalize()}" if part else ""
            yield name + suffix, fact[part] if part else fact


@pytest.mark.parametrize(
    ("name", "fact"), list(recorded_parts()), ids=lambda v: v if isinstance(v, str) else ""
)
def test_fields_and_constants(name, fact):
    kind = definition(name)
    assert [field.name for field in kind.fields] == [field["name"] for field in fact["fields"]]
    assert [written(field.type) for field in kind.fields] == [
        normal(field["type"]) for field in fact["fields"]
    ]
    assert {c.name: c.value for c in kind.constants} == {
        c["name"]: c["value"] for c in fact["constants"]
    }
    message = idl.load(name)()
    for field in fact["fields"]:
        if "default" in field and "/" not in field["type"]:
            assert plain(getattr(message, field["name"])) == field["default"]


def written(kind):
    base = kind.base + (f"<={kind.string_bound}" if kind.string_bound else "")
    if kind.array == "static":
        return f"{base}[{kind.size}]"
    if kind.array == "bounded":
        return f"{base}[<={kind.size}]"
    return f"{base}[]" if kind.array else base


def normal(text):
    return text.replace("/msg/", "/").replace("/", "/msg/", 1) if "/" in text else text


def plain(value):
    if isinstance(value, bytes):
        return value[0] if len(value) == 1 else list(value)
    if isinstance(value, str) or not hasattr(value, "__len__"):
        return value
    return [plain(item) for item in (value.tolist() if hasattr(value, "tolist") else value)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [(n, h) for fact in FIELDS.values() for n, h in fact["type_hashes"].items()],
)
def test_type_hash(name, expected):
    assert idl.type_hash(name) == expected


@given(st.text(), st.integers(-(2**31), 2**31 - 1), st.integers(0, 2**32 - 1), st.floats())
def test_any_value_comes_back(text, sec, nanosec, x):
    message = idl.load("geometry_msgs/msg/PoseStamped")()
    message.header.frame_id = text.replace("\0", "").encode("utf-8", "ignore").decode()
    message.header.stamp.sec, message.header.stamp.nanosec = sec, nanosec
    message.pose.position.x = x
    back = idl.deserialize(bytes(idl.serialize(message)), type(message))
    assert back == message or math.isnan(x)


@given(st.binary(max_size=200), st.sampled_from(sorted({v["type"] for v in VECTORS})))
def test_random_bytes_are_a_message_or_an_error(data, name):
    try:
        idl.deserialize(b"\0\1\0\0" + data, idl.load(name))
    except idl.DeserializationError:
        pass


def test_truncated_bytes_are_an_error_or_a_shorter_message():
    for vector in random.Random(7).sample(VECTORS, 40):
        data = bytes.fromhex(vector["cdr"])
        for end in range(0, len(data), max(1, len(data) // 12)):
            try:
                idl.deserialize(data[:end], idl.load(vector["type"]))
            except idl.DeserializationError:
                continue


def test_a_length_from_the_wire_allocates_nothing_it_cannot_hold():
    cls = idl.load("test_msgs/msg/UnboundedSequences")
    data = b"\0\1\0\0" + struct.pack("<I", 2**31) + bytes(400)
    tracemalloc.start()
    with pytest.raises(idl.DeserializationError):
        idl.deserialize(data, cls)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_a_wrong_value_is_named_when_it_is_sent():
    message = idl.load("std_msgs/msg/Int8")(data=1000)
    with pytest.raises(idl.SerializationError, match="std_msgs/msg/Int8"):
        idl.serialize(message)
