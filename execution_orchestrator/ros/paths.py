"""How far it is: Nav2's path if its planner answers in time, the straight line if not."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from execution_orchestrator.capabilities.conversions import (
    ConversionContext,
    ConversionError,
    located,
)
from execution_orchestrator.capabilities.geometry import PoseError, pose_stamped_fields
from execution_orchestrator.capabilities.robot_port import GoalEnd, RobotPort
from execution_orchestrator.plan.optimise.estimates import Distance
from execution_orchestrator.ros.bridge import Bridge, ServiceCallTimeoutError

log = logging.getLogger(__name__)
PLANNER_TYPE = "nav2_msgs/action/ComputePathToPose"
PLANNER = "compute_path_to_pose"
# nav2_msgs/action/ComputePathToPose: what is wrong with the target, not with the moment.
NO_WAY = {
    204: "is outside the map",
    206: "is occupied",
    208: "cannot be reached: no path",
}
FRESH = 5.0  # seconds that an answer holds for one plan
PAUSE = 30.0  # seconds in which a planner that is not there, or is slow, is not asked again
MOST_TIME = 5.0  # seconds of waiting for it in PAUSE: goals wait meanwhile
MARGIN = 1.0  # seconds beyond the timeout until a stuck loop is given up


class PathLengths:
    """Measures ways for estimates. Called on worker threads; the robot is asked on the loop."""

    def __init__(
        self,
        bridge: Bridge,
        port: RobotPort,
        world: Callable[[], Mapping[str, Any]],
        conversion: Callable[[], ConversionContext],
        *,
        timeout: float,
    ) -> None:
        self._bridge = bridge
        self._port = port
        self._world = world
        self._conversion = conversion
        self._timeout = timeout
        self._answers: dict[str, tuple[float, _Answer]] = {}
        self._silent_until = 0.0
        self._absent = False  # why it is not asked: it was not there
        self._window = 0.0
        self._spent = 0.0

    def __call__(self, start: Any, goal: Any) -> Distance | None:
        """Return metres from a place (None: where the robot is) to another, None if unknown."""
        work = self._length(start, goal)
        try:
            distance: Distance | None = self._bridge.call(work, 2.0 * self._timeout + MARGIN)
        except ServiceCallTimeoutError:
            return None
        return distance

    def no_way(self, start: Any, goal: Any) -> str:
        """Say why the planner finds no way from a place (None: the robot's); empty: it does.

        Empty as well where it cannot be asked.
        """
        try:
            code: int = self._bridge.call(self._code(start, goal), 2.0 * self._timeout + MARGIN)
        except ServiceCallTimeoutError:
            return ""
        return NO_WAY.get(code, "")

    async def _code(self, start: Any, goal: Any) -> int:
        try:
            found = await self._answer(start, goal)
        except (ConversionError, PoseError):
            return 0
        return found.code if found is not None else 0

    async def _answer(self, start: Any, goal: Any) -> _Answer | None:
        """Return what the planner says, None if it cannot be asked; asked again only after a while.

        Raises:
            ConversionError, PoseError: one of the two is no place.

        """
        context = self._conversion()
        there = pose_stamped_fields(located(goal, context), context.frame)
        here = None if start is None else self._start(start, context)
        now = self._bridge.loop.time()
        if self._timeout <= 0.0:
            return None
        if now < self._silent_until and not (self._absent and await find_planner(self._port)):
            return None
        key = repr((here, there))
        known = self._answers.get(key)
        if known is not None and now - known[0] < FRESH:
            return known[1]
        answer = await self._asked(here, there)
        if answer is not None:
            self._answers = {k: v for k, v in self._answers.items() if now - v[0] < FRESH}
            self._answers[key] = (now, answer)
        return answer

    async def _length(self, start: Any, goal: Any) -> Distance | None:
        context = self._conversion()
        try:
            answer = await self._answer(start, goal)
            if answer is not None and answer.metres is not None:
                return Distance(answer.metres, "planned path")
            there = pose_stamped_fields(located(goal, context), context.frame)
            here = self._start(start, context)
        except (ConversionError, PoseError):
            return None
        if here is None or here["header"]["frame_id"] != there["header"]["frame_id"]:
            return None
        first, last = here["pose"]["position"], there["pose"]["position"]
        return Distance(math.dist(_point(first), _point(last)), "straight line")

    def _start(self, start: Any, context: ConversionContext) -> dict[str, Any] | None:
        if start is not None:
            return pose_stamped_fields(located(start, context), context.frame)
        pose = self._world()["robot"].get("pose")
        return None if pose is None else pose_stamped_fields(pose, context.frame)

    async def _asked(self, here: Any, there: Any) -> _Answer | None:
        """Ask the planner, and leave it alone for a while if that takes too much time."""
        began = self._bridge.loop.time()
        if began - self._window > PAUSE:
            self._window, self._spent = began, 0.0
        answer = None
        try:
            answer = await self._planned(here, there)
        except _NoAnswerError as failure:
            log.info("%s: the way is measured as the crow flies", failure)
        now = self._bridge.loop.time()
        self._spent += now - began
        # One that does not answer is asked again for a while: its first answer may be late. One
        # that is not there is looked for without waiting, and asked as soon as it is there.
        pause = self._absent or self._spent >= MOST_TIME
        self._silent_until = now + PAUSE if pause else 0.0
        return answer

    async def _planned(self, here: Any, there: Any) -> _Answer:
        """Return the length of Nav2's path, or why it finds none.

        Raises:
            _NoAnswerError: there is no planner, or it does not answer in time.

        """
        self._absent = not await find_planner(self._port, self._timeout)
        if self._absent:
            raise _NoAnswerError(f"there is no action server {PLANNER}")
        goal = {"goal": there, "use_start": here is not None}
        if here is not None:
            goal["start"] = here
        outcome = await self._port.run_action(PLANNER_TYPE, PLANNER, goal, timeout=self._timeout)
        if outcome.end in (GoalEnd.TIMED_OUT, GoalEnd.LOST, GoalEnd.NO_SERVER):
            raise _NoAnswerError(outcome.reason)
        path = outcome.result.get("path", {}).get("poses", [])
        if outcome.end is not GoalEnd.SUCCEEDED or not isinstance(path, list) or len(path) < 2:
            return _Answer(None, int(outcome.result.get("error_code", 0) or 0))
        points = [_point(stamped["pose"]["position"]) for stamped in path]
        return _Answer(sum(math.dist(a, b) for a, b in pairwise(points)))


async def find_planner(port: RobotPort, timeout: float = 0.0) -> bool:
    """Say whether the planner is there, at the latest after ``timeout`` seconds.

    A client needs some moments to find its server: the first call, at the start, makes it.
    """
    return await port.wait_for_server("action", PLANNER_TYPE, PLANNER, timeout=timeout)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the planner says: metres of its path, or its error code."""

    metres: float | None
    code: int = 0


class _NoAnswerError(RuntimeError):
    """The planner cannot be asked."""


def _point(position: Mapping[str, float]) -> tuple[float, float]:
    return position["x"], position["y"]
