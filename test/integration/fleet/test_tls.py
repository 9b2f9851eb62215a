"""A mission over TLS with certificates on both sides: what stands before Temporal ends the TLS."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import sys
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from execution_orchestrator.fleet.agent import Agent
from execution_orchestrator.fleet.connection import Connection, TemporalUnavailableError
from execution_orchestrator.fleet.missions import Missions
from test.certificates import SERVER, Certificates, certificates
from test.integration.fleet.conftest import ScriptedRobot, lasting

pytestmark = pytest.mark.timeout(120)
connection = pytest.importorskip("h2.connection", reason="pip install h2")
config, events = pytest.importorskip("h2.config"), pytest.importorskip("h2.events")
MOST = 65_536  # bytes that are handed on at once


class Gate:
    """Speaks TLS, asks for a certificate and a key, and hands on to Temporal who has both."""

    def __init__(self, port: int, key: str) -> None:
        self.key = key
        self._port = port
        self._open: set[asyncio.StreamWriter] = set()

    @contextlib.asynccontextmanager
    async def on(self, files: Certificates) -> AsyncIterator[str]:
        """Yield the address."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=files.ca)
        context.load_cert_chain(files.cert, files.key)
        context.verify_mode = ssl.CERT_REQUIRED
        context.set_alpn_protocols(["h2"])
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        try:
            yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            self.cut()

    def cut(self) -> None:
        """Lose all connections, as a network does."""
        for one in self._open:
            one.transport.abort()

    async def _serve(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        self._open.add(sink)
        with contextlib.suppress(OSError, ssl.SSLError):
            first, said = await self._first(source)
            if said == f"Bearer {self.key}":
                back, to = await asyncio.open_connection("127.0.0.1", self._port)
                to.write(first)
                await asyncio.gather(self._hand_on(source, to), self._hand_on(back, sink))
            else:
                await self._refuse(first, source, sink)
        self._open.discard(sink)
        sink.close()

    async def _first(self, source: asyncio.StreamReader) -> tuple[bytes, str]:
        """Read up to the first request; return what was read, and its key."""
        reader, read = _server_side(), b""
        while data := await source.read(MOST):
            read += data
            for event in reader.receive_data(data):
                if isinstance(event, events.RequestReceived):
                    return read, dict(event.headers).get("authorization", "")
        return read, ""

    async def _refuse(
        self, data: bytes, source: asyncio.StreamReader, sink: asyncio.StreamWriter
    ) -> None:
        """Answer every request as a server of gRPC does that does not accept the key."""
        speaker = _server_side()
        speaker.initiate_connection()
        while data:
            for event in speaker.receive_data(data):
                if isinstance(event, events.RequestReceived):
                    speaker.send_headers(
                        event.stream_id,
                        [
                            (":status", "200"),
                            ("content-type", "application/grpc"),
                            ("grpc-status", "16"),
                            ("grpc-message", "who are you?"),
                        ],
                        end_stream=True,
                    )
            sink.write(speaker.data_to_send())
            await sink.drain()
            data = await source.read(MOST)

    async def _hand_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            while data := await source.read(MOST):
                sink.write(data)
                await sink.drain()
        sink.close()


def _server_side() -> Any:
    return connection.H2Connection(
        config.H2Configuration(client_side=False, header_encoding="utf-8")
    )


async def told_by_the_command(address: str, files: Certificates, *words: str) -> tuple[int, str]:
    """Run `mission` over TLS; return its exit code and what it said."""
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "execution_orchestrator.cli.mission", *words),
        *("--temporal", address, "--tls-ca", str(files.ca), "--tls-server-name", SERVER),
        *("--tls-cert", str(files.cert), "--tls-key", str(files.key)),
        *("--api-key-variable", "FLEET_KEY"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await run.communicate()
    return run.returncode or 0, " ".join(said.decode().split())


async def test_a_mission_is_done_over_tls_with_a_key_of_the_environment(
    server, client, tmp_path, monkeypatch
):
    monkeypatch.setenv("FLEET_KEY", "secret")
    files = certificates(tmp_path)
    gate = Gate(server.port, "secret")
    async with gate.on(files) as address:
        way = Connection(
            address=address,
            tls_ca=str(files.ca),
            tls_cert=str(files.cert),
            tls_key=str(files.key),
            tls_server_name=SERVER,
            api_key_variable="FLEET_KEY",
        )
        robot = ScriptedRobot(f"r{uuid.uuid4().hex[:6]}")
        robot.work = lasting(4.0)
        agent = asyncio.create_task(Agent(await way.wait(), robot).run())
        document = tmp_path / "mission.yaml"
        document.write_text(f"{{name: tls, tasks: [{{id: t, robot: {robot.name}, command: t}}]}}")
        name = f"tls-{uuid.uuid4().hex[:6]}"
        code, said = await told_by_the_command(
            address, files, "submit", str(document), "--id", name
        )
        assert code == 0, said
        async with asyncio.timeout(30.0):
            while not robot.began:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        gate.cut()
        state = await Missions(client).result(name)
        assert (state.status, robot.began) == ("COMPLETED", {"t": 1})
        agent.cancel()
        await asyncio.wait([agent])
        for wrong in (
            replace(way, tls_cert="", tls_key=""),  # who does not say who he is
            replace(way, tls_server_name="elsewhere.test"),
            replace(way, tls_ca=""),  # an authority that nobody knows
        ):
            with pytest.raises(TemporalUnavailableError, match=f"Temporal at {address}.*tls_ca"):
                await wrong.open()
        monkeypatch.setenv("FLEET_KEY", "wrong")
        code, said = await told_by_the_command(address, files, "list")
        assert code != 0
        assert f"Temporal at {address}" in said
        assert "the variable FLEET_KEY has a key that it does not accept" in said
