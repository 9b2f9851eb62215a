"""The node's page for others, and who did what, with real processes and the commands of a terminal."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from execution_orchestrator.cli.access import main as access
from execution_orchestrator.cli.history import main as history
from execution_orchestrator.msg import AlertCondition
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import Cancel, Pause, ResetEmergencyStop, SetAlert
from test.integration.ros.processes import LONG, wait_for
from test.ports import free_port
from test.unit.monitoring.web.doors import certificate

pytestmark = pytest.mark.timeout(360)
ROOT = Path(__file__).parents[3]
PLAN = json.dumps({"actions": [{"action_type": "work", "parameters": {"milliseconds": LONG}}]})


def deeds(capsys, world, *words):
    state = str(world.folder / "state")
    capsys.readouterr()
    assert history(["--state-directory", state, "--json", "--who", *words]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_person_signs_in_over_tls_and_everybodys_deeds_are_told(world, capsys, tmp_path):
    file, port = world.folder / "access.yaml", free_port()
    made = subprocess.run(
        [
            *(sys.executable, str(ROOT / "scripts" / "access"), "add", "anna"),
            *("--role", "operate", "--file", str(file)),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    crt, key = certificate(tmp_path)
    world.server("work")
    node = world.node(web_port=port, access_file=file, web_certificate=crt, web_key=key)
    with OrchestratorClient(requester=lambda: "bert@pc at a terminal") as client:
        client.wait_ready(90.0)
        wait_for(lambda: "web page: https" in node.said(), 60.0, "the page")
        page = httpx.Client(
            base_url=f"https://127.0.0.1:{port}/", verify=ssl.create_default_context(cafile=crt)
        )
        assert page.get("api/state").status_code == 401
        page.headers["authorization"] = f"Bearer {made.stdout.strip()}"
        ran = page.post("api/run", json={"plan": PLAN}).json()
        assert ran["success"], ran
        name = ran["execution_id"]
        wait_for(lambda: len(world.lines("work")) > 1, 60.0, "the begin of the goal")
        assert page.post("api/act/pause", json={"execution_id": name}).json()["success"]
        assert page.post("api/act/reset_emergency_stop", json={}).status_code == 403
        assert client.call("cancel", Cancel, execution_id=name, requester="").success
        client.call("pause", Pause, execution_id="nobody")
        client.call("reset_emergency_stop", ResetEmergencyStop, operator_name="carla")
        condition = AlertCondition(metric="actions_running", comparison="gt", threshold=5.0)
        client.call("set_alert", SetAlert, alert_id="mine", severity=3, condition=condition)
        assert access(["role", "anna", "--role", "administer", "--file", str(file)]) == 0
        assert page.post("api/act/reset_emergency_stop", json={}).status_code == 200
    told = [(one["who"], one["what"], one["execution_id"]) for one in deeds(capsys, world)]
    anna, bert = "anna (operate, web page)", "bert@pc at a terminal, says a ROS client"
    reset = "reset of the emergency stop"
    assert told[0] == (anna.replace("operate", "administer"), reset, "")
    assert ("carla, says a ROS client", reset, "") in told
    assert (bert, "pause (nobody)", "") in told
    assert (bert, "set an alert (mine: actions_running gt 5)", "") in told
    assert ("a ROS client", "cancel", name) in told
    assert (anna, "pause", name) in told
    assert (anna, "reset emergency stop", "") in told
    who, what, about = told[-1]
    assert (who, about) == (anna, name)
    assert what.startswith("run: ")
    assert [one["who"] for one in deeds(capsys, world, "cancel")] == ["a ROS client"]


def test_without_people_the_node_says_why_it_has_no_page_beyond_loopback(world):
    node = world.node(web_port=free_port(), web_host="0.0.0.0")
    wait_for(lambda: "access add NAME" in node.said(), 90.0, "the reason")
    assert "no web page: 0.0.0.0 is not loopback" in node.said()
    assert node.running
