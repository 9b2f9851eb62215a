"""Clients of the MCP server, and what the tests of agents ask and read."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx2
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from execution_orchestrator.engine.events import CommandGiven, Event, RequestRefused
from execution_orchestrator.storage import open_database, open_journal
from test.chaos.processes import ROOT

WAIT = {"id": "rest", "action_type": "wait", "parameters": {"duration": 30.0}}


@dataclass(frozen=True)
class Place:
    """Where a node runs: its folder, and the environment of its processes."""

    folder: Path
    env: dict[str, str]


def server(robot: Place, client: str = "default") -> StdioServerParameters:
    """How a client starts the server."""
    return StdioServerParameters(
        command=sys.executable,
        args=[
            str(ROOT / "scripts/mcp"),
            *("--client", client, "--policy", str(robot.folder / "policy.yaml")),
        ],
        env=robot.env,
    )


@asynccontextmanager
async def over_stdio(robot: Place, client: str = "default", **more: Any) -> AsyncIterator[Client]:
    async with Client(server(robot, client), read_timeout_seconds=150.0, **more) as made:
        yield made


@asynccontextmanager
async def over_http(url: str, client: str = "default", **more: Any) -> AsyncIterator[Client]:
    headers, at = {"Authorization": f"Bearer {client}"}, urlsplit(url)
    for _ in range(600):
        try:
            # A request without a token would be a stranger, of whom the journal has only so many.
            await (await anyio.connect_tcp(str(at.hostname), at.port or 0)).aclose()
            break
        except OSError:
            await anyio.sleep(0.1)
    async with (
        httpx2.AsyncClient(headers=headers, timeout=150.0) as web,
        Client(streamable_http_client(url, http_client=web), **more) as made,
    ):
        yield made


def plan(*actions: dict[str, Any], **more: Any) -> str:
    return json.dumps({"version": 1, "actions": actions, **more})


def to(place: Any) -> dict[str, Any]:
    return {"id": "go", "action_type": "navigate_to", "parameters": {"target_location": place}}


def rest(seconds: float, name: str = "rest") -> dict[str, Any]:
    return {**WAIT, "id": name, "parameters": {"duration": seconds}}


async def told(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """The structured answer of a tool that did its work."""
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer.content
    return dict(answer.structured_content or {})


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error, answer.structured_content
    return str(answer.content[0].text)


def ended(begun: dict[str, Any]) -> dict[str, Any]:
    """Arguments of wait_for_execution."""
    return {"execution_id": begun["execution_id"], "timeout": 120.0}


async def until(client: Client, begun: dict[str, Any], status: str) -> dict[str, Any]:
    for _ in range(200):
        seen = await told(client, "get_execution", execution_id=begun["execution_id"])
        if seen["status"] == status:
            return seen
        await anyio.sleep(0.1)
    raise AssertionError(f"{seen['status']} and not {status}: {seen['reason']}")


def refusals(folder: Path) -> list[RequestRefused]:
    """What the journal of the running node has, read as the command `history` does."""
    return [event for event in _requests(folder) if isinstance(event, RequestRefused)]


def callers(folder: Path, execution_id: str) -> dict[str, str]:
    """Who asked for what of an execution, by what was asked."""
    return {
        event.command: event.caller.name
        for event in _requests(folder)
        if isinstance(event, CommandGiven) and event.execution_id == execution_id
    }


def _requests(folder: Path) -> list[Event]:
    database = open_database(folder / "state", lock=False)
    try:
        return [entry.event for entry in open_journal(database).commands(limit=100_000)][::-1]
    finally:
        database.close()


def reset(robot: Place) -> None:
    """A person resets the emergency stop, with a client of the node."""
    in_python(
        robot.env,
        "for _ in range(50):",
        "    done = client.call('reset_emergency_stop', ResetEmergencyStop, timeout=30.0)",
        "    if done.success: break",
        "    time.sleep(0.2)",
        "assert done.success, done.message",
    )


def in_python(env: dict[str, str], *lines: str) -> None:
    """Run lines with a client of the node, in the node's domain."""
    code = [
        "import time",
        "from execution_orchestrator.ros.client import OrchestratorClient",
        "from execution_orchestrator.srv import ResetEmergencyStop",
        "with OrchestratorClient() as client:",
        "    client.wait_ready(90.0)",
        *(f"    {line}" for line in lines),
    ]
    subprocess.run([sys.executable, "-c", "\n".join(code)], env=env, check=True, timeout=90)
