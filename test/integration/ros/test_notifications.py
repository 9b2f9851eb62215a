"""An alert reaches a webhook, once, though the node is killed."""

from __future__ import annotations

import contextlib
import json
import sqlite3

import pytest

from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import Cancel
from test.integration.ros.processes import LONG, wait_for
from test.unit.monitoring.receivers import Webhook

pytestmark = pytest.mark.timeout(360)
PLAN = json.dumps({"actions": [{"action_type": "work", "parameters": {"milliseconds": LONG}}]})
ALERTS = """\
alerts:
  - {alert_id: busy, metric: actions_running, comparison: gt, threshold: 0.0, severity: error}
"""


@pytest.fixture
def webhook():
    made = Webhook()
    yield made
    made.stop()


def waiting(world):
    """Return how many messages the node still has to deliver."""
    file = world.folder / "state" / "notifications.db"
    with contextlib.closing(sqlite3.connect(file)) as database:
        return database.execute("SELECT count(*) FROM message").fetchone()[0]


def test_an_alert_is_told_once_over_a_kill_and_then_that_it_is_over(world, webhook):
    (world.folder / "alerts.yaml").write_text(ALERTS)
    (world.folder / "notifications.yaml").write_text(
        f"robot: r7\ntargets: {{hook: {{url: '{webhook.url}'}}}}\nrules: [{{name: all, to: [hook]}}]"
    )
    files = {
        "alerts_file": world.folder / "alerts.yaml",
        "notifications_file": world.folder / "notifications.yaml",
        "web_port": 0,
    }
    world.server("work")
    node = world.node(**files)
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        client.send(plan=PLAN, execution_id="e1")
        assert webhook.titles(1) == ["[r7] busy: error"]
        # Before the node knows that it was taken, a kill would have it sent again.
        wait_for(lambda: waiting(world) == 0, 60.0, "the message to be taken off")
        node.kill()
        client.alerts.clear()
        world.node(**files)
        wait_for(lambda: client.ready, 90.0, "the second start")
        wait_for(
            lambda: any(alert.active for alert in client.alerts), 60.0, "the alert of the new node"
        )
        assert client.call("cancel", Cancel, execution_id="e1").success
        assert webhook.titles(2) == ["[r7] busy: error", "[r7] busy: over"]


def test_a_file_with_a_slip_ends_the_node_with_its_place(world):
    (world.folder / "notifications.yaml").write_text("rules: [{name: all, to: [phone]}]")
    node = world.node(notifications_file=world.folder / "notifications.yaml")
    wait_for(lambda: not node.running, 90.0, "the end of the node")
    assert "no target is called phone" in node.said()
