"""What a new user types beside a running robot: doctor, capabilities, places, run in words, deadletters."""

import json
import os
import pty
import re
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

# Found also by launch_test, which is no part of pytest; before anything of ROS is imported.
sys.path.insert(0, str(Path(__file__).parents[2]))
from test.domains import own_domain

os.environ["ROS_DOMAIN_ID"] = str(own_domain())
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"

import launch_testing.markers
import pytest

from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import ChangeSchedule, ListSchedules
from test.children import started
from test.launched import alone

WAIT = 90.0  # seconds
PLANS = Path(__file__).parents[2] / "plans"
COMMANDS = Path(__file__).parents[2] / "scripts"


@pytest.mark.launch_test
@launch_testing.markers.keep_alive
def generate_test_description():
    return alone(real_time_factor="8.0")


def typed(name, *words):
    """Run a command of the package; returns its status and what it printed."""
    done = subprocess.run(
        [sys.executable, str(COMMANDS / name), *words],
        capture_output=True,
        text=True,
        timeout=WAIT,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def typed_with_answer(answer, name, *words):
    """Run a command at a terminal and answer the first question it asks."""
    here, theirs = pty.openpty()
    said = b""
    with started(
        [sys.executable, str(COMMANDS / name), *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        end = time.monotonic() + WAIT
        answered = False
        while time.monotonic() < end:
            try:
                piece = os.read(here, 65536)
            except OSError:  # the other side has closed it
                break
            said += piece
            if not answered and b"y or n" in said:
                os.write(here, answer)
                answered = True
        status = process.wait(WAIT)
    os.close(here)
    return status, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode(errors="replace"))


class TestCommands(unittest.TestCase):
    def test_1_the_doctor_finds_nothing_wrong(self):
        with OrchestratorClient() as client:
            client.wait_ready(90.0)
        status, said = typed("doctor", "--json")
        found = json.loads(said)
        assert status == 0, said
        assert not [one for one in found if one["level"] in ("error", "warning")], said
        fine = [one["what"] for one in found if one["level"] == "ok"]
        assert "action /navigate_to_pose (navigate_to)" in fine
        assert "/bt_navigator is active" in fine
        assert "robot.pose: tf knows map -> base_link" in fine

    def test_2_what_the_robot_can_and_knows(self):
        status, said = typed("capabilities")
        assert status == 0
        assert "navigate_to" in said
        status, said = typed("capabilities", "navigate_to")
        assert "target_location (any, required): A pose" in said
        status, said = typed("capabilities", "navigat_to")
        assert (status, "there are: navigate_to" in said) == (1, True), said
        status, said = typed("places", "kitchen", "--json")
        assert json.loads(said)["kitchen"]["pose"]["x"] == 4.0
        status, said = typed("objects")
        assert (status, said.strip()) == (0, "no objects yet")

    def test_2b_what_it_can_and_knows_is_offered_to_the_shell(self):
        for line, name in (("capabilities nav", "navigate_to"), ("places kit", "kitchen")):
            with mock.patch.dict(os.environ, COMP_LINE=line, COMP_POINT=str(len(line))):
                status, said = typed("completions")
            assert (status, name in said.split()) == (0, True), said

    def test_3_words_are_run(self):
        status, said = typed("run", "go", "to", "the", "kitchen")
        assert status == 0, said
        assert "COMPLETED" in said

    def test_3b_a_schedule_that_is_corrected_is_not_there_twice(self):
        with OrchestratorClient() as client:
            client.wait_ready(60.0)
            for words in ("every hour go to the kitchen", "no, every two hours"):
                session = client.send(command=words, conversation_id="ours")
                assert session.done.wait(WAIT), words
            [one] = client.call("list_schedules", ListSchedules).schedules
            assert one.rule == "every 7200", one.rule
            client.call("remove_schedule", ChangeSchedule, schedule_id=one.schedule_id)

    def test_4_a_question_is_answered_at_the_terminal(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as plan:
            plan.write(
                "version: 1\nactions:\n  - {id: say, action_type: speak, "
                "require_confirmation: true, parameters: {text: hello}}\n"
            )
            plan.flush()
            status, said = typed_with_answer(b"y\n", "run", plan.name, "--execution-id", "asking")
            assert "may say (speak) run?" in said, said
            assert "COMPLETED" in said, said
            assert status == 0
            status, said = typed_with_answer(b"no\n", "run", plan.name)
            assert "FAILED" in said or "CANCELLED" in said, said
            assert status == 1

    def test_5_ids_may_be_typed_in_part(self):
        status, said = typed("query", "aski", "1 + 1")
        assert (status, said.strip()) == (0, "2")
        status, said = typed("query", "askings", "1 + 1")
        assert status == 1
        assert "there is no execution 'askings'; there are: asking" in said

    def test_6_what_failed_for_good_is_listed_and_discarded(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as plan:
            plan.write(
                "version: 1\nactions:\n  - {id: pick, action_type: pick_up_object, "
                "on_failure: abort, parameters: {object_id: nothing_there}}\n"
            )
            plan.flush()
            status, said = typed("run", plan.name, "--execution-id", "hopeless")
        assert status == 1, said
        status, said = typed("deadletters", "list", "--json")
        [letter] = [one for one in json.loads(said) if one["execution_id"] == "hopeless"]
        assert letter["action_id"] == "pick"
        status, said = typed("deadletters", "discard", letter["dead_letter_id"][:20])
        assert status == 0, said

    def test_7_plans_of_others_are_imported_run_and_drawn(self):
        others = PLANS / "others"
        with tempfile.TemporaryDirectory() as folder:
            for name in ("fetch_cup.xml", "deliver_cup.pddl"):
                plan, table = f"{folder}/{name}.yaml", str(others / "table.yaml")
                status, said = typed("import", str(others / name), "--map", table, "-o", plan)
                assert (status, said) == (0, "")
                status, said = typed("run", plan)
                assert (status, "COMPLETED" in said, "handled" in said) == (0, True, False), said
                status, said = typed("export", plan, "--svg")
                assert (status, said[:4]) == (0, "<svg")
