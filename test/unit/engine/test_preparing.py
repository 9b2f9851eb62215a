"""An execution exists from the moment its goal is taken in: while its plan is still being made."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.status import ExecutionStatus as Status
from execution_orchestrator.engine.turn import WALL_OFFSET
from execution_orchestrator.plan.issues import Issue, Severity
from test.unit.engine.driving import Rig, action, plan

WRONG = Issue("ACTION_UNKNOWN", "no action is called flies", pointer="/actions/0")


@pytest.fixture
def rig():
    made = Rig()
    yield made
    made.check()


def request(rig, name="e", **more):
    options = s.SubmitOptions(**more.pop("options", {}))
    times = more.pop("times", {})
    goal = s.RawGoal(command="bring the cup", plan=more.pop("text", ""), context="{}", **times)
    rig.feed(s.Request(execution_id=name, goal=goal, options=options, **more))
    return next(iter(rig.of(fx.Prepare)), None)


def answer(rig, asked, *actions, **more):
    made = plan(*(actions or (action("a"),)))
    return rig.feed(
        s.PreparationFinished(**{"execution_id": "e", "run_id": asked.run_id, "plan": made, **more})
    )


def test_the_goal_is_journalled_as_it_came_and_its_plan_is_asked_for(rig):
    asked = request(rig, options={"planner": "llm", "optimise": "all", "breakpoints": ("a",)})
    requested = rig.journal[0]
    assert isinstance(requested, e.ExecutionRequested)
    assert requested.goal == s.RawGoal(command="bring the cup", context="{}")
    assert (asked.planner, asked.optimise, asked.breakpoints) == ("llm", "all", ("a",))
    assert rig.execution().status is Status.PROCESSING
    answer(rig, asked, planning=s.PlanningReport(planner="llm"), confirm=False)
    assert rig.execution().status is Status.EXECUTING
    assert "PLAN_MADE" in rig.types()
    assert rig.execution().command == "bring the cup"


def test_a_stopped_execution_gets_no_plan_any_more(rig):
    for number, stop in enumerate(
        (s.Cancel(execution_id="e0"), s.Cancel(), s.EmergencyStop(reason="red button"))
    ):
        name = f"e{number}"
        asked = request(rig, name)
        rig.feed(stop)
        assert [one.run_id for one in rig.of(fx.AbandonPreparation)] == [asked.run_id]
        assert rig.execution(name).status is Status.CANCELLED
        answer(rig, asked, execution_id=name)
        assert rig.execution(name).status is Status.CANCELLED
    rig.feed(s.ResetEmergencyStop())
    rig.wait(10_000.0)
    assert rig.sent == []


def by_the_clock(rig, seconds):
    """Return a moment so many seconds from now as a person writes it."""
    shown = rig.now + rig.world.get(WALL_OFFSET, 0.0) + seconds
    return datetime.fromtimestamp(shown, UTC).strftime("%H:%M:%S")


@pytest.mark.parametrize("stop", [None, Rig.restart, lambda rig: rig.feed(s.Pause())])
def test_a_deadline_on_the_clock_ends_what_is_still_being_planned(rig, stop):
    rig.world[WALL_OFFSET] = 5000.0
    asked = request(rig, times={"deadline": by_the_clock(rig, 60.0)})
    if stop is not None:
        stop(rig)
    rig.wait(59.0)
    assert not rig.execution().is_final
    rig.wait(1.5)
    assert rig.execution().status is Status.FAILED
    assert rig.execution().error.code == "EXECUTION_DEADLINE"
    answer(rig, asked)
    rig.wait(100_000.0)
    assert rig.sent == []


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("{}", {}),  # the plan says in which time zone it is read
        ("", {"start_at": "23:00"}),
        ("", {"not_before": "23:00"}),
    ],
)
def test_a_deadline_that_the_plan_has_a_part_in_waits_for_the_plan(rig, text, more):
    request(rig, text=text, times={"deadline": by_the_clock(rig, 60.0), **more})
    rig.wait(70.0)
    assert rig.execution().status is Status.PROCESSING


@pytest.mark.parametrize("text", ["wall", "soon", "1970-01-01T00:00Z"])
def test_what_is_no_moment_to_come_is_left_to_who_reads_the_plan(rig, text):
    request(rig, times={"deadline": text})
    assert rig.execution().until is None


def test_when_a_goal_was_asked_is_known_after_a_restart(rig):
    rig.world[WALL_OFFSET] = 5000.0
    first = request(rig)
    moment = rig.now + 5000.0
    rig.wait(20.0)
    rig.restart()
    (again,) = rig.of(fx.Prepare)
    assert (first.asked, again.asked) == (moment, moment)


def test_a_paused_one_is_planned_but_does_not_start(rig):
    asked = request(rig)
    rig.feed(s.Pause(execution_id="e"))
    assert rig.execution().status is Status.PAUSED
    answer(rig, asked)
    assert rig.execution().status is Status.PAUSED
    assert rig.sent == []
    rig.feed(s.Resume(execution_id="e"))
    assert rig.sent == ["a"]


def test_resumed_before_the_plan_is_there_it_is_planned_again_not_started(rig):
    asked = request(rig, options={"start_paused": True})
    assert rig.execution().status is Status.PAUSED
    rig.feed(s.Resume(execution_id="e"))
    assert rig.execution().status is Status.PROCESSING
    answer(rig, asked)
    assert rig.sent == ["a"]


def test_start_paused_waits_with_its_plan(rig):
    answer(rig, request(rig, options={"start_paused": True}))
    assert rig.sent == []
    rig.feed(s.Resume(execution_id="e"))
    assert rig.sent == ["a"]


def test_a_plan_that_cannot_run_ends_the_execution_with_its_issues(rig):
    asked = request(rig, text="actions: [flies]")
    warning = Issue("SLOW", "that takes long", severity=Severity.WARNING)
    answer(rig, asked, plan=None, issues=(warning, WRONG, WRONG))
    execution = rig.execution()
    assert execution.status is Status.FAILED
    assert (execution.error.type.value, execution.error.code) == ("VALIDATION", WRONG.code)
    assert rig.record().reason == f"{WRONG.message} (and 1 more)"
    finished = next(one for one in rig.journal if isinstance(one, e.PlanningFinished))
    assert finished.issues == (warning, WRONG, WRONG)
    assert execution.goal is None


def test_a_broken_resolved_plan_is_an_issue_too(rig):
    answer(rig, request(rig), plan=plan(action("a", "nobody")))
    assert rig.execution().status is Status.FAILED


@pytest.mark.parametrize("again", [True, False])
def test_after_a_restart_it_is_planned_again_or_ends_as_the_goal_asks(rig, again):
    before = request(rig, options={"plan_again": again})
    rig.restart()
    if not again:
        assert rig.execution().status is Status.FAILED
        assert rig.execution().error.code == "PLANNING_INTERRUPTED"
        return
    asked = rig.of(fx.Prepare)[0]
    assert asked.goal == before.goal
    assert asked.run_id != before.run_id
    answer(rig, before)
    assert rig.execution().status is Status.PROCESSING
    answer(rig, asked)
    assert rig.sent == ["a"]


def test_a_journal_that_ends_with_the_request_is_enough(rig):
    request(rig)
    del rig.journal[1:]
    rig.restart()
    assert len(rig.of(fx.Prepare)) == 1


def test_a_planner_that_never_answers_ends_the_execution(rig):
    asked = request(rig)
    rig.wait(1000.0)
    assert rig.execution().error.code == "PLANNING_TIMEOUT"
    assert [one.run_id for one in rig.of(fx.AbandonPreparation)] == [asked.run_id]


def test_the_goals_own_time_runs_from_its_acceptance(rig):
    asked = request(rig, timeout=5.0)
    rig.wait(3.0)
    answer(rig, asked)
    rig.wait(3.0)
    assert rig.execution().error.code == "EXECUTION_DEADLINE"
    request(rig, "late", timeout=5.0)
    rig.wait(6.0)
    assert rig.execution("late").error.code == "EXECUTION_DEADLINE"


def test_the_goals_own_time_stands_still_in_a_pause_that_spans_the_planning(rig):
    asked = request(rig, timeout=10.0, options={"start_paused": True})
    rig.wait(20.0)
    answer(rig, asked)
    rig.wait(20.0)
    rig.feed(s.Resume(execution_id="e"))
    assert rig.sent == ["a"]
    rig.wait(9.0)
    assert rig.execution().status is Status.EXECUTING
    rig.wait(2.0)
    rig.feed(s.GoalCancelled(goal_id=rig.goal("a")))
    assert rig.execution().error.code == "EXECUTION_DEADLINE"


def test_those_in_planning_count_for_the_limit_of_the_queue():
    rig = Rig(max_running_executions=2, queue_capacity=1)
    taken = [request(rig, f"e{number}") is not None for number in range(5)]
    assert taken == [True, True, True, False, False]
    rig.check()


def test_the_same_id_attaches_while_its_plan_is_made(rig):
    request(rig)
    assert request(rig) is None
    assert rig.types().count("EXECUTION_REQUESTED") == 1


@pytest.mark.parametrize("restarted", [False, True])
def test_what_failed_is_begun_anew_under_its_id_if_that_is_asked_for(rig, restarted):
    answer(rig, request(rig, anew=True))
    assert request(rig, anew=True) is None, "it goes on"
    first = rig.goal("a")
    rig.fail("a", recoverable=False)
    assert rig.execution().status is Status.FAILED
    assert request(rig) is None, "nobody allowed it"
    if restarted:
        rig.restart()
    answer(rig, request(rig, anew=True), action("a"), action("b", "a"))
    assert rig.goal("a") != first
    rig.succeed("a")
    rig.succeed("b")
    assert rig.execution().status is Status.COMPLETED
    assert request(rig, anew=True) is None, "it is done"


def test_breakpoints_set_meanwhile_are_kept_and_there_is_no_checkpoint_yet(rig):
    asked = request(rig)
    rig.feed(s.SetBreakpoints(execution_id="e", keys=("a",)))
    step = rig.feed(s.CheckpointRequested(execution_id="e"))
    assert "plan is being made" in step.refusal
    answer(rig, asked)
    assert rig.sent == []
    assert rig.action("a").waiting_kind == "breakpoint"


def test_goals_are_compared_by_what_they_mean():
    one = s.RawGoal(command="go", plan='{"actions": [1, 2]}', context="{}")
    assert (
        one.differences(s.RawGoal(command=" go\n", plan='{ "actions":[1,2]}', context="{ }")) == []
    )
    other = s.RawGoal(command="go", plan='{"actions": [2, 1]}', context='{"a": 1}')
    assert one.differences(other) == ["plan", "context"]
    assert s.RawGoal(plan="{broken").differences(s.RawGoal(plan="{broken ")) == []


def test_a_plan_is_the_same_whether_it_is_written_as_json_or_as_yaml():
    as_json = s.RawGoal(plan='{"version": 1, "actions": [{"id": "a", "timeout": 2.0}]}')
    as_yaml = "# by hand\nactions:\n- {timeout: 2, id: a}\nversion: 1\n"
    assert as_json.differences(s.RawGoal(plan=as_yaml, context="{}")) == []
    assert s.RawGoal(plan=as_yaml).differences(as_json) == []
    assert s.RawGoal(plan=as_yaml + "timeout: 3\n").differences(as_json) == ["plan"]
    assert s.RawGoal(plan="a: [").differences(s.RawGoal(plan="b: [")) == ["plan"]
    assert s.RawGoal(command="a: 1").differences(s.RawGoal(command="a:   1")) == ["command"]
