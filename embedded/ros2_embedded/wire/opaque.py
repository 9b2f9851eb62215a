"""DDS topics of any type whose samples are bytes to Cyclone.

Cyclone's Python topics must carry XTypes information, and two endpoints that both carry some are
matched by it instead of by their types' names. So each type gets a placeholder of its own: a struct
with one octet (no ROS message is shorter, and Cyclone refuses samples shorter than their type) whose
member has the name of the ROS type. Two of them are assignable to each other if the names are equal,
which is the rule among real ROS 2 processes. These send no such information, and where one side
has none Cyclone compares the names of the types.
"""

from __future__ import annotations

import hashlib

from ros2_embedded.wire.library import checked, clayer

# XTypes 1.3, annex B: what type objects are made of.
_MINIMAL, _COMPLETE = b"\xf1", b"\xf2"
_STRUCTURE, _NOTHING, _OCTET = b"\x51", b"\x00", b"\x0d"
_FINAL, _DEFAULT = (1).to_bytes(2, "little"), (1).to_bytes(2, "little")
_FIRST_MEMBER = bytes(4)
_NO_ANNOTATIONS = b"\0\0"
# Members of TypeInformation: which of the two identifiers follows, behind the mark of a length.
_ABOUT_MINIMAL, _ABOUT_COMPLETE = bytes.fromhex("01100040"), bytes.fromhex("02100040")


class _Description:
    """What Cyclone's C layer asks of a type."""

    keyless = True
    data_type_props = 0
    supported_versions = 5
    default_version = 1
    v1_key_max_size = 0
    v2_key_max_size = 0

    def __init__(self, type_name: str) -> None:
        self.idl_transformed_typename = type_name
        self._xt_bytedata = type_information(type_name)


def type_information(type_name: str) -> tuple[bytes, bytes]:
    """Return TypeInformation and TypeMapping of the placeholder of a type, as XCDR2."""
    name = type_name.encode()
    member_hash = hashlib.md5(name, usedforsecurity=False).digest()[:4]
    common = _FIRST_MEMBER + _DEFAULT + _OCTET
    minimal = _object(_MINIMAL, _sized(_NOTHING), _sized(common + member_hash))
    complete = _object(
        _COMPLETE,
        _sized(_NOTHING + _NO_ANNOTATIONS + b"\0" + _text(b"Raw")),
        _sized(common + b"\0" + _text(name) + _NO_ANNOTATIONS),
    )
    short, full = _identifier(_MINIMAL, minimal), _identifier(_COMPLETE, complete)
    about = b"".join(
        member
        + _sized(
            _sized(
                _sized(identifier + b"\0" + _number(len(body))) + _number(0) + _sized(_number(0))
            )
        )
        for member, identifier, body in (
            (_ABOUT_MINIMAL, short, minimal),
            (_ABOUT_COMPLETE, full, complete),
        )
    )
    mapping = b"".join(
        (
            _padded(_sized(_number(1) + short + b"\0" + minimal)),
            _padded(_sized(_number(1) + full + b"\0" + complete)),
            _sized(_number(1) + full + short),
        )
    )
    return _sized(about), mapping


def _object(kind: bytes, header: bytes, member: bytes) -> bytes:
    """Return a struct with one member as a TypeObject."""
    body = kind + _STRUCTURE + _FINAL + _padded(header) + _sized(_number(1) + member)
    return _sized(body)


def _identifier(kind: bytes, type_object: bytes) -> bytes:
    return kind + hashlib.md5(type_object, usedforsecurity=False).digest()[:14]


def _number(value: int) -> bytes:
    return value.to_bytes(4, "little")


def _sized(body: bytes) -> bytes:
    return _number(len(body)) + body


def _text(text: bytes) -> bytes:
    return _sized(text + b"\0")


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


_types: dict[str, type] = {}


def create_topic(participant: int, name: str, type_name: str) -> int:
    """Return a topic entity; ``type_name`` is the name on the wire."""
    data_type = _types.get(type_name)
    if data_type is None:
        data_type = type("Opaque", (), {"__idl__": _Description(type_name)})
        _types[type_name] = data_type
    code: int = clayer.ddspy_topic_create(participant, name, data_type, None, None)
    return checked(code, f"creating topic {name}")
