"""What a plan can say beyond one action after the other, with the simulated robot."""

import json
import os
import sys
import unittest
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
from execution_orchestrator.srv import ValidatePlan
from test.launched import alone

NO_VALID_PATH = 208


@pytest.mark.launch_test
@launch_testing.markers.keep_alive
def generate_test_description():
    # The first drive finds no way.
    return alone(real_time_factor="4.0", fault=f"navigation:abort:{NO_VALID_PATH}:1")


def drive(name, x, y, **more):
    place = {"target_location": {"x": x, "y": y}}
    return {"id": name, "action_type": "navigate_to", "parameters": place, **more}


def wait(name, seconds):
    return {"id": name, "action_type": "wait", "parameters": {"duration": seconds}}


def speak(name, text):
    return {"id": name, "action_type": "speak", "parameters": {"text": text}}


class TestPlanLanguage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = cls.enterClassContext(OrchestratorClient())
        cls.client.wait_ready(90.0)

    def run_plan(self, *actions):
        session = self.client.send(plan=json.dumps({"version": 1, "actions": list(actions)}))
        assert session.done.wait(150.0), "no result in time"
        assert session.failure == ""
        return session.result

    def status(self, result, name):
        return next(one.status.value for one in result.actions if one.action_id == name)

    def test_1_a_block_is_tried_again_as_a_whole(self):
        way = [
            speak("off", "Here I go."),
            drive("go", 1.0, 0.5, retry={"max_attempts": 1}, on_failure="abort"),
        ]
        block = {
            "id": "errand",
            "action_type": "sequence",
            "actions": way,
            "retry": {"max_attempts": 2, "initial_delay": 0.1},
        }
        result = self.run_plan(block)
        assert result.status.value == ExecutionStatus.COMPLETED, result.message

    def test_2_a_race_takes_the_first_and_cancels_the_others(self):
        race = {
            "id": "race",
            "action_type": "parallel",
            "race": True,
            "actions": [wait("long", 60.0), speak("short", "First.")],
        }
        result = self.run_plan(race)
        assert result.status.value == ExecutionStatus.COMPLETED, result.message
        assert self.status(result, "short") == ActionStatus.SUCCEEDED
        assert self.status(result, "long") == ActionStatus.CANCELLED

    def test_3_a_loop_has_a_pace(self):
        loop = {
            "id": "rounds",
            "action_type": "repeat",
            "max_iterations": 3,
            "every": 3.0,
            "actions": [speak("say", "{{ iteration }}")],
        }
        result = self.run_plan(
            loop, {"action_type": "return", "value": "{{ actions.rounds.duration }}"}
        )
        assert result.status.value == ExecutionStatus.COMPLETED, result.message
        assert json.loads(result.output) >= 6.0

    def test_4_a_guard_stops_the_drive(self):
        stands = {"action_type": "wait_for", "until": "robot.velocity == 0.0", "timeout": 60.0}
        result = self.run_plan(
            drive("home", 0.0, 0.0),
            drive("far", 4.0, 0.0, **{"while": "robot.pose.x < 1.0", "on_guard_failed": "skip"}),
            stands,
            {"action_type": "return", "value": "{{ robot.pose.x }}"},
        )
        assert result.status.value == ExecutionStatus.COMPLETED, result.message
        assert self.status(result, "far") == ActionStatus.SKIPPED
        assert "robot.pose.x < 1.0 no longer holds" in result.message
        assert 0.9 < json.loads(result.output) < 3.5

    def test_5_the_outcome_of_an_action_says_where_to_go(self):
        look = {
            "id": "look",
            "action_type": "detect_objects",
            "parameters": {"classes": ["unicorn"]},
        }
        ways = {
            "id": "ways",
            "action_type": "router",
            "by": "actions.look.outcome",
            "cases": [
                {"is": "found", "actions": [speak("seen", "There it is.")]},
                {"is": "nothing", "actions": [speak("unseen", "There is none.")]},
            ],
        }
        result = self.run_plan(look, ways)
        assert result.status.value == ExecutionStatus.COMPLETED, result.message
        assert self.status(result, "unseen") == ActionStatus.SUCCEEDED

    def test_6_blocks_have_fallbacks_and_loops_conditions(self):
        never = {"action_type": "delay", "duration": 0.0, "preconditions": ["false"]}
        block = {
            "id": "block",
            "action_type": "sequence",
            "retry": {"max_attempts": 2, "initial_delay": 0.1},
            "fallback_action": speak("instead", "Then not."),
            "actions": [speak("begun", "I try."), never],
        }
        enough = {
            "id": "enough",
            "action_type": "parallel",
            "success": "any",
            "actions": [speak("first", "Here."), wait("second", 60.0)],
        }
        loop = {
            "id": "loop",
            "action_type": "while",
            "if": "index < 2 && robot.battery > 0.0",
            "delay": 0.2,
            "actions": [speak("round", "{{ iteration }}")],
        }
        ended = {"action_type": "return", "value": "{{ size(actions.loop.output) }}"}
        result = self.run_plan(block, enough, loop, ended)
        assert result.status.value == ExecutionStatus.COMPLETED, result.message
        assert json.loads(result.output) == 2
        assert self.status(result, "second") == ActionStatus.CANCELLED
        assert any("its fallback did it" in one for one in result.deviations), result.deviations

    def test_7_the_plan_that_a_dry_run_shows_can_be_edited_and_sent(self):
        def checked(plan):
            return self.client.call("validate_plan", ValidatePlan, timeout=60.0, plan=plan)

        shown = json.loads(checked(json.dumps({"actions": [speak("say", "One.")]})).plan)
        shown["actions"].append(speak("more", "Two."))
        assert [one.code for one in checked(json.dumps(shown)).issues] == []
        result = self.run_plan(*shown["actions"])
        assert result.status.value == ExecutionStatus.COMPLETED, result.message
        assert self.status(result, "more") == ActionStatus.SUCCEEDED

    def test_8_errors_are_caught_and_skipped_actions_take_others_with_them(self):
        never = {"action_type": "delay", "duration": 0.0, "preconditions": ["false"]}
        caught = {
            "id": "caught",
            "action_type": "try",
            "actions": [{**never, "id": "fails"}, speak("unsaid", "Never.")],
            "catch": [{"errors": [], "actions": [speak("why", "{{ error.code }}")]}],
            "finally": [speak("after", "Done.")],
        }
        each = {
            "id": "each",
            "action_type": "foreach",
            "items": ["one", "two"],
            "mode": "parallel",
            "actions": [speak("item", "{{ item }}")],
        }
        left_out = {
            "id": "left_out",
            "action_type": "sequence",
            "actions": [
                {**speak("no", "No."), "condition": "false", "when_skipped": "skip"},
                speak("nor", "Nor this."),
            ],
        }
        beside = {
            "id": "beside",
            "action_type": "try",
            "on_error": "continue",
            "actions": [
                {
                    "id": "both",
                    "action_type": "parallel",
                    "on_first_failure": "finish",
                    "actions": [{**never, "id": "one"}, wait("other", 1.0)],
                }
            ],
        }
        result = self.run_plan(caught, each, left_out, beside)
        assert result.status.value == ExecutionStatus.PARTIALLY_COMPLETED, result.message
        said = {name: self.status(result, name) for name in ("why", "after", "other")}
        assert set(said.values()) == {ActionStatus.SUCCEEDED}, said
        unsaid = {name: self.status(result, name) for name in ("unsaid", "no", "nor")}
        assert set(unsaid.values()) == {ActionStatus.SKIPPED}, unsaid
        items = [one for one in result.actions if one.action_id.endswith("/item")]
        assert [one.status.value for one in items] == [ActionStatus.SUCCEEDED] * 2

    def test_9_a_block_has_a_timeout_and_what_was_done_before_is_undone(self):
        greet = {
            "id": "greet",
            "action_type": "sequence",
            "actions": [speak("hello", "Hello.")],
            "compensation": speak("bye", "I take that back."),
        }
        stay = {
            "id": "stay",
            "action_type": "sequence",
            "timeout": 2.0,
            "actions": [wait("long", 60.0)],
        }
        result = self.run_plan(greet, stay)
        assert result.status.value == ExecutionStatus.FAILED, result.message
        assert result.error.type == "TIMEOUT"
        assert self.status(result, "long") == ActionStatus.CANCELLED
        assert self.status(result, "stay") == ActionStatus.FAILED
        assert "what was done was undone" in result.message
