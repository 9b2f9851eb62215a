"""Bytes on DDS: the shortest and the longest messages, damaged ones, and the graph."""

import threading

import pytest

from ros2_embedded.idl import DeserializationError, deserialize, load, serialize
from ros2_embedded.wire import domain
from ros2_embedded.wire.graph_codec import NodeEntry, pack, unpack
from ros2_embedded.wire.participant import Participant
from ros2_embedded.wire.policies import Durability, Policies
from ros2_embedded.wire.waitset import Guard, WaitSet

PATIENCE = 10_000_000_000  # nanoseconds


@pytest.fixture
def participant():
    made = Participant(domain.domain_id_from_environment())
    yield made
    made.close()


def receive(participant, reader):
    waitset = WaitSet(participant.entity)
    waitset.attach(reader.condition, reader)
    try:
        assert waitset.wait(PATIENCE) == [reader]
    finally:
        waitset.close()
    return reader.take()[0][0]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("std_msgs/msg/Empty", {}),
        ("std_msgs/msg/Bool", {"data": True}),
        ("std_msgs/msg/Int16", {"data": -2}),
        ("std_msgs/msg/String", {"data": "é" * 7}),
        ("std_msgs/msg/String", {"data": "x" * 3_000_000}),
    ],
)
def test_messages_of_every_length_arrive(participant, kind, fields):
    cls = load(kind)
    policies = Policies(durability=Durability.TRANSIENT_LOCAL)
    reader = participant.subscription("/length", cls, policies)
    writer = participant.publisher("/length", cls, policies)
    sent = cls(**fields)
    writer.write(serialize(sent))
    assert deserialize(receive(participant, reader), cls) == sent


def test_damaged_bytes_are_an_error_and_nothing_more(participant):
    cls = load("std_msgs/msg/String")
    reader = participant.subscription("/damaged", cls, Policies())
    writer = participant.publisher("/damaged", cls, Policies())
    # A string of four gigabytes in eight bytes.
    writer.write(b"\x00\x01\x00\x00\xff\xff\xff\xff")
    with pytest.raises(DeserializationError):
        deserialize(receive(participant, reader), cls)


def test_a_guard_wakes_a_waiting_thread(participant):
    guard, waitset = Guard(participant.entity), WaitSet(participant.entity)
    waitset.attach(guard.condition, "guard")
    woken = []
    thread = threading.Thread(target=lambda: woken.extend(waitset.wait(PATIENCE)))
    thread.start()
    guard.trigger()
    thread.join(timeout=10)
    assert woken == ["guard"]
    waitset.close()
    guard.close()


def test_own_endpoints_are_in_the_graph_at_once(participant):
    cls = load("std_msgs/msg/String")
    writer = participant.publisher("/mine", cls, Policies())
    assert [e.guid for e in participant.graph.endpoints() if e.topic == "rt/mine"] == [writer.guid]
    writer.close()
    assert not [e for e in participant.graph.endpoints() if e.topic == "rt/mine"]


@pytest.mark.parametrize("text", ["-1", "233", "twelve"])
def test_a_wrong_domain_is_named(monkeypatch, text):
    monkeypatch.setenv("ROS_DOMAIN_ID", text)
    with pytest.raises(ValueError, match=f"ROS_DOMAIN_ID is '{text}'.*0 to 232"):
        domain.domain_id_from_environment()


def test_the_graph_message_is_what_the_interface_says():
    reader, writer, participant = (bytes([n]) * 16 for n in (1, 2, 3))
    nodes = (
        NodeEntry("talker", "/", frozenset({reader}), frozenset({writer, reader})),
        NodeEntry("n", "/space", frozenset(), frozenset()),
    )
    data = pack(participant, nodes)
    message = deserialize(data, load("rmw_dds_common/msg/ParticipantEntitiesInfo"))
    assert bytes(message.gid.data) == participant
    first, second = message.node_entities_info_seq
    assert (first.node_name, first.node_namespace) == ("talker", "/")
    assert [bytes(gid.data) for gid in first.writer_gid_seq] == [reader, writer]
    assert (second.node_name, second.node_namespace) == ("n", "/space")
    assert bytes(serialize(message)) == data
    assert unpack(data) == (participant, nodes)


@pytest.mark.parametrize("length", range(0, 90, 7))
def test_a_cut_graph_message_is_a_value_error(length):
    whole = pack(b"g" * 16, [NodeEntry("talker", "/", frozenset({b"r" * 16}), frozenset())])
    assert len(whole) > 60
    with pytest.raises(ValueError, match=r"early|fit|header"):
        unpack(whole[: min(length, len(whole) - 1)])
