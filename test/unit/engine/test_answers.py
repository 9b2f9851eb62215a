"""What is asked of the engine is answered by what it decided: whom it is about, or why not."""

import pytest

from execution_orchestrator.engine import inputs as s
from test.unit.engine.driving import Rig, action


@pytest.mark.parametrize(
    ("incoming", "refusal"),
    [
        (s.Pause(), "all that runs is paused already, or is being stopped"),
        (s.Resume(), "nothing is paused"),
        (s.Resume(execution_id="e"), "the execution is not paused"),
        (s.Cancel(execution_id="x"), "no execution 'x'; the newest are: e"),
        (s.Confirm(execution_id="", key="", approve=True), "the answer has to name an execution"),
        (
            s.Confirm(execution_id="e", key="", approve=True),
            "nothing there waits for a confirmation",
        ),
        (s.Step(execution_id="e"), "no action waits at a breakpoint"),
        (s.Step(execution_id="e", key="a"), "a does not wait at a breakpoint"),
        (s.ReleaseLease(lease_ids=()), "no lease is named"),
        (s.ResetEmergencyStop(), "the emergency stop is not active"),
    ],
)
def test_a_refusal_says_why(incoming, refusal):
    rig = Rig()
    rig.submit("e", action("a"))
    if isinstance(incoming, s.Pause):
        rig.feed(s.Pause())
    step = rig.feed(incoming)
    assert (step.refusal, step.events) == (refusal, [])


@pytest.mark.parametrize(
    "incoming", [s.Pause(), s.Resume(), s.Cancel(), s.SetBreakpoints(execution_id="", keys=())]
)
def test_what_is_asked_of_everything_while_nothing_runs_is_refused_with_that_word(incoming):
    rig = Rig()
    assert rig.feed(incoming).refusal == "nothing runs"
    rig.submit("e", action("a"))
    rig.succeed("a")
    assert rig.feed(incoming).refusal == "nothing runs"


def test_a_decision_names_whom_it_is_about():
    rig = Rig()
    rig.submit("e", action("a", require_confirmation=True), action("b"))
    rig.submit("f", action("a"))
    assert rig.feed(s.Pause()).ids == ("e", "f")
    assert rig.feed(s.Resume(execution_id="f")).ids == ("f",)
    rig.feed(s.Resume())
    assert rig.feed(s.Confirm(execution_id="e", key="", approve=True)).ids == ("a",)
    assert rig.feed(s.Cancel()).ids == ("e", "f")
