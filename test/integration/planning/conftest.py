"""The node as a process, a model beside it, and either work servers or the simulated robot."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from execution_orchestrator.ros.client import OrchestratorClient
from test.integration.ros.processes import ROOT, World
from test.model_server import ModelServer, saying

RECOVERY = Path(__file__).parent / "replan_at_once.yaml"
REAL_TIME_FACTOR = 8.0


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path)
    made.env["NO_PROXY"] = "127.0.0.1"
    for name in ("ROS_DOMAIN_ID", "ROS_AUTOMATIC_DISCOVERY_RANGE", "ROS_HOME"):
        monkeypatch.setenv(name, made.env[name])
    yield made
    made.close()


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with ModelServer(saying("nothing yet")) as made:
        yield made


@pytest.fixture
def start(world: World, model: ModelServer) -> Iterator[Callable[..., OrchestratorClient]]:
    """Start the node with the model, and return a client; again for another life of the node."""
    clients: list[OrchestratorClient] = []

    def begin(**parameters: Any) -> OrchestratorClient:
        world.node(
            **{
                "recovery_file": RECOVERY,
                "llm_base_url": model.url,
                "llm_model": "test",
                "web_port": 0,
                **parameters,
            }
        )
        client = OrchestratorClient()
        client.__enter__()
        clients.append(client)
        client.wait_ready(90.0)
        return client

    yield begin
    for client in clients:
        client.__exit__(None, None, None)


def start_robot(world: World, *servers: str) -> None:
    """Start servers of the simulated robot."""
    for server in servers:
        command = [sys.executable, str(ROOT / "scripts" / f"sim_{server}"), "--ros-args"]
        for value in ("world:=apartment", f"real_time_factor:={REAL_TIME_FACTOR}"):
            command += ["-p", value]
        world._start(command, f"{server}.out")
