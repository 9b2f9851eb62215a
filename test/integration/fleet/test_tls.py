"""A mission over TLS with certificates on both sides: what stands before Temporal ends the TLS."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from execution_orchestrator.fleet.agent import Agent
from execution_orchestrator.fleet.connection import Connection, TemporalUnavailableError
from execution_orchestrator.fleet.missions import Missions
from execution_orchestrator.fleet.validation import read_mission
from test.certificates import SERVER, Certificates, certificates
from test.integration.fleet.conftest import ScriptedRobot

pytestmark = pytest.mark.timeout(60)
MOST = 65_536  # bytes that are handed on at once


@contextlib.asynccontextmanager
async def behind_tls(files: Certificates, port: int) -> AsyncIterator[str]:
    """Yield the address of what speaks TLS, asks for a certificate, and hands on to a port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=files.ca)
    context.load_cert_chain(files.cert, files.key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])

    async def hand_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            while data := await source.read(MOST):
                sink.write(data)
                await sink.drain()
        sink.close()

    async def serve(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        back, to = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(hand_on(source, to), hand_on(back, sink))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def test_a_mission_is_done_over_tls_with_a_key_of_the_environment(
    server, client, tmp_path, monkeypatch
):
    monkeypatch.setenv("FLEET_KEY", "secret")
    files = certificates(tmp_path)
    async with behind_tls(files, server.port) as address:
        way = Connection(
            address=address,
            tls_ca=str(files.ca),
            tls_cert=str(files.cert),
            tls_key=str(files.key),
            tls_server_name=SERVER,
            api_key_variable="FLEET_KEY",
        )
        robot = ScriptedRobot(f"r{uuid.uuid4().hex[:6]}")
        agent = asyncio.create_task(Agent(await way.wait(), robot).run())
        connected = await way.open()
        assert connected.service_client.config.api_key == "secret"
        missions = Missions(connected)
        text = f"{{name: tls, tasks: [{{id: t, robot: {robot.name}, command: t}}]}}"
        state = await missions.result(await missions.submit(read_mission(text, now=0.0).mission))
        assert (state.status, robot.began) == ("COMPLETED", {"t": 1})
        agent.cancel()
        await asyncio.wait([agent])
        for wrong in (
            replace(way, tls_cert="", tls_key=""),  # who does not say who he is
            replace(way, tls_server_name="elsewhere.test"),
            replace(way, tls_ca=""),  # an authority that nobody knows
        ):
            with pytest.raises(TemporalUnavailableError, match=f"Temporal at {address}"):
                await wrong.open()
