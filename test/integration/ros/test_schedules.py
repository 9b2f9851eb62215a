"""Schedules of a running node: fired, listed, paused, and neither lost nor doubled by a kill -9."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import ChangeSchedule, ListExecutions, ListSchedules, SetSchedule
from test.integration.ros.processes import ROOT, wait_for

pytestmark = pytest.mark.timeout(360)


def work(milliseconds=100, **more):
    made = {"id": "a", "action_type": "work", "parameters": {"milliseconds": milliseconds}}
    return json.dumps({"version": 1, "actions": [made], **more})


def began(world):
    return [line for line in world.lines("work") if line[0] == "began"]


def executions(client):
    return client.call("list_executions", ListExecutions).executions


def schedules(client):
    return client.call("list_schedules", ListSchedules).schedules


def test_a_schedule_fires_is_listed_paused_and_removed(world):
    world.server("work")
    world.node()
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        client.call("set_schedule", SetSchedule)
        wrong = client.call("set_schedule", SetSchedule, plan=work(), schedule="0 25 * * *")
        assert not wrong.success
        assert (wrong.issues[0].code, "hour" in wrong.issues[0].message) == (
            "SCHEDULE_INVALID",
            True,
        )
        none = client.call("set_schedule", SetSchedule, plan=work())
        assert none.issues[0].code == "SCHEDULE_MISSING"
        tried = client.call(
            "set_schedule", SetSchedule, plan=work(), schedule="0 7 * * mon-fri", dry_run=True
        )
        assert tried.success, tried.message
        assert len(tried.next) == 5
        assert schedules(client) == []

        made = client.send(plan=work(schedule={"id": "often", "every": 1.0}))
        assert made.done.wait(60.0)
        assert made.result.status.value == ExecutionStatus.COMPLETED
        assert made.result.message.startswith("the schedule often is set, every 1 s")
        wait_for(lambda: len(began(world)) >= 3, 30.0, "three firings")
        [shown] = schedules(client)
        assert (shown.schedule_id, shown.paused, shown.overlap) == ("often", False, "skip")
        assert shown.fired >= 3
        assert len(shown.next) == 5

        assert client.call("pause_schedule", ChangeSchedule, schedule_id="often").success
        time.sleep(0.5)
        count = len(began(world))
        time.sleep(2.5)
        assert len(began(world)) == count
        assert client.call("resume_schedule", ChangeSchedule, schedule_id="often").success
        wait_for(lambda: len(began(world)) > count, 60.0, "the next firing")
        near = client.call("remove_schedule", ChangeSchedule, schedule_id="oftn")
        assert "Did you mean often?" in near.message
        assert client.call("remove_schedule", ChangeSchedule, schedule_id="often").success
        assert schedules(client) == []


def test_a_node_that_is_killed_around_its_firings_loses_none_and_makes_none_twice(world):
    world.server("work", remember=300)
    # A busy machine needs as long to start a node as many firings take.
    patient = {"server_memory": 300.0, "queue_capacity": 1000}
    node = world.node(**patient)
    rule = json.dumps({"every": 2.0, "overlap": "queue", "catch_up": "all", "most_waiting": 100})
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        answer = client.call(
            "set_schedule", SetSchedule, schedule_id="steady", schedule=rule, plan=work(50)
        )
        assert answer.success, answer.message
    for round_ in range(4):
        count = len(began(world))
        wait_for(lambda count=count: len(began(world)) > count, 60.0, "a firing")
        # Sometimes right at a firing, sometimes between two.
        time.sleep(2.0 - time.time() % 2.0 + 0.004 * round_)
        node.kill()
        node = world.node(**patient)
        wait_for(
            lambda node=node, round_=round_: node.said().count("ready for goals") == round_ + 2,
            90.0,
            "start",
        )
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        assert client.call("pause_schedule", ChangeSchedule, schedule_id="steady").success
        wait_for(
            lambda: all(
                one.status.value >= ExecutionStatus.COMPLETED for one in executions(client)
            ),
            60.0,
            "the end of all",
        )
        [shown] = schedules(client)
        ran = sorted(one.execution_id for one in executions(client))
        moments = [
            datetime.strptime(name, "steady-%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
            for name in ran
        ]
        assert moments == [moments[0] + 2.0 * index for index in range(len(moments))]
        assert len(ran) == shown.fired
        assert shown.skipped == 0
        assert len(began(world)) == len(ran)
        assert Counter(Counter(line[1] for line in began(world)).values()) == {1: len(ran)}


def test_with_replace_a_firing_begins_when_the_earlier_one_has_confirmed_its_end(world):
    world.server("work")
    world.node()
    rule = json.dumps({"every": 2.0, "overlap": "replace"})
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        answer = client.call(
            "set_schedule", SetSchedule, schedule_id="latest", schedule=rule, plan=work(60_000)
        )
        assert answer.success, answer.message
        wait_for(lambda: len(began(world)) >= 3, 60.0, "three firings")
        assert client.call("remove_schedule", ChangeSchedule, schedule_id="latest").success
        ended = {
            one.execution_id: one.status.value
            for one in executions(client)
            if one.status.value >= ExecutionStatus.COMPLETED
        }
        assert len(ended) >= 2
        assert set(ended.values()) == {ExecutionStatus.CANCELLED}
        going = [one for one in executions(client) if one.execution_id not in ended]
        assert len(going) <= 1, "what fires takes the place of the one before"
        marks = [line[0] for line in world.lines("work") if line[0] in ("began", "cancelled")]
        assert marks[:4] == ["began", "cancelled"] * 2, "never two side by side"


def test_a_start_at_a_time_of_day_survives_a_kill_and_is_not_made_early(world):
    world.server("work")
    node = world.node()
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        start = time.time() + 20.0
        moment = datetime.fromtimestamp(start, UTC).isoformat()
        client.send(plan=work(), execution_id="morning", start_at=moment)
        client.send(plan=work(), execution_id="never", not_before="2030-01-01T07:00")
        past = client.send(plan=work(), start_at="2020-01-01T07:00")
        assert past.done.wait(60.0)
        assert past.result.issues[0].code == "START_AT_PAST"

        def reasons():
            return {one.execution_id: one.reason for one in executions(client)}

        wait_for(lambda: "starts at" in reasons().get("morning", ""), 30.0, "the wait")
        wait_for(lambda: "07:00 on 2030-01-01" in reasons().get("never", ""), 30.0, "the wait")
        node.kill()
        node = world.node()
        wait_for(lambda: node.said().count("ready for goals") == 2, 90.0, "the restart")
    with OrchestratorClient() as client:
        client.wait_ready(90.0)
        again = client.send(plan=work(), execution_id="morning", start_at=moment)
        if time.time() < start:
            assert began(world) == []
        assert again.done.wait(60.0)
        assert again.result.status.value == ExecutionStatus.COMPLETED
        assert time.time() >= start
        assert len(began(world)) == 1
        waiting = client.send(plan=work(), execution_id="never", not_before="2030-01-01T07:00")
        wait_for(lambda: waiting.accepted, 30.0, "the attachment")
        waiting.cancel()
        assert waiting.done.wait(60.0)
        assert waiting.result.status.value == ExecutionStatus.CANCELLED


def test_the_command_line_shows_and_changes_schedules(world):
    world.node()

    def said(*words, status=0):
        done = subprocess.run(
            [sys.executable, str(ROOT / "scripts" / "schedules"), *words],
            env=world.env, capture_output=True, text=True, timeout=60.0, check=False,
        )  # fmt: skip
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    plan = world.folder / "round.yaml"
    plan.write_text(work(id="round", command="look around"))
    assert "no schedules" in said("--wait", "40", "list")
    assert "SCHEDULE_INVALID" in said("add", str(plan), "--schedule", "0 7 * *", status=1)
    rule = "{cron: 0 7 * * mon-fri, time_zone: Europe/Berlin}"
    assert "round, at 07:00 on Monday through Friday" in said("add", str(plan), "--schedule", rule)
    [shown] = json.loads(said("list", "--json"))
    assert (shown["command"], shown["rule"]) == ("look around", "0 7 * * mon-fri")
    assert "paused" in said("pause", "round", "--reason", "holidays")
    assert "holidays" in said("list")
    assert "Europe/Berlin" in said("show", "round")
    assert "goes on" in said("resume", "round")
    assert "removed" in said("remove", "round")
    assert "There are: none" in said("remove", "round", status=1)
