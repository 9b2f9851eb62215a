"""Arrays of primitives as bytes in the order of the wire, and back."""

from __future__ import annotations

import sys
from array import array
from typing import Any

from ros2_embedded.idl.errors import SerializationError

TYPECODE = {
    "char": "B", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i",
    "uint32": "I", "int64": "q", "uint64": "Q", "float32": "f", "float64": "d",
}  # fmt: skip
NUMPY_NAME = {"char": "uint8"}
_SWAP = sys.byteorder == "big"


def bytes_of(values: Any, base: str) -> Any:
    """Return a bytes-like object with the elements of ``values`` in little endian.

    Raises:
        SerializationError: an element is not of the type or does not fit.

    """
    if base == "byte":
        return b"".join(values) if values and isinstance(values[0], bytes) else bytes(values)
    if base == "bool":
        return bytes(map(bool, values))
    code = TYPECODE[base]
    if type(values) is array and values.typecode == code and not _SWAP:
        return memoryview(values).cast("B") if len(values) else b""
    dtype = getattr(values, "dtype", None)
    if dtype is not None:
        wanted = values.astype(f"<{dtype_code(base)}", copy=False)
        return wanted.tobytes()
    try:
        made = array(code, values)
    except (TypeError, OverflowError, ValueError) as failure:
        raise SerializationError(f"an array of {base} cannot hold this: {failure}") from None
    if _SWAP:
        made.byteswap()
    return made.tobytes()


def dtype_code(base: str) -> str:
    """Return numpy's type code, such as ``f8``."""
    kinds = {"f": "f4", "d": "f8", "b": "i1", "B": "u1", "h": "i2", "H": "u2", "i": "i4", "I": "u4"}
    code = TYPECODE[base]
    return kinds.get(code) or {"q": "i8", "Q": "u8"}[code]


def array_of(data: Any, base: str, order: str) -> array[Any]:
    """Return an `array.array` of the elements in ``data``; ``order`` is ``<`` or ``>``."""
    made = array(TYPECODE[base])
    made.frombytes(data)
    if (order == ">") != _SWAP:
        made.byteswap()
    return made


def numpy_of(data: Any, base: str, order: str) -> Any:
    """Return a writable numpy array of the elements in ``data``."""
    import numpy  # noqa: PLC0415

    name = NUMPY_NAME.get(base, base)
    return numpy.frombuffer(data, dtype=f"{order}{dtype_code(base)}").astype(name)
