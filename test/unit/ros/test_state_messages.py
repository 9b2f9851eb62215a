import json
from uuid import uuid4

import pytest

from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.inputs import GoalProgress, SubmitOptions
from execution_orchestrator.engine.status import AttemptOutcome
from execution_orchestrator.msg import ActionStatus, ExecutionStatus, RecoveryEvent, ServerState
from execution_orchestrator.observation import Observation
from execution_orchestrator.observation.record import ServerRecord
from execution_orchestrator.plan.capability import ResourceSpec
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.ros.interface import state_snapshots
from execution_orchestrator.ros.interface.state_messages import (
    action_message,
    event_messages,
    execution_message,
    recovery_message,
    server_message,
    shown_actions,
)
from execution_orchestrator.ros.interface.state_snapshots import ACTIONS_SHOWN, StateSnapshots
from execution_orchestrator.storage.journal import JournalEntry
from test.unit.engine.driving import action
from test.unit.observation.observed import Observed

GOAL = str(uuid4())
PLAN = {
    "id": "p",
    "actions": [
        {"id": "go", "action_type": "navigate_to", "server": "nav", "estimated_duration": 10.0},
        {
            "id": "loop",
            "action_type": "foreach",
            "actions": [{"id": "look", "action_type": "detect_objects", "server": "camera"}],
        },
    ],
}
RESOURCES = {"base": ResourceSpec(name="base", type="mobile_base", rate=2.0)}
LOST = ErrorInfo(type=ErrorType.NAVIGATION, code="NAV2_NO_VALID_PATH", message="no path")


def event(kind, time, **fields):
    return kind(time=time, execution_id="x", **fields)


@pytest.fixture
def observation():
    made = Observation(["nav"])
    made.apply(event(ev.ExecutionAccepted, 100.0, plan=PLAN, command="go"))
    made.apply(event(ev.ExecutionStarted, 101.0))
    return made


def running(observation):
    observation.apply(
        event(
            ev.ResourceAllocated,
            101.0,
            key="go",
            leases=(ev.Lease(lease_id="l1", resource="base"),),
        )
    )
    observation.apply(event(ev.TaskStarted, 102.0, key="go", attempt=1, goal_id=GOAL))
    observation.apply(event(ev.TaskAccepted, 102.5, key="go", attempt=1))


def snapshots(observation):
    return StateSnapshots(observation, RESOURCES, instance_id="i", queue_capacity=4)


def test_the_state_follows_every_change_of_an_action(observation):
    made = snapshots(observation)
    before = made.message(101.0).executions[0].actions[0]
    assert made.message(101.5).executions[0].actions[0] is before
    running(observation)
    first = made.message(103.0).executions[0].actions[0]
    later = made.message(105.0).executions[0].actions[0]
    assert (first.status.value, list(first.resources)) == (ActionStatus.RUNNING, ["base"])
    assert later.duration - first.duration == pytest.approx(2.0)
    observation.apply(event(ev.TaskCompleted, 106.0, key="go", attempt=1, output={"a": 1}))
    done = made.message(107.0).executions[0].actions[0]
    assert (done.status.value, done.output) == (ActionStatus.SUCCEEDED, '{"a":1}')


def test_what_ended_long_ago_shows_its_status_and_no_actions(observation):
    made = snapshots(observation)
    observation.apply(event(ev.ExecutionFinished, 110.0, status="COMPLETED"))
    assert made.message(110.0 + ACTIONS_SHOWN).executions[0].actions
    old = made.message(110.1 + ACTIONS_SHOWN).executions[0]
    assert old.status.value == ExecutionStatus.COMPLETED
    assert not old.actions


def test_what_waits_for_its_moment_or_a_resume_goes_ahead_of_nobody():
    rig = Observed(max_running_executions=1)
    rig.submit("runs", action("a"))
    rig.submit("later", action("a"), start=rig.now + 1000.0, priority=90)
    rig.submit("second", action("a"))
    rig.submit("first", action("a"), priority=50)
    rig.submit("held", action("a"), options=SubmitOptions(start_paused=True), priority=80)
    state = StateSnapshots(rig.observation, {}, instance_id="i", queue_capacity=5).message(rig.now)
    places = {one.execution_id: one.queue_position for one in state.executions}
    assert places == {"runs": 0, "later": 0, "held": 0, "first": 0, "second": 1}
    assert state.queue_length == 3  # held takes a place of the queue as well


def test_of_a_crowd_those_that_were_let_in_show_their_actions_first(monkeypatch):
    monkeypatch.setattr(state_snapshots, "MOST_ACTIONS", 7)
    rig = Observed(max_running_executions=4)
    for number in range(6):
        rig.submit(f"e{number}", action("a"), action("b"))
    made = StateSnapshots(rig.observation, {}, instance_id="i", queue_capacity=9)
    shown = {one.execution_id: len(one.actions) for one in made.message(rig.now).executions}
    assert shown == {"e0": 0, "e1": 2, "e2": 2, "e3": 2, "e4": 0, "e5": 0}


def test_a_large_plan_that_runs_alone_shows_all_of_its_actions(monkeypatch):
    monkeypatch.setattr(state_snapshots, "MOST_ACTIONS", 2)
    rig = Observed()
    rig.submit("large", *(action(f"a{number}") for number in range(5)))
    made = StateSnapshots(rig.observation, {}, instance_id="i", queue_capacity=9)
    assert len(made.message(rig.now).executions[0].actions) == 5


def test_large_outputs_and_commands_do_not_make_every_state_message_large():
    rig = Observed()
    many = [action(f"a{number}") for number in range(20)]
    rig.submit("e", *many, action("last"), command="go " * 100_000)
    for one in many:
        rig.succeed(one["id"], text="x" * 60_000)
    made = StateSnapshots(rig.observation, {}, instance_id="i", queue_capacity=9)
    (state,) = made.message(rig.now).executions
    assert len(state.command) < 1_100
    assert sum(len(one.output) for one in state.actions) < 100_000
    record = rig.shown()
    assert len(action_message(record, record.actions["a0"], {}, rig.now).output) > 60_000


def test_stamps_are_what_a_watch_showed_then_and_durations_are_not_changed(observation):
    observation.apply(event(ev.TaskStarted, 101.0, key="go", attempt=1, goal_id=GOAL))
    observation.apply(ev.ClockJumped(time=103.0, offset=3600.0, jump=3600.0))
    observation.apply(event(ev.TaskCompleted, 106.0, key="go", attempt=1, offset=3600.0))
    action = state_of(observation).actions[0]
    assert (action.started.sec, action.ended.sec, action.duration) == (101, 3706, 5.0)
    assert snapshots(observation).message(110.0).stamp.sec == 3710


def state_of(observation, now=110.0):
    record = observation.executions["x"]
    message = execution_message(record, now)
    message.actions = [
        action_message(record, one, observation.servers, now) for one in shown_actions(record)
    ]
    return message


def test_a_running_action_shows_its_goal_resources_and_progress(observation):
    running(observation)
    said = GoalProgress(goal_id=GOAL, progress=0.5, phase="driving", remaining=4.0)
    observation.on_feedback(said)
    assert observation.execution_of(GOAL) == "x"
    message = state_of(observation)
    action = message.actions[0]
    assert message.status.value == ExecutionStatus.EXECUTING
    assert action.status.value == ActionStatus.RUNNING
    assert list(action.resources) == ["base"]
    assert (action.phase, action.progress, action.server) == ("driving", 0.5, "nav")
    assert bytes(bytearray(action.goal_id.uuid)).hex() == GOAL.replace("-", "")
    assert message.progress.percentage == pytest.approx(100 * 5 / 11)
    assert message.progress.estimated_remaining == pytest.approx(4.0)
    assert message.progress.elapsed == pytest.approx(10.0)


def test_which_outcome_an_action_came_to_is_told(observation):
    running(observation)
    told = event(ev.TaskCompleted, 103.0, key="go", outcome="near", reason="1 m beside the target")
    observation.apply(told)
    record = observation.executions["x"]
    message = action_message(record, record.actions["go"], observation.servers, 104.0)
    assert message.outcome == "near"


def test_an_action_for_any_robot_shows_the_server_of_the_one_it_got(observation):
    servers = {"robot1": "/robot1/nav", "robot2": "/robot2/nav"}
    plan = {"id": "p", "actions": [{**PLAN["actions"][0], "server": "", "servers": servers}]}
    observation.apply(ev.ExecutionAccepted(time=100.0, execution_id="y", plan=plan))
    go = observation.executions["y"].actions["go"]
    assert go.server == ""
    lease = ev.Lease(lease_id="l", resource="robot2/base", robot="robot2")
    observation.apply(ev.ResourceAllocated(time=101.0, execution_id="y", key="go", leases=(lease,)))
    assert go.server == "/robot2/nav"


def test_resources_tell_who_holds_them_until_they_are_given_back(observation):
    running(observation)
    held = snapshots(observation).message(110.0)
    assert (held.resources[0].available, held.resources[0].leases[0].action_id) == (0.0, "go")
    observation.apply(event(ev.ResourceReleased, 111.0, lease_ids=("l1",)))
    free = snapshots(observation).message(112.0)
    assert free.resources[0].available == 1.0
    assert list(state_of(observation).actions[0].resources) == []


def test_actions_of_an_iteration_appear_when_they_begin(observation):
    observation.apply(event(ev.BlockEntered, 103.0, key="loop", block="actions", index=0))
    observation.apply(
        event(ev.TaskStarted, 104.0, key="loop[0]/look", attempt=1, goal_id=str(uuid4()))
    )
    actions = {action.action_id: action for action in state_of(observation).actions}
    assert actions["loop[0]/look"].action_type == "detect_objects"
    assert actions["loop"].status.value == ActionStatus.RUNNING


def test_a_recovery_is_shown_and_over_when_it_ends(observation):
    running(observation)
    observation.apply(
        event(ev.TaskAttemptFailed, 105.0, key="go", attempt=1, outcome="aborted", error=LOST)
    )
    begun = event(
        ev.RecoveryInitiated,
        105.0,
        key="go",
        attempt=1,
        run_id="r",
        strategy="clear_costmaps",
        position=0,
        error=LOST,
        strategies_left=2,
    )
    observation.apply(begun)
    assert state_of(observation).status.value == ExecutionStatus.RECOVERING
    assert state_of(observation).actions[0].error.code == "NAV2_NO_VALID_PATH"
    message = recovery_message(begun)
    assert (message.phase, message.strategy, message.strategies_left) == (
        RecoveryEvent.STARTED,
        "clear_costmaps",
        2,
    )
    over = event(
        ev.RecoveryFinished,
        106.0,
        key="go",
        run_id="r",
        strategy="clear_costmaps",
        outcome="RETRY",
        succeeded=True,
    )
    observation.apply(over)
    assert state_of(observation).status.value == ExecutionStatus.RECOVERING
    again = event(ev.TaskRetryScheduled, 106.0, key="go", attempt=1, delay=1.0)
    observation.apply(again)
    assert state_of(observation).status.value == ExecutionStatus.EXECUTING
    assert recovery_message(over).phase == RecoveryEvent.SUCCEEDED
    assert observation.executions["x"].recoveries[0].succeeded


def test_the_end_is_final_and_the_record_has_the_figures(observation):
    running(observation)
    observation.apply(event(ev.TaskCompleted, 108.0, key="go", attempt=1, output={"ok": True}))
    observation.apply(event(ev.ExecutionFinished, 109.0, status="COMPLETED", reason="all done"))
    view = observation.executions["x"]
    message = state_of(observation)
    assert message.status.value == ExecutionStatus.COMPLETED
    assert message.progress.percentage == 100.0
    assert json.loads(message.actions[0].output) == {"ok": True}
    assert view.actions["go"].attempts[0].outcome == "succeeded"
    assert observation.execution_of(GOAL) == ""


def test_the_number_of_ended_executions_is_bounded(observation):
    for number in range(230):
        name = f"e{number}"
        observation.apply(ev.ExecutionAccepted(time=200.0, execution_id=name, plan=PLAN))
        observation.apply(ev.ExecutionFinished(time=201.0, execution_id=name, status="FAILED"))
    assert len(observation.executions) == 201
    assert "x" in observation.executions
    shown = [one.execution_id for one in snapshots(observation).message(300.0).executions]
    assert (len(shown), shown[0], shown[-1]) == (51, "e229", "x")


def test_events_become_messages_with_their_position_and_details():
    ended = event(ev.ExecutionFinished, 100.25, status="FAILED", reason="no path", error=LOST)
    (message,) = event_messages([JournalEntry(7, ended)], lambda _: "trace")
    assert (message.sequence, message.type, message.execution_id) == (7, "EXECUTION_FAILED", "x")
    assert (message.stamp.sec, message.stamp.nanosec) == (100, 250_000_000)
    assert json.loads(message.data)["error"]["code"] == "NAV2_NO_VALID_PATH"
    assert message.correlation_id == "trace"


def test_one_failure_is_told_once():
    about = {"execution_id": "x", "key": "go", "attempt": 1, "error": LOST}
    dead = {"dead_letter_id": "d", "action_type": "work", "action": {}, "parameters": {}}
    failure = [
        ev.TaskAttemptFailed(time=1.0, outcome=AttemptOutcome.REJECTED, **about),
        ev.TaskFailed(time=1.0, **about),
        ev.DeadLetterAdded(time=1.0, **dead, **about),
        ev.BlockAborted(time=1.0, execution_id="x", cause="failure", reason="go failed"),
        ev.ExecutionFinished(time=1.0, execution_id="x", status="FAILED", reason="go failed"),
    ]
    entries = [JournalEntry(number, one) for number, one in enumerate(failure, 1)]
    told = event_messages(entries, lambda _: "")
    assert [one.type for one in told if one.level > ev.DEBUG] == ["TASK_FAILED", "EXECUTION_FAILED"]
    # An attempt that was tried again is no detail of the failure that came later.
    assert event_messages(entries[:1], lambda _: "")[0].level == ev.WARNING


def test_breakers_are_visible(observation):
    observation.apply(ev.BreakerOpened(time=1.0, server="nav", until=9.0, failures=5))
    message = snapshots(observation).message(2.0)
    assert message.servers[0].breaker == ServerState.OPEN
    assert "gets no goals for a while" in message.servers[0].reason
    observation.apply(ev.BreakerClosed(time=3.0, server="nav"))
    message = snapshots(observation).message(4.0)
    assert message.servers[0].breaker == ServerState.CLOSED


def test_a_server_that_is_away_has_a_reason_and_one_that_was_never_needed_has_none():
    never = server_message(ServerRecord("/dock"))
    gone = server_message(ServerRecord("/arm", available=False))
    assert (never.available, never.reason) == (False, "")
    assert (gone.available, gone.reason) == (False, "not there")
