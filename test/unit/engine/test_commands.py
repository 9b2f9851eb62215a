"""Who asked for what is in the journal, before what follows from it."""

import pytest

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.commands import MOST, WORDS
from execution_orchestrator.engine.machine import _HANDLERS
from execution_orchestrator.engine.pruning import COMMANDS_KEPT, superseded
from test.unit.engine.driving import ARM, Rig, action

ANNA = s.Caller(name="anna", role="operate", through="web page", verified=True)
ROS = s.Caller(through="a ROS client")
# What comes from the robot, the clock or the node itself, and what other events tell of.
NOBODYS = {
    *(s.PreparationFinished, s.GoalAccepted, s.GoalRejected, s.GoalProgress, s.GoalSucceeded),
    *(s.GoalFailed, s.GoalCancelled, s.GoalLost, s.CancelRefused, s.HoldFailed, s.TimerFired),
    *(s.WorldChanged, s.ServerUp, s.ServerDown, s.ServerHindered, s.GoalNoticed, s.MotionWanted),
    *(s.StrategyFinished, s.ReplanFinished, s.WallClockSet, s.PruneHistory, s.Fault),
    *(s.Request, s.Submit),  # EXECUTION_REQUESTED has who asked
}


@pytest.fixture
def rig():
    made = Rig(resources=ARM)
    made.submit("x", action("a"), action("b", "a"))
    return made


def given(step):
    return [one for one in step.events if isinstance(one, e.CommandGiven)]


def test_every_input_is_somebodys_or_nobodys():
    assert set(WORDS) | NOBODYS == set(_HANDLERS)
    assert not set(WORDS) & NOBODYS


@pytest.mark.parametrize(
    ("caller", "told"),
    [
        (ANNA, "anna (operate, web page)"),
        (ROS, "a ROS client"),
        (s.Caller(through="web page"), "web page"),
        (s.Caller(name="bert@pc", through="a ROS client"), "bert@pc, says a ROS client"),
        (s.Caller(), "somebody"),
    ],
)
def test_a_caller_in_words(caller, told):
    assert str(caller) == told


def test_a_request_is_told_with_who_asked_before_what_follows(rig):
    step = rig.feed(s.Pause(execution_id="x", by=ANNA))
    first, second = step.events[:2]
    assert first.description() == "pause by anna (operate, web page)"
    assert first.execution_id == second.execution_id == "x"
    assert isinstance(second, e.ExecutionPaused)


def test_what_nobody_is_named_for_is_not_told(rig):
    assert given(rig.feed(s.Pause(execution_id="x"))) == []


def test_what_is_refused_is_told_with_the_reason(rig):
    (event,) = given(rig.feed(s.Resume(execution_id="x", by=ANNA)))
    assert event.refusal
    assert event.description().endswith(f"was refused: {event.refusal}")


def test_what_somebody_takes_is_told_with_the_resources(rig):
    demands = (s.LeaseDemand(resource="arm"), s.LeaseDemand(resource="no such thing"))
    (event,) = given(rig.feed(s.AllocateLease(request_id="r", demands=demands, holder="x", by=ROS)))
    assert event.command == "take resources"
    assert event.about == "arm, no such thing"


def test_what_is_about_all_is_told_of_each(rig):
    rig.submit("y", action("a"))
    told = given(rig.feed(s.Pause(by=ROS)))
    assert sorted(one.execution_id for one in told) == ["x", "y"]


def test_what_is_about_nothing_that_goes_on_is_told_of_the_node(rig):
    rig.feed(s.Cancel(execution_id="x"))
    rig.feed(s.GoalCancelled(goal_id=rig.goal("a")))
    (event,) = given(rig.feed(s.RestoreCheckpoint(execution_id="x", by=ANNA)))
    assert (event.execution_id, event.about) == ("", "x")
    (event,) = given(rig.feed(s.Pause(execution_id="nobody", by=ANNA)))
    assert (event.execution_id, event.about) == ("", "nobody")


def test_the_end_of_an_execution_comes_behind_who_asked_for_it(rig):
    rig.feed(s.GoalAccepted(goal_id=rig.goal("a")))
    step = rig.feed(s.EmergencyStop(reason="smoke " * 100, by=ANNA))
    (event,) = given(step)
    assert step.events[0] is event
    assert event.command == "emergency stop"
    assert len(event.about) == MOST


def test_the_same_inputs_fold_to_the_same_state(rig):
    rig.feed(s.SetBreakpoints(execution_id="x", keys=("b",), by=ANNA))
    rig.feed(s.Confirm(execution_id="x", approve=False, by=ANNA))
    assert rig.machine.state.events == len(rig.journal)


def test_of_those_that_belong_to_no_execution_the_newest_are_kept():
    events = [
        (at, e.CommandGiven(time=1.0, caller=ROS, command="pause"))
        for at in range(1, COMMANDS_KEPT + 4)
    ]
    assert superseded(events) == [1, 2, 3]
