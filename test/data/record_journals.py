"""Records the journals that every later release has to take up again.

    python -m test.data.record_journals NAME [NAME ...]

writes ``test/data/journals/NAME.sql``: what the database of a node held that died in the middle of
the scenario NAME. A recording is never made anew, because it stands for the release that made it;
a new release adds scenarios, or records an old one under a new name.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.config import BreakerSettings, EngineConfig
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.engine.recovery.policy import load_recovery_policy
from execution_orchestrator.engine.recovery.strategies import StrategyOutcome, StrategyResult
from execution_orchestrator.plan.capability import ResourceSpec
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.plan.timetable import Timetable
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.runtime.ports import Replanned
from execution_orchestrator.storage import open_database, open_journal
from execution_orchestrator.storage.journal import JournalEntry

JOURNALS = Path(__file__).parent / "journals"
EXECUTION = "recorded"
PATIENCE = 20.0  # seconds until what a scenario waits for has happened

Action = dict[str, Any]
Report = Callable[[s.Input], None]


class Robot:
    """Reaches every goal, but not all of them.

    Those of ``held`` run on, those of ``broken`` are aborted, and of those of ``silent`` nothing
    more is heard: they may still run.
    """

    def __init__(
        self,
        held: frozenset[str] = frozenset(),
        broken: frozenset[str] = frozenset(),
        silent: frozenset[str] = frozenset(),
    ) -> None:
        self.held = held
        self.broken = broken
        self.silent = silent
        self.cancelled: set[str] = set()
        self.running: set[str] = set()

    def dispatch(self, effect: fx.Dispatch, report: Report) -> None:
        """Take a goal, and answer for it."""
        report(s.GoalAccepted(goal_id=effect.goal_id))
        if effect.key in self.silent:
            report(s.GoalLost(goal_id=effect.goal_id, reason="it is silent", may_run=True))
        elif effect.key in self.held:
            self.running.add(effect.key)
        elif effect.key in self.broken:
            error = ErrorInfo(
                type=ErrorType.EXECUTION, code="EXECUTION_X", message="it broke", recoverable=True
            )
            report(s.GoalFailed(goal_id=effect.goal_id, error=error))
        else:
            report(s.GoalSucceeded(goal_id=effect.goal_id, output={"did": effect.key}))

    def reattach(self, effect: fx.Reattach, report: Report) -> None:
        """Say that a goal of the node that died was reached meanwhile."""
        report(s.GoalSucceeded(goal_id=effect.goal_id, output={"did": effect.key}))

    def cancel(self, goal_id: str) -> None:
        """Note a cancel; the goal ends by itself all the same."""
        self.cancelled.add(goal_id)

    def stop_below(self, effect: fx.StopBelow) -> None:
        """Nothing here goes on after a cancel."""
        raise AssertionError(f"{effect.goal_id} goes on")

    def hold(self, effect: fx.HoldGoal, report: Report) -> None:
        """Nothing here can be held."""
        raise AssertionError("nothing here can be held")


class TidyUp:
    """A recovery strategy that goes on until its node dies, and succeeds at once after that."""

    name = "tidy_up"

    def __init__(self, *, endless: bool) -> None:
        self._endless = endless

    async def run(self, effect: fx.RunStrategy) -> StrategyResult:
        """Do nothing, as long as it takes, and ask for another attempt."""
        if self._endless:
            await asyncio.Event().wait()
        return StrategyResult(StrategyOutcome.RETRY, "tidied up")


POLICY = load_recovery_policy(
    {
        "tables": {
            "untidy": [{"strategies": [{"strategy": TidyUp.name, "timeout": 3600.0}]}],
            "lost": [{"strategies": ["replan"]}],
        }
    }
)

RESOURCES = {"arm": ResourceSpec(name="arm")}
BREAKER = BreakerSettings(
    threshold=1, reset_timeout=0.2, error_types=frozenset({ErrorType.EXECUTION})
)


class Thinker:
    """A planner that thinks until its node dies, and knows a plan at once after that."""

    def __init__(self, *, endless: bool) -> None:
        self._endless = endless

    async def make(self, effect: fx.Prepare) -> s.PreparationFinished:
        """Return the plan of a goal."""
        if self._endless:
            await asyncio.Event().wait()
        plan = {"version": 1, "actions": [do("first")]}
        return s.PreparationFinished(
            execution_id=effect.execution_id, run_id=effect.run_id, plan=plan
        )

    async def replan(self, effect: fx.Replan) -> Replanned:
        """Return another plan."""
        if self._endless:
            await asyncio.Event().wait()
        return Replanned({"version": 1, "actions": [do("first"), do("other", "first")]})


class Seen:
    """The types of the events in the journal, and a way to wait for the next."""

    def __init__(self) -> None:
        self.types: set[str] = set()
        self._more = asyncio.Event()

    def on_events(self, entries: Sequence[JournalEntry]) -> None:
        """Take note of events."""
        self.types.update(type(entry.event).type for entry in entries)
        self._more.set()

    def on_feedback(self, feedback: s.GoalProgress) -> None:
        """Feedback is no event."""

    async def wait_for(self, what: Callable[[], bool]) -> None:
        """Wait until something holds, which is looked at after each batch of events."""
        while not what():
            self._more.clear()
            await self._more.wait()


def do(name: str, *after: str, kind: str = "work", **more: Any) -> Action:
    """Return a resolved action."""
    return {"id": name, "action_type": kind, "depends_on": list(after), **more}


@dataclass(frozen=True)
class Scenario:
    """What runs, and what has happened when the node dies: goals run, and ``until`` is journalled."""

    actions: list[Action]
    held: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    until: str = "EXECUTION_STARTED"
    ends: str = "COMPLETED"  # after the restart
    after: tuple[s.Input, ...] = field(default=())  # from people, after the restart
    before: tuple[s.Input, ...] = field(default=())  # from people, before the node dies
    signals: Mapping[str, Any] = field(default_factory=dict)  # that the plan declares
    options: s.SubmitOptions = field(default_factory=s.SubmitOptions)
    more: Mapping[str, Any] = field(default_factory=dict)  # keys of the plan
    start: float | None = None  # Unix seconds


def _held(*keys: str) -> frozenset[str]:
    return frozenset(keys)


_SIGNALS = {"door": {"type": "string"}}
_TWO = [do("first"), do("second", "first")]
_ON_ARM = [{"resource": "arm"}]
_ON_NAV = [do("first", server="nav"), do("second", "first", server="nav")]
_NEW_YEAR_2100 = 4_102_444_800.0  # Unix seconds
SCENARIOS: Mapping[str, Scenario] = {
    "running": Scenario([*_TWO, do("third", "second")], _held("second")),
    "paused": Scenario(
        _TWO,
        _held("first"),
        until="EXECUTION_PAUSED",
        before=(s.Pause(execution_id=EXECUTION),),
        after=(s.Resume(execution_id=EXECUTION),),
    ),
    "recovering": Scenario(
        [
            do(
                "first",
                retry={"max_attempts": 2, "initial_delay": 30.0, "max_delay": 30.0, "jitter": 0.0},
            ),
            do("second", "first"),
        ],
        broken=_held("first"),
        until="TASK_RETRY_SCHEDULED",
    ),
    "compensating": Scenario(
        [do("first", compensation=do("undo")), do("second", "first")],
        held=_held("undo"),
        broken=_held("second"),
        until="COMPENSATION_STARTED",
        ends="FAILED",
    ),
    "sequence": Scenario([do("block", kind="sequence", actions=_TWO)], _held("second")),
    "parallel": Scenario(
        [do("block", kind="parallel", actions=[do("left"), do("right")])], _held("right")
    ),
    "conditional": Scenario(
        [
            do(
                "choice",
                kind="conditional",
                **{"if": "true", "then": _TWO, "else": [do("never")]},
            )
        ],
        _held("second"),
    ),
    "router": Scenario(
        [
            do(
                "choice",
                kind="router",
                cases=[
                    {"when": "false", "actions": [do("never")]},
                    {"when": "true", "actions": _TWO},
                ],
                default=[],
            )
        ],
        _held("second"),
    ),
    "foreach": Scenario(
        [
            do(
                "loop",
                kind="foreach",
                items=["a", "b", "c"],
                mode="sequential",
                actions=[do("each", parameters={"what": "{{ item }}"})],
            )
        ],
        _held("loop[1]/each"),
    ),
    "try": Scenario(
        [
            do(
                "block",
                kind="try",
                actions=[do("risky")],
                catch=[{"errors": [], "actions": [do("mend")], "rethrow": False}],
                on_error="propagate",
                **{"finally": [do("tidy")]},
            )
        ],
        held=_held("mend"),
        broken=_held("risky"),
        ends="COMPLETED",
    ),
    "subplan": Scenario(
        [
            do(
                "inner",
                kind="subplan",
                plan={"version": 1, "actions": _TWO},
                inputs={},
                outputs={},
            )
        ],
        _held("inner/second"),
    ),
    "delay": Scenario(
        [do("pause", kind="delay", duration=30.0), do("then", "pause")], until="TASK_WAITING"
    ),
    "wait_for": Scenario(
        [do("wait", kind="wait_for", until="size(objects) > 0"), do("then", "wait")],
        until="TASK_WAITING",
    ),
    "wait_for_signal": Scenario(
        [do("wait", kind="wait_for_signal", signal="door"), do("then", "wait")],
        until="TASK_WAITING",
        signals=_SIGNALS,
        after=(s.SignalSent(execution_id=EXECUTION, name="door", value="left"),),
    ),
    "signal_before_its_wait": Scenario(
        [do("first"), do("wait", "first", kind="wait_for_signal", signal="door")],
        _held("first"),
        until="SIGNAL_RECEIVED",
        signals=_SIGNALS,
        before=(s.SignalSent(execution_id=EXECUTION, name="door", value="left"),),
    ),
    "guarded": Scenario(
        [do("block", kind="sequence", actions=_TWO, guard="size(objects) < 5")], _held("second")
    ),
    "guard_waits": Scenario(
        [do("first", guard="size(objects) > 0", on_guard_failed="wait")], until="TASK_WAITING"
    ),
    "schedule": Scenario(
        _TWO,
        _held("second"),
        until="SCHEDULE_SET",
        before=(
            s.SetSchedule(
                schedule_id="round",
                # Its next moment is on the third of January 2100.
                timetable=Timetable(time_zone="UTC", every=86_400.0, starts=4_102_617_600.0),
                goal=s.RawGoal(command="look around"),
            ),
        ),
        after=(s.PauseSchedule(schedule_id="round"), s.RemoveSchedule(schedule_id="round")),
    ),
    "strategy_running": Scenario(
        [do("first", recovery="untidy"), do("second", "first")],
        broken=_held("first"),
        until="RECOVERY_INITIATED",
    ),
    "confirmation": Scenario(
        [do("first", require_confirmation=True), do("second", "first")],
        until="CONFIRMATION_REQUESTED",
        after=(s.Confirm(execution_id=EXECUTION, key="first"),),
    ),
    "repeat": Scenario(
        [
            do(
                "rounds",
                kind="foreach",
                loop="repeat",
                items=[0, 1, 2, 3],
                mode="sequential",
                until="index == 2",
                actions=[do("each")],
                **{"while": None},
            )
        ],
        _held("rounds[1]/each"),
    ),
    "race": Scenario(
        [
            do(
                "block",
                kind="parallel",
                needed=1,
                race=True,
                on_first_failure="finish",
                actions=[do("left"), do("right")],
            )
        ],
        _held("left", "right"),
    ),
    "while": Scenario(
        [
            do(
                "rounds",
                kind="foreach",
                loop="while",
                items=[0, 1, 2, 3],
                mode="sequential",
                until=None,
                actions=[do("each")],
                **{"while": "index < 3"},
            )
        ],
        _held("rounds[1]/each"),
    ),
    "foreach_parallel": Scenario(
        [
            do(
                "loop",
                kind="foreach",
                items=["a", "b", "c"],
                mode="parallel",
                max_parallel=2,
                actions=[do("each", parameters={"what": "{{ item }}"})],
            )
        ],
        _held("loop[0]/each", "loop[1]/each"),
    ),
    "finally": Scenario(
        [
            do(
                "block",
                kind="try",
                actions=[do("risky")],
                catch=[],
                on_error="propagate",
                **{"finally": [do("tidy")]},
            )
        ],
        held=_held("tidy"),
        broken=_held("risky"),
        ends="FAILED",
    ),
    "fallback": Scenario(
        [do("first", fallback_action=do("other")), do("second", "first")],
        held=_held("other"),
        broken=_held("first"),
    ),
    "recovery_plan": Scenario(
        [do("first", recovery_plan=[do("repair")]), do("second", "first")],
        held=_held("repair"),
        broken=_held("first"),
    ),
    "quarantined": Scenario(
        [do("first", on_failure="continue"), do("second")],
        held=_held("second"),
        silent=_held("first"),
        until="GOAL_QUARANTINED",
        ends="PARTIALLY_COMPLETED",
    ),
    "restored": Scenario(
        [*_TWO, do("third", "second")],
        _held("second"),
        until="CHECKPOINT_RESTORED",
        before=(s.RestoreCheckpoint(execution_id=EXECUTION),),
        options=s.SubmitOptions(checkpoint_every=1),
    ),
    "breakpoint": Scenario(
        _TWO,
        until="BREAKPOINT_REACHED",
        after=(s.Step(execution_id=EXECUTION, run_to_next_breakpoint=True),),
        options=s.SubmitOptions(breakpoints=("second",)),
    ),
    "plan_confirmation": Scenario(
        _TWO,
        until="EXECUTION_ADMITTED",
        after=(s.Confirm(execution_id=EXECUTION),),
        options=s.SubmitOptions(confirm_plan=True),
    ),
    "cancelling": Scenario(
        _TWO,
        _held("first"),
        until="TASK_CANCEL_REQUESTED",
        ends="CANCELLED",
        before=(s.Cancel(execution_id=EXECUTION),),
    ),
    "emergency_stop": Scenario(
        _TWO,
        _held("first"),
        until="EMERGENCY_STOPPED",
        ends="CANCELLED",
        before=(s.EmergencyStop(reason="red button"),),
    ),
    "return": Scenario(
        [
            do(
                "inner",
                kind="subplan",
                plan={
                    "version": 1,
                    "actions": [*_TWO, do("end", "second", kind="return", value=1), do("never", "end")],
                },
                inputs={},
                outputs={},
            )
        ],
        _held("inner/second"),
    ),
    "amended": Scenario(
        _TWO,
        _held("first"),
        until="PLAN_AMENDED",
        before=(
            s.AmendPlan(
                execution_id=EXECUTION,
                plan={"version": 1, "actions": [do("first"), do("other", "first")]},
            ),
        ),
    ),
    "left_out": Scenario(
        [do("first"), do("errand", condition="false"), do("second", "first")], _held("second"),
        ends="PARTIALLY_COMPLETED",
    ),
    "planning": Scenario([], until="PLANNING_STARTED"),
    "replanning": Scenario(
        [do("first"), do("second", "first", recovery="lost")],
        broken=_held("second"),
        until="REPLAN_REQUESTED",
        options=s.SubmitOptions(planner="llm"),
    ),
    "start_paused": Scenario(
        _TWO,
        until="EXECUTION_ACCEPTED",
        after=(s.Resume(execution_id=EXECUTION),),
        options=s.SubmitOptions(start_paused=True),
    ),
    "due_later": Scenario(
        _TWO,
        until="EXECUTION_ACCEPTED",
        ends="CANCELLED",
        start=_NEW_YEAR_2100,
        after=(s.Cancel(execution_id=EXECUTION),),
    ),
    "external_lease": Scenario(
        [do("first"), do("second", "first", resources=_ON_ARM)],
        _held("first"),
        until="LEASE_REQUESTED",
        before=(
            s.AllocateLease(
                request_id="a",
                demands=(s.LeaseDemand(resource="arm"),),
                holder="a person",
                duration=0.2,
            ),
            s.AllocateLease(
                request_id="b",
                demands=(s.LeaseDemand(resource="arm"),),
                holder="another",
                timeout=0.2,
            ),
        ),
    ),
    "preempted": Scenario(
        [do("first", resources=_ON_ARM, preemptible=True, idempotent=True)],
        _held("first"),
        until="TASK_CANCEL_REQUESTED",
        before=(
            s.Submit(
                execution_id="urgent",
                plan={"version": 1, "actions": [do("save", resources=_ON_ARM)]},
                priority=50,
            ),
        ),
    ),
    "held_back": Scenario(
        _TWO,
        _held("second"),
        until="TASK_HELD_BACK",
        before=(
            s.ServerHindered(server="nav", code="GOAL_TAKEN_OVER", reason="an operator drives"),
            s.Submit(
                execution_id="drive",
                plan={"version": 1, "actions": [do("go", server="nav")]},
            ),
        ),
    ),
    "server_missing": Scenario(
        _ON_NAV,
        _held("first"),
        until="SERVER_AVAILABILITY",
        before=(s.ServerDown(server="nav", reason="it is gone"),),
        after=(s.ServerUp(server="nav"),),
    ),
    "breaker_open": Scenario(
        [
            do(
                "first",
                server="nav",
                retry={"max_attempts": 2, "initial_delay": 30.0, "max_delay": 30.0, "jitter": 0.0},
            )
        ],
        broken=_held("first"),
        until="BREAKER_OPENED",
    ),
    "rate_limited": Scenario(
        [do("first", rate_limit=1.0), do("second", rate_limit=1.0)], _held("first")
    ),
    "success": Scenario(
        _TWO, _held("second"), more={"success": "actions.second.status == 'SUCCEEDED'"}
    ),
    "compensation_cancelled": Scenario(
        [
            do("first", compensation=do("undo_first")),
            do("second", "first", compensation=do("undo_second")),
            do("third", "second"),
        ],
        held=_held("undo_second"),
        broken=_held("third"),
        until="TASK_CANCEL_REQUESTED",
        before=(s.Cancel(execution_id=EXECUTION),),
        ends="CANCELLED",
    ),
}  # fmt: skip


class Cups:
    """A world in which there is something to see; the recorded nodes see nothing."""

    def snapshot(self) -> Mapping[str, Any]:
        """Return a picture of this moment."""
        return {"robot": {}, "objects": [{"id": "cup"}]}


def orchestrator(directory: Path, robot: Robot, world: Cups | None = None) -> Orchestrator:
    """Return an orchestrator over the journal in a folder; one without a world records."""
    return Orchestrator(
        machine=Machine(
            EngineConfig(recovery=POLICY, resources=RESOURCES, breaker_servers={"nav": BREAKER})
        ),
        journal=open_journal(open_database(directory, lock=False)),
        driver=robot,
        strategies=[TidyUp(endless=world is None)],
        planner=Thinker(endless=world is None),
        world=world,
    )


def beginning(name: str) -> s.Input:
    """Return what begins a scenario: a plan, or a command that a plan has to be made for."""
    scenario = SCENARIOS[name]
    if not scenario.actions:
        goal = s.RawGoal(command=name)
        return s.Request(execution_id=EXECUTION, goal=goal, options=scenario.options)
    plan = {"version": 1, "actions": scenario.actions, "signals": scenario.signals}
    return s.Submit(
        execution_id=EXECUTION,
        plan={**plan, **scenario.more},
        command=name,
        options=scenario.options,
        start=scenario.start,
    )


async def record(name: str) -> None:
    """Run a scenario until its node is to die, and write down what its database holds."""
    scenario = SCENARIOS[name]
    with TemporaryDirectory() as folder:
        open_database(Path(folder)).close()
        robot = Robot(scenario.held, scenario.broken, scenario.silent)
        node, seen = orchestrator(Path(folder), robot), Seen()
        node.add_observer(seen)
        await node.start()
        node.handle(beginning(name))
        async with asyncio.timeout(PATIENCE):
            await seen.wait_for(lambda: robot.running == scenario.held)
            for incoming in scenario.before:
                node.handle(incoming)
            await seen.wait_for(lambda: scenario.until in seen.types)
        await node.stop()
        node.journal.close()
        connection = sqlite3.connect(Path(folder) / "journal.db")
        (JOURNALS / f"{name}.sql").write_text("\n".join(connection.iterdump()) + "\n")
        connection.close()


async def main(names: list[str]) -> None:
    """Record each scenario that is named."""
    for name in names:
        if (JOURNALS / f"{name}.sql").exists():
            sys.exit(f"{name}.sql stands for the release that recorded it: take another name")
        await record(name)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
