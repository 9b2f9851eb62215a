"""Runs one plan to its end and reports what happened."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from execution_orchestrator.capabilities.recovery.on_robot import StrategyOnRobot
from execution_orchestrator.capabilities.recovery.shipped import robot_strategies
from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.effects import Dispatch
from execution_orchestrator.engine.inputs import (
    Confirm,
    GoalProgress,
    Input,
    SignalSent,
    Submit,
    WorldChanged,
)
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.observation import ExecutionRecord, Observation
from execution_orchestrator.plan.errors import ErrorInfo
from execution_orchestrator.rehearsal.driver import StageDriver, example_of
from execution_orchestrator.rehearsal.port import StagePort
from execution_orchestrator.rehearsal.scenery import Scenery
from execution_orchestrator.rehearsal.simulated_motions import (
    RehearsedMotions,
    not_driven_by_others,
    stands,
)
from execution_orchestrator.rehearsal.stage import Stage, vehicle_name
from execution_orchestrator.rehearsal.virtual_time import OutOfTimeError, VirtualLoop
from execution_orchestrator.rehearsal.world import RehearsedWorld
from execution_orchestrator.runtime.clock import ExecutionClock, Known
from execution_orchestrator.runtime.held_objects import HeldObjects
from execution_orchestrator.runtime.performing import Performer
from execution_orchestrator.runtime.rehearsing import UNDECIDED, RehearsalRequest

EXECUTION = "rehearsal"
LONGEST = 24 * 3600.0  # virtual seconds
MOST_INPUTS = 200_000
MOST_REPORTED = 1000  # actions, failures, recoveries, uses of resources
START = 1_800_000_000.0  # Unix seconds; every rehearsal begins at the same moment
OUT_OF_REACH = (
    "NO_IK_SOLUTION", "GOAL_OUTSIDE_MAP", "GOAL_OCCUPIED", "NO_VALID_PATH", "GOAL_IN_COLLISION",
)  # fmt: skip
IN_COLLISION = "COLLISION"
ALWAYS_UNKNOWN = (
    "people and other robots: nothing moves but this robot",
    "other clients of the same servers",
    "how the real robot differs from the simulated one: its size, speed, grip and localisation",
)


def rehearse(request: RehearsalRequest, share: Path) -> dict[str, Any]:
    """Return what would happen (docs/rehearsal.md); ``share`` has the worlds and models.

    Raises:
        WorldError: the world cannot be read.
        ValueError: the world or the map is too large.

    """
    loop = VirtualLoop(LONGEST)
    try:
        run = Rehearsal(request, share)
        stuck = ""
        try:
            loop.run_until_complete(run.play())
        except OutOfTimeError as failure:
            stuck = str(failure)
        report = run.report(loop.time(), stuck)
        loop.run_until_complete(run.end())
        return report
    finally:
        loop.close()


class Rehearsal:
    """One run. Everything is called on its loop."""

    def __init__(self, request: RehearsalRequest, share: Path) -> None:
        self._request = request
        robots = request.robot.model.robots.values()
        self._robots = {one.namespace.strip("/"): one for one in robots}
        names = list(self._robots) or [""]
        self._scenery = Scenery(request, share, names)
        self._unknown = dict.fromkeys((*ALWAYS_UNKNOWN, *self._scenery.unknown))
        self._supposed: set[str] = set()
        self._machine = Machine(request.engine)
        self._observation = Observation()
        self._inbox: deque[Input] = deque()
        self._scheduled = False
        self._inputs = 0
        self._uses: dict[str, dict[str, Any]] = {}  # by lease

    async def play(self) -> None:
        """Run the plan until it has ended."""
        request, loop = self._request, asyncio.get_running_loop()
        self._loop = loop
        self._clock = ExecutionClock(
            steady=loop.time, wall=lambda: START + loop.time(), boot_id=EXECUTION
        )
        self._fact(self._clock.resume(Known()))
        namespaces = {name: one.namespace for name, one in self._robots.items()} or {"": ""}
        self._stage = Stage(self._scenery.simulation, START, namespaces, self._scenery.vehicles)
        self._world = RehearsedWorld(request, self._stage, self._clock.now, self._scenery.alone)
        self._stage.news = lambda: self._post(WorldChanged())
        port = StagePort(self._stage, self._world.snapshot, self._note)
        driver = StageDriver(
            request.robot,
            port,
            lambda name: name in self._stage.actions or name in self._stage.services,
            self._world.conversion,
            self._gripper,
            pose=self._pose,
            expected=self._expected,
            supposed=self._suppose,
            on_output=self._world.learn,
        )
        motions = RehearsedMotions(port)
        self._performer = Performer(
            driver,
            self._post,
            self._clock,
            strategies=[
                StrategyOnRobot(
                    one,
                    robot=port,
                    capabilities=request.robot.model.capabilities,
                    conversion=self._world.conversion,
                    robots=request.robot.model.robots,
                    motions=motions,
                    may_move=self._performer_may_move,
                    not_to_move=not_driven_by_others,
                    stop=stands,
                )
                for one in robot_strategies().values()
            ],
        )
        self._hold()
        self._post(
            Submit(
                execution_id=EXECUTION,
                plan=dict(request.plan),
                input=dict(request.input),
                command=str(request.plan.get("command", "")),
            )
        )
        await self._performer.ended(EXECUTION)

    async def end(self) -> None:
        """End running goals and strategies, with their threads."""
        if hasattr(self, "_performer"):
            await self._performer.stop()
            await self._stage.close()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0)

    async def _performer_may_move(self, wanted: Any) -> str:
        return await self._performer.may_move(wanted)

    # ------------------------------------------------------------------ the loop

    def _post(self, incoming: Input) -> None:
        if isinstance(incoming, GoalProgress) and incoming.reached is None:
            return
        self._inbox.append(incoming)
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._drain)

    def _drain(self) -> None:
        self._scheduled = False
        while self._inbox:
            self._inputs += 1
            if self._inputs > MOST_INPUTS:
                raise OutOfTimeError("it does not come to an end")
            step = self._machine.handle(
                self._inbox.popleft(), now=self._clock.now(), world=self._world.snapshot()
            )
            for event in step.events:
                self._seen(event)
            for effect in step.effects:
                self._performer.perform(effect)
                self._stand_in(effect)

    def _fact(self, event: ev.Event) -> None:
        self._machine.replay(event)
        self._seen(event)

    def _facts(self, events: Sequence[ev.Event]) -> None:
        for event in events:
            self._fact(event)

    def _seen(self, event: ev.Event) -> None:
        self._observation.apply(event)
        now = round(self._now(), 3)
        if isinstance(event, ev.ResourceAllocated):
            for lease in event.leases:
                self._uses[lease.lease_id] = {
                    "resource": lease.resource,
                    "action": event.key,
                    "amount": lease.amount,
                    "start": now,
                    "end": None,
                }
        elif isinstance(event, ev.ResourceReleased):
            for lease_id in event.lease_ids:
                if lease_id in self._uses:
                    self._uses[lease_id]["end"] = now
        elif isinstance(event, ev.TaskWaiting) and event.kind == "signal":
            self._signal(event)

    def _now(self) -> float:
        """Virtual seconds since the start."""
        return self._loop.time()

    # ------------------------------------------------------------------ who is not there

    def _stand_in(self, effect: Any) -> None:
        """Answer what a person is asked."""
        if isinstance(effect, fx.NotifyConfirmationNeeded):
            self._note(f"whether a person agrees to: {effect.question}; it is supposed so, at once")
            self._post(Confirm(execution_id=effect.execution_id, key=effect.key))

    def _signal(self, event: ev.TaskWaiting) -> None:
        """Send a signal that an action waits for."""
        action = self._machine.state.executions[EXECUTION].actions.get(event.key)
        if action is None:
            return
        name = str(action.node.data.get("signal", ""))
        value = example_of(self._request.plan.get("signals", {}).get(name, {}))
        self._note(
            f"when the signal {name} comes, and with which value; it is supposed to come at once, "
            f"as {value!r}"
        )
        self._post(SignalSent(execution_id=EXECUTION, name=name, value=value))

    def _suppose(self, effect: Dispatch, server: str) -> None:
        self._supposed.add(effect.key)
        self._note(
            f"what {effect.capability} does ({effect.key}): nothing simulates {server or 'it'}; it "
            "is supposed to succeed after its estimated time, and its output is only an example"
        )

    def _note(self, what: str) -> None:
        if len(self._unknown) < MOST_REPORTED:
            self._unknown[what] = None

    def _expected(self, effect: Dispatch) -> float:
        action = self._machine.state.executions[EXECUTION].actions.get(effect.key)
        expected = action.node.estimated_duration if action is not None else 0.0
        return (
            expected or self._request.robot.model.capabilities[effect.capability].estimated_duration
        )

    def _pose(self, robot: str) -> Any:
        known = self._request.robot.model.robots.get(robot)
        self._stage.catch_up()
        return self._stage.bodies[known.namespace.strip("/") if known is not None else ""].pose

    def _gripper(self, robot: str, owner: str) -> HeldObjects:
        return HeldObjects(
            robot,
            owner,
            state=lambda: self._machine.state,
            note=self._facts,
            now=self._clock.now,
        )

    def _hold(self) -> None:
        """Let the engine know what the grippers hold at the start."""
        for robot, held in self._request.held.items():
            for name, how in held.items():
                self._fact(
                    ev.ObjectGrasped(
                        time=self._clock.now(), object_id=name, robot=robot, held_as=dict(how)
                    )
                )

    # ------------------------------------------------------------------ the report

    def report(self, seconds: float, stuck: str) -> dict[str, Any]:
        """Return the result as plain data; ``stuck``: why it has no end."""
        record = self._observation.executions.get(EXECUTION)
        actions = self._actions(record)
        failures = [
            {"action": one["action"], "action_type": one["action_type"], **one["error"]}
            for one in actions
            if one["error"] is not None
        ]
        status = str(record.status.value) if record is not None else "FAILED"
        reason = stuck or (record.reason if record is not None else "it was not begun")
        error = record.error if record is not None else None
        if stuck:
            status = UNDECIDED
        codes = [(one["action"], str(one["code"])) for one in failures]
        robots = self._scenery.simulation.robots
        trajectories = self._stage.trajectories if hasattr(self, "_stage") else {}
        return {
            "status": status,
            "would_succeed": status in ("COMPLETED", "PARTIALLY_COMPLETED"),
            "certain": not self._supposed,
            "message": reason,
            "error": None if error is None else _error(error),
            "seconds": round(seconds, 2),
            "actions": actions[:MOST_REPORTED],
            "failures": failures[:MOST_REPORTED],
            "recoveries": self._recoveries(record),
            "collisions": self._stage.collisions[:MOST_REPORTED] if trajectories else [],
            "out_of_reach": [key for key, code in codes if code.endswith(OUT_OF_REACH)],
            "would_touch": [key for key, code in codes if IN_COLLISION in code],
            "resources": list(self._uses.values())[:MOST_REPORTED],
            "trajectories": trajectories,
            "battery": {
                **{name: round(float(one.charge), 4) for name, one in robots.items()},
                **{
                    vehicle_name(name): round(float(one.charge), 4)
                    for name, one in self._scenery.vehicles.items()
                },
            },
            "deviations": list(record.deviations) if record is not None else [],
            "unknown": list(self._unknown),
        }

    def _actions(self, record: ExecutionRecord | None) -> list[dict[str, Any]]:
        began = self._began(record)
        found = []
        for key, one in (record.actions if record is not None else {}).items():
            if not key:
                continue
            start = one.started - began if one.started is not None else None
            end = one.ended - began if one.ended is not None else None
            found.append(
                {
                    "action": key,
                    "action_type": one.action_type,
                    "status": str(one.status),
                    "start": _rounded(start),
                    "duration": _rounded(
                        end - start if start is not None and end is not None else None
                    ),
                    "attempts": one.attempt,
                    "supposed": key in self._supposed,
                    "reason": one.reason,
                    "error": _error(one.error) if one.error is not None else None,
                }
            )
        return found

    def _recoveries(self, record: ExecutionRecord | None) -> list[dict[str, Any]]:
        recoveries: Sequence[Any] = record.recoveries if record is not None else ()
        return [
            {
                "action": one.key,
                "strategy": one.strategy,
                "error": one.error_code,
                "start": _rounded(one.started - self._began(record)),
                "outcome": str(one.outcome),
                "reason": one.reason,
                "helped": one.helped,
            }
            for one in recoveries[:MOST_REPORTED]
        ]

    @staticmethod
    def _began(record: ExecutionRecord | None) -> float:
        return record.accepted if record is not None else 0.0


def _error(error: ErrorInfo) -> Mapping[str, Any]:
    fields = msgspec.to_builtins(error)
    return {name: fields.get(name) for name in ("type", "code", "message")}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)
