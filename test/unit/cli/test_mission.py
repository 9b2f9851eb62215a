"""The command `mission` without a fleet: what it says of documents, arguments and a missing server."""

import io
import json

import pytest
from rich.console import Console

from execution_orchestrator.cli import mission
from execution_orchestrator.cli.view.missions import mission_table
from execution_orchestrator.fleet.missions import Shown
from execution_orchestrator.fleet.orders import MissionState, TaskState

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


@pytest.mark.parametrize("words", [["list"], ["submit", "FILE"], ["cancel", "x"], ["show", "x"]])
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
