"""A world of processes on a domain of its own for each test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor

from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.goals import ClientPool, PoolSettings
from execution_orchestrator.ros.listening import reading
from execution_orchestrator.ros.spinning import spinning
from test.integration.ros.processes import World
from test.integration.ros.someone_else import Operator


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path)
    for name in ("ROS_DOMAIN_ID", "ROS_AUTOMATIC_DISCOVERY_RANGE", "ROS_HOME"):
        monkeypatch.setenv(name, made.env[name])
    yield made
    made.close()


@pytest.fixture
def operator(world: World) -> Iterator[Operator]:
    made = Operator()
    with spinning(made.node, SingleThreadedExecutor(context=made.context)):
        yield made
    made.context.try_shutdown()


@asynccontextmanager
async def client_pool() -> AsyncIterator[ClientPool]:
    """A client pool with a context and a spin thread of its own, as a process has it."""
    context = rclpy.Context()
    rclpy.init(context=context)
    node, listening = (
        rclpy.create_node(name, context=context, start_parameter_services=False)
        for name in ("pool", "pool_listener")
    )
    with spinning(node, SingleThreadedExecutor(context=context)), reading(listening):
        settings = PoolSettings(
            server_timeout=10.0, adopt_timeout=10.0, answer_timeout=1.0, watch_period=0.1
        )
        made = ClientPool(node, Bridge(asyncio.get_running_loop()), settings, listening=listening)
        made.start()
        yield made
        await made.stop()


@pytest.fixture
async def pool(world: World) -> AsyncIterator[ClientPool]:
    async with client_pool() as made:
        yield made


@pytest.fixture
async def successor(world: World) -> AsyncIterator[ClientPool]:
    """What the next process after a crash has: it knows UUIDs and nothing else."""
    async with client_pool() as made:
        yield made
