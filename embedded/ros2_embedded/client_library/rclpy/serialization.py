"""Messages as CDR bytes."""

from __future__ import annotations

from typing import Any

from ros2_embedded.idl import DeserializationError, deserialize, serialize

from rclpy.exceptions import RMWError
from rclpy.type_support import check_for_type_support


def serialize_message(message: Any) -> bytes:
    """Return the CDR of a message with its 4-byte header."""
    check_for_type_support(type(message))
    return bytes(serialize(message))


def deserialize_message(serialized_message: bytes, message_type: Any) -> Any:
    """Return the message; raises RMWError when the bytes are not one of that type."""
    check_for_type_support(message_type)
    if not isinstance(serialized_message, (bytes, bytearray, memoryview)):
        raise TypeError(f"bytes are expected, not {type(serialized_message)}")
    try:
        return deserialize(serialized_message, message_type)
    except DeserializationError as failure:
        raise RMWError(f"failed to deserialize ROS message: {failure}") from failure
