"""From a command to a prepared goal, and from a plan that failed to another one."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

import msgspec

from execution_orchestrator.engine.effects import Prepare, Replan
from execution_orchestrator.engine.inputs import PlanningReport, PreparationFinished
from execution_orchestrator.engine.status import ActionStatus
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.plan.subplans import PlanLibrary
from execution_orchestrator.plan.timing import NO_TIMES, GoalTimes
from execution_orchestrator.planning.ports import (
    EarlierCommand,
    PlanningRequest,
    PlanningResult,
    ReplanningRequest,
)
from execution_orchestrator.planning.selection import CHOICES, Planners
from execution_orchestrator.planning.stopping import may_stop
from execution_orchestrator.runtime.intake import Intake, Prepared
from execution_orchestrator.runtime.intake_process import IntakeProcesses, WorkerDiedError
from execution_orchestrator.runtime.ports import Replanned

MAX_WAITING = 16  # commands that are planned at once; each holds a prompt and an answer in memory
MAX_CHECKED = 2  # documents that are validated at once
VALIDATION_TIMEOUT = 30.0  # seconds
SMALL = 20_000  # characters that are validated in a thread; what is larger is worth a process
SMALL_FILE = 2_000  # the same for each of up to 100 files of subplans
SHORT_SEARCH = 1.0  # seconds that a solver may take in a thread, which cannot be killed
STOP_PATIENCE = 30.0  # seconds for an execution to end that a command stops
TOLD_TO_STOP = "a command stopped it"
MAX_ISSUES = 200  # kept of one plan
T = TypeVar("T")
Stopper = Callable[[str, str], Awaitable[bool]]


class Past(Protocol):
    """Provides earlier commands, and those that are being executed."""

    def earlier(self, conversation_id: str, than: str = "") -> tuple[EarlierCommand, ...]:
        """Return the newest commands of a conversation before an execution, oldest first."""

    def running(self, than: str = "") -> tuple[EarlierCommand, ...]:
        """Return what has not ended, but not execution ``than``."""


async def _never_cancelled(_: str, __: str) -> bool:
    return False


class Planning:
    """Runs planners and validation for goals; long work is awaited in threads or processes.

    A small document is validated in a thread, in milliseconds; a large one in a process that is
    killed when it takes too long, and that the system ends when it takes too much memory.

    ``on_prepared`` hears of each plan that was made for an execution, or of what is wrong with it.
    ``past`` knows what was said before; ``stop`` ends an execution that a command stops, and
    returns whether it has ended; ``signal`` sends one that an execution waits for.
    """

    def __init__(
        self,
        planners: Planners,
        intake: Intake,
        world: Callable[[], Mapping[str, Any]],
        on_prepared: Callable[[str, Prepared], object] = lambda _, __: None,
        *,
        past: Past | None = None,
        stop: Stopper = _never_cancelled,
        signal: Callable[[str, str], object] = lambda _, __: None,
    ) -> None:
        self._planners = planners
        self._intake = intake
        library = intake.library
        self._here = intake if library is None else intake.with_library(_SmallFiles(library))
        self._processes = IntakeProcesses(intake)
        self._world = world
        self._on_prepared = on_prepared
        self._past = past
        self._stop = stop
        self._signal = signal
        self._checking = asyncio.Semaphore(MAX_CHECKED)
        self._waiting = 0

    def close(self) -> None:
        """Kill all processes; pending validations end with an error."""
        self._processes.close()

    async def make(self, effect: Prepare) -> PreparationFinished:
        """Make the plan of an execution; implements the runtime's Planner."""
        goal = effect.goal
        prepared = await self.prepare(
            goal.command,
            goal.plan,
            goal.context,
            effect.planner,
            optimise=effect.optimise,
            breakpoints=effect.breakpoints,
            strict=goal.strict,
            times=GoalTimes(
                goal.start_at,
                goal.not_before,
                goal.deadline,
                goal.schedule,
                fired=effect.fired,
                asked=effect.asked,
            ),
            conversation_id=goal.conversation_id,
            execution_id=effect.execution_id,
        )
        prepared = await self._stopped(prepared)
        for name, word in prepared.planned.signals if prepared.planned is not None else ():
            self._signal(name, word)
        self._on_prepared(effect.execution_id, prepared)
        issues = most_important(prepared.issues)
        return PreparationFinished(
            execution_id=effect.execution_id,
            run_id=effect.run_id,
            plan=prepared.plan,
            input=dict(prepared.input),
            issues=issues,
            omitted=len(prepared.issues) - len(issues),
            confirm=prepared.confirm,
            planning=report_of(prepared.planned) if prepared.planned is not None else None,
            changes=prepared.changes,
            timing=prepared.timing,
        )

    async def prepare(
        self,
        command: str,
        plan: str,
        context: str,
        planner: str = "",
        *,
        optimise: str = "",
        breakpoints: Sequence[str] = (),
        strict: bool = False,
        times: GoalTimes = NO_TIMES,
        conversation_id: str = "",
        execution_id: str = "",
    ) -> Prepared:
        """Find the plan of a goal and validate it; never raises for bad input."""
        if plan.strip() or not command.strip():
            return await self._checked(
                {
                    "command": command,
                    "plan": plan,
                    "context": context,
                    "optimise": optimise,
                    "breakpoints": tuple(breakpoints),
                    "strict": strict,
                    "times": times,
                }
            )
        if planner and planner not in CHOICES:
            known = ", ".join(CHOICES)
            return _refused("PLANNER_UNKNOWN", f"there is no planner {planner!r}", f"Use {known}.")
        if self._waiting >= MAX_WAITING and not may_stop(command):
            message = f"{self._waiting} commands are being planned already"
            return _refused("PLANNER_BUSY", message, "Try again later.")
        given, problems = self._intake.read_context(context)
        if problems:
            return Prepared(tuple(problems))
        past = self._past
        request = PlanningRequest(
            command,
            self._world(),
            given,
            earlier=past.earlier(conversation_id, execution_id) if past is not None else (),
            running=past.running(execution_id) if past is not None else (),
        )
        self._waiting += 1
        try:
            result = await self._planners.plan(request, self._check, planner)
        finally:
            self._waiting -= 1
        return await self._prepared(
            command,
            context,
            result,
            optimise=optimise,
            breakpoints=tuple(breakpoints),
            strict=strict,
            times=times,
        )

    async def _stopped(self, prepared: Prepared) -> Prepared:
        """End what the command stops; what comes after it begins when that is over."""
        names = prepared.planned.cancels if prepared.planned is not None else ()
        if not names:
            return prepared
        ended = await asyncio.gather(*(self._stop(name, TOLD_TO_STOP) for name in names))
        left = [name for name, over in zip(names, ended, strict=True) if not over]
        if not left:
            return prepared
        message = f"{', '.join(left)}: the stop is not confirmed after {STOP_PATIENCE:g} s"
        hint = "It is still being stopped. ~/emergency_stop stops whatever moves the robot."
        issue = Issue("STOP_UNCONFIRMED", message, hint=hint)
        return replace(prepared, plan=None, issues=(issue, *prepared.issues))

    async def replan(self, effect: Replan) -> Replanned:
        """Find another plan that is valid; implements the runtime's Replanner."""
        request = ReplanningRequest(
            command=effect.command,
            plan=effect.plan,
            history=effect.history,
            failures=[msgspec.to_builtins(failure) for failure in effect.failures],
            reason=effect.reason,
            made_by=effect.made_by,
            world=self._world(),
            context=effect.input,
        )
        result = await self._planners.replan(request, self._check, effect.planner)
        report = report_of(result)
        if result.plan is None:
            return Replanned(None, "; ".join(result.problems), planning=report)
        prepared = await self._prepared(
            effect.command,
            "",
            result,
            optimise=effect.optimise,
            done=_done(effect.history),
        )
        if prepared.plan is None:
            errors = [one.message for one in prepared.issues if one.severity is Severity.ERROR]
            return Replanned(None, f"the new plan is not valid: {errors[0]}", planning=report)
        return Replanned(
            prepared.plan, confirm=prepared.confirm, planning=report, changes=prepared.changes
        )

    async def _prepared(
        self, command: str, context: str, result: PlanningResult, **options: Any
    ) -> Prepared:
        return await self._checked(
            {"command": command, "plan": "", "context": context, "planned": result, **options}
        )

    async def _check(self, document: Mapping[str, Any]) -> Sequence[Issue]:
        """Return the issues of a document that a planner made."""
        checked = await self._prepared("", "", PlanningResult(document), optimise="none")
        return checked.issues

    async def _checked(self, arguments: Mapping[str, Any]) -> Prepared:
        try:
            search = self._intake.longest_search(arguments["optimise"])
            if _size(arguments) <= SMALL and search <= SHORT_SEARCH:
                with contextlib.suppress(LargeFileError):
                    return await self._in_thread(lambda: self._here.prepare(**arguments))
            return await self._apart(arguments)
        except TimeoutError:
            message = f"the validation took longer than {VALIDATION_TIMEOUT:g} s"
        except WorkerDiedError as failure:
            message = f"the validation was given up: {failure}"
        return _refused("PLAN_TOO_COMPLEX", message, "Split it into smaller plans.")

    async def _apart(self, arguments: Mapping[str, Any]) -> Prepared:
        """Compute in a process, which is killed when it takes too long or is no longer needed.

        Raises:
            TimeoutError: it takes too long.
            WorkerDiedError: it takes too much memory.

        """
        async with self._checking:
            worker = await asyncio.to_thread(self._processes.take)
            try:
                async with asyncio.timeout(VALIDATION_TIMEOUT):
                    return await asyncio.to_thread(worker.prepare, arguments)
            except BaseException:
                worker.kill()
                raise
            finally:
                self._processes.give_back(worker)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Compute in a thread, a few at once; an abandoned thread keeps its place until it ends.

        Raises:
            TimeoutError: it takes too long.

        """
        await self._checking.acquire()
        running = asyncio.ensure_future(asyncio.to_thread(work))
        running.add_done_callback(self._checked_one)
        return await asyncio.wait_for(asyncio.shield(running), VALIDATION_TIMEOUT)

    def _checked_one(self, done: asyncio.Future[Any]) -> None:
        self._checking.release()
        if not done.cancelled():
            done.exception()  # the caller that waits has it


class LargeFileError(Exception):
    """A file of a subplan is too large to be validated in a thread."""


class _SmallFiles:
    """A folder of plans, of which large ones are read elsewhere."""

    def __init__(self, library: PlanLibrary) -> None:
        self._library = library

    def read(self, name: str) -> str:
        """Return the text of a plan.

        Raises:
            LargeFileError: it is too large.
            OSError: it cannot be read.

        """
        text = self._library.read(name)
        if len(text) > SMALL_FILE:
            raise LargeFileError
        return text


def _size(arguments: Mapping[str, Any]) -> int:
    """Return how many characters a document has, about."""
    planned = arguments.get("planned")
    made = planned.plan if planned is not None else None
    return max(
        len(arguments["plan"]),
        len(arguments["context"]),
        len(json.dumps(made, default=str)) if made is not None else 0,
    )


def most_important(issues: Sequence[Issue]) -> tuple[Issue, ...]:
    """Return as many issues as are kept, errors before warnings, in their order."""
    if len(issues) <= MAX_ISSUES:
        return tuple(issues)
    kept = sorted(range(len(issues)), key=lambda at: (-issues[at].severity, at))[:MAX_ISSUES]
    return tuple(issues[at] for at in sorted(kept))


def _done(history: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the types of the actions that succeeded, by their keys."""
    return {
        key: str(one["action_type"])
        for key, one in history.items()
        if one["status"] == ActionStatus.SUCCEEDED
    }


def report_of(result: PlanningResult) -> PlanningReport:
    """Return what the journal keeps about a planning."""
    usage = result.usage
    return PlanningReport(
        planner=result.planner,
        model=usage.model,
        confidence=result.confidence,
        rounds=usage.rounds,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        cost=usage.cost,
        seconds=usage.seconds,
    )


def _refused(code: str, message: str, hint: str) -> Prepared:
    return Prepared((Issue(code, message, hint=hint),))
