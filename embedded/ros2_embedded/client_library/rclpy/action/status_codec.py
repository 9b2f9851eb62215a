"""action_msgs/msg/GoalStatusArray as bytes.

A server tells the status of every goal of the last ten seconds at every change of one of them;
with hundreds of goals the general codec would take most of the time of an action.
"""

import struct

# UUID, seconds, nanoseconds, status. A UUID has no alignment and stands right behind the status
# before it, which leaves three bytes of padding between it and its stamp; only in the first goal
# UUID and stamp are neighbours.
_LAYOUTS = {
    order: (struct.Struct(f"{order}16siIb"), struct.Struct(f"{order}16s3xiIb")) for order in "<>"
}
_NEXT = _LAYOUTS["<"][1]
_UUID, _PADDING = 16, 3  # bytes
_HEADER = b"\x00\x01\x00\x00"
_START = 8  # bytes: the CDR header and the count


def pack_statuses(goals):
    """Return the CDR of (uuid bytes, stamp, status) triples."""
    entries = [_NEXT.pack(key, stamp.sec, stamp.nanosec, status) for key, stamp, status in goals]
    body = b"".join(entries)
    return _HEADER + len(entries).to_bytes(4, "little") + body[:_UUID] + body[_UUID + _PADDING :]


def unpack_statuses(data):
    """Return (uuid bytes, status) pairs; raises ValueError for damaged data."""
    if len(data) < _START or data[0] != 0 or data[1] > 1:
        raise ValueError("it does not begin with a CDR header")
    little = data[1] == 1
    first, following = _LAYOUTS["<" if little else ">"]
    count = int.from_bytes(data[4:_START], "little" if little else "big")
    if not count:
        return []
    middle = _START + first.size
    end = middle + (count - 1) * following.size
    if end > len(data):
        raise ValueError(f"{count} goals do not fit into {len(data)} bytes")
    entries = (first.unpack(data[_START:middle]), *following.iter_unpack(data[middle:end]))
    return [(key, status) for key, _, _, status in entries]
