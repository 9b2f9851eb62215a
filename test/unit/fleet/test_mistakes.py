"""Wrong documents, each with all that is wrong in it and nothing else; and odd ones that are right."""

import pytest

from execution_orchestrator.fleet.validation import read_mission
from execution_orchestrator.plan.issues import Severity

NAMED = "name: x\ntasks:\n"
FILES = {"broken.yaml": "actions: [{idd: 1}]"}


class Folder:
    def read(self, name: str) -> str:
        if name not in FILES:
            raise FileNotFoundError(f"no file {name}")
        return FILES[name]


# The document, then the code and place of each issue; a warning has a question mark.
WRONG = [
    (
        NAMED
        + "  - {id: a, command: '{{ foo.x }}', timeout: -1, needs: {payload: heavy, zone: 'n o'}, retry: {max_attempts: 0}}",
        [
            "NAME_UNKNOWN /tasks/0/command",
            "FIELD_INVALID /tasks/0/timeout",
            "FIELD_INVALID /tasks/0/needs/payload",
            "FIELD_INVALID /tasks/0/needs/zone",
            "FIELD_INVALID /tasks/0/retry/max_attempts",
        ],
    ),
    (
        NAMED + "  - {id: 'bad id', command: '{{ foo.x }}', shared: [lift]}",
        [
            "FIELD_INVALID /tasks/0/id",
            "NAME_UNKNOWN /tasks/0/command",
            "SHARED_UNKNOWN /tasks/0/shared/0",
        ],
    ),
    (
        NAMED + "  - {command: '{{ foo.x }}', shared: [lift]}",
        [
            "FIELD_MISSING /tasks/0/id",
            "NAME_UNKNOWN /tasks/0/command",
            "SHARED_UNKNOWN /tasks/0/shared/0",
        ],
    ),
    (
        NAMED + "  - {id: 5, command: '{{ foo.x }}'}",
        ["FIELD_INVALID /tasks/0/id", "NAME_UNKNOWN /tasks/0/command"],
    ),
    (
        NAMED
        + "  - {id: a, delay: 1}\n  - {id: b, depends_on: a, command: '{{ tasks.a.output }}'}",
        ["FIELD_INVALID /tasks/1/depends_on"],
    ),
    (
        NAMED
        + "  - {id: a, delay: 1}\n  - {id: b, depends_on: [a, 'x y', c], command: '{{ tasks.a.output }}'}",
        ["FIELD_INVALID /tasks/1/depends_on/1", "DEPENDENCY_UNKNOWN /tasks/1/depends_on/2"],
    ),
    (
        NAMED + "  - {id: a, command: go, compensation: {command: '{{ foo }}', timeout: -1}}",
        [
            "NAME_UNKNOWN /tasks/0/compensation/command",
            "FIELD_INVALID /tasks/0/compensation/timeout",
        ],
    ),
    (
        NAMED + "  - {id: a, command: go, compensation: {comand: back}}",
        ["FIELD_UNKNOWN /tasks/0/compensation/comand"],
    ),
    (
        NAMED + "  - {id: a, command: go, compensation: undo}",
        ["FIELD_INVALID /tasks/0/compensation"],
    ),
    (
        NAMED
        + "  - {id: a, plan: {actions: [{id: x, action_type: wait, parameters: {durations: 1}}]}, timeout: -1}",
        ["FIELD_INVALID /tasks/0/timeout"],
    ),
    (
        NAMED
        + "  - {id: a, plan: {actions: []}, priority: 1000, for_each: [1], condition: 'item >'}",
        [
            "PLAN_FIELD_INVALID /tasks/0/plan/actions",
            "FIELD_INVALID /tasks/0/priority",
            "EXPRESSION_INVALID /tasks/0/condition",
        ],
    ),
    (NAMED + "  - {id: a, plan: x.yaml}", ["FIELD_INVALID /tasks/0/plan"]),
    (NAMED + "  - just words", ["FIELD_INVALID /tasks/0"]),
    (NAMED + "  - 5\n  - {id: a}", ["FIELD_INVALID /tasks/0", "TASK_EMPTY /tasks/1"]),
    (
        NAMED + "  - {id: a, command: '', delay: -1}",
        ["FIELD_INVALID /tasks/0/command", "FIELD_INVALID /tasks/0/delay"],
    ),
    (NAMED + "  - {id: a, command: [go, there]}", ["FIELD_INVALID /tasks/0/command"]),
    (NAMED + "  - {id: a, comand: go}", ["FIELD_UNKNOWN /tasks/0/comand"]),
    (NAMED + "  - {id: a, command: go, robots: [r1]}", ["FIELD_UNKNOWN /tasks/0/robots"]),
    (NAMED + "  - {id: a, command: go, robot: [r1, r2]}", ["FIELD_INVALID /tasks/0/robot"]),
    (NAMED + "  - {id: a, command: go, robot: null}", ["FIELD_INVALID /tasks/0/robot"]),
    (NAMED + "  - {id: a, command: go, depends_on: [a]}", ["CYCLE /tasks/0/depends_on"]),
    (NAMED + "  - {id: a, command: go, shared: lift}", ["FIELD_INVALID /tasks/0/shared"]),
    (
        "name: x\nshared: [lift]\ntasks:\n  - {id: a, command: go, shared: [lift]}",
        ["FIELD_INVALID /shared"],
    ),
    (
        "name: x\nshared: {lift: {lease: 0}}\ntasks:\n  - {id: a, command: go, shared: [lift, lift]}",
        ["FIELD_INVALID /shared/lift/lease"],
    ),
    (
        "name: x\nshared: {lift: null}\ntasks:\n  - {id: a, command: go, shared: [lift]}",
        ["FIELD_INVALID /shared/lift"],
    ),
    (
        "name: x\nshared: {lift: 300}\ntasks:\n  - {id: a, command: go, shared: [lift, door]}",
        ["FIELD_INVALID /shared/lift", "SHARED_UNKNOWN /tasks/0/shared/1"],
    ),
    ("name: x y\ntasks: [{id: a, delay: 1}]", ["FIELD_INVALID /name"]),
    ("tasks: [{id: a, delay: 1}]", ["FIELD_MISSING /name"]),
    (
        "name: x\ninputs: [room]\ntasks: [{id: a, command: 'go to {{ input.room }}'}]",
        ["FIELD_INVALID /inputs"],
    ),
    (
        "name: x\ninputs: {room: a}\ntasks: [{id: a, command: 'go to {{ input.rom }}'}]",
        ["EXPRESSION_FIELD_UNKNOWN /tasks/0/command"],
    ),
    (
        "name: x\ninputs: {room: a}\ntasks: [{id: a, command: 'go to {{ inputs.room }}'}]",
        ["NAME_UNKNOWN /tasks/0/command"],
    ),
    (
        "name: x\ninputs: {room: a}\ntasks: [{id: a, command: 'go to {{ room }}'}]",
        ["NAME_UNKNOWN /tasks/0/command"],
    ),
    (
        "name: x\ntasks: [{id: a, command: 'go to {{ input.room }}'}]",
        ["EXPRESSION_FIELD_UNKNOWN /tasks/0/command"],
    ),
    (
        "name: x\nsignals: {door: string}\ntasks: [{id: a, wait_for_signal: door}]",
        ["FIELD_INVALID /signals/door"],
    ),
    (
        "name: x\nsignals: [door]\ntasks: [{id: a, wait_for_signal: door}]",
        ["FIELD_INVALID /signals"],
    ),
    (
        "name: x\nsignals: {door: {}}\ntasks: [{id: a, wait_for_signal: door}, {id: b, command: '{{ signals.dor }}', depends_on: [a]}]",
        ["EXPRESSION_FIELD_UNKNOWN /tasks/1/command"],
    ),
    (
        "name: x\ntimeout: 5 min\ntasks: [{id: a, delay: 10s}]",
        ["FIELD_INVALID /timeout", "FIELD_INVALID /tasks/0/delay"],
    ),
    (
        "name: x\ndeadline: '25:00'\ntime_zone: Europe/Berln\ntasks: [{id: a, delay: 1}]",
        ["DEADLINE_INVALID /deadline", "TIME_ZONE_UNKNOWN /time_zone"],
    ),
    ("name: x\ndeadline: 1800\ntasks: [{id: a, delay: 1}]", ["FIELD_INVALID /deadline"]),
    ("name: x\nschedule: '0 7 * * *'\ntasks: [{id: a, delay: 1}]", ["FIELD_INVALID /schedule"]),
    (
        "name: x\nschedule: {cron: '0 7 * * *', every: 60, time_zone: Mars, starts: someday, overlap: wait}\ntasks: [{id: a, delay: 1}]",
        ["TIME_ZONE_UNKNOWN /schedule/time_zone", "FIELD_INVALID /schedule/overlap"],
    ),
    (
        "name: x\nschedule: {cron: '61 7 * * *'}\ndeadline: '07:00'\ntasks: [{id: a, delay: 1}]",
        ["SCHEDULE_INVALID /schedule/cron", "?FIELD_UNUSED /deadline"],
    ),
    (
        "name: x\nschedule: {every: 0.1, starts: '2020-01-01T00:00', ends: '2019-01-01T00:00'}\ntasks: [{id: a, delay: 1}]",
        ["FIELD_INVALID /schedule/every"],
    ),
    ("name: x\nversion: 2\ntasks: [{id: a, delay: 1}]", ["FIELD_INVALID /version"]),
    (
        "name: x\npriority: high\nmax_parallel: 0\ncompensate_on_cancel: yes please\ntasks: [{id: a, delay: 1}]",
        [
            "FIELD_INVALID /priority",
            "FIELD_INVALID /max_parallel",
            "FIELD_INVALID /compensate_on_cancel",
        ],
    ),
    ("name: x\ntasks: {a: {command: go}, b: {command: go}}", ["FIELD_INVALID /tasks"]),
    ("name: x\nsteps: [{id: a, command: go}]", ["FIELD_UNKNOWN /steps"]),
    (
        "name: x\nreturn: '{{ tasks.b.output }} {{ item }}'\ntasks: [{id: a, command: go}]",
        ["TASK_UNKNOWN /return", "NAME_UNKNOWN /return"],
    ),
    (
        "name: x\nreturn: '{{ tasks.a.ouput }}'\ntasks: [{id: a, command: go}]",
        ["EXPRESSION_FIELD_UNKNOWN /return"],
    ),
    (
        "name: x\nreturn: '{{ tasks.a.robot '\ntasks: [{id: a, command: go}]",
        ["TEMPLATE_UNCLOSED /return"],
    ),
    (NAMED + "  - {id: a, for_each: rooms, command: go}", ["NAME_UNKNOWN /tasks/0/for_each"]),
    (NAMED + "  - {id: a, for_each: 5, command: go}", ["FIELD_INVALID /tasks/0/for_each"]),
    (
        NAMED + "  - {id: a, for_each: '[1,2', command: '{{ item }}'}",
        ["EXPRESSION_INVALID /tasks/0/for_each"],
    ),
    (
        NAMED
        + "  - {id: a, command: go}\n  - {id: b, depends_on: [a], condition: \"{{ tasks.a.status == 'COMPLETED' }}\", delay: 1}",
        ["EXPRESSION_INVALID /tasks/1/condition"],
    ),
    (
        NAMED
        + "  - {id: a, command: go}\n  - {id: b, depends_on: [a], condition: \"tasks.a.status = 'COMPLETED'\", delay: 1}",
        ["EXPRESSION_INVALID /tasks/1/condition"],
    ),
    (
        NAMED + "  - {id: a, command: go}\n  - {id: b, depends_on: [a], condition: true, delay: 1}",
        ["FIELD_INVALID /tasks/1/condition"],
    ),
    (
        NAMED + "  - {id: a, command: go, on_failure: ignore, retry: 3}",
        ["FIELD_INVALID /tasks/0/on_failure", "FIELD_INVALID /tasks/0/retry"],
    ),
    (
        NAMED + "  - {id: a, command: go, retry: {attempts: 3, delay: 1}}",
        ["FIELD_UNKNOWN /tasks/0/retry/attempts", "FIELD_UNKNOWN /tasks/0/retry/delay"],
    ),
    (
        NAMED
        + "  - {id: a, command: go, require_confirmation: '', confirmation_timeout: 0, confirmation_default: 'no'}",
        [
            "FIELD_INVALID /tasks/0/require_confirmation",
            "FIELD_INVALID /tasks/0/confirmation_timeout",
            "FIELD_INVALID /tasks/0/confirmation_default",
        ],
    ),
    (NAMED + "  - {id: a, wait_for_signal: true}", ["FIELD_INVALID /tasks/0/wait_for_signal"]),
    (
        NAMED
        + "  - {id: a, command: go, file: a.yaml, plan: {actions: [{id: x, action_type: wait}]}}",
        ["FILE_UNREADABLE /tasks/0/file", "TASK_AMBIGUOUS /tasks/0/plan"],
    ),
    (NAMED + "  - {id: a, file: ../../etc/passwd}", ["FILE_UNREADABLE /tasks/0/file"]),
    (
        NAMED + "  - {id: a, file: missing.yaml, compensation: {file: missing.yaml}}",
        ["FILE_UNREADABLE /tasks/0/file", "FILE_UNREADABLE /tasks/0/compensation/file"],
    ),
    (
        NAMED + "  - {id: a, file: broken.yaml}",
        ["PLAN_FIELD_MISSING /tasks/0/file", "PLAN_FIELD_UNKNOWN /tasks/0/file"],
    ),
    (NAMED + "  - {id: a, delay: .inf}", ["NUMBER_NOT_FINITE /tasks/0/delay"]),
    (
        NAMED + "  - {id: a, delay: 1, needs: {capabilities: navigate_to_pose}}",
        ["FIELD_INVALID /tasks/0/needs/capabilities"],
    ),
    (
        NAMED + "  - {id: a, command: go, needs: {capabilities: [navigate to pose], battery: 30}}",
        ["FIELD_INVALID /tasks/0/needs/capabilities/0", "FIELD_INVALID /tasks/0/needs/battery"],
    ),
    (NAMED + "  - {id: a, command: go, needs: [gripper]}", ["FIELD_INVALID /tasks/0/needs"]),
    (NAMED + "  - {id: a, command: go, context: [1]}", ["FIELD_INVALID /tasks/0/context"]),
    (
        NAMED
        + "  - {id: a, command: go, context: {room: '{{ tasks.b.output }}'}}\n  - {id: b, delay: 1, depends_on: [a]}",
        ["DEPENDENCY_MISSING /tasks/0/context/room"],
    ),
    (
        NAMED + "  - {id: a, delay: 1}\n  - {id: a, delay: 1, timeout: x}",
        ["ID_TWICE /tasks/1/id", "FIELD_INVALID /tasks/1/timeout"],
    ),
    (NAMED + "  - {id: a, delay: 1\n  - {id: b}", ["SYNTAX "]),
    ("name: x\nname: y\ntasks: [{id: a, delay: 1}]", ["DUPLICATE_KEY /name"]),
    (NAMED + "\t- {id: a}", ["SYNTAX "]),
    ("name: x\ntasks: [&t {id: a, delay: 1}, *t]", ["ALIAS /tasks/1"]),
    (
        NAMED + "  - {id: a, robot: '{{ tasks.b.robot }}', command: go}",
        ["TASK_UNKNOWN /tasks/0/robot"],
    ),
    (
        NAMED + "  - {id: a, robot: '{{ input.robot }', command: go}",
        ["TEMPLATE_UNCLOSED /tasks/0/robot"],
    ),
    (
        NAMED + "  - {id: a, robot: any, needs: {}, command: go, patience: 0}",
        ["FIELD_INVALID /tasks/0/patience"],
    ),
    (
        NAMED + "  - {id: a, robot: r1, needs: {payload: 3}, command: go}",
        ["?NEEDS_UNUSED /tasks/0/needs"],
    ),
    (NAMED + "  - {id: a, max_parallel: 2, command: go}", ["?FIELD_UNUSED /tasks/0/max_parallel"]),
    (
        NAMED + "  - {id: a, delay: 1, compensation: {command: back}}",
        ["?FIELD_UNUSED /tasks/0/compensation"],
    ),
    (
        NAMED + "  - {id: a, delay: 1, shared: [lift]}",
        ["?FIELD_UNUSED /tasks/0/shared", "SHARED_UNKNOWN /tasks/0/shared/0"],
    ),
    (
        NAMED + "  - {id: a, delay: 1, retry: {max_attempts: 3}, robot: r1, timeout: 3}",
        [
            "?FIELD_UNUSED /tasks/0/robot",
            "?FIELD_UNUSED /tasks/0/timeout",
            "?FIELD_UNUSED /tasks/0/retry",
        ],
    ),
    *(
        (NAMED + f"  - {{id: a, command: go, {field}}}", [f"TEMPLATE_IN_NAME /tasks/0/{place}"])
        for field, place in [
            ("context: {'{{ mission.id }}': 1}", "context/{{ mission.id }}"),
            ("context: {a: [{'{{ input.': 1}]}", "context/a/0/{{ input."),
            ("for_each: [{'a/{{ b }}': 1}]", "for_each/0/a~1{{ b }}"),
            (
                "compensation: {command: back, context: {'{{ 1 }}': 2}}",
                "compensation/context/{{ 1 }}",
            ),
        ]
    ),
    (
        "name: x\nreturn: {'{{ tasks.a.robot }}': 1}\ntasks: [{id: a, command: go}]",
        ["TEMPLATE_IN_NAME /return/{{ tasks.a.robot }}"],
    ),
    (NAMED + "  - {id: a, command: go, robot: ANY}", ["?ROBOT_INVALID /tasks/0/robot"]),
    (
        "name: x\nshared: {lift: {}, door: {}}\ntasks: [{id: a, command: go, shared: [lift]}]",
        ["?FIELD_UNUSED /shared/door"],
    ),
    (
        "name: x\nshared: {lift: {}}\ntasks: [{id: a, command: go, shared: lift}]",
        ["FIELD_INVALID /tasks/0/shared"],
    ),
    ("name: x\ninputs: {'a b': 1}\ntasks: [{id: a, delay: 1}]", ["FIELD_INVALID /inputs/a b"]),
]
RIGHT = [
    NAMED + "  - {id: a, for_each: [], command: '{{ item }}'}",
    NAMED + "  - {id: a, for_each: '[1, 2, 3]', command: 'go {{ item + index }}'}",
    NAMED + "  - {id: a, for_each: '{{ [1, 2] }}', command: 'go {{ item }}'}",
    "name: x\ninputs: {rooms: [a, b]}\ntasks: [{id: a, for_each: 'input.rooms.filter(r, r != \"b\")', command: 'go to {{ item }}'}]",
    "name: x\ninputs: {rooms: null}\ntasks: [{id: a, condition: input.rooms != null, for_each: input.rooms, command: 'go to {{ item }}'}]",
    "name: x\ninputs: {room: {name: a, floor: 2}}\ntasks: [{id: a, command: 'go to {{ input.room.name }}', context: {floor: '{{ input.room[\"floor\"] }}'}}]",
    NAMED
    + "  - {id: a, command: go}\n  - {id: b, depends_on: [a], robot: \"{{ tasks['a'].robot }}\", command: back}",
    NAMED
    + '  - {id: a, command: go, on_failure: continue}\n  - {id: b, depends_on: [a], condition: "tasks.a.status == \'FAILED\'", command: "tell {{ tasks.a.error }}"}',
    NAMED
    + "  - {id: a, command: go}\n  - {id: b, depends_on: [a], delay: 1}\n  - {id: c, depends_on: [b], command: '{{ tasks.a.output.place }}'}",
    "name: x\nsignals: {door: {type: object, properties: {open: {type: boolean}}}}\ntasks: [{id: a, wait_for_signal: door}, {id: b, depends_on: [a], condition: tasks.a.output.open, command: go}]",
    "name: x\nsignals: {door: {type: boolean}}\ntasks: [{id: a, condition: has(signals.door) && signals.door, command: go}]",
    "name: x\nshared: {lift: {}}\ntasks: [{id: a, command: go, shared: [lift, lift]}]",
    NAMED + "  - {id: a, require_confirmation: true, delay: 5, command: go}",
    NAMED + "  - {id: a, command: \"say 'tasks.nobody.output' and {{ 'tasks.b.output' }}\"}",
    NAMED + "  - {id: a, command: 'a brace { and another } and even }}'}",
    NAMED + "  - {id: a, robot: r-1.north/2, command: go}",
    '{"name": "x", "tasks": [{"id": "a", "delay": 0}]}',
    "name: x\nschedule: {cron: '0 7 * * mon-fri', time_zone: Europe/Berlin, overlap: queue, catch_up: all}\ntasks: [{id: a, delay: 1}]",
    "name: x\nschedule: {every: 3600, starts: tomorrow 07:00, overlap: replace, catch_up: last}\ntimeout: 1800\ntasks: [{id: a, delay: 1}]",
    "name: x\nreturn: {first: '{{ tasks.a.output[0] }}', who: '{{ tasks.a.robot }}', of: '{{ mission.id }}'}\ntasks: [{id: a, for_each: [1], command: '{{ item }}'}]",
    NAMED
    + '  - {id: a, command: \'{{ tasks.b.status == "SKIPPED" ? "rest" : "go" }}\', depends_on: [b]}\n  - {id: b, condition: \'false\', delay: 1}',
    NAMED
    + "  - {id: _a, command: go, compensation: {command: 'back with {{ tasks._a.output }}', robot: r2, patience: 5}}",
    NAMED + "  - {id: a, command: go, needs: {}, patience: 5, priority: -100}",
    "name: x\ninputs: {n: 3}\ntasks: [{id: a, condition: 'input.n > 2 && mission.name == \"x\"', command: go}]",
]


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_a_wrong_document_is_told_all_its_mistakes_once(text, expected):
    found = read_mission(
        text, now=1.8e9, library=Folder(), capabilities=["navigate_to_pose", "wait", "work"]
    )
    told = [
        f"{'' if one.severity is Severity.ERROR else '?'}"
        f"{one.code.removeprefix('MISSION_')} {one.pointer}"
        for one in found.issues
    ]
    assert sorted(told) == sorted(expected)
    assert all(one.line and one.column and one.hint for one in found.issues)
    assert (found.mission is None) == any(not one.startswith("?") for one in told)


@pytest.mark.parametrize("text", RIGHT)
def test_an_odd_document_is_right(text):
    found = read_mission(text, now=1.8e9)
    assert found.mission is not None
    assert not found.issues


@pytest.mark.parametrize(
    ("task", "cure"),
    [
        ("needs: [lift_arm]", 'Write needs: {capabilities: ["lift_arm"]}.'),
        ("needs: {battery: 80}", "It is a share from 0.0 to 1.0: 0.8 are 80 per cent."),
        ("needs: {battery: 30%}", "It is a share from 0.0 to 1.0: 0.3 are 30 per cent."),
        ("depends_on: ['b[0]']", "Write b: a task waits for all items of another one."),
        ("compensation: [{command: back}]", "Leave the brackets away; several steps are a plan"),
        ("action_type: wait", "An action stands in the plan of a task: plan: {actions:"),
        ("deadline: '18:00'", "deadline belongs to the mission, beside `tasks`."),
        ("name: b", "Did you mean id?"),
        ("robot: [r1, r2]", "Name one; one of several is robot: any, with what it needs to be"),
        ("plan: [{action_type: wait}]", "Write plan: {actions: [...]}."),
        ("wait_for_signal: door", "Declare it beside `tasks`: signals: {door: {type: boolean}}."),
        ("shared: [lift]", "Declare it beside `tasks`: shared: {lift: {lease: 300}}."),
    ],
)
def test_the_cure_is_what_is_to_be_written(task, cure):
    found = read_mission(f"{NAMED}  - {{id: a, command: go, {task}}}", now=1.8e9)
    assert any(issue.hint.startswith(cure) for issue in found.issues), found.issues


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("actions: [{action_type: wait}]", "Actions make a plan: check it with `validate`"),
        ("mission: {name: x, tasks: []}", "Leave mission away: what is in it is the document"),
        ("name: x\ntasks: [{id: ü, delay: 1}]", "Use letters, digits and underscores."),
    ],
)
def test_the_cure_for_a_document_of_another_form(text, cure):
    assert any(one.hint.startswith(cure) for one in read_mission(text, now=1.8e9).issues)


def test_needs_that_fit_no_queue_are_told():
    can = ", ".join(f"a_rather_long_capability_{number}" for number in range(40))
    found = read_mission(
        f"{NAMED}  - {{id: a, command: go, needs: {{capabilities: [{can}]}}}}", now=1.8e9
    )
    assert [(one.code, one.pointer) for one in found.issues] == [
        ("MISSION_NEEDS_TOO_LONG", "/tasks/0/needs")
    ]
