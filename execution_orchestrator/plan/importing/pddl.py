"""PDDL plans, as PlanSys2, POPF and others write them, as plan documents."""

from __future__ import annotations

import re
from typing import Any

import yaml

from execution_orchestrator.plan.counted import counted
from execution_orchestrator.plan.importing.imported import Imported, Note, NotImportableError
from execution_orchestrator.plan.importing.scripting import NUMBER
from execution_orchestrator.plan.importing.table import Mapped, Table, filled, snake
from execution_orchestrator.plan.yaml_reader import read_yaml

MAX_STEPS = 5000
SAME = 0.0015  # seconds: planners put this much or less between an end and what waits for it
# "(move r2 a b)", and "move(r2, a, b)" as Unified Planning writes it.
_STEP = re.compile(
    r"^\s*(?:(?P<start>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*:)?"
    r"\s*(?:\(\s*(?P<words>[^()]+?)\s*\)|(?P<called>[A-Za-z][\w-]*\([^()]*\)))"
    r"\s*(?:\[\s*(?:D:\s*)?(?P<length>\d+(?:\.\d+)?)\s*(?:;[^\]]*)?\])?\s*(?:;.*)?$"
)
# "step    0: MOVE R2 A B", then "1: PICK R2 X", as FF and its kin write it.
_NUMBERED = re.compile(r"^\s*(?:step\s+)?(?P<start>\d+)\s*:\s+(?P<words>[A-Z][A-Z0-9_ -]*?)\s*$")
# Of the message plansys2_msgs/msg/Plan as `ros2 topic echo` shows it.
_ITEMS = re.compile(r"^\s*(?:plan:\s*)?items:\s*$", re.MULTILINE)
_END_OF_MESSAGE = re.compile(r"^---\s*$", re.MULTILINE)
_SEVERAL = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*:\s*((?:\([^()]*\)\s*){2,})(?:;.*)?$")
_FOUND = "Solution Found"
# A planner that goes on looking writes each plan that it finds.
_ANOTHER = re.compile(
    r"\b(?:solution|plan)\s+(?:found|number|computed)\b|\bfound\s+(?:legal\s+)?plan\b|^\s*plan\s*:\s*$",
    re.IGNORECASE,
)


def import_pddl(text: str, table: Table) -> Imported:
    """Return the plan of "0.000: (move r2d2 kitchen bedroom) [5.000]" lines.

    An action waits for those that end before it begins, so what overlaps runs side by side.

    Raises:
        NotImportableError: there is no step in the text.

    """
    notes: list[Note] = []
    steps: list[tuple[float, float, dict[str, Any]]] = []
    ids: dict[str, int] = {}
    robots: dict[str, int] = {}  # who does it, and in which line first
    clock = 0.0
    talk: list[tuple[int, str]] = []
    another: tuple[int, str] | None = None
    for line, written in _lines(text):
        if steps and _ANOTHER.search(written):
            another = another or (line, written.strip()[:60])
        if not written.strip() or written.lstrip().startswith(";"):
            continue
        found = _STEP.match(written) or _NUMBERED.match(written)
        if found is None:
            talk.append((line, written.strip()[:60]))
            continue
        if another is not None:  # it stands before a plan, or after one that was the last
            notes = [Note(*another, "the plan before it is left out: this one came later")]
            another, clock = None, 0.0
            for of_the_last in (steps, ids, robots):
                of_the_last.clear()
        if len(steps) >= MAX_STEPS:
            raise NotImportableError(f"line {line}: the plan has more than {MAX_STEPS} steps")
        given = found.groupdict()
        words = given["words"] or re.sub(r"[(),]", " ", given["called"])
        # PDDL has no capitals; some planners write everything in them.
        name, *arguments = (words.lower() if words.isupper() else words).split()
        length = float(given.get("length") or 0.0)
        start = float(found["start"]) if found["start"] is not None else clock
        clock = max(clock, start + (length or 1.0))
        action = _action(line, name.lower(), arguments, table, ids, notes, robots)
        if length:
            action["estimated_duration"] = length
        steps.append((start, start + (length or (0.0 if found["start"] else 1.0)), action))
    if talk:
        number = counted(len(talk), "line")
        what = (
            "is no step of a plan, and is" if len(talk) == 1 else "are no steps of a plan, and are"
        )
        notes.append(Note(*talk[0], f"{number} {what} left out"))
    if not steps:
        raise NotImportableError(
            "there is no step of a plan in it, such as 0.000: (move r2 a b) [5.000]"
        )
    if len(robots) > 1:
        message = (
            f"the plan is for {len(robots)} robots ({', '.join(robots)}), and all of it becomes "
            "this robot's: say robot: at each action that another one does"
        )
        notes.append(Note(list(robots.values())[1], list(robots)[1], message))
    steps.sort(key=lambda step: step[0])
    actions: list[dict[str, Any]] = []
    for index, (start, _, action) in enumerate(steps):
        before = [
            other
            for other in range(len(steps))
            if other != index and _over(steps[other], start, index, other)
        ]
        last = max((steps[other][0] for other in before), default=0.0)
        # What ended before something began that ended before this is waited for already.
        direct = [
            other for other in before if steps[other][1] > last + SAME or steps[other][0] >= last
        ]
        actions.append({**action, "depends_on": [steps[other][2]["id"] for other in direct]})
    plan = {"version": 1, "description": "imported from a PDDL plan", "ordering": "dependencies"}
    return Imported({**plan, "actions": actions}, tuple(sorted(notes)))


def _lines(text: str) -> list[tuple[int, str]]:
    """Return the steps of a plan as numbered lines; those of ROS messages are put in this form."""
    text = text.removeprefix("\ufeff")
    plain = [
        (line, step) for line, one in enumerate(text.splitlines(), 1) for step in _each_step(one)
    ]
    if _ITEMS.search(text) is None:
        return plain
    made: list[tuple[int, str]] = []
    for message in _END_OF_MESSAGE.split(text):
        try:
            read = read_yaml(message)
        except yaml.YAMLError:
            return plain
        read = read.get("plan", read) if isinstance(read, dict) else {}
        items = read.get("items") if isinstance(read, dict) else None
        if items and made:  # as a planner that goes on looking writes them
            made.append((len(made) + 1, _FOUND))
        made += [
            (
                number,
                f"{item.get('time', 0.0)}: {item.get('action')} [{item.get('duration', 0.0)}]",
            )
            for number, item in enumerate(items or (), len(made) + 1)
            if isinstance(item, dict)
        ]
    return made


def _each_step(line: str) -> list[str]:
    """Return the steps of a line: planners of parallel plans write those of one moment in one."""
    several = _SEVERAL.match(line)
    if several is None:
        return [line]
    return [f"{several[1]}: {step}" for step in re.findall(r"\([^()]*\)", several[2])]


def _over(step: tuple[float, float, Any], start: float, index: int, other: int) -> bool:
    """Whether a step has ended when another begins; one without a duration: when it came first."""
    began, ended, _ = step
    if ended > start + SAME:
        return False
    return began < start or other < index


def _action(
    line: int,
    name: str,
    arguments: list[str],
    table: Table,
    ids: dict[str, int],
    notes: list[Note],
    robots: dict[str, int],
) -> dict[str, Any]:
    row = table.row(name) or table.row(name.replace("-", "_")) or table.row(name.replace("_", "-"))
    if row is None:
        notes.append(
            Note(
                line,
                name,
                "no action of this robot is known for it: add it to the table under actions; it "
                f"stays in the plan as {snake(name)!r}",
            )
        )
        row = Mapped(action_type=snake(name))
    identifier = snake("_".join([name, *arguments]))[:100]
    ids[identifier] = count = ids.get(identifier, 0) + 1
    if count > 1:
        identifier = f"{identifier}_{count}"
    action: dict[str, Any] = {"id": identifier, "action_type": row.action_type}
    names = row.arguments or tuple(f"argument_{index}" for index in range(1, len(arguments) + 1))
    if len(names) != len(arguments):
        notes.append(
            Note(line, name, f"it has {len(arguments)} arguments, and the table names {len(names)}")
        )
    given = dict(zip(names, arguments, strict=False))
    if row.parameters is None:
        parameters: dict[str, Any] = dict(given)
    else:
        used = set[str]()

        def value(argument: str, numbers: bool) -> Any:
            used.add(argument)
            text = given.get(argument)
            return float(text) if numbers and text and NUMBER.match(text) else text

        parameters = filled(row.parameters, value)
        if "robot" in given and "robot" not in used:
            robots.setdefault(given["robot"], line)
    if parameters:
        action["parameters"] = parameters
    return action
