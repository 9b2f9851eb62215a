"""A node that leaves its goals on the robot, and finds them again."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from test.integration.ros.processes import LONG, wait_for

pytestmark = pytest.mark.timeout(360)


def test_goals_that_are_left_run_on_and_are_adopted(world):
    world.server("work")
    plan = json.dumps(
        {"version": 1, "actions": [{"action_type": "work", "parameters": {"milliseconds": LONG}}]}
    )
    node = world.node(leave_goals_on_shutdown=True)
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        client.send(plan=plan, execution_id="errand")
        wait_for(lambda: world.lines("work")[-1][0] == "began", 30.0, "the start")
        assert node.stop() == 0
    successor = world.node()
    wait_for(lambda: "ready for goals" in successor.said().split("stopping")[-1], 90.0, "restart")
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        again = client.send(plan=plan, execution_id="errand")
        assert again.answered.wait(60.0)
        world.finish("work")
        assert again.done.wait(60.0)
        assert again.result.status.value == ExecutionStatus.COMPLETED, again.result.message
    assert [line[0] for line in world.lines("work")] == ["up", "asked", "began", "ended"]


def workers_of(node):
    """Return the processes in which the node validates large documents."""
    threads = Path(f"/proc/{node.process.pid}/task").iterdir()
    return [int(pid) for one in threads for pid in (one / "children").read_text().split()]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_document_that_is_being_validated_keeps_no_node_from_its_end(world, how):
    work = {"action_type": "work", "parameters": {"milliseconds": 1}, "condition": "1 + 1 == 2"}
    large = {"version": 1, "actions": [{"id": f"a{n}", **work} for n in range(9000)]}
    node = world.node()
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        client.send(plan=json.dumps(large))
        wait_for(lambda: workers_of(node), 60.0, "the process of the document")
        (worker,) = workers_of(node)
        time.sleep(1.0)  # it is at work, or still starting: either is as good
        node.process.send_signal(how)
        node.process.wait(15.0)
        wait_for(lambda: not Path(f"/proc/{worker}").exists(), 70.0, "the end of the process")


def test_a_client_that_has_left_is_not_in_the_graph_any_more(world, operator):
    """Also while somebody holds the object: the garbage of a process is collected at any time."""

    def seen():
        names = operator.node.get_node_names()
        return [name for name in names if name.startswith("_orchestrator_client")]

    with OrchestratorClient() as client:
        wait_for(seen, 60.0, "its node in the graph")
    wait_for(lambda: not seen(), 30.0, "its end in the graph")
    assert client.state is None
