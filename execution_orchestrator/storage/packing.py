"""How an event stands in its row: as JSON, a large one compressed.

Large are plans, the texts of goals, outputs of a tool. A plan of 200 actions says the same names
200 times: compressed it takes a tenth of its room or less. Small events stay as people read them.
"""

from __future__ import annotations

import base64
import zlib

LARGE = 2000  # bytes of JSON
LEVEL = 6  # a plan of 150 kB takes a millisecond
_HEAD, _TAIL = '{"zlib":"', '"}'


def packed(data: bytes) -> str:
    """Return the text of a row; the same bytes always give the same text."""
    if len(data) <= LARGE:
        return data.decode()
    return f"{_HEAD}{base64.b64encode(zlib.compress(data, LEVEL)).decode()}{_TAIL}"


def unpacked(text: str | bytes) -> str | bytes:
    """Return the JSON of a row.

    Raises:
        ValueError: it is compressed, and damaged.

    """
    head, tail = (_HEAD, _TAIL) if isinstance(text, str) else (_HEAD.encode(), _TAIL.encode())
    if not text.startswith(head):  # type: ignore[arg-type]
        return text
    try:
        return zlib.decompress(base64.b64decode(text[len(head) : -len(tail)], validate=True))
    except zlib.error as failure:
        raise ValueError(f"cannot be decompressed: {failure}") from failure
