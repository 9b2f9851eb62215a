"""action_msgs/msg/GoalStatusArray as bytes.

A server tells the status of every goal of the last ten seconds at every change of one of them;
with hundreds of goals the general codec would take most of the time of an action.
"""

import struct

# uuid, seconds, nanoseconds, status; the padding stands between two goals, not after the last.
_LITTLE, _BIG = (struct.Struct(f"{order}16siIb3x") for order in "<>")
_HEADER = b"\x00\x01\x00\x00"
_PADDING = 3


def pack_statuses(goals):
    """Return the CDR of (uuid bytes, stamp, status) triples."""
    entries = [_LITTLE.pack(key, stamp.sec, stamp.nanosec, status) for key, stamp, status in goals]
    body = b"".join(entries)
    return _HEADER + len(entries).to_bytes(4, "little") + body[: len(body) - _PADDING * bool(body)]


def unpack_statuses(data):
    """Return (uuid bytes, status) pairs; raises ValueError for damaged data."""
    if len(data) < 8 or data[0] != 0 or data[1] > 1:
        raise ValueError("it does not begin with a CDR header")
    little = data[1] == 1
    layout = _LITTLE if little else _BIG
    count = int.from_bytes(data[4:8], "little" if little else "big")
    end = 8 + count * layout.size
    if end > len(data) + _PADDING:
        raise ValueError(f"{count} goals do not fit into {len(data)} bytes")
    entries = layout.iter_unpack((data + b"\0" * _PADDING)[8:end])
    return [(key, status) for key, _, _, status in entries]
