"""The page reads the journal of every state that a node may have died in."""

import httpx
import pytest

from execution_orchestrator.monitoring.web.server import WebServer
from test.data.record_journals import EXECUTION
from test.unit.monitoring.running import Running
from test.unit.storage.test_recorded_journals import NAMES, restored


@pytest.mark.parametrize("name", NAMES)
def test_all_that_the_page_asks_of_a_recorded_run_is_answered(tmp_path, name):
    restored(tmp_path, name)
    running = Running(tmp_path)
    server = WebServer(running.source)
    server.start()
    try:
        with httpx.Client(base_url=server.url, timeout=20.0) as page:
            listed = {run["execution_id"] for run in page.get("api/runs").json()["runs"]}
            run = f"api/executions/{EXECUTION}"
            parts = ("", "/actions", "/graph", "/goal", "/report.html", "/report.json")
            asked = [*(f"{run}{part}" for part in parts), "api/state", "api/dead_letters"]
            refused = {path: page.get(path).status_code for path in asked}
    finally:
        server.stop()
        running.stop()
    assert EXECUTION in listed
    assert {path: code for path, code in refused.items() if code != 200} == {}
