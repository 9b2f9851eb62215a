"""A robot whose action servers do what a test's functions say, and that notes what it was asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import rclpy
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import MultiThreadedExecutor

from execution_orchestrator.ros.spinning import spinning

STEP = 0.02  # seconds between two looks of a goal at what it is waiting for
PATIENCE = 30.0  # seconds that a busy machine needs for a step of a test


class Goal:
    """A goal that a server works on, as the function that plays it sees it."""

    def __init__(
        self, robot: ScriptedRobot, name: str, handle: Any, kind: Any, number: int
    ) -> None:
        self.robot, self.name, self.kind, self.number = robot, name, kind, number
        self.request = handle.request
        self._handle = handle

    @property
    def cancelled(self) -> bool:
        """Whether it is to be cancelled."""
        return bool(self._handle.is_cancel_requested)

    def feedback(self, **fields: Any) -> None:
        """Tell how far it is."""
        self._handle.publish_feedback(self.kind.Feedback(**fields))

    def until(self, *words: str, cancel: bool = True) -> bool:
        """Work on until the test has told so, and say whether it was not cancelled before."""
        while not (self.robot.gone or self.robot.was_told(*words)):
            if cancel and self.cancelled:
                return False
            time.sleep(STEP)
        return True

    def until_cancelled(self) -> None:
        """Work on until it is to be cancelled."""
        while not (self.robot.gone or self.cancelled):
            time.sleep(STEP)

    def end(self, how: str, **fields: Any) -> Any:
        """End it: how is succeed, abort or canceled. Return the result with these fields."""
        self.robot.note(how, self.name, self.number)
        # What only waited for the test to end was not cancelled.
        getattr(self._handle, "abort" if self.robot.gone else how)()
        return self.kind.Result(**fields)


Play = Callable[[Goal], Any]


def works_until_told(goal: Goal) -> Any:
    """Work until the test says "end", or it is cancelled."""
    return goal.end("succeed" if goal.until("end") else "canceled")


def is_done_at_once(goal: Goal) -> Any:
    """Succeed."""
    return goal.end("succeed")


class ScriptedRobot:
    """Nodes with action servers, in the process of the test, in a context of their own."""

    def __init__(self) -> None:
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node("scripted_robot", context=self.context)
        self._changed = threading.Condition()
        self._notes: list[tuple[Any, ...]] = []
        self._told: set[tuple[str, ...]] = set()
        self._servers: dict[str, ActionServer] = {}
        self._begun = 0
        self.gone = False  # the test is over: nothing waits any longer

    def serve(
        self,
        kind: Any,
        name: str,
        play: Play = works_until_told,
        *,
        accepts: Callable[[Any], bool] = lambda request: True,
        cancels: Callable[[Any], bool] = lambda handle: True,
        **options: Any,
    ) -> None:
        """Offer an action whose goals ``play`` works on."""

        def on_goal(request: Any) -> GoalResponse:
            self.note("asked", name)
            return GoalResponse.ACCEPT if accepts(request) else GoalResponse.REJECT

        def on_cancel(handle: Any) -> CancelResponse:
            self.note("cancel", name)
            return CancelResponse.ACCEPT if cancels(handle) else CancelResponse.REJECT

        def execute(handle: Any) -> Any:
            with self._changed:
                self._begun += 1
                number = self._begun
            self.note("began", name, number)
            return play(Goal(self, name, handle, kind, number))

        self._servers[name] = ActionServer(
            self.node,
            kind,
            name,
            execute_callback=execute,
            goal_callback=on_goal,
            cancel_callback=on_cancel,
            callback_group=ReentrantCallbackGroup(),
            **options,
        )

    def leave(self, name: str) -> None:
        """Let a server leave the graph, with all it knew."""
        self._servers.pop(name).destroy()

    def note(self, *words: Any) -> None:
        """Write down what happens."""
        with self._changed:
            self._notes.append(words)
            self._changed.notify_all()

    def tell(self, *words: str) -> None:
        """Tell the goals that wait for these words to go on."""
        with self._changed:
            self._told.add(words)

    def was_told(self, *words: str) -> bool:
        """Say whether the test has told these words."""
        return words in self._told

    def count(self, *words: Any) -> int:
        """Return how often something that begins with these words happened."""
        return sum(note[: len(words)] == words for note in self._notes)

    @property
    def notes(self) -> list[tuple[Any, ...]]:
        """What happened, in its order."""
        return list(self._notes)

    def wait(self, *words: Any, times: int = 1) -> None:
        """Wait until something happened so often."""
        with self._changed:
            happened = self._changed.wait_for(lambda: self.count(*words) >= times, PATIENCE)
        assert happened, f"{words} did not happen {times} times: {self._notes}"


@contextmanager
def scripted_robot() -> Iterator[ScriptedRobot]:
    """Return a robot that spins; at the end it is gone."""
    made = ScriptedRobot()
    with spinning(made.node, MultiThreadedExecutor(16, context=made.context)):
        try:
            yield made
        finally:
            made.gone = True
