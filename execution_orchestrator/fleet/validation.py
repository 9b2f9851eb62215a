"""Reads a mission document: every mistake in one round, each with its place and a cure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
from execution_orchestrator.plan.document import (
    DEFAULT_LIMITS,
    Limits,
    SourceMap,
    place_of,
    pointed,
    read_document,
)
from execution_orchestrator.plan.expressions import (
    NOW,
    ExpressionError,
    compile_expression,
    has_template,
    is_unclosed,
    templates_in,
    texts_in,
)
from execution_orchestrator.plan.issues import MOST_ISSUES, Issue, Severity
from execution_orchestrator.plan.loader import load_plan, validate_document
from execution_orchestrator.plan.model import CONTROL_FLOW
from execution_orchestrator.plan.nearest import Names
from execution_orchestrator.plan.signals import wrong_schema
from execution_orchestrator.plan.structure_errors import PLAN, Shape, structure_issues_of
from execution_orchestrator.plan.subplans import PlanLibrary
from execution_orchestrator.plan.timetable import TimetableError, check_cron, zone_of
from execution_orchestrator.plan.timing import read_moment
from execution_orchestrator.plan.tree import NESTING, STAND_INS

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
KNOWN = frozenset({"input", "tasks", "signals", "mission"})
IN_LOOP = frozenset({"item", "index"})
_TASK = re.compile(r"\btasks\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*['\"]([^'\"]+)['\"]\s*\])")
_QUOTED = re.compile(r"(?<!\[)(['\"]).*?\1")
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
    limits: Limits = DEFAULT_LIMITS,
) -> Read:
    """Read a document; its content never raises an exception.

    ``now`` (Unix seconds) and ``zone`` are for its moments. ``library`` has the plans that tasks
    name by ``file``. ``capabilities`` are those that any robot has, None if nobody knows.
    """
    if not text.strip():
        hint = "Begin with: version: 1, name: NAME, then tasks: [...]"
        return Read(None, (Issue("MISSION_EMPTY", "the mission is empty", "", hint),))
    read = read_document(text, limits)
    told = [_of_missions(issue) for issue in read.issues]
    if not read.complete or not isinstance(read.data, dict):
        if read.complete:
            hint = "Begin with: version: 1, name: NAME, then tasks: [...]"
            told.append(
                Issue("MISSION_NOT_AN_OBJECT", "the document is no mapping", "", hint, line=1)
            )
        return Read(None, tuple(told))
    notes = _Notes(read.places)
    mission = _structure(read.data, notes, {issue.pointer for issue in told})
    check = _Check(notes, library, limits, capabilities)
    check.document(read.data, now, zone)
    issues = (*told, *notes.issues)[:MOST_ISSUES]
    if any(issue.severity == Severity.ERROR for issue in issues) or mission is None:
        return Read(None, tuple(sorted(issues, key=lambda one: (one.line, one.column))))
    return Read(check.embedded(mission), issues)


def capabilities_in(plan: Any) -> set[str]:
    """Return the action types of a plan document and of all that is nested in it."""
    found: set[str] = set()
    waiting = [plan]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            kind = one.get("action_type")
            if isinstance(kind, str) and kind not in CONTROL_FLOW:
                found.add(kind)
            waiting += [value for key, value in one.items() if key in NESTING | STAND_INS]
        elif isinstance(one, list | tuple):
            waiting += one
    return found


def _of_missions(issue: Issue) -> Issue:
    return replace(issue, code=issue.code.replace("PLAN_", "MISSION_", 1))


class _Notes:
    """The issues so far, with line and column."""

    def __init__(self, places: SourceMap) -> None:
        self._places = places
        self.issues: list[Issue] = []

    def add(
        self,
        code: str,
        message: str,
        pointer: str,
        hint: str,
        severity: Severity = Severity.ERROR,
    ) -> None:
        self.take(Issue(f"MISSION_{code}", message, pointer, hint, severity))

    def take(self, issue: Issue) -> None:
        line, column = place_of(issue.pointer, self._places)
        self.issues.append(replace(issue, line=line, column=column))


def _structure(data: Mapping[str, Any], notes: _Notes, told: set[str]) -> Mission | None:
    try:
        return Mission.model_validate(data)
    except ValidationError as failure:
        for issue in structure_issues_of(failure.errors(include_url=False), data, MISSION):
            if issue.pointer not in told:
                notes.take(_of_missions(issue))
        return None


class _Check:
    """What the structure alone does not say. Works on what can be read of a broken document."""

    def __init__(
        self,
        notes: _Notes,
        library: PlanLibrary | None,
        limits: Limits,
        capabilities: Iterable[str] | None,
    ) -> None:
        self._notes = notes
        self._library = library
        self._limits = limits
        self._capabilities = None if capabilities is None else Names(capabilities)
        self._plans: dict[str, dict[str, Any]] = {}
        self._broken: set[str] = set()  # tasks of which only a part can be read

    def document(self, data: Mapping[str, Any], now: float, zone: str) -> None:
        tasks = self._tasks(data)
        self._times(data, now, zone)
        signals = data.get("signals")
        for name, schema in signals.items() if isinstance(signals, dict) else ():
            wrong = wrong_schema(schema) if isinstance(schema, dict) else ""
            if wrong:
                self._notes.add(
                    "SIGNAL_INVALID",
                    wrong,
                    pointed("/signals", name),
                    "Write for example {type: string}.",
                )
        ids = [task.id for task, _ in tasks]
        self._order(tasks, ids)
        items = [len(task.for_each) if isinstance(task.for_each, list) else 0 for task, _ in tasks]
        if len(tasks) + sum(items) > MAX_ITEMS:
            self._notes.add(
                "TOO_MANY_TASKS",
                f"there are {len(tasks) + sum(items)} tasks, the items of for_each counted; a "
                f"mission has at most {MAX_ITEMS}",
                "/tasks",
                "Make several missions of it; a signal lets one wait for another.",
            )
        before = _all_before({task.id: task.depends_on for task, _ in tasks})
        for task, pointer in tasks:
            self._task(task, pointer, data, Names(ids), before.get(task.id, set()))
        self._expressions(
            data.get("return"), "/return", Names(ids), known=KNOWN, before=set(ids), own=""
        )

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

    def _tasks(self, data: Mapping[str, Any]) -> list[tuple[Task, str]]:
        """Return the tasks that can be read, so that their mistakes are reported as well."""
        found: list[tuple[Task, str]] = []
        seen: dict[str, str] = {}
        given = data.get("tasks")
        for index, one in enumerate(given if isinstance(given, list) else ()):
            pointer = f"/tasks/{index}"
            try:
                task = Task.model_validate(one)
            except ValidationError:
                repaired = _repaired(one)
                if repaired is None:
                    continue
                task = repaired
                self._broken.add(pointer)
            if task.id in seen:
                self._notes.add(
                    "ID_TWICE",
                    f"two tasks are called {task.id}",
                    f"{pointer}/id",
                    f"Call one of them otherwise; the other stands at {seen[task.id]}.",
                )
                continue
            seen[task.id] = pointer
            found.append((task, pointer))
        return found

    def _order(self, tasks: Sequence[tuple[Task, str]], ids: Sequence[str]) -> None:
        names = Names(ids)
        where = {task.id: pointer for task, pointer in tasks}
        graph: dict[str, list[str]] = {}
        for task, pointer in tasks:
            for index, other in enumerate(task.depends_on):
                if other not in names:
                    self._notes.add(
                        "DEPENDENCY_UNKNOWN",
                        f"{task.id} depends on {other}, which is no task",
                        f"{pointer}/depends_on/{index}",
                        names.hint(other, "There are"),
                    )
            graph[task.id] = [other for other in task.depends_on if other in names]
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
        self, task: Task, at: str, data: Mapping[str, Any], ids: Names, before: set[str]
    ) -> None:
        asks = task.require_confirmation is not False
        pauses = [name for name in _PAUSES if getattr(task, name) is not None]
        if not task.works and not asks and not pauses and at not in self._broken:
            self._notes.add(
                "TASK_EMPTY",
                f"{task.id} says nothing to do",
                at,
                "Give it a command, a plan or a file; or let it ask (require_confirmation), "
                "wait_for_signal, or delay.",
            )
        self._work(task, at)
        if task.compensation is not None:
            undo = task.compensation
            self._work(undo, f"{at}/compensation")
            if not any(getattr(undo, name) is not None for name in _WAYS):
                self._notes.add(
                    "TASK_EMPTY",
                    f"the compensation of {task.id} says nothing to do",
                    f"{at}/compensation",
                    "Give it a command, a plan or a file.",
                )
        for field, place in (("signals", "wait_for_signal"), ("shared", "shared")):
            given = data.get(field)
            declared = Names(given if isinstance(given, dict) else ())
            value = getattr(task, place)
            for index, name in enumerate(value if isinstance(value, tuple) else [value]):
                if name is not None and name not in declared:
                    self._notes.add(
                        f"{'SIGNAL' if field == 'signals' else 'SHARED'}_UNKNOWN",
                        f"{task.id} names {name}, which the mission's `{field}` has not",
                        f"{at}/{place}" + (f"/{index}" if field == "shared" else ""),
                        declared.hint(name, f"`{field}` has"),
                    )
        known = KNOWN | (IN_LOOP if task.for_each is not None else set())
        self._expressions(
            task.for_each if isinstance(task.for_each, list) else None,
            f"{at}/for_each", ids, known=KNOWN, before=before, own=task.id,
        )  # fmt: skip
        if isinstance(task.for_each, str):
            self._one(_bare(task.for_each), f"{at}/for_each", ids, KNOWN, before, task.id)
        if task.condition is not None:
            self._one(task.condition, f"{at}/condition", ids, known, before, task.id)
        for name in ("robot", "command", "context", "require_confirmation"):
            self._expressions(
                getattr(task, name), f"{at}/{name}", ids, known=known, before=before, own=task.id
            )
        if task.compensation is not None:
            for name in ("robot", "command", "context"):
                self._expressions(
                    getattr(task.compensation, name), f"{at}/compensation/{name}", ids,
                    known=known, before={*before, task.id}, own="",
                )  # fmt: skip

    def _work(self, work: Work, at: str) -> None:
        given = [name for name in _WAYS if getattr(work, name) is not None]
        if len(given) > 1:
            self._notes.add(
                "TASK_AMBIGUOUS",
                f"{' and '.join(given)} both say what to do",
                f"{at}/{given[1]}",
                f"Keep one of them: {' or '.join(given)}.",
            )
        if not has_template(work.robot) and not re.fullmatch(ROBOT, work.robot):
            self._notes.add(
                "ROBOT_INVALID",
                f"{work.robot!r} is no name of a robot",
                f"{at}/robot",
                "Write the name its agent was started with, or any.",
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
        elif plan is not None:
            for issue in validate_document(plan).issues:
                self._notes.take(replace(issue, pointer=f"{at}/plan{issue.pointer}"))
        if self._capabilities is not None:
            named = [(name, f"{at}/needs/capabilities/{index}")
                     for index, name in enumerate(work.needs.capabilities)]  # fmt: skip
            place = f"{at}/plan" if work.plan is not None else f"{at}/file"
            named += [(name, place) for name in sorted(capabilities_in(plan))]
            for name, pointer in named:
                if name not in self._capabilities:
                    self._notes.add(
                        "CAPABILITY_UNKNOWN",
                        f"no robot that is known here can {name}",
                        pointer,
                        self._capabilities.hint(name, "There are"),
                        Severity.WARNING,
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
        for issue in loaded.issues:
            told = f"{name}:{issue.line}:{issue.column}: {issue.message}"
            self._notes.take(replace(issue, message=told, pointer=pointer))
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
        deadline = data.get("deadline")
        if isinstance(deadline, str):
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
        schedule = data.get("schedule")
        if isinstance(schedule, dict):
            cron, every = schedule.get("cron") or "", schedule.get("every")
            if bool(cron) == (every is not None):
                self._notes.add(
                    "SCHEDULE_INVALID",
                    "a schedule has either cron or every",
                    "/schedule",
                    "Write cron: '0 7 * * *', or every: 3600.",
                )
            most = schedule.get("most_waiting", 1)
            if isinstance(most, int) and most > 1:
                self._notes.add(
                    "SCHEDULE_INVALID",
                    f"Temporal lets one mission of a schedule wait, or all; not {most}",
                    "/schedule/most_waiting",
                    "Write most_waiting: 1, or leave it away for all.",
                )
            if isinstance(cron, str) and cron:
                try:
                    check_cron(cron)
                except TimetableError as failure:
                    hint = "Write five fields, such as 0 7 * * *."
                    self._notes.add("SCHEDULE_INVALID", str(failure), "/schedule/cron", hint)

    def _expressions(
        self,
        value: Any,
        pointer: str,
        ids: Names,
        *,
        known: Iterable[str],
        before: set[str],
        own: str,
    ) -> None:
        for at, text in texts_in(value, pointer):
            if is_unclosed(text):
                self._notes.add("TEMPLATE_UNCLOSED", "{{ has no }}", at, "Close it with }}.")
        for at, expression in templates_in(value, pointer):
            self._one(expression, at, ids, known, before, own)

    def _one(
        self,
        text: str,
        pointer: str,
        ids: Names,
        known: Iterable[str],
        before: set[str],
        own: str,
    ) -> None:
        try:
            names = compile_expression(text).names
        except ExpressionError as failure:
            hint = "Expressions are CEL: input.room == 'kitchen'."
            self._notes.add("EXPRESSION_INVALID", str(failure), pointer, hint)
            return
        for name in sorted(names - set(known)):
            hint = (
                "Time is not known to a mission; use deadline, timeout or delay."
                if name == NOW
                else "item and index are known in a task with for_each."
                if name in IN_LOOP
                else Names(known).hint(name, "There are")
            )
            self._notes.add("NAME_UNKNOWN", f"{name} is not known here", pointer, hint)
        for other in _tasks_in(text):
            if other not in ids:
                message = f"the expression names {other}, which is no task"
                self._notes.add("TASK_UNKNOWN", message, pointer, ids.hint(other, "There are"))
            elif other not in before:
                hint = (
                    "A task cannot read its own output."
                    if other == own
                    else f"Add {other} to depends_on of {own}."
                )
                message = f"{other} may not have ended when this is read"
                self._notes.add("DEPENDENCY_MISSING", message, pointer, hint)


def _repaired(given: Any) -> Task | None:
    """Return what can be read of a task with mistakes, for finding the others in it."""
    if not isinstance(given, Mapping) or not isinstance(given.get("id"), str):
        return None
    fields = {field.alias or name: name for name, field in Task.model_fields.items()}
    kept: dict[str, Any] = {"id": given["id"]}
    for name, value in given.items():
        if name not in fields or name == "id":
            continue
        try:
            Task.model_validate({**kept, name: value})
        except ValidationError:
            continue
        kept[name] = value
    try:
        return Task.model_validate(kept)
    except ValidationError:
        return None


def _all_before(direct: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    """Return all tasks that each waits for, those of those included; circles end somewhere."""
    found: dict[str, set[str]] = {}
    for task in direct:
        seen: set[str] = set()
        waiting = list(direct[task])
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += direct.get(one, ())
        found[task] = seen
    return found


def _tasks_in(text: str) -> Iterator[str]:
    """Yield the tasks that an expression names."""
    for dotted, quoted in _TASK.findall(_QUOTED.sub("''", text)):
        yield dotted or quoted


def _bare(text: str) -> str:
    """Return the expression of a text that may be written as a template."""
    stripped = text.strip()
    if stripped.startswith("{{") and stripped.endswith("}}"):
        return stripped[2:-2].strip()
    return stripped
