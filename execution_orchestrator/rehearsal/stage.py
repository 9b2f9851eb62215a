"""The simulated servers in virtual time.

The work of a goal is blocking code, as in the thread of a ROS server. Here, too, each goal has a
thread, but only one of them or the loop runs at any moment: a thread runs until it waits, and
continues when its wait is over. So the order is always the same.
"""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable, Mapping
from typing import Any

from builtin_interfaces.msg import Time

from execution_orchestrator.capabilities.robot_port import GoalEnd
from execution_orchestrator.msg import SimMotion, SimMotionState
from execution_orchestrator.simulation.geometry import Array, inverse, planar
from execution_orchestrator.simulation.physics.base import Motion
from execution_orchestrator.simulation.physics.camera import OPTICAL
from execution_orchestrator.simulation.physics.robot import Robot
from execution_orchestrator.simulation.physics.simulation import LARGEST_STEP, Simulation
from execution_orchestrator.simulation.physics.vehicle import Vehicle
from execution_orchestrator.simulation.work.arm import Arm
from execution_orchestrator.simulation.work.body import Body, UnknownFrameError
from execution_orchestrator.simulation.work.camera import Camera
from execution_orchestrator.simulation.work.controllers import Controllers
from execution_orchestrator.simulation.work.gripper import Gripper
from execution_orchestrator.simulation.work.host import Answer, Work
from execution_orchestrator.simulation.work.jobs import (
    JobCancelled,
    JobError,
    JobNotNeeded,
    JobPreempted,
    JobStopped,
    with_error,
)
from execution_orchestrator.simulation.work.messages import OPTICAL_FRAME
from execution_orchestrator.simulation.work.navigation import Navigation
from execution_orchestrator.simulation.work.speech import Speech
from execution_orchestrator.simulation.work.vehicle import Autopilot

TICK = 0.02  # seconds between two looks at what moves
NEWS = 0.2  # seconds between two looks at the robot while it moves
MOST_POINTS = 2000  # of a trajectory
SEED = 0


class StagedBody(Body):
    """The robot itself, without topics between."""

    def __init__(self, stage: Stage, robot: Robot, prefix: str) -> None:
        super().__init__()
        self._stage = stage
        self._robot = robot
        self._prefix = prefix
        self.controllers = Controllers(stage.simulation, robot)

    @property
    def pose(self) -> Array:  # type: ignore[override]
        """base_link in the map."""
        return self._robot.pose

    @property
    def joints(self) -> Mapping[str, float]:  # type: ignore[override]
        """Positions by joint."""
        state = self.controllers.joint_state()
        return dict(zip(state.name, state.position, strict=True))

    @property
    def efforts(self) -> Mapping[str, float]:  # type: ignore[override]
        """Efforts by joint."""
        state = self.controllers.joint_state()
        return dict(zip(state.name, state.effort, strict=True))

    @property
    def objects(self) -> Mapping[str, Array]:  # type: ignore[override]
        """Poses of all objects and robots."""
        simulation = self._stage.simulation
        robots = {
            f"{name}/base_link" if name else "base_link": robot.pose
            for name, robot in simulation.robots.items()
        }
        return {**simulation.poses, **robots}

    @property
    def motion(self) -> SimMotionState:
        """How far the base is."""
        return self.controllers.motion_state()

    def is_driven(self) -> bool:
        """Return true: the physics is right here."""
        return True

    def send_motion(self, motion: SimMotion) -> None:
        """Let the base do a motion."""
        self._stage.catch_up()
        self.controllers.take_motion(motion)

    def send_arm(self, trajectory: Any) -> None:
        """Send the arm along a trajectory."""
        self._stage.catch_up()
        self.controllers.take_trajectory(trajectory)

    def turn_head(self, trajectory: Any) -> None:
        """Turn the camera."""
        self._stage.catch_up()
        self.controllers.take_head(trajectory)

    def move_jaws(self, opening: float, effort: float) -> None:
        """Move the jaws."""
        self._stage.catch_up()
        self.controllers.take_jaws(opening, effort)

    def look_up(self, frame: str) -> Array:
        """Return the pose of a frame of the robot or the world in the map.

        Raises:
            UnknownFrameError: there is none of that name.

        """
        robot = self._robot
        own = frame.removeprefix(self._prefix.strip("/") + "/") if self._prefix else frame
        if own in ("base_link", "base_footprint"):
            return robot.pose
        if own == "odom":
            placed: Array = robot.pose @ inverse(planar(*robot.odometry))
            return placed
        if own == "gripper_link":
            return robot.tool
        if own == "camera_link":
            return robot.camera
        if own == OPTICAL_FRAME:
            seen: Array = robot.camera @ OPTICAL
            return seen
        found = self._stage.simulation.world.frames.get(frame)
        if found is None:
            raise UnknownFrameError(f"no transform from frame {frame!r} to 'map'")
        return found


class StagedJob:
    """A goal at work in a thread of its own, which takes turns with the loop."""

    def __init__(
        self,
        stage: Stage,
        offer: Offer,
        request: Any,
        feedback: Callable[[Any], None] | None,
    ) -> None:
        self.request = request
        self.cancelled = self.preempted = False
        self.done: Callable[[], bool] = lambda: True
        self.deadline = 0.0
        self.outcome: tuple[GoalEnd, Any] | None = None
        self.ended = asyncio.get_running_loop().create_future()
        self._stage = stage
        self._offer = offer
        self._tell = feedback
        self._mine, self._others = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def feedback(self, message: Any) -> None:
        """Pass feedback on."""
        if self._tell is not None:
            self._tell(message)

    def wait_for(self, done: Callable[[], bool], timeout: float | None) -> bool:
        """Wait until ``done()``, at most so many virtual seconds; say whether it is."""
        self._check()
        if done():
            return True
        self.done = done
        self.deadline = math.inf if timeout is None else self._stage.now() + timeout
        self._others.release()
        self._mine.acquire()
        self._check()
        return done()

    def pause(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.wait_for(lambda: False, seconds)

    @property
    def due(self) -> bool:
        """Whether what it waits for has happened."""
        return (
            self.cancelled
            or self.preempted
            or self._stage.closed
            or self._stage.now() >= self.deadline - 1e-9
            or self.done()
        )

    def run(self) -> None:
        """Run it until it waits again, or has ended."""
        self._mine.release()
        self._others.acquire()

    def _check(self) -> None:
        if self._stage.closed:
            raise JobStopped
        if self.preempted:
            raise JobPreempted
        if self.cancelled:
            raise JobCancelled

    def _work(self) -> None:
        self._mine.acquire()
        offer = self._offer
        empty = offer.action_type.Result()
        try:
            self._check()
            self.outcome = GoalEnd.SUCCEEDED, offer.work(self)
        except (JobCancelled, JobStopped):
            offer.stop(offer.name)
            self.outcome = GoalEnd.CANCELLED, empty
        except JobNotNeeded:
            self.outcome = GoalEnd.ABORTED, empty
        except JobPreempted:
            self.outcome = (
                GoalEnd.ABORTED,
                with_error(empty, 0, "preempted by a newer goal"),
            )
        except JobError as error:
            offer.stop(offer.name)
            self.outcome = GoalEnd.ABORTED, with_error(empty, error.code, str(error))
        except Exception as error:
            offer.stop(offer.name)
            message = f"{type(error).__name__}: {error}"
            self.outcome = GoalEnd.ABORTED, with_error(empty, offer.failure, message)
        finally:
            self._others.release()


class Offer:
    """An action that a simulated server offers."""

    def __init__(
        self,
        action_type: Any,
        name: str,
        work: Work,
        failure: int,
        preempts: bool,
        stop: Callable[[str], None],
    ) -> None:
        self.action_type = action_type
        self.name = name
        self.work = work
        self.failure = failure
        self.preempts = preempts
        self.stop = stop
        self.newest: StagedJob | None = None


class NoLog:
    """Takes what a server says; what matters is in results."""

    def info(self, message: str) -> None:
        """Say nothing."""

    def warning(self, message: str) -> None:
        """Say nothing."""


class NoRadio:
    """A radio without a receiver: what others would do is not rehearsed."""

    linked = True

    def send(self, content: Mapping[str, Any]) -> None:
        """Send nothing."""

    def broadcast(self, _: str) -> int:
        """Send nothing: there is no receiver in a rehearsal."""
        return 0


def vehicle_name(robot: str) -> str:
    """Return the name of a robot's vehicle, which differs from that of its base."""
    return f"{robot}/vehicle" if robot else "vehicle"


def _advance(vehicle: Vehicle, seconds: float) -> None:
    count = max(1, math.ceil(seconds / LARGEST_STEP - 1e-9)) if vehicle.moving else 1
    for _ in range(count):
        vehicle.step(seconds / count)


class Stage:
    """All robots of a simulation with their servers; the host of their work.

    ``news`` is called now and then while something moves; ``vehicles`` are those of the robots that
    have one, by robot.
    """

    rate = 1.0
    log = NoLog()

    def __init__(
        self,
        simulation: Simulation,
        start: float,
        robots: Mapping[str, str],
        vehicles: Mapping[str, Vehicle],
    ) -> None:
        self.simulation = simulation
        self.vehicles = vehicles
        self.closed = False
        self.news: Callable[[], None] = lambda: None
        self.trajectories: dict[str, list[list[float]]] = {
            name: [] for name in (*robots, *map(vehicle_name, vehicles))
        }
        self.collisions: list[dict[str, Any]] = []
        self.said: list[dict[str, Any]] = []
        self.bodies: dict[str, StagedBody] = {}
        self.actions: dict[str, Offer] = {}
        self.services: dict[str, tuple[Any, Answer]] = {}
        self._start = start
        self._jobs: list[StagedJob] = []
        self._wake = asyncio.Event()
        self._blocked: dict[str, bool] = dict.fromkeys(robots, False)
        self._recorded = 0.0
        self._every = dict.fromkeys(self.trajectories, NEWS)
        self._loop = asyncio.get_running_loop()
        for name, namespace in robots.items():
            self._prefix = f"{namespace.rstrip('/')}/" if namespace else ""
            robot = simulation.robots[name]
            body = self.bodies[name] = StagedBody(self, robot, self._prefix)
            frame = f"{name}/base_link" if name else "base_link"
            Navigation(self, body, simulation.world, simulation.grid, frame)
            Arm(self, body, simulation.world)
            Gripper(self, body)
            Camera(self, body, simulation.world, seed=SEED, keep=self._keep)
            Speech(self, say=self._say, keep=self._keep)
            if name in vehicles:
                Autopilot(
                    self, vehicles[name], simulation.world, lambda: simulation.poses, NoRadio()
                )
        self._record()
        self._task = self._loop.create_task(self._run())

    # ------------------------------------------------------------------ the host

    def now(self) -> float:
        """Virtual seconds since the start."""
        return self._loop.time()

    def stamp(self) -> Time:
        """Virtual time of day."""
        whole, part = divmod(self._start + self.now(), 1.0)
        return Time(sec=int(whole), nanosec=int(part * 1e9))

    def serve(
        self,
        action_type: Any,
        name: str,
        work: Work,
        *,
        failure: int,
        preempts: bool = False,
        stop: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Offer an action; see `Host`."""
        self.actions[self._prefix + name] = Offer(action_type, name, work, failure, preempts, stop)

    def offer(self, service_type: Any, name: str, answer: Answer) -> None:
        """Offer a service."""
        self.services[self._prefix + name] = (service_type, answer)

    def _keep(self, name: str, _: bytes) -> str:
        """Write nothing: a rehearsal leaves no files."""
        return f"(rehearsed) {name}"

    def _say(self, text: str) -> None:
        self.said.append({"time": round(self.now(), 3), "text": text})

    # ------------------------------------------------------------------ goals

    async def run(
        self, name: str, request: Any, feedback: Callable[[Any], None] | None = None
    ) -> tuple[GoalEnd, Any]:
        """Run a goal of an action that is offered; cancelling this cancels the goal and waits."""
        offer = self.actions[name]
        if offer.preempts and offer.newest is not None:
            offer.newest.preempted = True
        job = offer.newest = StagedJob(self, offer, request, feedback)
        self._jobs.append(job)
        self._wake.set()
        try:
            await asyncio.shield(job.ended)
        except asyncio.CancelledError:
            job.cancelled = True
            self._wake.set()
            await asyncio.shield(job.ended)
            raise
        assert job.outcome is not None
        return job.outcome

    def call(self, name: str, request: Any) -> Any:
        """Return the response of a service that is offered."""
        kind, answer = self.services[name]
        self.catch_up()
        return answer(request, kind.Response())

    async def close(self) -> None:
        """End all goals and their threads."""
        self.closed = True
        for job in list(self._jobs):
            job.run()
        self._task.cancel()

    # ------------------------------------------------------------------ time

    def catch_up(self) -> None:
        """Bring the physics to this moment."""
        left = self.now() - self.simulation.time
        if left > 1e-9:
            for vehicle in self.vehicles.values():
                _advance(vehicle, left)
            self.simulation.step(left)

    async def _run(self) -> None:
        while True:
            self.catch_up()
            self._look()
            for job in list(self._jobs):
                if job.due:
                    job.run()
                    if job.outcome is not None:
                        self._jobs.remove(job)
                        job.ended.set_result(None)
            self._wake.clear()
            wait = self._next()
            if wait is None:
                await self._wake.wait()
            elif wait > 0.0:
                try:
                    async with asyncio.timeout(wait):
                        await self._wake.wait()
                except TimeoutError:
                    continue

    def _next(self) -> float | None:
        """Seconds until something can have happened; None: not before something new comes."""
        if not self.simulation.at_rest or any(one.moving for one in self.vehicles.values()):
            return TICK
        if not self._jobs:
            return None
        first = min(job.deadline for job in self._jobs)
        return None if math.isinf(first) else max(TICK, first - self.now())

    def _look(self) -> None:
        for name, robot in self.simulation.robots.items():
            blocked = robot.base.motion is Motion.BLOCKED
            if blocked and not self._blocked[name]:
                self.collisions.append(
                    {
                        "time": round(self.now(), 3),
                        "robot": name,
                        "x": round(robot.base.x, 3),
                        "y": round(robot.base.y, 3),
                    }
                )
            self._blocked[name] = blocked
        if self.now() - self._recorded >= NEWS:
            self._recorded = self.now()
            self._record()
            self.news()

    def _record(self) -> None:
        """Note where the robots are; of a long way every second point is kept."""
        where = {
            name: (robot.base.x, robot.base.y, robot.base.yaw)
            for name, robot in self.simulation.robots.items()
        } | {
            vehicle_name(name): (one.position[0], one.position[1], one.yaw, one.position[2])
            for name, one in self.vehicles.items()
        }
        for name, place in where.items():
            points = self.trajectories[name]
            here = [round(float(value), 3) for value in (self.now(), *place)]
            early = bool(points) and here[0] - points[-1][0] < self._every[name]
            if early or (points and here[1:] == points[-1][1:]):
                continue
            points.append(here)
            if len(points) > MOST_POINTS:
                del points[1::2]
                self._every[name] *= 2
