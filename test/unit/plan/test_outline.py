"""What a dry run shows of a plan, for a stranger to read."""

from pathlib import Path

import pytest

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.plan.capability import usual_attempts
from execution_orchestrator.plan.drawing.outline import MOST_LINES, outline_of
from execution_orchestrator.plan.units import units_of
from execution_orchestrator.planning.grammar import GrammarPlanner
from execution_orchestrator.planning.vocabulary import Vocabulary
from execution_orchestrator.runtime.intake import Intake

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture(scope="module")
def shown():
    model = load_robot([CONFIG / "capabilities.yaml"]).model
    planner = GrammarPlanner(Vocabulary.load(CONFIG / "places.yaml"))
    intake = Intake(model, planner=planner)

    def show(command, plan=""):
        prepared = intake.prepare(command, plan, "")
        lines = outline_of(prepared.optimised.plan, units_of(model), usual_attempts(model))
        return [f"{'  ' * depth}{words}" for depth, _, words in lines]

    return show


def test_what_is_inside_of_a_condition_is_shown(shown):
    assert shown("bring me the bottle") == [
        "go_to_kitchen: navigate_to, target_location: {x: 4, y: 2, yaw: 0}",
        "look_for_bottle: detect_objects, classes: [bottle]",
        "if look_for_bottle saw something",
        "  pick_bottle: pick_up_object, object_id: bottle, pose: where look_for_bottle saw it",
        "  go_to_living_room: navigate_to, target_location: {x: 1, y: 1, yaw: 0}",
        "  place_at_living_room: place_object, pose: {x: 1.7, y: 1, z: 0.5, yaw: 0}, "
        "surface: 0.45 metres",
        "else",
        "  speak: text: I cannot see the bottle.",
    ]


def test_numbers_have_their_units(shown):
    assert shown("turn left 90 degrees, drive forward 50 cm and wait 2 minutes") == [
        "spin: angle: 1.5708 radians",
        "drive_on_heading: distance: 0.5 metres",
        "delay: delay 120 s",
    ]


def test_blocks_say_their_rule(shown):
    assert shown("patrol the kitchen for 10 minutes") == [
        "at the same time, whoever ends first decides",
        "  again and again, up to 1000 rounds",
        "    go_to_kitchen: navigate_to, target_location: {x: 4, y: 2, yaw: 0}",
        "  delay: delay 600 s",
    ]
    assert shown("go to the kitchen, if that fails go home") == [
        "try",
        "  go_to_kitchen: navigate_to, target_location: {x: 4, y: 2, yaw: 0}",
        "on an error",
        "  go_to_home: navigate_to, target_location: {x: 0, y: 0, yaw: 0}",
    ]
    assert shown("take a photo at each place") == [
        "for each of 5 items",
        "  go_to_place: navigate_to, target_location: that one",
        "  capture_image",
    ]


def test_attempts_are_told_where_the_plan_says_how_many(shown):
    rows = ["{action_type: undock}", "{action_type: undock, retry: {max_attempts: 7}}",
            "{action_type: sequence, retry: {max_attempts: 4}, actions: [{action_type: undock}]}"]  # fmt: skip
    lines = shown("", f"version: 1\nactions: [{', '.join(rows)}]\n")
    assert lines == [
        "undock_1: undock", "undock_2: undock, up to 7 attempts", "up to 4 attempts", "  undock_3: undock",
    ]  # fmt: skip


def test_a_long_plan_is_cut_and_says_so(shown):
    rows = "\n".join(f"- {{id: a{n}, action_type: undock}}" for n in range(MOST_LINES + 5))
    lines = shown("", f"version: 1\nordering: sequence\nactions:\n{rows}\n")
    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == "and 5 lines more"
