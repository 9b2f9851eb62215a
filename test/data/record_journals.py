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
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import stimuli as s
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.storage import Journal, open_database

JOURNALS = Path(__file__).parent / "journals"
EXECUTION = "recorded"
PATIENCE = 20.0  # seconds until what a scenario waits for has happened

Action = dict[str, Any]
Report = Callable[[s.Stimulus], None]


class Robot:
    """Reaches every goal, but leaves those of ``held`` running and aborts those of ``broken``."""

    def __init__(self, held: frozenset[str] = frozenset(), broken: frozenset[str] = frozenset()):
        self.held = held
        self.broken = broken
        self.running: set[str] = set()

    def dispatch(self, effect: fx.Dispatch, report: Report) -> None:
        """Take a goal, and answer for it."""
        report(s.GoalAccepted(goal_id=effect.goal_id))
        if effect.key in self.held:
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
        """Nothing here is cancelled."""
        raise AssertionError(f"{goal_id} is to be cancelled")

    def hold(self, effect: fx.HoldGoal, report: Report) -> None:
        """Nothing here can be held."""
        raise AssertionError("nothing here can be held")


def do(name: str, *after: str, kind: str = "work", **more: Any) -> Action:
    """Return a resolved action."""
    return {"id": name, "action_type": kind, "depends_on": list(after), **more}


@dataclass(frozen=True)
class Scenario:
    """What runs, and what is true of it when the node dies: goals that run, or a status."""

    actions: list[Action]
    held: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    status: str = "EXECUTING"
    ends: str = "COMPLETED"  # after the restart
    after: tuple[s.Stimulus, ...] = field(default=())  # from people, after the restart
    before: tuple[s.Stimulus, ...] = field(default=())  # from people, before the node dies


def _held(*keys: str) -> frozenset[str]:
    return frozenset(keys)


_TWO = [do("first"), do("second", "first")]
SCENARIOS: Mapping[str, Scenario] = {
    "running": Scenario([*_TWO, do("third", "second")], _held("second")),
    "paused": Scenario(
        _TWO,
        _held("first"),
        status="PAUSED",
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
        status="RECOVERING",
    ),
    "compensating": Scenario(
        [do("first", compensation=do("undo")), do("second", "first")],
        held=_held("undo"),
        broken=_held("second"),
        status="RECOVERING",
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
    "delay": Scenario([do("pause", kind="delay", duration=30.0), do("then", "pause")]),
    "wait_for": Scenario(
        [do("wait", kind="wait_for", until="true", condition=None), do("then", "wait")],
        _held("then"),
    ),
    "left_out": Scenario(
        [do("first"), do("errand", condition="false"), do("second", "first")], _held("second"),
        ends="PARTIALLY_COMPLETED",
    ),
}  # fmt: skip


def orchestrator(directory: Path, robot: Robot) -> Orchestrator:
    """Return an orchestrator over the journal in a folder; `close` ends it."""
    return Orchestrator(
        machine=Machine(), journal=Journal(open_database(directory, lock=False)), driver=robot
    )


async def record(name: str) -> None:
    """Run a scenario until its node is to die, and write down what its database holds."""
    scenario = SCENARIOS[name]
    with TemporaryDirectory() as folder:
        open_database(Path(folder)).close()
        robot = Robot(scenario.held, scenario.broken)
        node = orchestrator(Path(folder), robot)
        await node.start()
        plan = {"version": 1, "actions": scenario.actions}
        node.handle(s.Submit(execution_id=EXECUTION, plan=plan, command=name))
        async with asyncio.timeout(PATIENCE):
            while robot.running != scenario.held:
                await asyncio.sleep(0.01)
            for stimulus in scenario.before:
                node.handle(stimulus)
            while node.state.executions[EXECUTION].status.value != scenario.status:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)  # what was reported last is in the journal, too
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
