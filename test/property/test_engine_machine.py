"""Properties of the engine for any order of what can happen."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.apply import fold
from execution_orchestrator.engine.apply.moves import InvalidTransitionError, set_status
from execution_orchestrator.engine.codec import (
    CodecError,
    encode_event,
)
from execution_orchestrator.engine.machine import Machine, Step
from execution_orchestrator.engine.program import Program
from execution_orchestrator.engine.state import ExecutionState
from execution_orchestrator.engine.status import (
    EXECUTION_TRANSITIONS,
    FINAL_EXECUTION,
    ExecutionStatus,
)
from execution_orchestrator.engine.turn import WALL_OFFSET
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.plan.timetable import Timetable
from test.decoding import decode_event
from test.simulation.plans import RESOURCES, PlanMaker, amended, config
from test.snapshot import snapshot

RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
ERROR = ErrorInfo(type=ErrorType.NAVIGATION, code="X", message="it broke")
ACTIONS = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 30)), max_size=80)
GOAL = s.RawGoal(command="look around", plan='{"version": 1, "actions": []}')


class Walk:
    """Drives a machine by a list of choices: any answer, at any moment, even a wrong one."""

    def __init__(self, seed: int) -> None:
        rng = Random(seed)
        self.machine = Machine(config(rng))
        self.now = 1000.0
        self.journal: list[e.Event] = []
        self.goals: list[str] = []
        self.timers: dict[str, float] = {}
        self.plannings: list[fx.Prepare] = []
        self.wall_offset = 0.0
        self.clear = True  # what guards look at
        for index in range(3):
            plan = PlanMaker(rng, 10).plan()
            self.feed(s.Submit(execution_id=f"e{index}", plan=plan, input={"flag": True}))

    def feed(self, incoming: s.Input) -> Step:
        """Hand an input in."""
        step = self.machine.handle(incoming, now=self.now, world=self.world())
        self.journal += step.events
        for effect in step.effects:
            if isinstance(effect, fx.Dispatch):
                self.goals.append(effect.goal_id)
            elif isinstance(effect, fx.SetTimer):
                self.timers[effect.timer_id] = effect.at
            elif isinstance(effect, fx.ClearTimer):
                self.timers.pop(effect.timer_id, None)
            elif isinstance(effect, fx.Prepare):
                self.plannings.append(effect)
        return step

    def world(self) -> dict[str, Any]:
        """Return a picture of the world."""
        robot = {"battery": 0.8, "clear": self.clear}
        return {"robot": robot, "objects": [], WALL_OFFSET: self.wall_offset}

    def act(self, what: int, which: int) -> None:
        """Do one of twenty things to one of the goals, timers, executions or schedules."""
        goal = self.goals[which % len(self.goals)] if self.goals else "none"
        name = f"e{which % 3}"
        self.now += 0.25
        if what == 8:
            if self.timers:
                timer = sorted(self.timers)[which % len(self.timers)]
                self.now = max(self.now, self.timers.pop(timer))
                self.feed(s.TimerFired(timer_id=timer))
            return
        choices: list[s.Input] = [
            s.GoalAccepted(goal_id=goal),
            s.GoalSucceeded(goal_id=goal, output={"good": True, "enough": False}),
            s.GoalFailed(goal_id=goal, error=ERROR),
            s.GoalCancelled(goal_id=goal),
            s.GoalLost(goal_id=goal, never_seen=which % 2 == 0),
            s.Pause(execution_id=name),
            s.Resume(execution_id=name),
            s.Cancel(execution_id=name, compensate=True),
            s.WorldChanged(),
            s.CancelRefused(goal_id=goal),
        ]
        if what < len(choices):
            self.feed(choices[what])
        else:
            self._newer(what - len(choices), which, name)

    def _newer(self, what: int, which: int, name: str) -> None:
        """Do something with guards, signals, amendments or schedules, or stop it all."""
        if what == 0:
            self.clear = not self.clear
            self.feed(s.WorldChanged())
        elif what == 1:
            self.feed(s.SignalSent(execution_id=name, name="go", value=which))
        elif what == 2:
            self._amend(which, name)
        elif what == 3:
            overlap = ("skip", "replace", "queue")[which % 3]
            table = Timetable(time_zone="UTC", every=2.0, anchor=self.now, overlap=overlap)
            self.feed(s.SetSchedule(schedule_id="round", timetable=table, goal=GOAL))
        elif what == 4:
            kind = (s.PauseSchedule, s.ResumeSchedule, s.RemoveSchedule)[which % 3]
            self.feed(kind(schedule_id="round"))
        elif what == 5:
            self.wall_offset += (-3.0, 3.0, 3600.0)[which % 3]
            self.feed(s.WallClockSet())
        elif what == 6 and self.plannings:
            asked = self.plannings[which % len(self.plannings)]
            plan = PlanMaker(Random(which), 4).plan() if which % 4 else None
            self.feed(
                s.PreparationFinished(
                    execution_id=asked.execution_id, run_id=asked.run_id, plan=plan
                )
            )
        elif what == 7:
            self.feed(s.EmergencyStop())
        elif what == 8:
            self.feed(s.ResetEmergencyStop())
        elif what == 9:
            self.feed(s.GoalLost(goal_id=self.goals[-1] if self.goals else "none", may_run=True))

    def _amend(self, which: int, name: str) -> None:
        """Give an execution another plan; what is refused changes nothing."""
        execution = self.machine.state.executions.get(name)
        if execution is None or execution.goal is not None:
            return
        before = set(execution.actions)
        plan = amended(Random(which), dict(execution.program.data))
        if self.feed(s.AmendPlan(execution_id=name, plan=plan)).refusal:
            assert before <= set(execution.actions)


@RELAXED
@given(st.integers(0, 10_000), ACTIONS)
def test_the_journal_gives_the_live_state(seed: int, choices: list[tuple[int, int]]) -> None:
    walk = Walk(seed)
    for what, which in choices:
        walk.act(what, which)
    written = [decode_event(encode_event(event)) for event in walk.journal]
    assert written == walk.journal
    assert snapshot(fold(written)) == snapshot(walk.machine.state)


@RELAXED
@given(st.integers(0, 10_000), ACTIONS)
def test_resources_are_never_leased_beyond_their_capacity(
    seed: int, choices: list[tuple[int, int]]
) -> None:
    walk = Walk(seed)
    for what, which in choices:
        walk.act(what, which)
        for name, use in walk.machine.state.resources.items():
            leased = sum(held.lease.amount for held in use.leases.values())
            assert leased <= RESOURCES[name].capacity
            assert len({held.lease.shared for held in use.leases.values()}) <= 1
    assert len(walk.goals) == len(set(walk.goals))


@RELAXED
@given(st.integers(0, 10_000), ACTIONS)
def test_the_same_inputs_give_the_same_journal(seed: int, choices: list[tuple[int, int]]) -> None:
    first, second = Walk(seed), Walk(seed)
    for what, which in choices:
        first.act(what, which)
        second.act(what, which)
    assert first.journal == second.journal


@RELAXED
@given(st.integers(0, 10_000), ACTIONS, st.integers(0, 400))
def test_any_beginning_of_the_journal_can_be_gone_on_from(
    seed: int, choices: list[tuple[int, int]], cut: int
) -> None:
    walk = Walk(seed)
    for what, which in choices:
        walk.act(what, which)
    kept = walk.journal[:cut]
    machine = Machine(walk.machine.config, fold(kept))
    step = machine.resume(now=walk.now, world=walk.world())
    assert snapshot(fold([*kept, *step.events])) == snapshot(machine.state)


@given(st.sampled_from(ExecutionStatus), st.sampled_from(ExecutionStatus))
def test_the_table_of_transitions_is_the_only_way(
    before: ExecutionStatus, after: ExecutionStatus
) -> None:
    execution = ExecutionState("e", Program({"actions": []}))
    execution.status = before
    if after is before or after in EXECUTION_TRANSITIONS[before]:
        set_status(execution, after)
        assert execution.status is after
    else:
        with pytest.raises(InvalidTransitionError):
            set_status(execution, after)


@given(st.lists(st.integers(0, 8), max_size=30))
def test_every_status_leads_to_an_end(path: list[int]) -> None:
    status = ExecutionStatus.PENDING
    for choice in path:
        nexts = sorted(EXECUTION_TRANSITIONS[status])
        status = nexts[choice % len(nexts)]
        if status not in FINAL_EXECUTION:
            assert EXECUTION_TRANSITIONS[status] & FINAL_EXECUTION


TEXT = st.text(max_size=20)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@RELAXED
@given(TEXT, TEXT, st.floats(0, 2e9), JSON, st.dictionaries(TEXT, JSON, max_size=4))
def test_events_and_inputs_survive_the_codec(
    name: str, key: str, time: float, output: Any, fields: dict[str, Any]
) -> None:
    error = ErrorInfo(type=ErrorType.SENSOR, code=name, message=key, context=fields)
    for event in (
        e.TaskCompleted(time=time, execution_id=name, key=key, attempt=3, output=output),
        e.TaskFailed(time=time, execution_id=name, key=key, error=error),
        e.ExecutionAccepted(time=time, execution_id=name, plan=fields, input=fields),
        e.ResourceAllocated(time=time, leases=(e.Lease(lease_id=name, resource=key),)),
    ):
        assert decode_event(encode_event(event)) == event


@given(st.binary(max_size=200))
def test_bytes_that_are_no_event_are_named_as_such(data: bytes) -> None:
    try:
        event = decode_event(data)
    except CodecError:
        return
    assert isinstance(event, msgspec.Struct)
