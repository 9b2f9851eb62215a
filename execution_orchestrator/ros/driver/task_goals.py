"""Goals that are no single action goal: multi-step capabilities, services, topics, tools."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from execution_orchestrator.capabilities.robot_port import RobotCallError
from execution_orchestrator.capabilities.steps.context import StepFailedError
from execution_orchestrator.engine.effects import Dispatch
from execution_orchestrator.engine.inputs import (
    GoalAccepted,
    GoalCancelled,
    GoalFailed,
    GoalLost,
    GoalSucceeded,
)
from execution_orchestrator.plan.errors import ErrorType
from execution_orchestrator.ros.driver.reporting import Explain, OutputSeen, Report, failed
from execution_orchestrator.ros.robot_port import ServiceGoneError

log = logging.getLogger(__name__)
MOST_CANCELS = 2  # of a task: to end its goal, and to leave it
Work = Coroutine[Any, Any, Mapping[str, Any]]


class TaskGoals:
    """Runs each such goal as a task of its own and reports how it ended.

    ``explain`` finds out why a step failed, as it does for a single action.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, on_output: OutputSeen, explain: Explain
    ) -> None:
        self._loop = loop
        self._on_output = on_output
        self._explain = explain
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._asked: set[str] = set()  # to end; what is under way for them may not have ended yet
        self._abandoned = False

    def start(
        self, dispatch: Dispatch, work: Work, report: Report, *, done: Callable[[], None]
    ) -> None:
        """Run ``work``; its value is the output. ``done`` is called at the end."""
        report(GoalAccepted(goal_id=dispatch.goal_id))
        task = self._loop.create_task(
            self._run(dispatch, work, report), name=f"goal {dispatch.key}"
        )
        self._tasks[dispatch.goal_id] = task

        def finished(_: asyncio.Task[None]) -> None:
            self._tasks.pop(dispatch.goal_id, None)
            self._asked.discard(dispatch.goal_id)
            if not self._abandoned and task.cancelling() < MOST_CANCELS:
                done()

        task.add_done_callback(finished)

    def cancel(self, goal_id: str) -> bool:
        """Cancel a goal; False when none of that name runs."""
        task = self._tasks.get(goal_id)
        if task is None:
            return False
        # Once: it waits until what is under way for it has ended, and a second one would end that.
        if goal_id not in self._asked:
            self._asked.add(goal_id)
            # One that has just been started first looks for what an earlier life may have begun.
            self._loop.call_soon(task.cancel)
        return True

    def follows(self, goal_id: str) -> bool:
        """Say whether a goal of that name runs."""
        return goal_id in self._tasks

    def abandon(self) -> None:
        """Stop following what runs; the next process takes it up again."""
        self._abandoned = True

    async def stop(self, timeout: float) -> None:
        """Cancel every task and wait for the ends.

        Nothing is said of one that was to end before and has not: the next process looks for it.
        """
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=timeout)

    @property
    def active(self) -> int:
        """How many run."""
        return len(self._tasks)

    async def _run(self, dispatch: Dispatch, work: Work, report: Report) -> None:
        goal_id, since = dispatch.goal_id, time.monotonic()
        try:
            output = await work
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling() < MOST_CANCELS:
                report(GoalCancelled(goal_id=goal_id))
        except StepFailedError as failure:
            self._explain(
                dispatch,
                failure.error,
                lambda error: report(GoalFailed(goal_id=goal_id, error=error)),
                since=since,
            )
        except ServiceGoneError as failure:
            report(GoalLost(goal_id=goal_id, reason=str(failure)))
        except RobotCallError as failure:
            report(failed(goal_id, ErrorType.CONNECTIVITY, "CALL_FAILED", str(failure)))
        except Exception as failure:
            log.exception("%s failed unexpectedly", dispatch.capability)
            message = f"{dispatch.capability} failed unexpectedly: {failure!r}"
            report(failed(goal_id, ErrorType.EXECUTION, "UNEXPECTED_ERROR", message))
        else:
            self._on_output(dispatch, output)
            report(GoalSucceeded(goal_id=goal_id, output=dict(output)))
