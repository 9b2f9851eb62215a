"""Reads a mission document: every mistake in one round, each with its place and a cure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from graphlib import CycleError, TopologicalSorter
from typing import Any

from pydantic import ValidationError

from execution_orchestrator.fleet.document import (
    ANY,
    MAX_ITEMS,
    ROBOT,
    Mission,
    Needs,
    Shared,
    Task,
    Work,
)
from execution_orchestrator.fleet.needs import LONGEST_NEEDS, Demand, capabilities_in
from execution_orchestrator.fleet.partial import LEFT_OUT, Piece, readable, readable_task
from execution_orchestrator.fleet.plans import CAPABILITY_UNKNOWN, PlanCheck, issues_in
from execution_orchestrator.fleet.references import IN_LOOP, Reader, References, all_before
from execution_orchestrator.plan.document import (
    DEFAULT_LIMITS,
    Limits,
    SourceMap,
    place_of,
    pointed,
    read_document,
    value_at,
)
from execution_orchestrator.plan.issues import MOST_ISSUES, Issue, Severity
from execution_orchestrator.plan.loader import load_plan, validate_document
from execution_orchestrator.plan.model import Schedule
from execution_orchestrator.plan.nearest import Names
from execution_orchestrator.plan.signals import wrong_schema
from execution_orchestrator.plan.structure_errors import PLAN, Shape, structure_issues_of
from execution_orchestrator.plan.subplans import PlanLibrary
from execution_orchestrator.plan.timetable import TimetableError, zone_of
from execution_orchestrator.plan.timing import read_moment, schedule_issues

SYNONYMS = {
    "after": "depends_on", "needs_tasks": "depends_on", "dependencies": "depends_on",
    "requires": "needs", "requirements": "needs", "capabilities": "needs",
    "when": "condition", "if": "condition", "foreach": "for_each", "items": "for_each",
    "retries": "retry", "undo": "compensation", "compensate": "compensation",
    "parameters": "context", "args": "context", "with": "context", "do": "command",
    "instruction": "command", "name": "id", "resources": "shared", "holds": "shared",
    "locks": "shared", "mutex": "shared", "confirm": "require_confirmation",
    "signal": "wait_for_signal", "wait_for": "wait_for_signal", "steps": "tasks",
    "actions": "tasks", "params": "inputs", "output": "return", "outputs": "return",
    "id": "name", "title": "name", "cron": "schedule",
}  # fmt: skip
MISSION = Shape(
    "mission",
    Mission,
    Task,
    {
        **PLAN.models,
        "needs": Needs,
        "compensation": Work,
        "shared": Shared,
    },
    SYNONYMS,
)
# Fields that say something about what a robot does, and about a question to a person.
_OF_WORK = ("robot", "needs", "context", "timeout", "retry", "compensation", "shared")
_NOT_TEMPORAL_S = re.compile(r"#|(?<![a-z])l(?![a-z])", re.IGNORECASE)
_OF_MISSIONS = frozenset(Mission.model_fields) - frozenset(Task.model_fields) - SYNONYMS.keys()
_ITEM = re.compile(r"\w+\[\d+\]$")
_PER_CENT = re.compile(r"(100(?:\.0*)?|[1-9]\d?(?:\.\d*)?)\s*%?$")
_OF_QUESTIONS = ("confirmation_timeout", "confirmation_default")
_WAYS = ("command", "plan", "file")
_PAUSES = ("wait_for_signal", "delay")


@dataclass(frozen=True)
class Read:
    """A mission, with the plans of files put in; None if an issue keeps it from running."""

    mission: Mission | None
    issues: tuple[Issue, ...] = ()

    @property
    def document(self) -> dict[str, Any]:
        """Return the mission as plain data that needs no other file."""
        assert self.mission is not None
        return self.mission.model_dump(by_alias=True, exclude_defaults=True, mode="json")


def read_mission(
    text: str,
    *,
    now: float,
    zone: str = "UTC",
    library: PlanLibrary | None = None,
    capabilities: Iterable[str] | None = None,
    check: PlanCheck | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Read:
    """Read a document; its content never raises an exception.

    ``now`` (Unix seconds) and ``zone`` are for its moments. ``library`` has the plans that tasks
    name by ``file``. ``capabilities`` are those that any robot has, and ``check`` (fleet/plans.py)
    finds mistakes in their parameters; None if no robot is known.
    """
    if not text.strip():
        hint = "Begin with: version: 1, name: NAME, then tasks: [...]"
        return Read(None, (Issue("MISSION_EMPTY", "the mission is empty", "", hint),))
    read = read_document(text, limits)
    found = [_of_missions(issue) for issue in read.issues]
    if not read.complete or not isinstance(read.data, dict):
        if read.complete:
            hint = "Begin with: version: 1, name: NAME, then tasks: [...]"
            found.append(
                Issue("MISSION_NOT_AN_OBJECT", "the document is no mapping", "", hint, line=1)
            )
        return Read(None, tuple(found))
    notes = _Notes(read.places, found)
    mission = _structure(read.data, notes, {issue.pointer for issue in found})
    checked = _Check(notes, library, limits, capabilities, check)
    checked.document(read.data, now, zone)
    issues = tuple(notes.issues[:MOST_ISSUES])
    if any(issue.severity == Severity.ERROR for issue in issues) or mission is None:
        return Read(None, tuple(sorted(issues, key=lambda one: (one.line, one.column))))
    return Read(checked.embedded(mission), issues)


def _of_missions(issue: Issue) -> Issue:
    return replace(issue, code=issue.code.replace("PLAN_", "MISSION_", 1))


class _Notes:
    """The issues so far, with line and column."""

    def __init__(self, places: SourceMap, issues: Iterable[Issue] = ()) -> None:
        self._places = places
        self.issues = list(issues)

    def add(
        self,
        code: str,
        message: str,
        pointer: str,
        hint: str,
        severity: Severity = Severity.ERROR,
    ) -> None:
        self.take(Issue(f"MISSION_{code}", message, pointer, hint, severity))

    def has_issue_within(self, pointer: str) -> bool:
        """Say whether something at or below a place is wrong already."""
        return any(f"{one.pointer}/".startswith(f"{pointer}/") for one in self.issues)

    def take(self, issue: Issue) -> None:
        line, column = place_of(issue.pointer, self._places)
        self.issues.append(replace(issue, line=line, column=column))


def _structure(data: Mapping[str, Any], notes: _Notes, reported: set[str]) -> Mission | None:
    try:
        return Mission.model_validate(data)
    except ValidationError as failure:
        for issue in structure_issues_of(failure.errors(include_url=False), data, MISSION):
            if issue.pointer not in reported:
                hint = _form(issue.pointer, data) or issue.hint
                notes.take(replace(_of_missions(issue), hint=hint))
        return None


def _form(pointer: str, data: Any) -> str:
    """Return the form of a field that is often written in another one, else nothing."""
    field, value = pointer.rpartition("/")[2], value_at(data, pointer)
    in_task = pointer.startswith("/tasks/")
    if pointer == "/actions":
        return (
            "Actions make a plan: check it with `validate`, or name it as the file of a task: "
            "tasks: [{id: a, file: PLAN.yaml}]."
        )
    if in_task and field == "action_type" and pointer.count("/") == 3:
        return "An action stands in the plan of a task: plan: {actions: [{action_type: ...}]}."
    if in_task and field in _OF_MISSIONS and pointer.count("/") == 3:
        return f"{field} belongs to the mission, beside `tasks`."
    if pointer.count("/") == 1 and isinstance(value, dict) and "tasks" in value:
        return f"Leave {field} away: what is in it is the document itself."
    if in_task and "/depends_on/" in pointer and isinstance(value, str) and _ITEM.match(value):
        return f"Write {value.partition('[')[0]}: a task waits for all items of another one."
    if field == "plan" and isinstance(value, str):
        return f"A plan in a file is named by file: {value}"
    if field == "compensation" and isinstance(value, list):
        return "Leave the brackets away; several steps are a plan: {plan: {actions: [...]}}."
    if field == "compensation" and isinstance(value, str):
        return f"Write compensation: {{command: {value}}}."
    if field == "plan" and isinstance(value, list):
        return "Write plan: {actions: [...]}."
    if field == "needs" and isinstance(value, list):
        return f"Write needs: {{capabilities: {json.dumps(value)}}}."
    if field == "robot" and isinstance(value, list):
        return "Name one; one of several is robot: any, with what it needs to be able to do."
    if pointer.endswith("/needs/battery") and (found := _PER_CENT.match(str(value))):
        share = float(found[1]) / 100
        return f"It is a share from 0.0 to 1.0: {share:g} are {float(found[1]):g} per cent."
    if pointer == "/tasks" and isinstance(value, dict):
        return "Write a list: begin every task with a dash, and give its name as id."
    return ""


class _Check:
    """What the structure alone does not say. Works on what can be read of a broken document."""

    def __init__(
        self,
        notes: _Notes,
        library: PlanLibrary | None,
        limits: Limits,
        capabilities: Iterable[str] | None,
        check: PlanCheck | None,
    ) -> None:
        self._notes = notes
        self._library = library
        self._limits = limits
        self._capabilities = None if capabilities is None else Names(capabilities)
        self._check = check
        self._plans: dict[str, dict[str, Any]] = {}
        self._complete = False  # the name of every task could be read

    def document(self, data: Mapping[str, Any], now: float, zone: str) -> None:
        pieces = self._pieces(data)
        self._times(data, now, zone)
        signals = _mapping(data, "signals")
        for name, schema in (signals or {}).items():
            wrong = wrong_schema(schema) if isinstance(schema, dict) else ""
            if wrong:
                self._notes.add(
                    "SIGNAL_INVALID",
                    wrong,
                    pointed("/signals", name),
                    "Write for example {type: string}.",
                )
        ids = [one.task.id for one in pieces if one.has_name]
        self._order(pieces, ids)
        for_each = [one.task.for_each for one in pieces]
        count = len(pieces) + sum(len(one) for one in for_each if isinstance(one, list))
        if count > MAX_ITEMS:
            self._notes.add(
                "TOO_MANY_TASKS",
                f"there are {count} tasks, the items of for_each counted; a mission has at most "
                f"{MAX_ITEMS}",
                "/tasks",
                "Make several missions of it; a signal lets one wait for another.",
            )
        self._unused_things(data, pieces)
        references = References(
            inputs=_mapping(data, "inputs"),
            signals=signals,
            tasks={
                one.task.id: one.task.for_each is not None or one.lacks("for_each")
                for one in pieces
                if one.has_name
            },
            complete=self._complete,
        )
        before = all_before({one.task.id: one.task.depends_on for one in pieces})
        # What a task waits for is not known where that could not be read.
        unclear = {one.task.id for one in pieces if one.lacks("depends_on")}
        for one in pieces:
            waits_for = before[one.task.id]
            known = set(ids) if unclear & {one.task.id, *waits_for} else waits_for
            self._task(one, data, references, frozenset(known))
        at_end = Reader("", frozenset(ids), {})
        self._take(references.texts(data.get("return"), "/return", at_end))

    def embedded(self, mission: Mission) -> Mission:
        """Return the mission with the plans of its files in place of their names."""

        def put_in(work: Any) -> Any:
            changes: dict[str, Any] = {}
            if work.file is not None and work.file in self._plans:
                changes = {"plan": self._plans[work.file], "file": None}
            if getattr(work, "compensation", None) is not None:
                changes["compensation"] = put_in(work.compensation)
            return work.model_copy(update=changes) if changes else work

        return mission.model_copy(update={"tasks": tuple(map(put_in, mission.tasks))})

    def _take(self, issues: Iterable[Issue]) -> None:
        for issue in issues:
            self._notes.take(issue)

    def _pieces(self, data: Mapping[str, Any]) -> list[Piece]:
        """Return the tasks as far as they can be read; of two with one id the first."""
        found: list[Piece] = []
        seen: dict[str, str] = {}
        given = data.get("tasks")
        self._complete = isinstance(given, list)
        for index, one in enumerate(given if isinstance(given, list) else ()):
            at = f"/tasks/{index}"
            piece = readable_task(one, at, index + 1)
            if piece is None or not piece.has_name:
                self._complete = False
            if piece is None:
                continue
            name = piece.task.id
            if name in seen:
                self._notes.add(
                    "ID_TWICE",
                    f"two tasks are called {name}",
                    f"{at}/id",
                    f"Call one of them otherwise; the other stands at {seen[name]}.",
                )
                continue
            seen[name] = at
            found.append(piece)
        return found

    def _order(self, pieces: Sequence[Piece], ids: Sequence[str]) -> None:
        names = Names(ids)
        where = {one.task.id: one.at for one in pieces}
        graph: dict[str, list[str]] = {}
        for one in pieces:
            for index, other in enumerate(one.task.depends_on):
                if other not in names and other != LEFT_OUT and self._complete:
                    self._notes.add(
                        "DEPENDENCY_UNKNOWN",
                        f"{one.name} depends on {other}, which is no task",
                        f"{one.at}/depends_on/{index}",
                        names.hint(other, "There are"),
                    )
            graph[one.task.id] = [other for other in one.task.depends_on if other in names]
        try:
            tuple(TopologicalSorter(graph).static_order())
        except CycleError as failure:
            circle = list(reversed(failure.args[1]))
            self._notes.add(
                "CYCLE",
                f"the tasks wait for each other: {' -> '.join(circle)}",
                f"{where[circle[0]]}/depends_on",
                "Take one of these dependencies away.",
            )

    def _task(
        self, piece: Piece, data: Mapping[str, Any], references: References, before: frozenset[str]
    ) -> None:
        task, at = piece.task, piece.at
        asks = task.require_confirmation is not False
        pauses = [name for name in _PAUSES if getattr(task, name) is not None]
        whole = not piece.damaged and not self._notes.has_issue_within(at)
        if not task.works and not asks and not pauses and whole:
            self._notes.add(
                "TASK_EMPTY",
                f"{piece.name} says nothing to do",
                at,
                "Give it a command, a plan or a file; or let it ask (require_confirmation), "
                "wait_for_signal, or delay.",
            )
        elif whole:
            self._unused(piece)
        self._work(task, at)
        if task.compensation is not None:
            undo = task.compensation
            self._work(undo, f"{at}/compensation")
            if not undo.works and not piece.lacks("compensation"):
                self._notes.add(
                    "TASK_EMPTY",
                    f"the compensation of {piece.name} says nothing to do",
                    f"{at}/compensation",
                    "Give it a command, a plan or a file.",
                )
        for field, place in (("signals", "wait_for_signal"), ("shared", "shared")):
            declared = _mapping(data, field)
            if declared is not None:
                self._declared(piece, field, place, declared)
        self._texts(piece, references, before)

    def _declared(self, piece: Piece, field: str, place: str, declared: Mapping[str, Any]) -> None:
        value = getattr(piece.task, place)
        form = "{type: boolean}" if field == "signals" else "{lease: 300}"
        for index, name in enumerate(value if isinstance(value, tuple) else [value]):
            if name is not None and name != LEFT_OUT and name not in declared:
                self._notes.add(
                    f"{'SIGNAL' if field == 'signals' else 'SHARED'}_UNKNOWN",
                    f"{piece.name} names {name}, which the mission's `{field}` has not",
                    f"{piece.at}/{place}" + (f"/{index}" if field == "shared" else ""),
                    Names(declared).hint(name, f"`{field}` has")
                    if declared
                    else f"Declare it beside `tasks`: {field}: {{{name}: {form}}}.",
                )

    def _unused(self, piece: Piece) -> None:
        """Warn of fields that say something about what the task does not do."""
        task = piece.task
        asks = task.require_confirmation is not False
        waits = task.works or task.wait_for_signal is not None
        for fields, used, why, hint in (
            (_OF_WORK, task.works, "asks no robot", "Give it a command, a plan or a file."),
            (_OF_QUESTIONS, asks, "asks nobody", "Let it ask: require_confirmation: true."),
            (("patience",), waits, "waits for nobody", "Take it away."),
            (("max_parallel",), task.for_each is not None, "has no for_each",
             "How many tasks run at once is said beside `tasks`."),
        ):  # fmt: skip
            for field in fields:
                if field in task.model_fields_set and not used:
                    self._notes.add(
                        "FIELD_UNUSED",
                        f"{field} has no effect: {piece.name} {why}",
                        f"{piece.at}/{field}",
                        hint,
                        Severity.WARNING,
                    )

    def _unused_things(self, data: Mapping[str, Any], pieces: Sequence[Piece]) -> None:
        """Warn of shared things that no task holds."""
        if not self._complete or any(one.lacks("shared") for one in pieces):
            return
        held = {name for one in pieces for name in one.task.shared}
        for name in _mapping(data, "shared") or ():
            if name not in held:
                self._notes.add(
                    "FIELD_UNUSED",
                    f"no task holds {name}",
                    pointed("/shared", name),
                    f"Write shared: [{name}] at those that have to.",
                    Severity.WARNING,
                )

    def _texts(self, piece: Piece, references: References, before: frozenset[str]) -> None:
        """Check the expressions of a task, and those of what undoes it."""
        task, at = piece.task, piece.at
        each = task.for_each is not None or piece.lacks("for_each")
        once = Reader(piece.name, before, {})
        reader = Reader(piece.name, before, IN_LOOP if each else {})
        if isinstance(task.for_each, str):
            text = _bare(task.for_each)
            self._take(references.expression(text, f"{at}/for_each", once, "list"))
        else:
            self._take(references.texts(task.for_each, f"{at}/for_each", once))
        if task.condition is not None:
            # Looked at once, before the items of a for_each.
            self._take(references.expression(task.condition, f"{at}/condition", once, "bool"))
        for name in ("robot", "command", "context", "require_confirmation"):
            self._take(references.texts(getattr(task, name), f"{at}/{name}", reader))
        if task.compensation is not None:
            after = Reader(piece.name, before | {task.id}, reader.beside)
            for name in ("robot", "command", "context"):
                value = getattr(task.compensation, name)
                self._take(references.texts(value, f"{at}/compensation/{name}", after))

    def _work(self, work: Work, at: str) -> None:
        given = [name for name in _WAYS if getattr(work, name) is not None]
        if len(given) > 1:
            self._notes.add(
                "TASK_AMBIGUOUS",
                f"{' and '.join(given)} both say what to do",
                f"{at}/{given[1]}",
                f"Keep one of them: {' or '.join(given)}.",
            )
        if "{{" not in work.robot and not re.fullmatch(ROBOT, work.robot):
            self._notes.add(
                "ROBOT_INVALID",
                f"{work.robot!r} is no name of a robot",
                f"{at}/robot",
                "Write the name its agent was started with, or any.",
            )
        if work.robot != ANY and work.robot.lower() == ANY:
            self._notes.add(
                "ROBOT_INVALID",
                f"only the robot that is called {work.robot} would take it",
                f"{at}/robot",
                f"Any robot is robot: {ANY}, in small letters.",
                Severity.WARNING,
            )
        if work.robot != ANY and work.needs.model_fields_set:
            self._notes.add(
                "NEEDS_UNUSED",
                f"needs are for any robot; this one is for {work.robot}",
                f"{at}/needs",
                "Take needs away, or write robot: any.",
                Severity.WARNING,
            )
        plan = work.plan
        if work.file is not None:
            plan = self._from_file(work.file, f"{at}/file")
        elif plan is not None and self._check is not None:
            self._take(issues_in(plan, self._check, f"{at}/plan"))
        elif plan is not None:
            for issue in validate_document(plan).issues:
                self._notes.take(replace(issue, pointer=f"{at}/plan{issue.pointer}"))
        if work.robot == ANY:
            self._fits_a_queue(work, plan, at)
        if self._capabilities is not None:
            named = [(name, f"{at}/needs/capabilities/{index}")
                     for index, name in enumerate(work.needs.capabilities)]  # fmt: skip
            if self._check is None:  # else it reports those in the plan
                place = f"{at}/plan" if work.plan is not None else f"{at}/file"
                named += [(name, place) for name in sorted(capabilities_in(plan))]
            for name, pointer in named:
                if name != LEFT_OUT and name not in self._capabilities:
                    self._notes.add(
                        CAPABILITY_UNKNOWN.removeprefix("MISSION_"),
                        f"no robot that is known here can {name}",
                        pointer,
                        self._capabilities.hint(name, "There are"),
                        Severity.WARNING,
                    )

    def _fits_a_queue(self, work: Work, plan: Any, at: str) -> None:
        length = len(Demand.of(work.needs, capabilities_in(plan)).queue)
        if length > LONGEST_NEEDS:
            self._notes.add(
                "NEEDS_TOO_LONG",
                f"what a robot needs for it takes {length} characters; it is the name of a queue, "
                f"and {LONGEST_NEEDS} fit",
                f"{at}/needs" if work.needs.model_fields_set else at,
                "Make several tasks of it, the later ones for the robot of the first: "
                'robot: "{{ tasks.FIRST.robot }}".',
            )

    def _from_file(self, name: str, pointer: str) -> dict[str, Any] | None:
        if name in self._plans:
            return self._plans[name]
        if self._library is None:
            self._notes.add(
                "FILE_UNREADABLE",
                f"there is no folder in which to look for {name}",
                pointer,
                "Put the plan into the document instead.",
            )
            return None
        try:
            text = self._library.read(name)
        except OSError as failure:
            self._notes.add(
                "FILE_UNREADABLE",
                f"the plan {name} cannot be read: {failure}",
                pointer,
                "Name a file beside the mission document.",
            )
            return None
        loaded = load_plan(text, limits=self._limits, library=self._library)
        for issue in loaded.issues if self._check is None else self._check(text):
            message = f"{name}:{issue.line}:{issue.column}: {issue.message}"
            self._notes.take(replace(issue, message=message, pointer=pointer))
        if loaded.plan is None:
            return None
        plan = loaded.plan.model_dump(by_alias=True, exclude_unset=True, mode="json")
        self._plans[name] = plan
        return plan

    def _times(self, data: Mapping[str, Any], now: float, zone: str) -> None:
        named = data.get("time_zone")
        name = named if isinstance(named, str) and named else zone
        try:
            place = zone_of(name)
        except TimetableError as failure:
            hint = "Write a name such as Europe/Berlin."
            self._notes.add("TIME_ZONE_UNKNOWN", str(failure), "/time_zone", hint)
            place = zone_of("UTC")
        deadline, schedule = data.get("deadline"), data.get("schedule")
        if isinstance(deadline, str):
            self._deadline(deadline, place, now)
            if schedule is not None:
                self._notes.add(
                    "FIELD_UNUSED",
                    "a deadline is one moment; a mission that a schedule begins has none",
                    "/deadline",
                    "Give it a timeout, which counts from each start.",
                    Severity.WARNING,
                )
        read, damaged = readable(Schedule, schedule)
        if read is not None:
            named = name if place is not UTC else "UTC"
            for issue in schedule_issues(read, named, now, "/schedule"):
                if not (damaged and issue.pointer == "/schedule"):
                    self._notes.take(replace(issue, code=f"MISSION_{issue.code}"))
            if _NOT_TEMPORAL_S.search(read.cron):
                self._notes.add(
                    "SCHEDULE_INVALID",
                    "Temporal knows no L and no # in a cron line",
                    "/schedule/cron",
                    "Write days as numbers or names, such as 0 7 28 * * or 0 7 * * mon.",
                )
            if "most_waiting" in read.model_fields_set and read.most_waiting > 1:
                self._notes.add(
                    "SCHEDULE_INVALID",
                    f"Temporal lets one mission wait, or all; not {read.most_waiting}",
                    "/schedule/most_waiting",
                    "Write most_waiting: 1, or leave it away for all.",
                )

    def _deadline(self, deadline: str, place: tzinfo, now: float) -> None:
        try:
            if read_moment(deadline, place, now) <= now:
                self._notes.add(
                    "DEADLINE_PAST",
                    f"the deadline {deadline} is past",
                    "/deadline",
                    "Give a moment that is to come.",
                )
        except ValueError as failure:
            hint = "Write 2026-12-01T07:00, or a time of day: 07:00."
            self._notes.add("DEADLINE_INVALID", str(failure), "/deadline", hint)


def _mapping(data: Mapping[str, Any], field: str) -> dict[str, Any] | None:
    """Return a mapping of the document, empty if it has none; None if it cannot be read."""
    found = data.get(field, {})
    return found if isinstance(found, dict) else None


def _bare(text: str) -> str:
    """Return the expression of a text that may be written as a template."""
    stripped = text.strip()
    if stripped.startswith("{{") and stripped.endswith("}}"):
        return stripped[2:-2].strip()
    return stripped
