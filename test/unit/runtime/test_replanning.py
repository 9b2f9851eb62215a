"""The runtime and its planner: what it answers is journalled, what nobody waits for is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.apply import fold
from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.engine.effects import Replan
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.engine.recovery.policy import load_recovery_policy
from execution_orchestrator.engine.status import ExecutionStatus
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.runtime.ports import Replanned
from execution_orchestrator.storage import open_database, open_journal
from test.snapshot import snapshot
from test.unit.engine.driving import action, plan
from test.unit.runtime.test_failures import Robot

POLICY = load_recovery_policy({"tables": {"default": [{"strategies": ["replan"]}]}})
BROKEN = ErrorInfo(type=ErrorType.EXECUTION, code="BROKEN", message="it broke")


class Thinker:
    """A planner that thinks until it may answer."""

    def __init__(self, answer: Callable[[], Replanned]) -> None:
        self.answer = answer
        self.asked: list[Replan] = []
        self.may_answer = asyncio.Event()
        self.stopped = asyncio.Event()

    async def replan(self, effect: Replan) -> Replanned:
        self.asked.append(effect)
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.stopped.set()
            raise
        return self.answer()


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    opened: list[Any] = []

    async def begin(planner: Thinker) -> tuple[Orchestrator, Robot]:
        database = open_database(tmp_path)
        robot = Robot()
        orchestrator = Orchestrator(
            machine=Machine(EngineConfig(recovery=POLICY)),
            journal=open_journal(database),
            driver=robot,
            planner=planner,
        )
        opened.append((orchestrator, database))
        await orchestrator.start()
        orchestrator.handle(s.Submit(execution_id="e", plan=plan(action("a"))))
        orchestrator.handle(s.GoalFailed(goal_id=robot.sent["e", "a"], error=BROKEN))
        await asyncio.sleep(0)
        assert [effect.execution_id for effect in planner.asked] == ["e"]
        return orchestrator, robot

    yield begin
    for orchestrator, database in opened:
        await orchestrator.stop()
        live = snapshot(orchestrator.state)
        assert snapshot(fold(entry.event for entry in orchestrator.journal.read())) == live
        orchestrator.journal.close()
        database.close()


async def test_the_answer_of_a_planner_is_run(start: Callable[..., Any]) -> None:
    planner = Thinker(lambda: Replanned(plan(action("b"))))
    orchestrator, robot = await start(planner)
    planner.may_answer.set()
    async with asyncio.timeout(10.0):
        while ("e", "b") not in robot.sent:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    ended = asyncio.ensure_future(orchestrator.ended("e"))
    await asyncio.sleep(0)
    orchestrator.post(s.GoalSucceeded(goal_id=robot.sent["e", "b"]))
    await asyncio.wait_for(ended, 10.0)
    assert orchestrator.state.executions["e"].status is ExecutionStatus.COMPLETED


async def test_a_planner_that_fails_fails_the_execution_and_nothing_else(
    start: Callable[..., Any],
) -> None:
    def fail() -> Replanned:
        raise RuntimeError("no ink left")

    planner = Thinker(fail)
    orchestrator, _ = await start(planner)
    ended = asyncio.ensure_future(orchestrator.ended("e"))
    planner.may_answer.set()
    await asyncio.wait_for(ended, 10.0)
    assert orchestrator.state.executions["e"].status is ExecutionStatus.FAILED
    events = [entry.event for entry in orchestrator.journal.read()]
    (failed,) = [event for event in events if event.type == "REPLAN_FAILED"]
    assert "no ink left" in failed.reason


async def test_a_cancelled_execution_stops_the_planner(start: Callable[..., Any]) -> None:
    planner = Thinker(lambda: Replanned(plan(action("b"))))
    orchestrator, robot = await start(planner)
    orchestrator.handle(s.Cancel(execution_id="e"))
    await asyncio.wait_for(planner.stopped.wait(), 10.0)
    assert orchestrator.state.executions["e"].status is ExecutionStatus.CANCELLED
    assert ("e", "b") not in robot.sent
