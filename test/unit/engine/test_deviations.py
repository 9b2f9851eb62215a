"""What was not done as the plan asks is told in the result, and never as everything done."""

import pytest

from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from test.unit.engine.driving import Rig
from test.unit.engine.driving import action as driven

ERROR = ErrorInfo(type=ErrorType.NAVIGATION, code="BLOCKED", message="a box is in the way")


def action(**more):
    return {
        "id": "go", "action_type": "go", "depends_on": [], "on_failure": "abort", "priority": 0,
        "parameters": {"to": "a"}, "server": "go", "recovery": "go", "resources": [],
        "retry": {"max_attempts": 1, "initial_delay": 0.1, "multiplier": 1.0, "max_delay": 0.1,
                  "jitter": 0.0}, **more,
    }  # fmt: skip


class Run:
    """One execution of one action."""

    def __init__(self, **more):
        self.machine = Machine()
        plan = {"version": 1, "id": "p", "command": "", "actions": [action(**more)]}
        self.feed(s.Submit(execution_id="x", plan=plan))

    def feed(self, incoming):
        self.step = self.machine.handle(incoming, now=1000.0)

    @property
    def goal(self):
        return next(iter(self.machine.state.goals))

    @property
    def end(self):
        (found,) = [one for one in self.step.events if type(one).__name__ == "ExecutionFinished"]
        return found


@pytest.mark.parametrize(
    ("partial", "status"), [(True, "PARTIALLY_COMPLETED"), (False, "COMPLETED")]
)
def test_what_was_missed_is_told_by_the_rule_of_the_capability(partial, status):
    run = Run()
    run.feed(
        s.GoalSucceeded(
            goal_id=run.goal, output={}, deviations=("2 waypoints missed",), partial=partial
        )
    )
    assert run.end.status == status
    assert run.end.deviations == ("go: 2 waypoints missed",)
    assert (
        run.end.reason == "every other action did what the plan asked for; go: 2 waypoints missed"
    )


def test_a_fallback_is_told():
    fallback = action(id="go_fallback", action_type="walk")
    run = Run(fallback_action=fallback)
    run.feed(s.GoalFailed(goal_id=run.goal, error=ERROR))
    run.feed(s.GoalSucceeded(goal_id=run.goal, output={}))
    assert run.end.status == "COMPLETED"
    assert run.end.deviations == ("go: its fallback did it (walk)",)


def test_an_action_that_did_what_it_should_is_no_deviation():
    run = Run()
    run.feed(s.GoalSucceeded(goal_id=run.goal, output={}))
    assert (run.end.status, run.end.deviations) == ("COMPLETED", ())
    assert run.end.reason == "every action did what the plan asked for"


def tried_twice(*ends, **more):
    """Run an action in a block that is tried twice; the first try ends as ``ends`` say."""
    rig = Rig()
    block = driven("part", kind="sequence", retry={"max_attempts": 2, "initial_delay": 0.5},
                   recovery="default", actions=[driven("look", **more), driven("go", "look")])  # fmt: skip
    rig.submit("e", block)
    rig.feed(
        s.GoalSucceeded(
            goal_id=rig.goal("look"), output={}, deviations=("one missed",), partial=True
        )
    )
    rig.fail("go")
    rig.wait(1.0)
    return rig


def test_how_it_was_done_last_is_told_and_not_how_its_first_try_was():
    rig = tried_twice()
    rig.succeed("look")
    rig.succeed("go")
    assert (rig.record().status, rig.record().deviations) == ("COMPLETED", ())


def test_a_last_try_that_fails_leaves_nothing_of_the_first():
    rig = tried_twice(on_failure="continue")
    rig.fail("look")
    rig.succeed("go")
    assert (rig.record().status, rig.record().deviations) == ("PARTIALLY_COMPLETED", ())


def test_what_is_kept_by_a_checkpoint_keeps_its_deviations():
    rig = Rig()
    rig.submit("e", driven("look"), driven("go", "look"))
    rig.feed(
        s.GoalSucceeded(
            goal_id=rig.goal("look"), output={}, deviations=("one missed",), partial=True
        )
    )
    rig.feed(s.CheckpointRequested(execution_id="e"))
    rig.fail("go")
    rig.feed(s.RestoreCheckpoint(execution_id="e"))
    rig.succeed("go")
    assert rig.record().status == "PARTIALLY_COMPLETED"
    assert rig.record().deviations == ("look: one missed",)
