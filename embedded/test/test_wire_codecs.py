"""Every codec that is written out by hand gives the bytes of the general one, for any list."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rclpy.action.status_codec import pack_statuses, unpack_statuses

from ros2_embedded.idl import deserialize, load, serialize
from ros2_embedded.wire.graph_codec import NodeEntry, pack, unpack

STATUSES = load("action_msgs/msg/GoalStatusArray")
STATUS = load("action_msgs/msg/GoalStatus")
TIME = load("builtin_interfaces/msg/Time")
ENTITIES = load("rmw_dds_common/msg/ParticipantEntitiesInfo")

guids = st.binary(min_size=16, max_size=16)
goals = st.lists(
    st.tuples(
        guids,
        st.builds(TIME, sec=st.integers(-(2**31), 2**31 - 1), nanosec=st.integers(0, 2**32 - 1)),
        st.integers(0, 6),
    ),
    max_size=20,
)
names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9)
nodes = st.lists(
    st.builds(NodeEntry, names, names, st.frozensets(guids, max_size=4), st.frozensets(guids)),
    max_size=5,
)


def in_big_endian(data, layout):
    """Turn the words of a message round: ``layout`` lists the size of each, 1 for bytes."""
    out, position = bytearray(b"\0\0" + data[2:4]), 4
    for size in layout:
        out += data[position : position + size][::-1]
        position += size
    assert position == len(data)
    return bytes(out)


@settings(deadline=None)
@given(goals)
def test_statuses(listed):
    message = STATUSES()
    for key, stamp, status in listed:
        entry = STATUS(status=status)
        entry.goal_info.goal_id.uuid = list(key)
        entry.goal_info.stamp = stamp
        message.status_list.append(entry)
    data = pack_statuses(listed)
    assert data == bytes(serialize(message))
    assert deserialize(data, STATUSES) == message
    expected = [(key, status) for key, _, status in listed]
    assert unpack_statuses(data) == expected
    assert unpack_statuses(data + bytes(-len(data) % 4)) == expected
    layout = [4]
    for index in range(len(listed)):
        layout += [1] * 16 + ([1] * 3 if index else []) + [4, 4, 1]
    assert unpack_statuses(in_big_endian(data, layout)) == expected


@settings(deadline=None)
@given(goals.filter(bool), st.data())
def test_cut_statuses_are_a_value_error(listed, data):
    whole = pack_statuses(listed)
    with pytest.raises(ValueError, match=r"fit|header"):
        unpack_statuses(whole[: data.draw(st.integers(0, len(whole) - 1))])


@settings(deadline=None)
@given(guids, nodes)
def test_the_nodes_of_a_participant(guid, listed):
    data = pack(guid, listed)
    message = deserialize(data, ENTITIES)
    assert bytes(serialize(message)) == data
    assert bytes(message.gid.data) == guid
    found = [
        NodeEntry(
            node.node_name,
            node.node_namespace,
            frozenset(bytes(gid.data) for gid in node.reader_gid_seq),
            frozenset(bytes(gid.data) for gid in node.writer_gid_seq),
        )
        for node in message.node_entities_info_seq
    ]
    assert found == listed
    assert unpack(data) == (guid, tuple(listed))
