"""The ROS graph: which nodes there are, and which endpoints belong to whom.

Endpoints come from DDS discovery (Cyclone's built-in topics), their nodes from the topic
`ros_discovery_info` that every ROS 2 process publishes. One thread a participant keeps both up to
date; it sleeps until something changes.
"""

from __future__ import annotations

import ctypes as ct
import threading
from collections.abc import Callable
from dataclasses import dataclass

from ros2_embedded.idl import type_hash
from ros2_embedded.wire.endpoint import BATCH, UNREAD, Reader, Writer
from ros2_embedded.wire.graph_codec import NodeEntry, pack, unpack
from ros2_embedded.wire.library import checked, create_readcondition, create_reader, function
from ros2_embedded.wire.opaque import create_topic
from ros2_embedded.wire.policies import Durability, History, Policies, read_policies, read_user_data
from ros2_embedded.wire.waitset import Guard, WaitSet

INFO_TYPE = "rmw_dds_common/msg/ParticipantEntitiesInfo"
_PUBLICATIONS, _SUBSCRIPTIONS = 0x7FFF0003, 0x7FFF0004
_ALIVE = 16


class _Endpoint(ct.Structure):
    _fields_ = (
        ("key", ct.c_uint8 * 16),
        ("participant_key", ct.c_uint8 * 16),
        ("participant_handle", ct.c_uint64),
        ("topic_name", ct.c_char_p),
        ("type_name", ct.c_char_p),
        ("qos", ct.c_void_p),
    )


class _Info(ct.Structure):
    _fields_ = (
        ("sample_state", ct.c_uint), ("view_state", ct.c_uint), ("instance_state", ct.c_uint),
        ("valid_data", ct.c_bool), ("source_timestamp", ct.c_int64),
        ("instance_handle", ct.c_uint64), ("publication_handle", ct.c_uint64),
        ("disposed_generation_count", ct.c_uint32), ("no_writers_generation_count", ct.c_uint32),
        ("sample_rank", ct.c_uint32), ("generation_rank", ct.c_uint32),
        ("absolute_generation_rank", ct.c_uint32),
    )  # fmt: skip


_take = function(
    "dds_take", ct.c_int32, ct.c_int32, ct.POINTER(ct.c_void_p), ct.POINTER(_Info), ct.c_size_t,
    ct.c_uint32,
)  # fmt: skip
_return_loan = function(
    "dds_return_loan", ct.c_int32, ct.c_int32, ct.POINTER(ct.c_void_p), ct.c_int32
)


@dataclass(frozen=True)
class DiscoveredEndpoint:
    """A reader or writer somewhere in the domain; ``handle`` is its instance handle here."""

    guid: bytes
    participant: bytes
    handle: int
    topic: str
    type_name: str
    user_data: str
    policies: Policies
    is_writer: bool

    @property
    def vendor(self) -> bytes:
        """The two bytes by which RTPS knows the maker of the endpoint's DDS."""
        return self.guid[:2]

    def user_value(self, key: str) -> str:
        """Return a value of the user data, such as ``typehash``; empty if there is none."""
        for pair in self.user_data.split(";"):
            name, _, value = pair.partition("=")
            if name == key:
                return value.strip()
        return ""


@dataclass(frozen=True)
class _Watch:
    """Who wants to hear of endpoints on a topic that it cannot talk to."""

    unfit: Callable[[DiscoveredEndpoint], bool]
    report: Callable[[DiscoveredEndpoint], None]


class Graph:
    """What is known of the domain, and what this process tells the others about its nodes."""

    def __init__(self, participant: int, guid: bytes) -> None:
        self._guid = guid
        self._lock = threading.Lock()
        self._reading = threading.Lock()
        self._stopping = False
        self._endpoints: dict[int, DiscoveredEndpoint] = {}
        self._nodes: dict[bytes, tuple[NodeEntry, ...]] = {}
        self._local: dict[object, NodeEntry] = {}
        self._by_topic: dict[str, dict[int, None]] = {}  # handles
        self._watches: dict[str, list[_Watch]] = {}
        self._due: list[tuple[_Watch, DiscoveredEndpoint]] = []  # found, not reported yet
        self._listeners: list[Callable[[], None]] = []
        self._dirty = False
        self.losses = 0  # endpoints that have left so far
        topic = create_topic(
            participant, "ros_discovery_info", "rmw_dds_common::msg::dds_::ParticipantEntitiesInfo_"
        )
        user_data = f"typehash={type_hash(INFO_TYPE)};".encode()
        latched = Policies(durability=Durability.TRANSIENT_LOCAL, depth=1)
        self._writer = Writer(participant, topic, latched, user_data)
        everything = Policies(durability=Durability.TRANSIENT_LOCAL, history=History.KEEP_ALL)
        self._reader = Reader(participant, topic, everything, user_data)
        self._builtin = {
            checked(create_reader(participant, kind, None, None), "reading discovery"): is_writer
            for kind, is_writer in ((_PUBLICATIONS, True), (_SUBSCRIPTIONS, False))
        }
        self._guard = Guard(participant)
        self._waitset = WaitSet(participant)
        self._waitset.attach(self._guard.condition, None)
        self._waitset.attach(self._reader.condition, self._reader)
        for entity in self._builtin:
            self._waitset.attach(
                checked(create_readcondition(entity, UNREAD), "reading discovery"), entity
            )
        self._thread = threading.Thread(target=self._run, name="ros-graph", daemon=True)
        self._thread.start()

    # ---------------------------------------------------------------- own nodes
    def set_node(
        self, owner: object, name: str, namespace: str, readers: set[bytes], writers: set[bytes]
    ) -> None:
        """Tell the others about a node of this process and its endpoints."""
        with self._lock:
            self._local[owner] = NodeEntry(name, namespace, frozenset(readers), frozenset(writers))
            self._dirty = True
        self._guard.trigger()

    def remove_node(self, owner: object) -> None:
        """Tell the others that a node of this process is gone."""
        with self._lock:
            self._local.pop(owner, None)
            self._dirty = True
        self._guard.trigger()

    # ---------------------------------------------------------------- listeners
    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after every change, from the graph's thread; returns the way to stop."""
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop

    def watch(
        self,
        topic: str,
        unfit: Callable[[DiscoveredEndpoint], bool],
        report: Callable[[DiscoveredEndpoint], None],
    ) -> Callable[[], None]:
        """Report each endpoint of a topic, as it is named on the wire, for which ``unfit`` is true.

        Those that are there already are reported at once, others by the graph's thread or whoever asks
        the graph a question. Returns the way to stop.
        """
        watch = _Watch(unfit, report)
        with self._lock:
            self._watches.setdefault(topic, []).append(watch)
            present = [self._endpoints[handle] for handle in self._by_topic.get(topic, ())]
        for endpoint in present:
            if unfit(endpoint):
                report(endpoint)

        def stop() -> None:
            with self._lock:
                watches = self._watches.get(topic, [])
                if watch in watches:
                    watches.remove(watch)
                    if not watches:
                        del self._watches[topic]

        return stop

    def watch_types(
        self, topic: str, type_name: str, is_writer: bool, report: Callable[[], None]
    ) -> Callable[[], None]:
        """Report each endpoint that a writer or reader cannot talk to, its type being another."""

        def unfit(other: DiscoveredEndpoint) -> bool:
            return other.is_writer != is_writer and other.type_name != type_name

        return self.watch(topic, unfit, lambda _: report())

    # ---------------------------------------------------------------- questions
    def endpoints(self) -> list[DiscoveredEndpoint]:
        """Return every known endpoint, those of this process as they are at this moment."""
        self._drain()
        with self._lock:
            return list(self._endpoints.values())

    def endpoints_on(self, topic: str, *, writers: bool) -> list[DiscoveredEndpoint]:
        """Return the writers or the readers of a topic, as it is named on the wire."""
        self._drain()
        with self._lock:
            found = [self._endpoints[handle] for handle in self._by_topic.get(topic, ())]
        return [one for one in found if one.is_writer == writers]

    def endpoint(self, handle: int) -> DiscoveredEndpoint | None:
        """Return the endpoint with this instance handle."""
        found = self._endpoints.get(handle)
        if found is None:
            self._drain()
            found = self._endpoints.get(handle)
        return found

    def nodes(self) -> list[NodeEntry]:
        """Return every known node, those of this process first."""
        with self._lock:
            own = list(self._local.values())
            return own + [node for entry in self._nodes.values() for node in entry]

    def owner_of(self, guid: bytes) -> tuple[str, str] | None:
        """Return name and namespace of the node an endpoint belongs to."""
        for node in self.nodes():
            if guid in node.readers or guid in node.writers:
                return node.name, node.namespace
        return None

    # ---------------------------------------------------------------- thread
    def close(self) -> None:
        """End the thread and take this process's nodes off the graph."""
        with self._reading:
            self._stopping = True
        self._guard.trigger()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=2.0)

    def _run(self) -> None:
        while not self._stopping:
            ready = self._waitset.wait(None)
            self._guard.clear()
            if self._stopping:
                break
            self._publish()
            changed = None in ready
            if self._reader in ready:
                changed = self._read_nodes() or changed
            self._drain(changed)

    def _drain(self, changed: bool = False) -> None:
        """Take what discovery has; the graph's thread and whoever asks a question do it."""
        with self._reading:
            if self._stopping:
                return
            for reader in self._builtin:
                changed = self._read_endpoints(reader) or changed
            due, self._due = self._due, []
        for watch, endpoint in due:
            watch.report(endpoint)
        if changed:
            with self._lock:
                listeners = list(self._listeners)
            for listener in listeners:
                listener()

    def _publish(self) -> None:
        with self._lock:
            if not self._dirty:
                return
            self._dirty = False
            nodes = list(self._local.values())
        self._writer.write(pack(self._guid, nodes))

    def _read_nodes(self) -> bool:
        changed = False
        while taken := self._reader.take(BATCH):
            for data, _, _ in taken:
                try:
                    guid, nodes = unpack(data)
                except ValueError:
                    continue
                if guid != self._guid:
                    changed = True
                    with self._lock:
                        self._nodes[guid] = nodes
        return changed

    def _read_endpoints(self, reader: int) -> bool:
        is_writer = self._builtin[reader]
        changed = False
        samples = (ct.c_void_p * BATCH)()
        infos = (_Info * BATCH)()
        while True:
            count = _take(reader, samples, infos, BATCH, BATCH)
            if count <= 0:
                return changed
            for index in range(count):
                changed = True
                self._note(infos[index], samples[index], is_writer)
            _return_loan(reader, samples, count)

    def _note(self, info: _Info, sample: int | None, is_writer: bool) -> None:
        handle = info.instance_handle
        if info.instance_state != _ALIVE or not info.valid_data or not sample:
            with self._lock:
                gone = self._endpoints.pop(handle, None)
                if gone is not None:
                    self.losses += 1
                    self._forget_topic(gone)
                if gone is not None and gone.topic == "ros_discovery_info" and gone.is_writer:
                    self._nodes.pop(gone.participant, None)
            return
        found = ct.cast(sample, ct.POINTER(_Endpoint)).contents
        endpoint = DiscoveredEndpoint(
            guid=bytes(found.key),
            participant=bytes(found.participant_key),
            handle=handle,
            topic=(found.topic_name or b"").decode(errors="replace"),
            type_name=(found.type_name or b"").decode(errors="replace"),
            user_data=read_user_data(found.qos).decode(errors="replace"),
            policies=read_policies(found.qos),
            is_writer=is_writer,
        )
        with self._lock:
            is_new = handle not in self._endpoints
            self._endpoints[handle] = endpoint
            self._by_topic.setdefault(endpoint.topic, {})[handle] = None
            watches = self._watches.get(endpoint.topic, ()) if is_new else ()
            self._due += [(watch, endpoint) for watch in watches if watch.unfit(endpoint)]

    def _forget_topic(self, gone: DiscoveredEndpoint) -> None:
        handles = self._by_topic[gone.topic]
        handles.pop(gone.handle, None)
        if not handles:
            del self._by_topic[gone.topic]
