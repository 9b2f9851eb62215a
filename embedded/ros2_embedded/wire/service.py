"""Services on DDS: a request topic and a reply topic, each sample with a 16-byte header.

The header holds the client's identity (its request writer's instance handle) and a sequence
number; the server sends both back, and a client takes only what carries its own identity.
"""

from __future__ import annotations

import itertools
import os
import struct
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ros2_embedded.idl import dds_type_name, interface_name, type_hash
from ros2_embedded.idl.registry import HEADER
from ros2_embedded.wire import names, strangers
from ros2_embedded.wire.endpoint import Reader, Writer
from ros2_embedded.wire.policies import Policies

if TYPE_CHECKING:
    from ros2_embedded.wire.graph import DiscoveredEndpoint
    from ros2_embedded.wire.participant import Participant

_IDENTITY = struct.Struct("<Qq")
_IDENTITY_BIG = struct.Struct(">Qq")
# How long a reply waits for the discovery of the client that asked, seconds.
CLIENT_DISCOVERY = 0.1


def _user_data(role: str, service_type: Any) -> tuple[bytes, bytes]:
    """Return the user data of the request endpoint and of the reply endpoint."""
    identity = ".".join(f"{byte:x}" for byte in os.urandom(16))
    name = interface_name(service_type)
    request, reply = (
        f"{role}= {identity};typehash={type_hash(name + part)};".encode()
        for part in ("_Request", "_Response")
    )
    return request, reply


def _split(data: bytes) -> tuple[int, int, bytes]:
    """Cut a sample into client identity, sequence number and CDR with its own header."""
    layout = _IDENTITY if data[1] & 1 else _IDENTITY_BIG
    client, sequence = layout.unpack_from(data, 4)
    return client, sequence, data[:4] + data[20:]


def _join(client: int, sequence: int, data: Any) -> bytes:
    return HEADER + _IDENTITY.pack(client, sequence) + bytes(data[4:])


class _Strangers:
    """The other sides of one service that cannot be talked to: other types, other vendors."""

    def __init__(
        self, participant: Participant, service: str, service_type: Any, *, here_is_client: bool
    ) -> None:
        self._graph = participant.graph
        self._service = service
        self._type_name = dds_type_name(f"{interface_name(service_type)}_Request")
        self._here_is_client = here_is_client
        self._foreign: dict[int, str] = {}
        self._stop: Callable[[], None] | None = None

    def report_to(self, report: Callable[[str], None]) -> None:
        """Hand a sentence to ``report`` for each, those that are there already included."""

        def found(endpoint: DiscoveredEndpoint) -> None:
            said = strangers.sentence(self._service, self._type_name, endpoint)
            if strangers.is_foreign(endpoint):
                self._foreign[endpoint.handle] = said
            if strangers.concerns_whole_action(self._service):
                report(said)

        self._stop = self._graph.watch(names.request(self._service), self._unfit, found)

    def _unfit(self, other: DiscoveredEndpoint) -> bool:
        return other.is_writer != self._here_is_client and (
            other.type_name != self._type_name or strangers.is_foreign(other)
        )

    def foreign(self) -> str:
        """Say why nobody answers, if somebody of another vendor is there; empty otherwise."""
        for handle, said in list(self._foreign.items()):
            if self._graph.endpoint(handle) is not None:
                return said
            del self._foreign[handle]
        return ""

    def close(self) -> None:
        if self._stop is not None:
            self._stop()


class _End:
    """One end of a service: a writer and a reader."""

    _is_client: bool

    def __init__(
        self, participant: Participant, service: str, service_type: Any, policies: Policies
    ) -> None:
        topics = participant.service_topics(service, service_type)
        told = _user_data("clientid" if self._is_client else "serviceid", service_type)
        out, back = (0, 1) if self._is_client else (1, 0)
        self.reader = Reader(participant.entity, topics[back], policies, told[back])
        self.writer = Writer(participant.entity, topics[out], policies, told[out])
        self.participant = participant
        self._graph = participant.graph
        self.strangers = _Strangers(
            participant, service, service_type, here_is_client=self._is_client
        )

    def close(self) -> None:
        """Remove both endpoints."""
        self.strangers.close()
        self.writer.close()
        self.reader.close()


class ServiceClientEndpoint(_End):
    """Sends requests and takes the replies to them."""

    _is_client = True

    def __init__(
        self, participant: Participant, service: str, service_type: Any, policies: Policies
    ) -> None:
        super().__init__(participant, service, service_type, policies)
        self._numbers = itertools.count(1)
        self._ready_with: tuple[int, int, int] | None = None

    def send(self, data: Any) -> int:
        """Send a request and return its sequence number."""
        number = next(self._numbers)
        self.writer.write(_join(self.writer.handle, number, data))
        return number

    def take(self, count: int = 1) -> list[tuple[int, bytes]]:
        """Take replies to this client as (sequence number, CDR)."""
        mine = []
        for data, _, _ in self.reader.take(count):
            if len(data) < 20:
                continue
            client, number, body = _split(data)
            if client == self.writer.handle:
                mine.append((number, body))
        return mine

    def is_ready(self) -> bool:
        """Say whether a server that can answer is there and matched with both endpoints."""
        # A server that was there still is while nobody left; this is asked before every request.
        matched = (self._graph.losses, self.writer.matched_count(), self.reader.matched_count())
        if matched != self._ready_with:
            self._ready_with = matched if self._pairs_up() else None
        return self._ready_with is not None

    def _pairs_up(self) -> bool:
        requests = self._identities(self.writer.matched_handles())
        return bool(requests) and not requests.isdisjoint(
            self._identities(self.reader.matched_handles())
        )

    def _identities(self, handles: list[int]) -> set[str]:
        found = set()
        for handle in handles:
            endpoint = self._graph.endpoint(handle)
            if endpoint is not None and not strangers.is_foreign(endpoint):
                found.add(endpoint.user_value("serviceid") or endpoint.participant.hex())
        return found

    def obstacle(self) -> str:
        """Say why a call is in vain: only servers of another vendor are there. Empty otherwise."""
        found = self.strangers.foreign()
        return "" if found and self.is_ready() else found


class ServiceServerEndpoint(_End):
    """Takes requests and sends the replies."""

    _is_client = False

    def __init__(
        self, participant: Participant, service: str, service_type: Any, policies: Policies
    ) -> None:
        super().__init__(participant, service, service_type, policies)
        self._known: set[str] = set()

    def take(self) -> tuple[tuple[int, int, int], bytes, int] | None:
        """Take one request: (client, sequence number, publication handle), CDR, source timestamp."""
        while taken := self.reader.take(1):
            data, stamp, publication = taken[0]
            if len(data) >= 20 and not self._is_foreign(publication):
                client, number, body = _split(data)
                return (client, number, publication), body, stamp
        return None

    def _is_foreign(self, publication: int) -> bool:
        endpoint = self._graph.endpoint(publication)
        return endpoint is not None and strangers.is_foreign(endpoint)

    def send(self, request: tuple[int, int, int], data: Any) -> None:
        """Send the reply to a request; a client that is still being discovered is waited for."""
        client, number, publication = request
        self._wait_for_client(publication)
        self.writer.write(_join(client, number, data))

    def _wait_for_client(self, publication: int) -> None:
        endpoint = self._graph.endpoint(publication)
        identity = endpoint.user_value("clientid") if endpoint is not None else ""
        if not identity or identity in self._known:
            return
        changed = threading.Event()
        stop = self._graph.on_change(changed.set)
        try:
            for _ in range(10):
                if self._sees(identity):
                    self._known.add(identity)
                    return
                changed.wait(CLIENT_DISCOVERY / 10)
                changed.clear()
        finally:
            stop()

    def _sees(self, identity: str) -> bool:
        for handle in self.writer.matched_handles():
            endpoint = self._graph.endpoint(handle)
            if endpoint is not None and endpoint.user_value("clientid") == identity:
                return True
        return False
