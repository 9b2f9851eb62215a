"""The command `mission` without a fleet: what it says of documents, arguments and a missing server."""

import io
import json

import pytest
from rich.console import Console

from execution_orchestrator.cli import deadletters, history, mission
from execution_orchestrator.cli.view.missions import (
    Changes,
    mission_table,
    schedule_list,
    shared_lines,
)
from execution_orchestrator.fleet.missions import Shown
from execution_orchestrator.fleet.orders import (
    Heartbeat,
    MissionState,
    SharedState,
    TaskState,
    Turn,
)

GOOD = "{name: x, inputs: {room: a}, tasks: [{id: a, command: 'go to {{ input.room }}'}]}"
BAD = "name: x\ntasks:\n  - {id: a, comand: go}\n  - {id: b, file: none.yaml}\n"


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("COLUMNS", "200")

    def call(text, *arguments):
        file = tmp_path / "mission.yaml"
        file.write_text(text, encoding="utf-8")
        words = [str(file) if word == "FILE" else word for word in arguments]
        status = mission.main(words)
        said = capsys.readouterr()
        return status, said.out + said.err

    return call


def test_a_good_document_proceeds(run):
    status, said = run(GOOD, "validate", "FILE")
    assert status == 0
    assert "proceed: 1 task" in said


def test_every_mistake_is_told_with_line_and_cure(run):
    status, said = run(BAD, "validate", "FILE")
    assert status == 1
    assert "mission.yaml:3:" in said
    assert "error MISSION_FIELD_UNKNOWN /tasks/0/comand" in said
    assert "MISSION_TASK_EMPTY" not in said
    assert "Did you mean command?" in said
    assert "mission.yaml:4:" in said
    told = json.loads(run(BAD, "validate", "FILE", "--json")[1])
    assert not told["valid"]
    assert {"MISSION_FIELD_UNKNOWN", "MISSION_FILE_UNREADABLE"} <= {
        issue["code"] for issue in told["issues"]
    }


def test_the_schema_is_json(run):
    assert json.loads(run("", "validate", "--schema")[1])["title"] == "Mission"


def test_an_input_that_the_mission_has_not_is_refused_before_anything_is_sent(run):
    status, said = run(GOOD, "submit", "FILE", "--input", "rom=b")
    assert status == 2
    assert "Did you mean room?" in said


@pytest.mark.parametrize(
    "words", [["list"], ["submit", "FILE"], ["cancel", "x"], ["show", "x"], ["shared", "x"]]
)
def test_a_server_that_is_not_there_is_named_with_the_cure(run, words):
    status, said = run(GOOD, *words)
    assert status == 1
    assert "Temporal at 127.0.0.1:1 cannot be used" in said
    assert "temporal server start-dev" in said
    assert "Traceback" not in said


def test_the_items_of_a_task_stand_below_it_and_its_robot_leads_to_the_report():
    tasks = [
        TaskState("look", "look", robot="r1"),
        TaskState("home", "home"),
        TaskState("look[0]", "look", robot="r1", report="http://127.0.0.1:8765/report.html"),
        TaskState("look[0].compensation", "look[0]"),
    ]
    console = Console(width=120, force_terminal=True, file=io.StringIO())
    console.print(mission_table(Shown(MissionState("m-1", "m", tasks=tasks)), now=0.0))
    drawn = console.file.getvalue()
    words = ["look", "look[0]", "look[0].compensation", "home"]
    shown = [
        line.split()[0]
        for line in drawn.splitlines()
        if line.split()[:1] and line.split()[0] in words
    ]
    assert shown == words
    assert "http://127.0.0.1:8765/report.html" in drawn


PLANS = """
name: x
tasks:
  - id: a
    plan:
      actions:
        - {id: go, action_type: navigate_to, parameters: {target_location: {x: 1, y: 2}, sped: 3}}
        - {id: w, action_type: wait, parameters: {duration: soon}, depends_on: [gone]}
    compensation:
      plan: {actions: [{action_type: wait, parameters: {}}, {action_type: navigte_to, robot: r9}]}
  - {id: b, file: b.yaml}
"""


def test_the_plans_of_tasks_are_checked_as_plans_are(run, tmp_path):
    (tmp_path / "b.yaml").write_text("actions: [{action_type: wait, parameters: {seconds: 1}}]")
    status, said = run(PLANS, "validate", "FILE", "--json")
    assert status == 1
    issues = json.loads(said)["issues"]
    found = {(one["code"], one["pointer"], one["line"]) for one in issues if one["severity"] == 3}
    assert found == {
        ("PARAMETER_UNKNOWN", "/tasks/0/plan/actions/0/parameters/sped", 7),
        ("PARAMETER_INVALID", "/tasks/0/plan/actions/1/parameters/duration", 8),
        ("DEPENDENCY_UNKNOWN", "/tasks/0/plan/actions/1/depends_on/0", 8),
        ("PARAMETER_MISSING", "/tasks/0/compensation/plan/actions/0/parameters", 10),
        ("PARAMETER_UNKNOWN", "/tasks/1/file", 11),
    }
    inside = [one["message"] for one in issues if one["pointer"] == "/tasks/1/file"]
    assert all(message.startswith("b.yaml:1:") for message in inside), inside


def test_what_only_a_robot_of_the_fleet_can_tell_is_a_warning(run):
    text = "{name: x, tasks: [{id: a, plan: {actions: [{action_type: navigte_to, robot: r9}]}}]}"
    status, said = run(text, "validate", "FILE")
    assert status == 0
    assert "warning MISSION_CAPABILITY_UNKNOWN /tasks/0/plan/actions/0/action_type" in said
    assert "Did you mean navigate_to" in said


def test_where_there_is_no_terminal_each_change_is_a_line():
    task = TaskState("t", "t", status="QUEUED", reason="waits for a robot")
    shown = Shown(MissionState("m-1", "m", tasks=[task]))
    changes = Changes()
    assert list(changes.of(shown)) == ["m-1 EXECUTING", "t QUEUED: waits for a robot"]
    assert not list(changes.of(shown))
    task.status, task.robot, task.reason = "EXECUTING", "r1", ""
    live = {"t": Heartbeat("r1", "e", phase="drive", progress=10.0)}
    assert list(changes.of(Shown(shown.state, live))) == ["t EXECUTING on r1: drive"]
    live["t"].progress = 20.0
    assert not list(changes.of(Shown(shown.state, live)))
    task.status, task.ended, shown.state.status = "COMPLETED", 1.0, "COMPLETED"
    task.notes.append("r1 fell silent")
    assert list(changes.of(Shown(shown.state))) == [
        "m-1 COMPLETED",
        "t COMPLETED on r1",
        "t: r1 fell silent",
    ]


def test_who_has_a_shared_thing_is_said_with_those_that_wait():
    state = SharedState("lift", Turn("m-1", "t", 30.0), [Turn("m-2", "u")], since=1000.0)
    assert list(shared_lines(state, 1090.0)) == [
        "t of m-1 has lift since 1:30, longer than its lease",
        "u of m-2 waits",
    ]
    assert list(shared_lines(SharedState("lift"), 1090.0)) == ["nobody has lift"]


def test_schedules_are_a_table_with_the_next_moment_and_the_last_mission(capsys, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    running = {"paused": False, "next": ["2026-12-01T07:00:00+00:00"], "last": ["a-1", "a-2"]}
    resting = {"paused": True, "next": ["2026-12-01T07:00:00+00:00"], "last": []}
    table = schedule_list([{"schedule": "a", **running}, {"schedule": "b", **resting}])
    Console(width=100).print(table)
    *_, a, b = filter(str.strip, capsys.readouterr().out.splitlines())
    assert a.split() == ["a", "2026-12-01", "07:00:00", "a-2"]
    assert b.split() == ["b", "paused", "-"]


@pytest.mark.parametrize("limit", ["0", "-3", "many"])
@pytest.mark.parametrize(
    ("command", "words"), [(mission, ["list"]), (history, []), (deadletters, ["list"])]
)
def test_a_limit_of_nothing_is_refused(command, words, limit, capsys):
    with pytest.raises(SystemExit) as ended:
        command.main([*words, f"--limit={limit}"])
    assert ended.value.code == 2
    assert "give a whole number from 1 on" in capsys.readouterr().err
