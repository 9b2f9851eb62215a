"""Signals and queries of a running node: a value sent before kill -9 is there afterwards."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import AmendPlan, Query, Signal
from test.integration.ros.processes import LONG, ROOT, wait_for

pytestmark = pytest.mark.timeout(360)
PLAN = {
    "version": 1,
    "signals": {
        "speed": {"type": "integer", "minimum": 1, "maximum": 500},
        "go": {"type": "boolean", "default": True},
    },
    "actions": [
        {"id": "first", "action_type": "work", "parameters": {"milliseconds": LONG}},
        {"id": "asked", "action_type": "wait_for_signal", "signal": "speed"},
        {
            "id": "second",
            "action_type": "work",
            "parameters": {"milliseconds": "{{ actions.asked.output }}"},
        },
        {"id": "last", "action_type": "wait_for_signal", "signal": "go", "timeout": 150.0},
    ],
}


def test_a_signal_survives_a_kill_and_any_value_can_be_read(world):
    world.server("work", remember=300)
    node = world.node()

    def signal(client, name, value, execution="errand"):
        return client.call("signal", Signal, execution_id=execution, name=name, value=value)

    def query(client, expression, action=""):
        return client.call(
            "query", Query, execution_id="errand", expression=expression, action_id=action
        )

    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        client.send(plan=json.dumps(PLAN), execution_id="errand", context='{"who": "me"}')
        wait_for(lambda: query(client, "input.who").success, 60.0, "the plan")
        assert json.loads(query(client, "signals").result) == {"speed": None, "go": None}
        assert "Did you mean speed?" in signal(client, "sped", "3").message
        assert "greater than the maximum" in signal(client, "speed", "900").message
        assert "no JSON" in signal(client, "speed", "fast").message
        assert "no execution" in signal(client, "speed", "3", "nobody").message
        kept = signal(client, "speed", "70")
        assert (kept.success, kept.message) == (True, "speed: kept until an action waits for it")
        node.kill()
        node = world.node()
        wait_for(lambda: node.said().count("ready for goals") == 2, 90.0, "the restart")
    world.finish("work")
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        again = client.send(plan=json.dumps(PLAN), execution_id="errand", context='{"who": "me"}')
        waits = "actions.second.status == 'SUCCEEDED' && actions.last.status == 'WAITING'"
        wait_for(lambda: query(client, waits).result == "true", 90.0, "the second work")
        assert json.loads(query(client, "actions.asked.output").result) == 70
        assert "has no value" in query(client, "actions.asked.output.typo").message
        assert "Did you mean second" in query(client, "1", "secnd").message
        unknown = query(client, "actions.secnd.status")
        assert not unknown.success
        assert "no action 'secnd'. Did you mean second" in unknown.message

        def said(command, *words):
            done = subprocess.run(
                [sys.executable, str(ROOT / "scripts" / command), *words],
                env=world.env, capture_output=True, text=True, timeout=60.0, check=False,
            )  # fmt: skip
            return done.returncode, done.stdout + done.stderr

        assert said("query", "errand", "signals.speed + 1") == (0, "71\n")
        assert said("signal", "errand", "go", "maybe")[0] == 1
        assert said("signal", "errand", "go") == (0, "go: taken by last\n")
        assert again.done.wait(30.0)
        assert again.result.status.value == ExecutionStatus.COMPLETED, again.result.message
        assert json.loads(query(client, "actions.last.output").result) is True


def test_a_running_plan_is_amended_and_the_change_survives_a_kill(world):
    world.server("work", remember=300)
    node = world.node()

    def document(*names, **milliseconds):
        made = [
            {
                "id": name,
                "action_type": "work",
                "parameters": {"milliseconds": milliseconds.get(name, 60)},
            }
            for name in names
        ]
        return json.dumps({"version": 1, "actions": made})

    first = document("slow", "old", slow=LONG)

    def amend(client, plan, **more):
        return client.call(
            "amend_plan", AmendPlan, timeout=30.0, execution_id="errand", plan=plan, **more
        )

    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        client.send(plan=first, execution_id="errand")
        wait_for(lambda: world.lines("work")[-1][0] == "began", 60.0, "the start")
        tried = amend(client, document("slow", "new", slow=LONG), dry_run=True)
        assert tried.success, tried.message
        assert (tried.begun, tried.added, tried.removed) == (["slow"], ["new"], ["old"])
        refused = amend(client, document("slow", "new", slow=9))
        assert refused.problems == ["slow has begun and would change: parameters"]
        wrong = amend(client, document("slow", "new", slow=LONG).replace('"work"', '"wok"'))
        assert wrong.issues[0].code == "ACTION_TYPE_UNKNOWN"
        plan = world.folder / "plan.json"
        plan.write_text(document("slow", "new", slow=LONG))
        done = subprocess.run(
            [sys.executable, str(ROOT / "scripts" / "amend"), "errand", str(plan)],
            env=world.env, capture_output=True, text=True, timeout=60.0, check=False,
        )  # fmt: skip
        assert (done.returncode, "new: new" in done.stdout) == (0, True), done.stdout + done.stderr
        node.kill()
        node = world.node()
        wait_for(lambda: node.said().count("ready for goals") == 2, 90.0, "the restart")
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        again = client.send(plan=first, execution_id="errand")
        assert again.answered.wait(60.0)
        world.finish("work")
        assert again.done.wait(60.0)
        assert again.result.status.value == ExecutionStatus.COMPLETED, again.result.message
        assert [one.action_id for one in again.result.actions if one.attempt] == ["slow", "new"]
    assert sum(line[0] == "began" for line in world.lines("work")) == 2
