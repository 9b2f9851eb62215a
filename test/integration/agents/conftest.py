"""One simulated robot with its node, and one MCP server over HTTP, for all tests of agents."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from test.chaos.processes import ROOT, Robot
from test.integration.agents.clients import Place, in_python
from test.integration.ros.processes import environment
from test.ports import free_port

# Each client has its own name for a token.
POLICY = """\
version: 1
clients:
  default: {confirm: [], without: [spin], limits: {duration: 10}, requests_per_minute: 2000, executions_per_hour: 1000}
  asks: {confirm: [navigate_*], max_running: 2, token_variable: ASKS}
  page: {confirm: [navigate_*], confirm_in_client: false, token_variable: PAGE}
  kitchen: {confirm: [], places: [kitchen, home], token_variable: KITCHEN}
  slow: {confirm: [], requests_per_minute: 20, token_variable: SLOW}
  leaves: {confirm: [], on_disconnect: cancel}
  careful: {confirm: [], rehearse: true, token_variable: CAREFUL}
  hostile: {confirm: [], max_running: 1, requests_per_minute: 600, token_variable: HOSTILE}
"""
TOKENS = {
    "EXECUTION_ORCHESTRATOR_MCP_TOKEN": "default",
    **{name.upper(): name for name in ("asks", "page", "kitchen", "slow", "careful", "hostile")},
}


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="package")
def robot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("agents")
    env = environment(folder)
    (folder / "policy.yaml").write_text(POLICY)
    made = Robot(folder, env)
    try:
        in_python(env, "client.wait_ready(90.0)")
        yield Place(folder, env)
    finally:
        made.close()
    assert made.wrong() == []


# Begun with the first test, so that it outlives each module's look at what was left running.
@pytest.fixture(scope="package", autouse=True)
def url(robot: Place) -> Iterator[str]:
    port = free_port()
    log = robot.folder / "mcp.log"
    with log.open("wb") as sink:
        server = subprocess.Popen(
            [
                sys.executable,
                str(ROOT / "scripts/mcp"),
                *("--http", "--port", str(port), "--policy", str(robot.folder / "policy.yaml")),
            ],
            env={**robot.env, **TOKENS},
            stdin=subprocess.DEVNULL,
            stderr=sink,
            stdout=sink,
        )
    try:
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        server.send_signal(signal.SIGINT)
        status = server.wait(60)
    assert status in (0, -signal.SIGINT, 130), log.read_text()
    assert "Traceback" not in log.read_text(), log.read_text()
