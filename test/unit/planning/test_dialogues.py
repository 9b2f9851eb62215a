"""Conversations: what a command means after those before it."""

from pathlib import Path

import pytest
import yaml

from execution_orchestrator.planning.grammar import GrammarPlanner
from execution_orchestrator.planning.ports import EarlierCommand, PlanningRequest
from execution_orchestrator.planning.vocabulary import Vocabulary
from test.unit.planning.test_grammar import in_short

HERE = Path(__file__).parent
VOCABULARY = Vocabulary.load(HERE.parents[2] / "config" / "places.yaml")
PLANNER = GrammarPlanner(VOCABULARY)
DIALOGUES = yaml.safe_load((HERE / "dialogues.yaml").read_text(encoding="utf-8"))


class Robot:
    """Carries plans out as if everything were where it is looked for."""

    def __init__(self, seen):
        self.at = None
        self.objects = dict.fromkeys(seen)
        self.held = []

    @property
    def world(self):
        objects = [{"id": name, "pose": pose} for name, pose in self.objects.items()]
        return {"robot": {"pose": self.at}, "objects": objects, "held": self.held}

    def carry_out(self, actions):
        done = []
        for action in actions:
            kind, given = action["action_type"], action.get("parameters", {})
            if kind == "conditional":
                done += self.carry_out(action["then"])
                continue
            output = {}
            match kind:
                case "navigate_to":
                    self.at = given["target_location"]
                    output = {"final_pose": self.at}
                case "detect_objects" if "classes" in given:
                    seen = given["classes"][0]
                    self.objects[seen] = self.at
                    output = {"objects": [{"id": seen, "pose": self.at}]}
                case "pick_up_object":
                    self.held = [given["object_id"]]
                    output = {"object_id": given["object_id"], "grasp_pose": self.at}
                case "place_object":
                    (thing,), self.held = self.held, []
                    self.objects[thing] = given["pose"]
                    output = {"object_id": thing, "place_pose": given["pose"]}
            done.append(
                {"action_type": kind, "status": "SUCCEEDED", "parameters": given, "output": output}
            )
        return done


def test_there_are_enough_of_them():
    assert len(DIALOGUES) >= 40


@pytest.mark.parametrize("turns", DIALOGUES, ids=lambda turns: " / ".join(t["say"] for t in turns))
def test_dialogue(turns):
    robot = Robot(turns[0].get("seen", ()))
    earlier = []
    for number, turn in enumerate(turns):
        running = tuple(one for one in earlier if one.status == "EXECUTING")
        request = PlanningRequest(turn["say"], robot.world, earlier=tuple(earlier), running=running)
        result = PLANNER.plan(request)
        told = "; ".join(result.problems)
        assert list(result.cancels) == turn.get("stops", [])
        assert [name for name, _ in result.signals] == turn.get("goes_on", [])
        if "told" in turn:
            assert result.plan is None
            assert turn["told"] in told
        else:
            assert result.plan is not None, told
        if "means" in turn:
            assert result.plan["command"] == turn["means"]
        if "plan" in turn:
            assert in_short(result.plan["actions"]) == turn["plan"]
        actions, status = (), "FAILED"
        if turn.get("running") or turn.get("waits"):
            status = "EXECUTING"
        elif result.plan is not None:
            actions, status = tuple(robot.carry_out(result.plan["actions"])), "COMPLETED"
        understood = turn["say"]
        if result.plan is not None:
            understood = result.plan.get("command", understood)
        earlier.append(
            EarlierCommand(
                f"e{number}",
                understood,
                status,
                told,
                planned=result.plan is not None,
                actions=actions,
                waits_for=("go_on",) if turn.get("waits") else (),
            )
        )
