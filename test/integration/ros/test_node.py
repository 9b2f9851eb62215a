"""The node in a process of its own, against work servers in processes of theirs."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import rclpy
from action_msgs.msg import GoalStatus
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import Twist
from rclpy.executors import SingleThreadedExecutor

from execution_orchestrator.msg import AlertCondition, ExecutionEvent, ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.ros.spinning import spinning
from execution_orchestrator.srv import (
    Cancel,
    EmergencyStop,
    GetExecution,
    ListExecutions,
    Pause,
    RemoveAlert,
    ResetEmergencyStop,
    Resume,
    SetAlert,
    ValidatePlan,
)
from test.integration.ros.processes import LONG, wait_for

pytestmark = pytest.mark.timeout(360)


def plan(*actions, **more):
    return json.dumps({"version": 1, "actions": list(actions), **more})


def work(milliseconds, kind="work", **more):
    return {"action_type": kind, "parameters": {"milliseconds": milliseconds}, **more}


@pytest.fixture
def node(world):
    return world.node()


@pytest.fixture
def client(world, node):
    with OrchestratorClient() as made:
        made.wait_ready(90.0)
        yield made


def result_of(session, seconds=30.0):
    assert session.done.wait(seconds), "the goal has no result"
    assert session.failure == ""
    return session.result


def began(world, name="work"):
    return [line for line in world.lines(name) if line[0] == "began"]


def test_a_plan_runs_and_the_result_tells_everything(world, client):
    world.server("work")
    session = client.send(
        plan=plan(work(30, id="first"), work(20, id="second", depends_on=["first"])),
        execution_id="errand",
    )
    result = result_of(session)
    assert session.status == GoalStatus.STATUS_SUCCEEDED
    assert result.execution_id == "errand"
    assert result.status.value == ExecutionStatus.COMPLETED
    assert [action.action_id for action in result.actions] == ["first", "second"]
    assert json.loads(result.output)["second"] == {"sequence": [20]}
    assert result.metrics.total_duration > 0.05
    assert list(result.analysis.critical_path) == ["first", "second"]
    assert [line[2] for line in began(world)] == ["30", "20"]
    wait_for(lambda: client.state is not None and client.state.executions, 30.0, "the state")


def test_the_same_execution_id_attaches_instead_of_doing_it_again(world, client):
    world.server("work")
    first = client.send(plan=plan(work(LONG)), execution_id="once")
    assert first.answered.wait(60.0)
    second = client.send(plan=plan(work(LONG)), execution_id="once")
    assert second.answered.wait(60.0)
    world.finish("work")
    assert result_of(first).message == result_of(second).message
    third = client.send(plan=plan(work(LONG)), execution_id="once")
    assert result_of(third).status.value == ExecutionStatus.COMPLETED
    assert len(began(world)) == 1


def test_what_failed_may_be_begun_anew_under_its_id_with_another_plan(world, client):
    """Also when the node was started again in between, and forgets nothing of the goals' ids."""
    world.server("work")
    once = {"execution_id": "order", "same_id": "allow_if_failed"}
    wrong = plan(work(20, id="a"), work(10, kind="fly"))
    assert result_of(client.send(plan=wrong, **once)).issues
    failing = plan(work(20, id="a"), success="false")
    for _ in range(2):
        failed = result_of(client.send(plan=failing, **once))
        assert failed.error.code == "GOAL_NOT_ACHIEVED"
    done = result_of(client.send(plan=plan(work(30, id="a"), work(40, id="b")), **once))
    assert (done.status.value, len(done.actions)) == (ExecutionStatus.COMPLETED, 2)
    refused = result_of(client.send(plan=failing, **once))
    assert refused.error.code == "EXECUTION_ID_TAKEN"
    same = result_of(client.send(plan=plan(work(30, id="a"), work(40, id="b")), **once))
    assert same.status.value == ExecutionStatus.COMPLETED
    lines = began(world)
    assert [line[2] for line in lines] == ["20", "20", "30", "40"]
    assert len({line[1] for line in lines}) == 4, "every goal has an id of its own"
    page = client.call("list_executions", ListExecutions)
    assert [one.execution_id for one in page.executions] == ["order"]
    strange = client.send(plan=failing, execution_id="order", same_id="twice")
    assert "SAME_ID_UNKNOWN" in [issue.code for issue in result_of(strange).issues]


def test_the_same_execution_id_is_refused_to_another_goal(world, client):
    world.server("work")
    first = client.send(plan=plan(work(LONG)), execution_id="order")
    assert first.answered.wait(60.0)
    for wanted in ("running", "ended"):
        other = result_of(client.send(plan=plan(work(30)), execution_id="order"))
        assert other.error.code == "EXECUTION_ID_TAKEN", wanted
        assert "its plan is not the same" in other.message
        refused = client.send(plan=plan(work(LONG)), execution_id="order", same_id="refuse")
        assert result_of(refused).error.code == "EXECUTION_ID_TAKEN"
        world.finish("work")
        assert result_of(first).status.value == ExecutionStatus.COMPLETED
    again = client.send(plan=plan(work(LONG)), execution_id="order", priority=50)
    assert result_of(again).status.value == ExecutionStatus.COMPLETED
    blank = result_of(client.send(plan=plan(work(30)), execution_id="  "))
    assert blank.error.code == "EXECUTION_ID_INVALID"
    assert [line[2] for line in began(world)] == [str(LONG)]


def test_a_burst_of_goals_is_answered_one_by_one(world, client):
    """ROS 2 keeps 10 requests of a service by default; none of 150 may be lost."""
    sessions = [
        client.send(plan=plan({"action_type": "delay", "duration": 0.01})) for _ in range(150)
    ]
    told = [result_of(session) for session in sessions]
    completed = [r for r in told if r.status.value == ExecutionStatus.COMPLETED]
    refused = [r for r in told if r not in completed]
    assert len(completed) >= 10
    assert all("which is the limit" in r.message for r in refused)


WRONG_GOALS = (
    ({}, "GOAL_EMPTY"),
    ({"plan": "actions: ["}, ""),
    ({"plan": '{"version": 1, "actions": [{"action_type": "wrk"}]}'}, "ACTION_TYPE_UNKNOWN"),
    ({"plan": "x" * 2_000_000}, ""),
    ({"plan": plan(work(1)), "context": "[1"}, "CONTEXT_INVALID"),
)


def test_a_wrong_goal_gets_every_issue_and_the_node_stays(world, client, node):
    for fields, code in WRONG_GOALS:
        session = client.send(**fields)
        result = result_of(session)
        assert session.status == GoalStatus.STATUS_ABORTED, code
        assert result.issues
        assert not code or code in [issue.code for issue in result.issues]
        assert client.call("list_executions", ListExecutions).success
        assert node.running


def test_a_dry_run_moves_nothing(world, client):
    world.server("work")
    result = result_of(client.send(plan=plan(work(50)), dry_run=True))
    assert result.status.value == ExecutionStatus.COMPLETED
    assert result.analysis.action_count == 1
    ((depth, name, words),) = json.loads(result.output)["outline"]
    assert (depth, words.startswith(f"{name}: ")) == (0, True)
    assert began(world) == []
    answer = client.call("validate_plan", ValidatePlan, plan=plan(work(50)))
    assert (answer.valid, answer.recommendation) == (True, "proceed")


def test_a_cancel_reaches_the_action_server(world, client):
    world.server("work")
    session = client.send(plan=plan(work(LONG)))
    wait_for(lambda: began(world), 30.0, "the start")
    session.cancel()
    result = result_of(session)
    assert session.status == GoalStatus.STATUS_CANCELED
    assert result.status.value == ExecutionStatus.CANCELLED
    assert world.lines("work")[-1][0] == "cancelled"


def test_pausing_stops_a_goal_that_can_be_stopped_and_resuming_sends_it_again(world, client):
    world.server("patient_work")
    session = client.send(plan=plan(work(LONG, "patient_work")), execution_id="slow")
    wait_for(lambda: began(world, "patient_work"), 30.0, "the start")
    assert client.call("pause", Pause, execution_id="slow").success
    wait_for(lambda: world.lines("patient_work")[-1][0] == "cancelled", 30.0, "the stop")
    state = client.call("get_execution", GetExecution, execution_id="slow").state
    assert state.status.value == ExecutionStatus.PAUSED
    assert client.call("resume", Resume, execution_id="slow").success
    wait_for(lambda: len(began(world, "patient_work")) == 2, 30.0, "the second goal")
    world.finish("patient_work")
    assert result_of(session).status.value == ExecutionStatus.COMPLETED


def paused_and_resumed(world, client, after_pause, goes_on):
    session = client.send(plan=plan(work(LONG, "steady_work")), execution_id="slow")
    wait_for(lambda: began(world, "steady_work"), 30.0, "the start")
    assert client.call("pause", Pause, execution_id="slow").success
    after_pause()
    assert client.call("resume", Resume, execution_id="slow").success
    wait_for(goes_on, 30.0, "the work to go on")
    world.finish("steady_work")
    assert result_of(session).status.value == ExecutionStatus.COMPLETED
    return [(what, value) for what, _, value in world.lines("steady_work")]


def test_pausing_lets_a_server_stand_still_that_can(world, client):
    world.server("steady_work")

    def last(*words):
        return lambda: [world.lines("steady_work")[-1][at] for at in (0, 2)] == list(words)

    def stands_still():
        wait_for(last("hold", "1"), 30.0, "the hold")

    lines = paused_and_resumed(world, client, stands_still, last("hold", "0"))
    long = str(LONG)
    assert lines[1:] == [
        ("asked", long), ("began", long), ("hold", "1"), ("hold", "0"), ("ended", long),
    ]  # fmt: skip


def test_a_server_that_does_not_stand_still_is_stopped_by_a_pause(world, client):
    world.server("steady_work", "restless")

    def stopped():
        wait_for(lambda: world.lines("steady_work")[-1][0] == "cancelled", 30.0, "the stop")

    def began_again():
        return len(began(world, "steady_work")) == 2

    lines = paused_and_resumed(world, client, stopped, began_again)
    assert lines[-1] == ("ended", str(LONG))


def test_a_missing_server_is_a_typed_error(world, client):
    result = result_of(client.send(plan=plan(work(1, retry={"max_attempts": 1}))), 120.0)
    assert result.status.value == ExecutionStatus.FAILED
    assert result.actions[0].error.code == "SERVER_UNAVAILABLE"


@pytest.fixture
def velocities(world):
    """What a base is commanded: the messages on cmd_vel."""
    heard = []
    context = rclpy.Context()
    rclpy.init(context=context)
    base = rclpy.create_node("base", context=context)
    base.create_subscription(Twist, "cmd_vel", heard.append, 10)
    with spinning(base, SingleThreadedExecutor(context=context)):
        wait_for(lambda: base.count_publishers("/cmd_vel"), 90.0, "the publisher of zero velocity")
        yield heard


def test_an_emergency_stop_cancels_and_refuses_until_the_reset(world, client, velocities):
    world.server("work")
    session = client.send(plan=plan(work(LONG)))
    wait_for(lambda: began(world), 30.0, "the start")
    answer = client.call("emergency_stop", EmergencyStop, reason="test")
    assert (answer.success, answer.cancelled_goals) == (True, 1)
    wait_for(lambda: velocities, 30.0, "zero velocity")
    assert velocities[0] == Twist()
    result_of(session)
    assert world.lines("work")[-1][0] == "cancelled"
    refused = result_of(client.send(plan=plan(work(1))))
    assert refused.issues[0].code == "EMERGENCY_STOPPED"
    assert client.call("reset_emergency_stop", ResetEmergencyStop, operator_name="me").success
    assert result_of(client.send(plan=plan(work(1)))).status.value == ExecutionStatus.COMPLETED


def test_a_reason_is_kept_as_far_as_it_can_be_read(world, client):
    world.server("work")
    session = client.send(plan=plan(work(LONG)), execution_id="told")
    wait_for(lambda: began(world), 30.0, "the start")
    essay = "x" * 1_000_000
    assert client.call("pause", Pause, execution_id="told", reason=essay).success
    wait_for(lambda: client.state.executions[0].reason.startswith("x"), 30.0, "the reason")
    assert len(client.state.executions[0].reason) < 1100
    assert client.call("emergency_stop", EmergencyStop, reason=essay).success
    assert len(result_of(session).message) < 1100
    wait_for(lambda: client.state.emergency_reason, 30.0, "the stop")
    assert len(client.state.emergency_reason) < 1100


def test_ctrl_c_leaves_no_goal_on_the_robot(world, client, node):
    world.server("work")
    client.send(plan=plan(work(LONG)))
    wait_for(lambda: began(world), 30.0, "the start")
    assert node.stop() == 0
    assert world.lines("work")[-1][0] == "cancelled"


def test_a_wrong_configuration_is_told_in_full_and_ends_the_node(world):
    broken = world.folder / "broken.yaml"
    broken.write_text("version: 1\ncapabilities: {x: {description: y, colour: red}}\n")
    node = world.node(capability_files=f"[{broken}]")
    wait_for(lambda: not node.running, 30.0, "the end of the node")
    assert node.process.returncode == 78
    assert "x.colour" in node.said()
    assert "x.interface" in node.said()


def test_a_second_node_on_the_same_state_is_refused(world, client, node):
    second = world.node("__node:=second")
    wait_for(lambda: not second.running, 30.0, "the end of the second node")
    assert second.process.returncode == 74
    assert node.running


def test_diagnostics_name_every_part_and_an_alert_is_told_everywhere(world, client):
    heard, told = {}, []
    client._node.create_subscription(
        DiagnosticArray,
        "/diagnostics",
        lambda message: heard.update({status.name: status for status in message.status}),
        10,
    )
    client._node.create_subscription(
        ExecutionEvent, "/execution_orchestrator/events", told.append, 100
    )
    world.server("work")
    result_of(client.send(plan=plan(work(10))))
    server = "execution_orchestrator: server work"
    wait_for(
        lambda: server in heard and heard[server].level == DiagnosticStatus.OK,
        20.0,
        "the server's diagnostics",
    )
    assert ("breaker", "CLOSED") in {(one.key, one.value) for one in heard[server].values}
    for part in ("executions", "alerts", "journal", "clock"):
        status = heard[f"execution_orchestrator: {part}"]
        assert (status.level, status.hardware_id) == (DiagnosticStatus.OK, "execution_orchestrator")
    condition = AlertCondition(metric="actions_running", comparison="gt", threshold=0.0)
    answer = client.call("set_alert", SetAlert, alert_id="busy", condition=condition, severity=3)
    assert answer.success
    session = client.send(plan=plan(work(LONG)), execution_id="busy")
    alerts = "execution_orchestrator: alerts"
    wait_for(lambda: heard[alerts].level == DiagnosticStatus.ERROR, 30.0, "the diagnosed alert")
    wait_for(lambda: client.alerts, 30.0, "the alert")
    assert [alert.alert_id for alert in client.alerts if alert.active] == ["busy"]
    assert client.call("remove_alert", RemoveAlert, alert_id="busy").success
    wait_for(lambda: heard[alerts].level == DiagnosticStatus.OK, 30.0, "the end of the alert")

    def kinds():
        return [event.type for event in told if event.type.startswith("ALERT_")]

    wait_for(lambda: len(kinds()) == 2, 30.0, "the events of the alert")
    assert kinds() == ["ALERT_RAISED", "ALERT_CLEARED"]
    started = next(event for event in told if event.type == "TASK_STARTED")
    assert len(started.correlation_id) == 32
    session.cancel()
    result_of(session)


def test_an_idle_node_comes_to_rest(world, client, node):
    figures = Path(f"/proc/{node.process.pid}/stat")

    def ticks_of_a_second():
        before = figures.read_text().split()
        time.sleep(1.0)
        after = figures.read_text().split()
        return sum(int(after[i]) - int(before[i]) for i in (13, 14))

    # It comes to rest: less than a twentieth of a core, however slow the start was.
    wait_for(lambda: ticks_of_a_second() < 5, 60.0, "rest")


def test_who_starts_in_pause_is_resumed(world, client):
    world.server("work")
    session = client.send(plan=plan(work(1)), execution_id="e", start_paused=True)
    wait_for(lambda: session.accepted, 30.0, "the acceptance")
    assert client.call("resume", Resume, execution_id="e").success
    assert result_of(session).status.value == ExecutionStatus.COMPLETED


def test_a_second_cancel_stops_the_compensation_that_the_first_began(world, client):
    world.server("work")
    done = work(1, id="done", compensation=work(LONG, id="undo"))
    session = client.send(
        plan=plan(done, work(LONG, id="long", depends_on=["done"])), execution_id="e"
    )
    wait_for(lambda: len(began(world)) == 2, 30.0, "the long work")
    assert client.call("cancel", Cancel, execution_id="e", compensate=True).success
    wait_for(lambda: len(began(world)) == 3, 30.0, "the compensation")
    wait_for(lambda: of_execution(client, "e") == ExecutionStatus.RECOVERING, 30.0, "the status")
    assert client.call("cancel", Cancel, execution_id="e").success
    assert result_of(session).status.value == ExecutionStatus.CANCELLED
    assert [line[0] for line in world.lines("work")].count("cancelled") == 2


def of_execution(client, execution_id):
    found = [one for one in client.state.executions if one.execution_id == execution_id]
    return found[0].status.value if found else 0
