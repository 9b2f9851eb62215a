"""Pictures and videos in formats that need no codec: PPM, and AVI with raw frames."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


def ppm(picture: Picture) -> bytes:
    """Portable pixmap of a picture (height, width, 3), RGB."""
    height, width = picture.shape[:2]
    return f"P6 {width} {height} 255\n".encode() + picture.tobytes()


def avi(frames: Sequence[Picture], rate: float) -> bytes:
    """AVI file of pictures of one size, ``rate`` per second; players show it everywhere."""
    height, width = frames[0].shape[:2]
    raw = [_bottom_up(frame) for frame in frames]
    size = len(raw[0])
    main = struct.pack("<14I", round(1e6 / rate), round(size * rate), 0, 0x10, len(raw), 0, 1, size,
                       width, height, 0, 0, 0, 0)  # fmt: skip
    stream = struct.pack("<4s4sIHHIIIIIIII4H", b"vids", b"DIB ", 0, 0, 0, 0, 1000,
                         round(rate * 1000), 0, len(raw), size, 0xFFFFFFFF, 0,
                         0, 0, width, height)  # fmt: skip
    bitmap = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, size, 0, 0, 0, 0)
    streams = _chunk(b"LIST", b"strl" + _chunk(b"strh", stream) + _chunk(b"strf", bitmap))
    header = _chunk(b"LIST", b"hdrl" + _chunk(b"avih", main) + streams)
    movie = b"movi" + b"".join(_chunk(b"00db", frame) for frame in raw)
    index, offset = b"", 4
    for frame in raw:
        index += struct.pack("<4sIII", b"00db", 0x10, offset, len(frame))
        offset += 8 + len(frame)
    body = b"AVI " + header + _chunk(b"LIST", movie) + _chunk(b"idx1", index)
    return _chunk(b"RIFF", body)


def _bottom_up(frame: Picture) -> bytes:
    """Blue, green, red from the lowest row up, rows padded to 4 bytes."""
    rows = frame[::-1, :, ::-1].reshape(frame.shape[0], -1)
    padding = -rows.shape[1] % 4
    return np.pad(rows, ((0, 0), (0, padding))).tobytes()


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
