from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.plan.issues import Severity
from execution_orchestrator.planning.grammar import GrammarPlanner
from execution_orchestrator.planning.grammar.courtesies import FILLER_PHRASES, FILLERS
from execution_orchestrator.planning.grammar.parsing import Parser
from execution_orchestrator.planning.grammar.phrases import PHRASES
from execution_orchestrator.planning.grammar.tokens import Tokenizer
from execution_orchestrator.planning.ports import PlanningRequest
from execution_orchestrator.planning.vocabulary import Vocabulary, VocabularyError
from execution_orchestrator.runtime.intake import Intake

HERE = Path(__file__).parent
VOCABULARY = Vocabulary.load(HERE / "places.yaml")
PLANNER = GrammarPlanner(VOCABULARY)
SENTENCES = yaml.safe_load((HERE / "sentences.yaml").read_text())
SHOWN_PARAMETER = {
    "spin": "angle",
    "back_up": "distance",
    "record_video": "duration",
    "speak": "text",
}
BRANCHES = ("actions", "then", "else")


def having(*seen):
    return {"robot": {}, "objects": [{"id": name} for name in seen]}


def in_short(actions):
    told = []
    for action in actions:
        kind = action["action_type"]
        composite = any(branch in action for branch in BRANCHES)
        text = kind if composite or kind == "delay" else action["id"]
        for branch in BRANCHES:
            if branch in action:
                text += f" {branch}({in_short(action[branch])})"
        for caught in action.get("catch", ()):
            text += f" catch({in_short(caught['actions'])})"
        if kind == "delay":
            text += f" {action['duration']}"
        if kind in SHOWN_PARAMETER:
            text += f" {action['parameters'][SHOWN_PARAMETER[kind]]}"
        told.append(text)
    return "; ".join(told)


def ids(actions):
    for action in actions:
        yield action["id"]
        for branch in BRANCHES:
            yield from ids(action.get(branch, ()))
        for caught in action.get("catch", ()):
            yield from ids(caught["actions"])


@pytest.mark.parametrize("phrase", FILLER_PHRASES)
def test_politeness_is_known_as_it_is_said(phrase):
    assert Tokenizer(VOCABULARY).read(phrase).unknown == ()


def test_there_are_enough_examples():
    assert len(SENTENCES) >= 60


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES.items())
def test_sentence(sentence, expected):
    result = PLANNER.plan(PlanningRequest(sentence))
    assert result.problems == ()
    assert in_short(result.plan["actions"]) == expected
    names = list(ids(result.plan["actions"]))
    assert len(names) == len(set(names))


def test_the_rules_that_a_command_has_words_for_find_what_all_rules_find():
    parser, tokenizer = Parser(), Tokenizer(VOCABULARY)
    for sentence in list(SENTENCES)[::8]:
        tokens = tokenizer.read(sentence).pointing(None, user=VOCABULARY.user, home=VOCABULARY.home)
        assert parser.parse(tokens) == parser.parse(tokens, whole=True)


@pytest.fixture(scope="module")
def robot():
    config = HERE.parents[2] / "config"
    return load_robot([config / "capabilities.yaml", config / "vehicles" / "aerial.yaml"]).model


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_shipped_robot_can_run_what_was_understood(robot, sentence):
    prepared = Intake(robot, planner=PLANNER).prepare(sentence, "", "")
    assert [issue for issue in prepared.issues if issue.severity is Severity.ERROR] == []


def test_coordinates_are_metres_and_radians_in_the_map():
    (go,) = PLANNER.plan(PlanningRequest("go to (1.5, -2, 0.7)")).plan["actions"]
    assert go["parameters"] == {"target_location": {"x": 1.5, "y": -2.0, "yaw": 0.7}}


@pytest.mark.parametrize("word", ["stop", "Halt!", "cancel", "emergency stop"])
def test_who_wants_it_to_stop_is_told_how(word):
    assert "~/emergency_stop" in PLANNER.plan(PlanningRequest(word)).problems[0]


def test_a_fetched_object_is_picked_where_it_was_seen():
    plan = PLANNER.plan(PlanningRequest("bring me the red cup")).plan
    conditional = plan["actions"][2]
    assert conditional["if"] == "actions.look_for_red_cup.output.objects.size() > 0"
    assert conditional["then"][0]["parameters"] == {
        "object_id": "red_cup",
        "pose": "{{ actions.look_for_red_cup.output.objects[0].pose }}",
    }


def test_in_a_loop_it_is_the_item():
    loop = PLANNER.plan(PlanningRequest("for each cup on the table, pick it up")).plan["actions"][
        -1
    ]
    assert loop["items"] == "actions.look_for_red_cup.output.objects"
    assert loop["actions"][0]["parameters"] == {
        "object_id": "{{ item.id }}",
        "pose": "{{ item.pose }}",
    }


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("", "there is no command"),
        ("bring me the red cub", "the word 'cub' is not known; nearest: cup"),
        ("bring me the red", "'red' alone is not understood; known: red cup"),
        ("go to the kitchn", "nearest: kitchen"),
        ("put it down", 'it is not clear what "it" is'),
        ("go to", "ends too early"),
        ("kitchen go to", '"go" is not expected there'),
        ("bring me 1000 cups", "1 to 50"),
        ("look around 0.5 times", "1 to 50 times"),
        ("x" * 3000, "longer than 2000"),
    ],
)
def test_what_is_not_understood_is_named(command, told):
    result = PLANNER.plan(PlanningRequest(command))
    assert result.plan is None
    assert told in " ".join(result.problems)


def test_every_unknown_word_is_named_at_once():
    problems = PLANNER.plan(PlanningRequest("frobnicate the zyzzyva")).problems
    assert len(problems) == 3  # and what can be said instead


def test_an_object_that_was_seen_becomes_a_word():
    assert PLANNER.plan(PlanningRequest("pick up the green ball")).plan is None
    assert (
        PLANNER.plan(PlanningRequest("pick up the green ball", world=having("green_ball"))).plan
        is not None
    )


@given(st.text(max_size=200))
@example("ELLO")  # the word it may be a typing error of asks for nothing
def test_any_text_gives_a_plan_or_a_reason(text):
    result = PLANNER.plan(PlanningRequest(text))
    assert (result.plan is None) == bool(result.problems)


WORDS = sorted({phrase for phrases in PHRASES.values() for phrase in phrases} | FILLERS)
NAMES = ["kitchen", "shelf", "red cup", "book", "3", '"hello"', ",", "."]


@given(st.lists(st.sampled_from(WORDS + NAMES * 20), max_size=12).map(" ".join))
def test_known_words_in_any_order_give_a_plan_or_a_reason(text):
    result = PLANNER.plan(PlanningRequest(text))
    assert (result.plan is None) == bool(result.problems)


def test_a_wrong_file_of_places_names_every_mistake(tmp_path):
    path = tmp_path / "places.yaml"
    path.write_text("user: here\nhome: there\nplaces: {here: {pose: {x: a, y: 1}}, b: {}}\n")
    with pytest.raises(VocabularyError) as failure:
        Vocabulary.load(path)
    assert "places.here.pose.x" in str(failure.value)
    assert "places.b.pose" in str(failure.value)


def test_places_that_do_not_exist_are_named(tmp_path):
    path = tmp_path / "places.yaml"
    path.write_text("user: here\nhome: there\nplaces: {here: {pose: {x: 0, y: 1}}}\n")
    with pytest.raises(VocabularyError, match="home names 'there'; the places are here"):
        Vocabulary.load(path)
