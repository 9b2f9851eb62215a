"""What waits for a person's word: "wait until I say continue", and the word itself."""

from pathlib import Path
from types import MappingProxyType

import pytest

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.status import ExecutionStatus
from execution_orchestrator.plan.issues import Severity
from execution_orchestrator.planning.grammar import GrammarPlanner
from execution_orchestrator.planning.ports import EarlierCommand, PlanningRequest
from execution_orchestrator.planning.vocabulary import Vocabulary
from execution_orchestrator.runtime.conversation import Conversations
from execution_orchestrator.runtime.intake import Intake
from test.unit.engine.driving import Rig

CONFIG = Path(__file__).parents[3] / "config"
PLANNER = GrammarPlanner(Vocabulary.load(CONFIG / "places.yaml"))
SAID = "go to the kitchen, wait until I say continue, then come back"


@pytest.fixture(scope="module")
def intake():
    return Intake(load_robot([CONFIG / "capabilities.yaml"]).model, planner=PLANNER)


def test_it_waits_for_the_signal_and_goes_on_with_it(intake):
    prepared = intake.prepare(SAID, "", "")
    assert [one for one in prepared.issues if one.severity is Severity.ERROR] == []
    rig = Rig()
    rig.feed(s.Submit(execution_id="e", plan=prepared.plan))
    rig.succeed("go_to_kitchen")
    rig.wait(3600.0)
    assert rig.sent == ["go_to_kitchen"]
    rig.feed(s.SignalSent(execution_id="e", name="go_on"))
    rig.succeed(rig.sent[1])
    assert rig.execution().status is ExecutionStatus.COMPLETED


WAITS = EarlierCommand("e1", SAID, "EXECUTING", waits_for=("go_on",))
DRIVES = EarlierCommand("e2", "patrol", "EXECUTING")


@pytest.mark.parametrize(
    "said",
    ["continue", "go on", "ok, go ahead", "I'm ready", "go!", "you can continue now", "yes", "ok"],
)
def test_the_word_is_sent_to_what_waits_for_it(said):
    result = PLANNER.plan(PlanningRequest(said, earlier=(WAITS,), running=(DRIVES, WAITS)))
    assert result.signals == (("e1", "go_on"),)
    assert result.cancels == ()
    assert result.plan["actions"][0]["action_type"] == "return"


@pytest.mark.parametrize("said", ["go home", "continue", "stop", "yes"])
def test_where_nothing_waits_the_word_sends_nothing(said):
    assert PLANNER.plan(PlanningRequest(said, running=(DRIVES,))).signals == ()


@pytest.mark.parametrize("said", ["go home", "go on to the kitchen", "stop", "what are you doing?"])
def test_another_command_is_no_word_to_go_on(said):
    assert PLANNER.plan(PlanningRequest(said, earlier=(WAITS,), running=(WAITS,))).signals == ()


def test_of_several_that_wait_none_goes_on_by_chance():
    other = EarlierCommand("e3", "wait for my signal", "EXECUTING", waits_for=("go_on",))
    result = PLANNER.plan(PlanningRequest("continue", running=(WAITS, other)))
    assert (result.plan, result.signals) == (None, ())
    assert "several wait" in result.problems[0]
    here = PLANNER.plan(PlanningRequest("continue", earlier=(other,), running=(WAITS, other)))
    assert here.signals == (("e3", "go_on"),)


def test_a_question_that_was_asked_is_what_yes_answers():
    asked = EarlierCommand("e4", "go to the kitchn", "FAILED", planned=False)
    result = PLANNER.plan(PlanningRequest("yes", earlier=(WAITS, asked), running=(WAITS,)))
    assert result.signals == ()
    assert result.plan["command"] == "go to the kitchen"


def test_a_conversation_says_what_it_waits_for(intake):
    prepared = intake.prepare(SAID, "", "")
    rig = Rig()
    rig.feed(s.Submit(execution_id="e", plan=prepared.plan))

    class Seen:
        schedules = MappingProxyType({})

        @property
        def executions(self):
            return {"e": rig.record()}

    told = Conversations(Seen(), lambda: rig.now)
    assert told.running()[0].waits_for == ()
    rig.succeed("go_to_kitchen")
    assert told.running()[0].waits_for == ("go_on",)
    rig.feed(s.SignalSent(execution_id="e", name="go_on"))
    assert told.running()[0].waits_for == ()


def test_a_person_is_asked_before_what_is_to_be_asked_for(intake):
    said = "go to the shelf, ask me before you pick up the book"
    prepared = intake.prepare(said, "", "")
    assert [one for one in prepared.issues if one.severity is Severity.ERROR] == []
    go, look, _ = PLANNER.plan(PlanningRequest(said)).plan["actions"]
    assert "require_confirmation" not in go
    assert look["require_confirmation"] is True


@pytest.mark.parametrize(
    "said",
    [
        "dock and ask me before you dock",
        "go to the kitchen, ask me before you go to the kitchen",
        "drive back to the charger and ask before driving back to the charger",
    ],
)
def test_what_is_to_be_asked_for_is_not_done_before(said):
    result = PLANNER.plan(PlanningRequest(said))
    assert result.plan is None
    assert "before it asks" in result.problems[0]
