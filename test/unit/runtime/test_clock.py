"""Execution time passes as monotonic time does, whatever is done to the wall clock."""

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_orchestrator.engine import events as e
from execution_orchestrator.runtime.clock import JUMP, ExecutionClock, Known, wait_for_any

NOON = 1_700_000_000.0
HOUR = 3600.0


class Machine:
    """A computer with a monotonic clock, a wall clock that can be set, and boots."""

    def __init__(self):
        self.steady = 50.0
        self.wall = NOON
        self.boot = 1

    def pass_(self, seconds):
        self.steady += seconds
        self.wall += seconds

    def boot_again(self, seconds):
        self.wall += seconds
        self.steady = 5.0
        self.boot += 1

    def clock(self, known=None):
        clock = ExecutionClock(
            steady=lambda: self.steady, wall=lambda: self.wall, boot_id=f"boot {self.boot}"
        )
        anchor = clock.resume(known or Known())
        return clock, anchor


@pytest.fixture
def machine():
    return Machine()


@given(
    steps=st.lists(
        st.tuples(
            st.floats(0.0, 1000.0, allow_nan=False), st.floats(-9999.0, 9999.0, allow_nan=False)
        )
    )
)
def test_durations_do_not_notice_that_the_wall_clock_is_set(steps):
    machine = Machine()
    clock, _ = machine.clock()
    began, passed, untold = clock.now(), 0.0, 0.0
    for seconds, jump in steps:
        machine.pass_(seconds)
        machine.wall += jump
        passed += seconds
        untold += jump - clock.look()
        assert abs(untold) <= JUMP + 1e-5
        assert clock.now() - began == pytest.approx(passed, abs=1e-5)
        assert clock.now() + clock.offset == pytest.approx(machine.wall, abs=JUMP + 1e-5)


def test_a_clock_that_nobody_set_has_no_offset(machine):
    clock, _ = machine.clock()
    for _ in range(100):
        machine.pass_(7.0)
        machine.wall += 0.0001
        assert clock.look() == 0.0
    assert clock.offset == 0.0


def stopped(machine, seconds=10.0, jump=0.0, running=True):
    """A node that ran for some seconds; returns what its journal knows, and its clock."""
    clock, anchor = machine.clock()
    machine.pass_(seconds)
    machine.wall += jump
    clock.look()
    newest = e.ServerAvailability(time=clock.now(), server="x", available=True, offset=clock.offset)
    return Known(anchor=anchor, newest=newest, running=running), clock


@pytest.mark.parametrize("jump", [-HOUR, 0.0, HOUR])
def test_a_restart_in_the_same_boot_goes_by_the_monotonic_clock(machine, jump):
    known, before = stopped(machine)
    machine.pass_(20.0)
    machine.wall += jump
    clock, anchor = machine.clock(known)
    assert clock.now() == pytest.approx(before.now())
    assert (anchor.by, anchor.passed) == ("monotonic", pytest.approx(20.0))
    assert clock.now() + clock.offset == pytest.approx(machine.wall)


@pytest.mark.parametrize("jump", [-HOUR, 0.0, HOUR])
def test_after_a_restart_of_the_machine_the_wall_clock_tells_even_if_it_was_set_before(
    machine, jump
):
    known, _ = stopped(machine, jump=jump)
    machine.boot_again(30.0)
    clock, anchor = machine.clock(known)
    assert (anchor.by, anchor.passed) == ("wall", pytest.approx(30.0))
    assert clock.now() == pytest.approx(known.newest.time + 30.0)


def test_a_machine_that_comes_back_in_the_past_has_been_away_for_no_time(machine):
    known, _ = stopped(machine)
    machine.boot_again(-HOUR)
    clock, anchor = machine.clock(known)
    assert anchor.passed == 0.0
    assert clock.now() == known.newest.time
    machine.pass_(5.0)
    assert clock.now() == known.newest.time + 5.0


def test_where_nothing_runs_execution_time_is_wall_time_again(machine):
    known, _ = stopped(machine, jump=HOUR, running=False)
    clock, _ = machine.clock(known)
    assert (clock.now(), clock.offset) == (machine.wall, 0.0)


def test_simulated_time_slows_stops_and_starts_anew(machine):
    simulated = [None]
    clock = ExecutionClock(
        steady=lambda: machine.steady, wall=lambda: machine.wall, simulated=lambda: simulated[0]
    )
    clock.resume(Known())
    began = clock.now()
    machine.pass_(10.0)
    assert clock.now() == began  # nothing on /clock yet
    simulated[0] = 100.0
    assert clock.now() == began
    for _ in range(10):
        machine.pass_(1.0)
        simulated[0] += 0.2
    assert clock.now() - began == pytest.approx(2.0)
    machine.pass_(60.0)
    assert clock.now() - began == pytest.approx(2.0)
    simulated[0] = 0.5  # the simulation is reset
    assert clock.now() - began == pytest.approx(2.0)
    simulated[0] = 1.5
    assert clock.now() - began == pytest.approx(3.0)
    assert clock.look() == 0.0
    assert clock.now() + clock.offset == pytest.approx(machine.wall)


@pytest.mark.parametrize(("speed", "enough"), [(0.2, False), (5.0, True)])
async def test_how_long_a_goal_may_take_is_counted_as_on_the_robot(speed, enough):
    began = time.monotonic()
    clock = ExecutionClock(simulated=lambda: 100.0 + speed * (time.monotonic() - began))
    clock.resume(Known())
    goal = asyncio.get_running_loop().create_future()
    waiting = asyncio.ensure_future(wait_for_any(clock, {goal}, 0.5))
    await asyncio.sleep(0.3)
    assert waiting.done() is enough
    goal.set_result(None)
    assert await waiting is not enough
