"""Another way by the grammar: another place to look, another object of the same name, or none."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from execution_orchestrator.planning.grammar import GrammarPlanner
from execution_orchestrator.planning.ports import PlanningRequest, ReplanningRequest
from execution_orchestrator.planning.vocabulary import Vocabulary, VocabularyError

VOCABULARY = Vocabulary.model_validate(
    yaml.safe_load(
        """
        user: here
        home: here
        places:
          here: {pose: {x: 1.0, y: 1.0}, put_down: {x: 1.5, y: 1.0, z: 0.5}}
          kitchen: {pose: {x: 4.0, y: 2.0}}
          shelf: {pose: {x: 2.0, y: 4.0}}
        objects:
          red_cup: {aliases: [cup], usually_at: kitchen, also_at: [shelf]}
          blue_cup: {aliases: [cup], usually_at: shelf}
          book: {usually_at: shelf}
        """
    )
).checked()
PLANNER = GrammarPlanner(VOCABULARY)


def failed(action_type: str, **parameters: Any) -> dict[str, Any]:
    return {"key": "a", "action_type": action_type, "parameters": parameters, "error": None}


def no_way_to(place: str) -> dict[str, Any]:
    pose = VOCABULARY.places[place].pose.model_dump(exclude_none=True)
    return failed("navigate_to", target_location=pose)


def again(command: str, *failures: dict[str, Any]) -> Any:
    return PLANNER.replan(ReplanningRequest(command, {}, {}, failures, made_by="grammar"))


def test_plans_of_others_are_not_replaced() -> None:
    result = PLANNER.replan(ReplanningRequest("find the red cup", {}, {}, [no_way_to("kitchen")]))
    assert "plans it made itself" in result.problems[0]


def ids(result: Any) -> list[str]:
    assert result.plan is not None, result.problems
    return [action["id"] for action in result.plan["actions"]]


def test_it_is_looked_for_elsewhere() -> None:
    assert ids(PLANNER.plan(PlanningRequest("find the red cup"))) == [
        "go_to_kitchen",
        "look_for_red_cup",
    ]
    assert ids(again("find the red cup", no_way_to("kitchen"))) == [
        "go_to_shelf",
        "look_for_red_cup",
    ]


def test_when_every_place_is_tried_that_is_told() -> None:
    result = again("find the red cup", no_way_to("kitchen"), no_way_to("shelf"))
    assert result.problems == (
        "the red cup can only be at kitchen or shelf, where the robot cannot get to",
    )


def test_another_object_of_the_same_name_will_do() -> None:
    grasp = failed("pick_up_object", object_id="red_cup", pose={"x": 1})
    result = again("bring me the cup", grasp)
    assert ids(result)[:2] == ["go_to_shelf", "look_for_blue_cup"]


@pytest.mark.parametrize(
    ("command", "failure"),
    [
        ("bring me the red cup", failed("pick_up_object", object_id="red_cup", pose={"x": 1})),
        ("go to the kitchen", no_way_to("kitchen")),
        ("find the book on the shelf", no_way_to("shelf")),
        ("go to the kitchen and take a picture", failed("capture_image")),
        ("bring me the book", no_way_to("here")),
        ("find the book", failed("detect_objects", classes=["book"])),
    ],
)
def test_what_the_command_asks_for_itself_has_no_other_way(command: str, failure: Any) -> None:
    result = again(command, failure)
    assert result.plan is None
    assert result.problems


def test_a_name_of_several_objects_is_asked_about() -> None:
    result = PLANNER.plan(PlanningRequest("bring me the cup"))
    assert result.problems == ("which one: the red cup or the blue cup? Say it with its name",)
    assert PLANNER.plan(PlanningRequest("bring me a cup")).plan is not None


def test_other_places_have_to_exist() -> None:
    changed = VOCABULARY.model_dump()
    changed["objects"]["book"]["also_at"] = ["attic"]
    with pytest.raises(VocabularyError, match=r"also_at\.0 names 'attic'"):
        Vocabulary.model_validate(changed).checked()
