"""What a recovery moves, when the node dies, or when its server does not confirm that it stopped."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import Cancel, Pause, Resume
from test.integration.ros.processes import ROOT, World, wait_for
from test.scripted_nav2.log import read as read_log

pytestmark = pytest.mark.timeout(360)
TABLES = """\
version: 1
tables:
  navigation:
    - errors: [NAV2_FAILED_TO_MAKE_PROGRESS]
      strategies: [{strategy: back_up, settings: {distance: 0.8, speed: 0.1}}, retry]
"""
DRIVE = {
    "id": "go",
    "action_type": "navigate_to",
    "parameters": {"target_location": {"x": 2.0, "y": 0.0}},
    "retry": {"max_attempts": 2, "initial_delay": 0.1},
}
PLAN = json.dumps({"version": 1, "actions": [DRIVE]})


def node(world: World):
    tables = world.folder / "recovery.yaml"
    tables.write_text(TABLES)
    return world.node(
        capability_files=f"[{ROOT / 'config' / 'capabilities.yaml'}]",
        recovery_file=tables,
        alerts_file=ROOT / "config" / "alerts.yaml",
        cancel_timeout=1.5,
    )


def ours(world: World, what: str = "goal") -> list[str]:
    """Our goals on `backup`: their ids follow from what they are for, those of Nav2's are random."""
    return [
        line["id"]
        for line in read_log(world.nav2_log)
        if line["what"] == what
        and line.get("action") == "backup"
        and UUID(hex=line["id"]).version == 5
    ]


def backing_up(world: World, client: OrchestratorClient):
    """Let a drive that makes no progress be recovered; return its session while it backs up."""
    client.wait_ready(90.0)
    session = client.send(plan=PLAN, execution_id="errand")
    wait_for(lambda: ours(world), 60.0, "the recovery")
    return session


def alerts(client: OrchestratorClient) -> list[str]:
    return [alert.alert_id for alert in client.alerts]


def test_a_node_that_is_killed_while_a_recovery_moves_moves_it_once(world, operator):
    world.nav2(options=("--fault", "progress off"))
    first = node(world)
    with OrchestratorClient() as client:
        backing_up(world, client)
        first.kill()
    operator.fault("progress on")
    successor = node(world)
    wait_for(lambda: successor.said().count("ready for goals") == 2, 90.0, "the restart")
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        again = client.send(plan=PLAN, execution_id="errand")
        assert again.done.wait(90.0)
        assert again.result.status.value == ExecutionStatus.COMPLETED, again.result.message
    assert len(ours(world)) == 1
    assert ours(world, "end") == ours(world)


@pytest.mark.parametrize("how", ["ignored", "refused"])
def test_a_recovery_that_does_not_stop_is_quarantined_and_told(world, operator, how):
    world.nav2(options=("--fault", "progress off", "--fault", f"cancel backup {how}"))
    node(world)
    with OrchestratorClient() as client:
        session = backing_up(world, client)
        assert client.call("cancel", Cancel, execution_id="errand").success
        assert session.done.wait(60.0)
        assert session.result.status.value == ExecutionStatus.CANCELLED
        assert "the robot may still be moving" in session.result.message
        wait_for(lambda: client.state and client.state.quarantined, 30.0, "the quarantine")
        [left] = client.state.quarantined
        assert UUID(left.goal_id).hex == ours(world)[0]
        assert (left.strategy, left.action_id) == ("back_up", "go")
        wait_for(lambda: "quarantined_recoveries" in alerts(client), 30.0, "the alert")
        assert "quarantined_goals" not in alerts(client)
        # It is over when its server says so.
        wait_for(lambda: not client.state.quarantined, 60.0, "its end")
    assert len(ours(world)) == 1


def test_a_pause_that_is_not_confirmed_leaves_the_motion_in_quarantine(world, operator):
    world.nav2(options=("--fault", "progress off", "--fault", "cancel backup ignored"))
    node(world)
    with OrchestratorClient() as client:
        session = backing_up(world, client)
        assert client.call("pause", Pause, execution_id="errand").success
        wait_for(lambda: client.state and client.state.quarantined, 60.0, "the quarantine")
        operator.fault("progress on")
        assert client.call("resume", Resume, execution_id="errand").success
        # Nothing else moves the base before the motion has ended.
        assert session.done.wait(90.0)
        assert session.result.status.value == ExecutionStatus.COMPLETED, session.result.message
    assert len(ours(world)) == 1
    lines = [
        (line["what"], line["action"])
        for line in read_log(world.nav2_log)
        if line["what"] in ("goal", "end") and line.get("action") in ("backup", "navigate_to_pose")
    ]
    assert lines.index(("end", "backup")) < len(lines) - 1 - lines[::-1].index(
        ("goal", "navigate_to_pose")
    )


def test_a_recovery_makes_room_for_somebody_else(world, operator):
    world.nav2(options=("--fault", "progress off"))
    node(world)
    with OrchestratorClient() as client:
        session = backing_up(world, client)
        operator.fault("progress on")
        theirs = operator.drive(-1.0, 1.0)
        wait_for(lambda: ours(world, "end"), 30.0, "the end of our motion")
        assert session.done.wait(90.0)
        assert session.result.status.value == ExecutionStatus.COMPLETED, session.result.message
    ends = {
        line["id"]: line["status"] for line in read_log(world.nav2_log) if line["what"] == "end"
    }
    assert ends[ours(world)[0]] == "canceled"
    assert ends[bytes(bytearray(theirs.goal_id.uuid)).hex()] == "succeeded"
