"""A mission document: all its mistakes in one round, with places and cures."""

import textwrap

import pytest

from execution_orchestrator.fleet.document import mission_schema
from execution_orchestrator.fleet.needs import Demand, Offer, capabilities_in
from execution_orchestrator.fleet.validation import read_mission
from execution_orchestrator.plan.issues import Severity


class Folder:
    def __init__(self, **files: str) -> None:
        self.files = files

    def read(self, name: str) -> str:
        if name not in self.files:
            raise FileNotFoundError(f"no file {name}")
        return self.files[name]


def read(text: str, **more):
    return read_mission(textwrap.dedent(text), now=1.8e9, **more)


def told(text: str, **more) -> set[tuple[str, str, int]]:
    return {(one.code, one.pointer, one.line) for one in read(text, **more).issues}


WRONG = """\
version: 1
name: round
inputs: {rooms: [a]}
taskz: 1
deadline: someday
schedule: {cron: '0 7 * *'}
signals: {door: {type: strung}}
tasks:
  - id: fetch
    command: go
    plan: {actions: []}
    depend_on: [x]
    needs: {payloat: 3}
  - id: look
    for_each: input.rooms
    command: "{{ item }} {{ tasks.fetch.output }} {{ foo"
    depends_on: [fetsch]
  - id: empty
  - {id: one, delay: 1, depends_on: [two], shared: [lift]}
  - {id: two, wait_for_signal: dor, depends_on: [one]}
  - {id: fetch, delay: 1}
  - {id: late, command: "{{ now() }} {{ item }} {{ tasks.nobody.robot }}", timeout: -1}
  - {id: undo, file: a.yaml, compensation: {robot: r1}, robot: "r 1"}
"""


def test_every_mistake_is_told_at_once_with_its_place():
    issues = read(WRONG).issues
    assert {(one.code.removeprefix("MISSION_"), one.pointer) for one in issues} >= {
        ("FIELD_UNKNOWN", "/taskz"),
        ("DEADLINE_INVALID", "/deadline"),
        ("SCHEDULE_INVALID", "/schedule/cron"),
        ("SIGNAL_INVALID", "/signals/door"),
        ("TASK_AMBIGUOUS", "/tasks/0/plan"),
        ("FIELD_UNKNOWN", "/tasks/0/depend_on"),
        ("FIELD_UNKNOWN", "/tasks/0/needs/payloat"),
        ("TEMPLATE_UNCLOSED", "/tasks/1/command"),
        ("DEPENDENCY_MISSING", "/tasks/1/command"),
        ("DEPENDENCY_UNKNOWN", "/tasks/1/depends_on/0"),
        ("TASK_EMPTY", "/tasks/2"),
        ("CYCLE", "/tasks/3/depends_on"),
        ("SHARED_UNKNOWN", "/tasks/3/shared/0"),
        ("SIGNAL_UNKNOWN", "/tasks/4/wait_for_signal"),
        ("ID_TWICE", "/tasks/5/id"),
        ("NAME_UNKNOWN", "/tasks/6/command"),
        ("TASK_UNKNOWN", "/tasks/6/command"),
        ("FIELD_INVALID", "/tasks/6/timeout"),
        ("FILE_UNREADABLE", "/tasks/7/file"),
        ("TASK_EMPTY", "/tasks/7/compensation"),
        ("ROBOT_INVALID", "/tasks/7/robot"),
    }
    assert all(one.line and one.column and one.hint for one in issues)
    assert [one.line for one in issues] == sorted(one.line for one in issues)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "MISSION_EMPTY"),
        ("[1]", "MISSION_NOT_AN_OBJECT"),
        ("{name: x, tasks: [", "MISSION_SYNTAX"),
        ("{name: x}", "MISSION_FIELD_MISSING"),
        ("{name: x, tasks: []}", "MISSION_FIELD_INVALID"),
        (
            "{name: x, deadline: 2026-01-01T00:00, tasks: [{id: a, delay: 1}]}",
            "MISSION_DEADLINE_PAST",
        ),
        ("{name: x, time_zone: Mars, tasks: [{id: a, delay: 1}]}", "MISSION_TIME_ZONE_UNKNOWN"),
        ("{name: x, tasks: [{id: a, condition: '1 +', delay: 1}]}", "MISSION_EXPRESSION_INVALID"),
        (
            f"{{name: x, tasks: [{{id: a, for_each: {list(range(10_000))}, command: go}}]}}",
            "MISSION_TOO_MANY_TASKS",
        ),
        (
            "{name: x, schedule: {cron: '0 7 L * *'}, tasks: [{id: a, delay: 1}]}",
            "MISSION_SCHEDULE_INVALID",
        ),
        (
            "{name: x, schedule: {cron: '0 7 * * 1#2'}, tasks: [{id: a, delay: 1}]}",
            "MISSION_SCHEDULE_INVALID",
        ),
        (
            "{name: x, schedule: {every: 9, overlap: queue, most_waiting: 3}, "
            "tasks: [{id: a, delay: 1}]}",
            "MISSION_SCHEDULE_INVALID",
        ),
    ],
)
def test_what_is_no_mission_is_said_to_be_none(text, code):
    made = read(text)
    assert made.mission is None
    assert code in {one.code for one in made.issues}


def test_plans_of_files_are_put_in_and_theirs_are_the_mission_s_mistakes():
    text = "{name: x, tasks: [{id: a, file: a.yaml, compensation: {file: b.yaml}}]}"
    plan = "actions: [{id: one, action_type: navigate_to_pose}]"
    made = read(text, library=Folder(**{"a.yaml": plan, "b.yaml": plan}))
    assert made.mission is not None
    task = made.mission.tasks[0]
    assert task.file is None
    assert capabilities_in(task.plan) == {"navigate_to_pose"}
    assert task.compensation.plan == task.plan
    broken = read(text, library=Folder(**{"a.yaml": plan, "b.yaml": "actions: [{idd: 1}]"}))
    assert any("b.yaml:1:" in one.message for one in broken.issues)


def test_a_capability_that_no_known_robot_has_is_a_warning():
    text = "{name: x, tasks: [{id: a, command: go, needs: {capabilities: [navigate_to_pos]}}]}"
    made = read(text, capabilities=["navigate_to_pose"])
    assert made.mission is not None
    assert [one.severity for one in made.issues] == [Severity.WARNING]
    assert made.issues[0].hint == "Did you mean navigate_to_pose?"


def test_a_queue_s_name_says_what_is_needed():
    demand = Demand(("carry", "lift"), 5.0, 0.3, "north")
    assert demand.queue == "any;can=carry,lift;payload=5;battery=0.3;zone=north"
    assert Demand.read(demand.queue) == demand
    assert Demand.read("any") == Demand()
    others = demand.not_by(["r2", "r1"])
    assert others.queue == f"{demand.queue};not=r1,r2"
    assert Demand.read(others.queue) == others
    assert Demand.read("robot:r1") is None
    able = Offer(frozenset({"carry", "lift"}), 5.0, frozenset({"north"}), 0.5)
    assert demand.unmet(able) == ""
    assert "battery is at 20%" in demand.unmet(
        Offer(able.capabilities, able.payload, able.zones, 0.2)
    )
    assert "it cannot lift" in demand.unmet(Offer(frozenset({"carry"})))


def test_the_schema_names_every_field():
    schema = mission_schema()
    assert "return" in schema["properties"]
    assert {"depends_on", "for_each", "compensation"} <= set(schema["$defs"]["Task"]["properties"])
