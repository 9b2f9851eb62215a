"""More than the node can take: every goal is answered, done once or refused, and nobody waits for a slow one."""

from __future__ import annotations

import json
import signal

import pytest

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import GetExecution
from test.integration.ros.processes import LONG, wait_for

pytestmark = pytest.mark.timeout(360)
RUNNING, WAITING, SENT = 4, 8, 300


def work(client, name):
    action = {"action_type": "work", "parameters": {"milliseconds": LONG}}
    return client.send(plan=json.dumps({"version": 1, "actions": [action]}), execution_id=name)


def test_a_flood_of_goals_beside_one_who_does_not_listen(world):
    world.server("work")
    world.node(max_running_executions=RUNNING, queue_capacity=WAITING)
    listener = world.state_listener()
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        wait_for(lambda: world.lines("heard"), 90.0, "the state")
        listener.process.send_signal(signal.SIGSTOP)
        sent = [work(client, f"flood_{number}") for number in range(SENT)]
        refused = SENT - RUNNING - WAITING
        wait_for(lambda: sum(one.done.is_set() for one in sent) >= refused, 90.0, "refusals")
        wait_for(lambda: len(began(world)) == RUNNING, 30.0, "as many as may run")
        taken = [one for one in sent if not one.done.is_set()]
        assert len(taken) == RUNNING + WAITING
        # Who is refused is told why, and who asks is answered.
        refusals = [one.result for one in sent if one.done.is_set()]
        assert {issue.code for one in refusals for issue in one.issues} == {"QUEUE_FULL"}
        ran = client.state.executions[0]
        assert client.call("get_execution", GetExecution, execution_id=ran.execution_id).success
        world.finish("work")
        for one in taken:
            assert one.done.wait(60.0), "no result"
            assert one.result.status.value == ExecutionStatus.COMPLETED, one.result.message
        assert len(began(world)) == len({line[1] for line in began(world)}) == len(taken)
        listener.process.send_signal(signal.SIGCONT)
        all_done = ["heard", f"{ExecutionStatus.COMPLETED}:{len(taken)}"]
        wait_for(lambda: world.lines("heard")[-1] == all_done, 60.0, "the last state")


def began(world):
    return [line for line in world.lines("work") if line[0] == "began"]
