"""Runs the MCP server beside a node, over stdio or HTTP."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable

import anyio

from execution_orchestrator.agents.http import HOST, PATH, serve, tokens_of
from execution_orchestrator.agents.mcp_server import AgentServer
from execution_orchestrator.agents.policy import AgentsPolicy
from execution_orchestrator.agents.robot import Robot


def run(serve: Callable[[], Awaitable[int]]) -> int:
    """Run one of the two servers below in this thread until it has ended; returns its status."""
    return anyio.run(serve)


async def over_stdio(node: str, policy: AgentsPolicy, client: str) -> int:
    """Serve the client at the other end of stdin and stdout until it leaves."""
    async with Robot(node) as robot, anyio.create_task_group() as tasks:
        agents = AgentServer(robot, policy, client)
        tasks.start_soon(agents.resources.announce)
        try:
            await agents.build().run_stdio_async()
        finally:
            with anyio.CancelScope(shield=True), anyio.move_on_after(10.0):
                await agents.leave()
        tasks.cancel_scope.cancel()
    return 0


async def over_http(node: str, policy: AgentsPolicy, port: int) -> int:
    """Serve clients over HTTP on loopback until the process gets SIGINT or SIGTERM."""
    tokens, made = tokens_of(policy)
    sys.stderr.write(f"MCP server at http://{HOST}:{port}{PATH}\n")
    if made:
        sys.stderr.write(f"token (new at every start): {made}\n")
    sys.stderr.flush()
    async with Robot(node) as robot, anyio.create_task_group() as tasks:
        agents = AgentServer(robot, policy)
        tasks.start_soon(agents.resources.announce)
        await serve(agents, tokens, port, robot.record_refusal)
        tasks.cancel_scope.cancel()
    return 0
