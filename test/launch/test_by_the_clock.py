"""A schedule starts errands of the simulated robot; one waits for a signal, and gets another plan."""

import json
import os
import sys
import time
import unittest
from datetime import UTC, datetime
from pathlib import Path

# Found also by launch_test, which is no part of pytest; before anything of ROS is imported.
sys.path.insert(0, str(Path(__file__).parents[2]))
from test.domains import own_domain

os.environ["ROS_DOMAIN_ID"] = str(own_domain())
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"

import launch_testing.markers
import pytest

from execution_orchestrator.msg import ActionStatus, ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import (
    AmendPlan,
    ChangeSchedule,
    ListExecutions,
    ListSchedules,
    Query,
    SetSchedule,
    Signal,
)
from test.launched import alone

WAIT = 90.0  # seconds
PLANS = Path(__file__).parents[2] / "plans"


@pytest.mark.launch_test
@launch_testing.markers.keep_alive
def generate_test_description():
    return alone(real_time_factor="8.0")


def wait_for(condition, what):
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {WAIT} s"
        time.sleep(0.2)


def plan(*actions, **more):
    return json.dumps({"version": 1, "ordering": "sequence", "actions": list(actions), **more})


def do(name, kind, **parameters):
    return {"id": name, "action_type": kind, "parameters": parameters}


class TestByTheClock(unittest.TestCase):
    def test_1_a_schedule_starts_errands_until_it_is_removed(self):
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            rule = json.dumps({"every": 3.0, "overlap": "queue"})
            said = plan(do("say", "speak", text="I look around"), command="look around")
            made = client.call(
                "set_schedule", SetSchedule, schedule_id="r", schedule=rule, plan=said
            )
            assert made.success, made.message

            def done():
                found = client.call("list_executions", ListExecutions).executions
                ended = [one for one in found if one.status.value == ExecutionStatus.COMPLETED]
                return len(ended) >= 2

            wait_for(done, "two errands of the schedule")
            [shown] = client.call("list_schedules", ListSchedules).schedules
            assert shown.command == "look around"
            assert client.call("remove_schedule", ChangeSchedule, schedule_id="r").success

    def test_2_an_errand_waits_for_a_signal_and_its_plan_is_amended_meanwhile(self):
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            session = client.send(plan=(PLANS / "signals.yaml").read_text(), execution_id="errand")

            def waits():
                door = "actions.open.status == 'WAITING'"
                answer = client.call("query", Query, execution_id="errand", expression=door)
                return answer.result == "true"

            wait_for(waits, "the wait")
            other = {"execution_id": "errand", "plan": (PLANS / "amended.yaml").read_text()}
            for dry_run in (True, False):
                changed = client.call(
                    "amend_plan", AmendPlan, timeout=60.0, dry_run=dry_run, **other
                )
                assert changed.success, changed.message
                assert sorted(changed.added) == ["behind", "look", "say"]
            side = json.dumps({"side": "left"})
            sent = client.call("signal", Signal, execution_id="errand", name="door", value=side)
            assert sent.success, sent.message
            assert session.done.wait(WAIT)
            result = session.result
        assert result.status.value == ExecutionStatus.COMPLETED, result.message
        ran = [
            one.action_id for one in result.actions if one.status.value == ActionStatus.SUCCEEDED
        ]
        assert sorted(ran) == ["behind", "go", "look", "open", "say"]

    def test_3_a_command_in_words_is_a_schedule(self):
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            session = client.send(command="say good morning every 3 seconds")
            assert session.done.wait(WAIT)
            [shown] = client.call("list_schedules", ListSchedules).schedules

            def done():
                found = client.call("list_executions", ListExecutions).executions
                return any(
                    one.execution_id.startswith(shown.schedule_id)
                    and one.status.value == ExecutionStatus.COMPLETED
                    for one in found
                )

            wait_for(done, "an errand of the command")
            assert client.call(
                "pause_schedule", ChangeSchedule, schedule_id=shown.schedule_id
            ).success
            [shown] = client.call("list_schedules", ListSchedules).schedules
            assert shown.paused
            removed = client.call("remove_schedule", ChangeSchedule, schedule_id=shown.schedule_id)
            assert removed.success

    def test_4_a_plan_starts_at_its_moment_and_is_over_at_its_deadline(self):
        def at(seconds):
            return datetime.fromtimestamp(time.time() + seconds, UTC).isoformat()

        stay = {"id": "stay", "action_type": "delay", "duration": 600.0}
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            session = client.send(plan=plan(stay), start_at=at(6.0), deadline=at(10.0))
            began = time.time()
            assert session.done.wait(WAIT)
            assert time.time() - began > 9.0
        assert session.result.status.value == ExecutionStatus.FAILED, session.result.message
        assert "longer than it may" in session.result.message

    def test_5_a_plan_does_not_begin_before_its_moment(self):
        moment = time.time() + 6.0
        earliest = datetime.fromtimestamp(moment, UTC).isoformat()
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
            session = client.send(
                plan=plan(do("say", "speak", text="Good morning."), not_before=earliest)
            )
            assert session.done.wait(WAIT)
            assert time.time() > moment
        assert session.result.status.value == ExecutionStatus.COMPLETED, session.result.message
