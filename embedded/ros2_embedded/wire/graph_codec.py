"""rmw_dds_common/msg/ParticipantEntitiesInfo as bytes.

Written out because every process sends it when it starts: the general classes hold GUIDs in
numpy arrays, and a process that needs numpy for nothing else starts in half the time without it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

GUID_LENGTH = 16
_HEADER = b"\x00\x01\x00\x00"
_LEAST_NODE = 16  # bytes: two empty strings' and two sequences' counts


@dataclass(frozen=True)
class NodeEntry:
    """A node and the GUIDs of its endpoints."""

    name: str
    namespace: str
    readers: frozenset[bytes]
    writers: frozenset[bytes]


def pack(guid: bytes, nodes: Iterable[NodeEntry]) -> bytes:
    """Return the CDR of a participant's nodes."""
    listed = list(nodes)
    out = bytearray(guid + len(listed).to_bytes(4, "little"))
    for node in listed:
        for text in (node.namespace, node.name):
            encoded = text.encode() + b"\0"
            out += len(encoded).to_bytes(4, "little") + encoded
            out += bytes(-len(out) % 4)
        for guids in (node.readers, node.writers):
            out += len(guids).to_bytes(4, "little") + b"".join(sorted(guids))
    return _HEADER + bytes(out)


def unpack(data: bytes) -> tuple[bytes, tuple[NodeEntry, ...]]:
    """Return the participant's GUID and its nodes.

    Raises:
        ValueError: the bytes are damaged.

    """
    if len(data) < 4 or data[0] != 0 or data[1] > 1:
        raise ValueError("it does not begin with a CDR header")
    number = struct.Struct("<I" if data[1] else ">I")
    body = memoryview(data)[4:]
    position = 0

    def count(least: int) -> int:
        nonlocal position
        position += -position % 4
        if position + 4 > len(body):
            raise ValueError("it ends too early")
        value: int = number.unpack_from(body, position)[0]
        position += 4
        if value * least > len(body) - position:
            raise ValueError(f"{value} elements do not fit")
        return value

    def chunk(length: int) -> bytes:
        nonlocal position
        position += length
        return bytes(body[position - length : position])

    def guids() -> frozenset[bytes]:
        return frozenset(chunk(GUID_LENGTH) for _ in range(count(GUID_LENGTH)))

    if len(body) < GUID_LENGTH:
        raise ValueError("it ends too early")
    guid = chunk(GUID_LENGTH)
    nodes = []
    for _ in range(count(_LEAST_NODE)):
        namespace, name = (chunk(count(1)).rstrip(b"\0").decode() for _ in range(2))
        readers, writers = guids(), guids()
        nodes.append(NodeEntry(name, namespace, readers, writers))
    return guid, tuple(nodes)
