"""Signals: typed, durable, taken in order, and seen by expressions."""

from __future__ import annotations

import pytest

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.status import ActionStatus
from execution_orchestrator.engine.status import ExecutionStatus as Status
from execution_orchestrator.plan.expressions import ExpressionError
from execution_orchestrator.plan.signals import MAX_UNREAD
from test.unit.engine.driving import Rig, action, plan
from test.unit.engine.test_replanning import nav, replanning

DECLARED = {"door": {"type": "string", "enum": ["left", "right"]}, "go": {"type": "boolean"}}


@pytest.fixture
def rig():
    made = Rig()
    yield made
    made.check()


def submit(rig, *actions, **more):
    return rig.feed(s.Submit(execution_id="e", plan=plan(*actions, signals=DECLARED), **more))


def wait(name, *after, signal="door", **more):
    return action(name, *after, kind="wait_for_signal", signal=signal, **more)


def send(rig, value="left", name="door", execution="e"):
    return rig.feed(s.SignalSent(execution_id=execution, name=name, value=value))


def test_an_action_waits_for_its_signal_and_has_its_value(rig):
    submit(rig, wait("w"), action("a", "w"))
    assert rig.record().actions["w"].reason == "waits for the signal door"
    send(rig)
    assert rig.action("w").output == "left"
    assert rig.sent == ["a"]


def test_what_came_before_is_kept_and_taken_in_order_once_each(rig):
    submit(rig, action("a"), wait("one", "a"), wait("two", "one"), wait("three", "two"))
    send(rig, "left")
    send(rig, "right")
    rig.restart()
    rig.succeed("a")
    assert (rig.action("one").output, rig.action("two").output) == ("left", "right")
    assert rig.action("three").status is ActionStatus.WAITING


def test_two_that_wait_side_by_side_get_one_each(rig):
    submit(rig, wait("one"), wait("two"))
    send(rig, "left")
    assert [rig.action(n).status.value for n in ("one", "two")] == ["SUCCEEDED", "WAITING"]
    send(rig, "right")
    assert rig.execution().status is Status.COMPLETED


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("dor", "left", "Did you mean door?"),
        ("bell", True, "It has: door, go."),
        ("door", "up", '"up" is not one of'),
        ("go", 1, '1 is not of type "boolean"'),
        ("go", None, 'null is not of type "boolean"'),
    ],
)
def test_an_unknown_name_and_a_wrong_type_are_refused(rig, name, value, told):
    submit(rig, wait("w"))
    assert told in send(rig, value, name).refusal
    assert "SIGNAL_RECEIVED" not in rig.types()


def test_who_cannot_hear_is_told(rig):
    submit(rig, wait("w"))
    assert "no execution 'other'" in send(rig, execution="other").refusal
    assert send(rig, execution="").refusal
    rig.feed(s.Cancel(execution_id="e"))
    assert "has ended" in send(rig).refusal
    rig.feed(s.Request(execution_id="p", goal=s.RawGoal(command="think")))
    assert "being made" in send(rig, execution="p").refusal


def test_more_than_is_kept_is_refused(rig):
    submit(rig, action("a"))
    for _ in range(100):
        assert not send(rig).refusal
    assert "100 values of door" in send(rig).refusal
    rig.feed(s.Submit(execution_id="big", plan=plan(action("b"), signals={"text": {}})))
    assert "65536" in send(rig, "x" * 70_000, "text", "big").refusal


def test_it_waits_no_longer_than_its_timeout_and_a_pause_stops_that_clock(rig):
    submit(rig, wait("w", timeout=10.0))
    rig.wait(5.0)
    rig.feed(s.Pause(execution_id="e"))
    rig.wait(100.0)
    rig.feed(s.Resume(execution_id="e"))
    rig.wait(4.0)
    assert rig.action("w").status is ActionStatus.WAITING
    rig.wait(2.0)
    assert rig.execution().status is Status.FAILED
    assert rig.execution().error.type.value == "TIMEOUT"


def test_a_signal_in_a_pause_is_taken_when_it_is_over(rig):
    submit(rig, wait("w"), action("a", "w"))
    rig.feed(s.Pause(execution_id="e"))
    send(rig)
    assert rig.sent == []
    rig.feed(s.Resume(execution_id="e"))
    assert rig.sent == ["a"]


def test_expressions_see_the_newest_value_and_null_before(rig):
    submit(
        rig,
        action("w", kind="wait_for", until="signals.go == true"),
        action("a", "w", parameters={"side": "{{ signals.door }}"}),
    )
    send(rig, "right")
    send(rig, False, "go")
    assert rig.sent == []
    send(rig, True, "go")
    assert rig.goals["a"].parameters == {"side": "right"}


def test_a_query_reads_any_value_in_the_scope_of_an_action_and_changes_nothing(rig):
    submit(
        rig,
        action("a"),
        action("loop", "a", kind="foreach", items="[10, 20]", actions=[action("b")]),
        input={"who": "me"},
    )
    rig.succeed("a", found=3)
    send(rig)
    before = len(rig.journal)

    def read(text, key=""):
        return rig.machine.evaluate("e", key, text, now=rig.now, world=rig.world)

    assert read("actions.a.output.found") == 3
    assert read("input.who + signals.door") == "meleft"
    assert read("robot.battery") == 1.0
    assert read("item + index", "loop[0]/b") == 10
    with pytest.raises(ExpressionError):
        read("actions.a.output.typo")
    assert len(rig.journal) == before


def test_another_plan_keeps_what_came():
    rig = replanning()
    submit(rig, nav("a"), wait("w", "a"))
    send(rig)
    rig.fail("a")
    other = plan(action("other"), wait("w", "other"), signals=DECLARED)
    [asked] = rig.of(fx.Replan)
    rig.feed(s.ReplanFinished(execution_id="e", run_id=asked.run_id, plan=other))
    rig.succeed("other")
    assert rig.action("w").output == "left"
    rig.check()


def test_a_guard_hears_a_signal_at_once(rig):
    submit(rig, action("a", guard="signals.go != false", on_guard_failed="skip"))
    rig.feed(s.GoalAccepted(goal_id=rig.goal("a")))
    send(rig, False, "go")
    assert [one.goal_id for one in rig.of(fx.CancelGoal)] == [rig.goal("a")]
    rig.feed(s.GoalCancelled(goal_id=rig.goal("a")))
    assert rig.action("a").status is ActionStatus.SKIPPED


def test_values_that_nobody_takes_do_not_pile_up(rig):
    submit(rig, action("a"))
    for _ in range(MAX_UNREAD):
        assert not send(rig).refusal
    refusal = send(rig).refusal
    assert refusal == f"{MAX_UNREAD} values of door are waiting to be taken already"
    assert not send(rig, value=True, name="go").refusal
