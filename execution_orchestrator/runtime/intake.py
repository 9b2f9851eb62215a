"""From a goal's texts to a plan that can run, or to everything that is wrong with it."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Protocol

from execution_orchestrator.plan.analysis import Analysis, analyse
from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.plan.changes import PlanChange
from execution_orchestrator.plan.document import Limits, read_document
from execution_orchestrator.plan.expression_types import Type
from execution_orchestrator.plan.issues import MOST_ISSUES, Issue, Severity
from execution_orchestrator.plan.learned import LearnedOf, nothing_learned
from execution_orchestrator.plan.loader import (
    LoadResult,
    load_plan,
    validate_document,
    with_place,
)
from execution_orchestrator.plan.model import CONTROL_FLOW, DEADLINE_CLOCKS, Plan
from execution_orchestrator.plan.optimise.estimates import Measure
from execution_orchestrator.plan.optimise.expected_run import expected_run
from execution_orchestrator.plan.optimise.options import (
    DEFAULT,
    OptimiseOptions,
    OptionError,
    read_kinds,
)
from execution_orchestrator.plan.optimise.plan_optimiser import (
    Optimised,
    optimise,
    unmeasured,
)
from execution_orchestrator.plan.resolve import ResolvedPlan, resolve
from execution_orchestrator.plan.subplans import PlanLibrary
from execution_orchestrator.plan.timing import NO_TIMES, UNTIMED, GoalTimes, Timing, timing_of
from execution_orchestrator.plan.urgency import RESERVE_AFTER
from execution_orchestrator.plan.validation import validate
from execution_orchestrator.plan.validation.breakpoints import breakpoint_issues
from execution_orchestrator.plan.validation.structure import is_too_short
from execution_orchestrator.plan.validation.walk import walk
from execution_orchestrator.planning.ports import PlanningRequest, PlanningResult

SAY_IT_OTHERWISE = "Say it in other words, or send a plan."
MOST_NAMED = 8  # actions of a way that are written out
STRICT = frozenset({"TARGET_UNREACHABLE"})  # warnings that a strict goal takes for errors
Trial = Callable[[Plan], list[Issue]]


def no_trial(_: Plan) -> list[Issue]:
    """Try no goals."""
    return []


class CommandPlanner(Protocol):
    """Makes a plan document of a command."""

    def plan(self, request: PlanningRequest) -> PlanningResult:
        """Return the document, or what is not understood."""


@dataclass(frozen=True)
class Prepared:
    """A goal after validation; without a ``plan`` it cannot run, ``issues`` says why."""

    issues: tuple[Issue, ...] = ()
    plan: ResolvedPlan | None = None
    analysis: Analysis | None = None
    input: Mapping[str, Any] = field(default_factory=dict)
    confirm: bool = False
    planned: PlanningResult | None = None
    optimised: Optimised | None = None
    timing: Timing = UNTIMED

    @property
    def changes(self) -> tuple[PlanChange, ...]:
        """What the optimisation changed."""
        return self.optimised.changes if self.optimised is not None else ()


@dataclass(frozen=True)
class IntakeSettings:
    """Limits of a document; below ``min_confidence`` a person has to confirm the plan.

    ``optimise`` are the optimisations of goals that name none; ``optimise_budget`` is seconds for
    the solver; ``max_concurrent`` (0: no limit) and ``reserve_after`` are the engine's settings.
    """

    limits: Limits = field(default_factory=Limits)
    max_actions: int = 10_000
    min_confidence: float = 0.5
    optimise: frozenset[str] = frozenset(DEFAULT)
    optimise_budget: float = 1.0
    max_concurrent: int = 0
    reserve_after: float = RESERVE_AFTER


class Intake:
    """Pure and blocking: call it in a thread, or in a process for documents of unknown size.

    ``state`` is what ``robot`` has in expressions, by name, None if it is unknown.
    ``local_zone`` is the time zone of plans that name none, ``now`` the wall clock (Unix seconds).
    """

    def __init__(
        self,
        robot: RobotModel,
        *,
        unavailable: Mapping[str, str] | None = None,
        planner: CommandPlanner | None = None,
        settings: IntakeSettings = IntakeSettings(),
        measure: Measure = unmeasured,
        learned: LearnedOf = nothing_learned,
        places: frozenset[str] = frozenset(),
        library: PlanLibrary | None = None,
        trial: Trial = no_trial,
        state: Mapping[str, Type] | None = None,
        local_zone: str = "UTC",
        now: Callable[[], float] = time.time,
    ) -> None:
        self._robot = robot
        self._unavailable = unavailable or {}
        self._planner = planner
        self._settings = settings
        self._measure = measure
        self._learned = learned
        self._places = places
        self._library = library
        self._trial = trial
        self._state = state
        self._local_zone = local_zone
        self._now = now

    @property
    def blueprint(self) -> dict[str, Any]:
        """The configuration from which another process makes the same intake."""
        return {
            "robot": self._robot,
            "unavailable": dict(self._unavailable),
            "settings": self._settings,
            "places": self._places,
            "library": self._library,
            "state": self._state,
            "local_zone": self._local_zone,
        }

    @property
    def answers(self) -> dict[str, Callable[..., Any]]:
        """Return the queries that an intake in another process may send to this one."""
        return {
            "measure": self._measure,
            "learned": self._learned,
            "trial": self._trial,
            "now": self._now,
        }

    def longest_search(self, optimise: str) -> float:
        """Return the seconds that a solver may search, with the optimisations that a goal names."""
        try:
            kinds = read_kinds(optimise, self._settings.optimise)
        except OptionError:
            return 0.0  # it is no valid goal
        return self._settings.optimise_budget if "order" in kinds else 0.0

    @property
    def library(self) -> PlanLibrary | None:
        """Where plans lie that others name."""
        return self._library

    def with_library(self, library: PlanLibrary) -> Intake:
        """Return an equal intake that reads the plans of files elsewhere."""
        made = copy.copy(self)
        made._library = library
        return made

    def prepare(
        self,
        command: str,
        plan: str,
        context: str,
        *,
        planned: PlanningResult | None = None,
        optimise: str = "",
        breakpoints: Sequence[str] = (),
        done: Mapping[str, str] | None = None,
        strict: bool = False,
        times: GoalTimes = NO_TIMES,
    ) -> Prepared:
        """Read, plan, validate, resolve, optimise and analyse; never raises for bad input.

        ``planned`` is what a planner made of the command already; ``optimise`` names optimisations
        (see `read_kinds`); ``breakpoints`` are actions that have to stay by themselves; ``done`` is
        the type, by key, of each action that another plan of the same execution has done.
        ``strict``: what is known to be out of reach is an error. ``times`` are the goal's own.
        """
        given, problems = self.read_context(context)
        try:
            kinds = read_kinds(optimise, self._settings.optimise)
        except OptionError as failure:
            kinds = frozenset()
            hint = "Name some of: estimates batching settling order; or none, or all."
            problems.append(Issue("GOAL_OPTIMISATION_UNKNOWN", str(failure), hint=hint))
        if plan.strip():
            loaded = load_plan(plan, limits=self._settings.limits, library=self._library)
        elif planned is not None:
            loaded = _loaded(planned)
        elif command.strip():
            loaded = self._from_command(command)
        else:
            loaded = LoadResult(
                None,
                (
                    Issue(
                        "GOAL_EMPTY",
                        "the goal has neither a command nor a plan",
                        hint="Fill in command or plan.",
                    ),
                ),
            )
        issues = [*problems, *loaded.issues]
        if loaded.plan is None:
            return Prepared(tuple(self._with_the_rest(issues, loaded, times)), planned=planned)
        document = loaded.plan
        if command and not document.command:
            document = document.model_copy(update={"command": command})
        issues += self._validate(document, loaded)
        timing, wrong = timing_of(document, times, self._local_zone, self._now())
        issues += [with_place(issue, loaded.source_map) for issue in wrong]
        if strict:
            issues = [_strictly(issue) for issue in issues]
        if any(issue.severity is Severity.ERROR for issue in issues):
            return Prepared(tuple(issues), planned=planned)
        resolved = resolve(document, self._robot)
        issues += breakpoint_issues(resolved, breakpoints)
        if any(issue.severity is Severity.ERROR for issue in issues):
            return Prepared(tuple(issues), planned=planned)
        made = self._optimised(resolved, kinds, breakpoints, done or {})
        analysis = analyse(made.plan, self._robot.resources, made.changes, made.after)
        issues += self._too_short(document, analysis, loaded)
        issues += self._over_too_soon(document, analysis, timing, loaded)
        issues += self._blocks_too_short(document, loaded)
        return Prepared(
            tuple(issues),
            made.plan,
            analysis,
            given,
            confirm=document.confidence < self._settings.min_confidence,
            planned=planned,
            optimised=made,
            timing=timing,
        )

    @staticmethod
    def _too_short(plan: Plan, analysis: Analysis, loaded: LoadResult) -> list[Issue]:
        if plan.timeout is None or analysis.makespan <= plan.timeout or is_too_short(plan):
            return []
        way = " -> ".join(analysis.critical_path[:MOST_NAMED])
        issue = Issue(
            "PLAN_TIMEOUT_TOO_SHORT",
            f"the plan may take {plan.timeout:g} s, but the longest way through it is estimated at "
            f"{analysis.makespan:.1f} s ({way})",
            "/timeout",
            "Raise timeout, or correct the estimates.",
            Severity.WARNING,
        )
        return [with_place(issue, loaded.source_map)]

    def _over_too_soon(
        self, plan: Plan, analysis: Analysis, timing: Timing, loaded: LoadResult
    ) -> list[Issue]:
        """Compare the deadline with the longest way through the plan."""
        if timing.until is None or timing.timetable is not None:
            return []
        there_is = timing.until - max(timing.start or 0.0, self._now())
        if analysis.makespan <= there_is:
            return []
        issue = Issue(
            "DEADLINE_TOO_SOON",
            f"from its start to its deadline there are {there_is:.0f} s, and the longest way "
            f"through the plan is estimated at {analysis.makespan:.1f} s",
            "" if plan.deadline in DEADLINE_CLOCKS else "/deadline",
            "Let it begin earlier or be over later, or correct the estimates.",
            Severity.WARNING,
        )
        return [with_place(issue, loaded.source_map)]

    def _blocks_too_short(self, plan: Plan, loaded: LoadResult) -> list[Issue]:
        """Compare the timeout of every block with the longest way through it."""
        issues: list[Issue] = []
        for place in walk(plan):
            block = place.action
            if block.timeout is None or not (block.nests or block.action_type == "delay"):
                continue
            if block.action_type not in CONTROL_FLOW:
                continue
            alone = block.model_copy(update={"depends_on": None, "timeout": None})
            resolved = resolve(plan.model_copy(update={"actions": (alone,)}), self._robot)
            seconds = expected_run(resolved, self._robot.resources).makespan
            if seconds > block.timeout:
                issue = Issue(
                    "TIMEOUT_BELOW_ESTIMATE",
                    f"{block.id or block.action_type} may take {block.timeout:g} s but is "
                    f"estimated at {seconds:.1f} s",
                    f"{place.pointer}/timeout",
                    "Raise timeout, or correct the estimates.",
                    Severity.WARNING,
                )
                issues.append(with_place(issue, loaded.source_map))
        return issues

    def _optimised(
        self,
        plan: ResolvedPlan,
        kinds: frozenset[str],
        breakpoints: Sequence[str],
        done: Mapping[str, str],
    ) -> Optimised:
        options = OptimiseOptions(
            kinds=kinds,
            budget=self._settings.optimise_budget,
            max_concurrent=self._settings.max_concurrent,
            reserve_after=self._settings.reserve_after,
            breakpoints=frozenset(breakpoints),
            done=done,
        )
        return optimise(
            plan,
            self._robot,
            options,
            measure=self._measure,
            learned=self._learned,
            places=self._places,
        )

    def _validate(self, plan: Plan, loaded: LoadResult) -> list[Issue]:
        issues = validate(
            plan,
            self._robot,
            unavailable=self._unavailable,
            source_map=loaded.source_map,
            max_actions=self._settings.max_actions,
            min_confidence=self._settings.min_confidence,
            state=self._state,
        )
        pointers = tuple(issue.pointer for issue in issues)
        tried = (
            issue
            for issue in self._trial(plan)
            # Issues inside it were reported by the schema.
            if not any(f"{each}/".startswith(f"{issue.pointer}/") for each in pointers)
        )
        some = islice(tried, MOST_ISSUES)
        return [*issues, *(with_place(issue, loaded.source_map) for issue in some)]

    def _with_the_rest(
        self, issues: list[Issue], loaded: LoadResult, times: GoalTimes
    ) -> list[Issue]:
        """Add the issues of the readable parts of a broken document, in document order."""
        if loaded.partial is None:
            return issues
        rest = self._validate(loaded.partial.plan, loaded)
        _, wrong = timing_of(loaded.partial.plan, times, self._local_zone, self._now())
        rest += [with_place(issue, loaded.source_map) for issue in wrong]
        issues, misplaced = self._parameters_beside(issues, loaded.partial.plan)
        rest = [i for i in rest if (i.code, i.pointer) not in misplaced]
        known = {issue.pointer for issue in issues}
        issues = [
            *issues,
            *(i for i in rest if i.pointer not in known and loaded.partial.is_in_document(i)),
        ]
        return sorted(issues, key=lambda issue: (issue.line, issue.column))

    def _parameters_beside(
        self, issues: Sequence[Issue], plan: Plan
    ) -> tuple[list[Issue], set[tuple[str, str]]]:
        """Say of an unknown field that is a parameter where it belongs, instead of twice."""
        types = {place.pointer: place.action.action_type for place in walk(plan)}
        kept: list[Issue] = []
        misplaced: set[tuple[str, str]] = set()
        for issue in issues:
            above, _, name = issue.pointer.rpartition("/")
            spec = self._robot.capabilities.get(types.get(above, ""))
            parameters = spec.parameters.get("properties", {}) if spec is not None else {}
            if issue.code == "PLAN_FIELD_UNKNOWN" and name in parameters:
                # Parameters that are not indented leave `parameters:` empty.
                kinds = ("PARAMETER_MISSING", "PLAN_FIELD_INVALID")
                misplaced.update((kind, f"{above}/parameters") for kind in kinds)
                hint = f"It is a parameter: write parameters: {{{name}: ...}}."
                kept.append(replace(issue, hint=hint))
            else:
                kept.append(issue)
        return [i for i in kept if (i.code, i.pointer) not in misplaced], misplaced

    def read_context(self, text: str) -> tuple[dict[str, Any], list[Issue]]:
        """Read the context of a goal; what is wrong with it is returned as issues."""
        return _context(text, self._settings.limits)

    def _from_command(self, command: str) -> LoadResult:
        if self._planner is None:
            return LoadResult(
                None,
                (Issue("COMMAND_NO_PLANNER", "no planner is configured", hint="Send a plan."),),
            )
        return _loaded(self._planner.plan(PlanningRequest(command)))


def too_large(command: str, plan: str, context: str, limit: int) -> Issue | None:
    """Return an issue if one of a goal's texts has more than ``limit`` characters."""
    for code, name, text in (
        ("COMMAND_TOO_LARGE", "command", command),
        ("PLAN_TOO_LARGE", "plan", plan),
        ("CONTEXT_TOO_LARGE", "context", context),
    ):
        if len(text) > limit:
            message = f"the {name} has more than {limit} characters"
            return Issue(code, message, hint="Make it smaller, or raise max_document_bytes.")
    return None


def _strictly(issue: Issue) -> Issue:
    return replace(issue, severity=Severity.ERROR) if issue.code in STRICT else issue


def _loaded(planned: PlanningResult) -> LoadResult:
    if planned.plan is None:
        issues = tuple(
            Issue("COMMAND_NOT_UNDERSTOOD", text, hint=SAY_IT_OTHERWISE)
            for text in planned.problems
        )
        return LoadResult(None, issues)
    return validate_document({**planned.plan, "confidence": planned.confidence})


def _context(text: str, limits: Limits) -> tuple[dict[str, Any], list[Issue]]:
    if not text.strip():
        return {}, []
    read = read_document(text, limits)
    if isinstance(read.data, dict) and not read.issues:
        return read.data, []
    hint = "Send a JSON or YAML mapping; its names are `input` in the plan's expressions."
    if not read.issues:
        return {}, [Issue("CONTEXT_INVALID", "the context is not a mapping", hint=hint)]
    return {}, [
        Issue(
            "CONTEXT_TOO_LARGE" if issue.code == "PLAN_TOO_LARGE" else "CONTEXT_INVALID",
            f"the context, line {issue.line}: {issue.message}",
            hint=issue.hint or hint,
        )
        for issue in read.issues
    ]
