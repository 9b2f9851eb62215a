"""`watch` in a terminal of 80 columns and 24 lines, against the node: what it shows, and its keys."""

from __future__ import annotations

import json

import pytest
from textual.widgets import Static

from execution_orchestrator.cli.watch_app import WatchApp
from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient

pytestmark = pytest.mark.timeout(360)
PLAN = {
    "version": 1,
    "command": "ask before you work",
    "actions": [
        {"id": "hum", "action_type": "delay", "duration": 600.0, "depends_on": []},
        {
            "id": "work",
            "action_type": "work",
            "parameters": {"milliseconds": 10},
            "require_confirmation": True,
            "depends_on": [],
        },
    ],
}


async def until(pilot, text, *, shown=True, tries=200):
    """Wait until the screen shows something, or shows it no longer."""
    for _ in range(tries):
        await pilot.pause(0.1)
        lines = pilot.app.export_text()
        if (text in lines) is shown:
            return lines
    raise AssertionError(f"{text!r} is {'not' if shown else 'still'} on the screen:\n{lines}")


class Screen(WatchApp):
    """The application, with a way to read what it shows."""

    def export_text(self):
        return "\n".join(
            "".join(segment.text for segment in strip)
            for strip in self.query_one("#picture", Static).render_lines(
                self.query_one("#picture", Static).size.region
            )
        )


async def test_every_key_does_what_it_says(world):
    world.server("work")
    world.node()
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        session = client.send(plan=json.dumps(PLAN), execution_id="e1")
        async with Screen(client).run_test(size=(80, 24)) as pilot:
            await until(pilot, "EXECUTING")
            lines = await until(pilot, "asks")
            assert max(len(line.rstrip()) for line in lines.splitlines()) <= 80
            await pilot.press("p")
            await until(pilot, "PAUSED")
            await pilot.press("r")
            await until(pilot, "EXECUTING")
            await pilot.press("y")
            await until(pilot, "asks", shown=False)
            await pilot.press("c")
            await until(pilot, "CANCELLED")
        assert session.done.wait(60.0)
    states = {action.action_id: action.status.value for action in session.result.actions}
    assert session.result.status.value == ExecutionStatus.CANCELLED
    assert states == {"hum": 13, "work": 10}
