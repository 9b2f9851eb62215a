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


class Simulation:
    """Simulated time, read every 20 ms as the loop does."""

    def __init__(self, machine):
        self.machine = machine
        self.seconds = 100.0
        self.clock = ExecutionClock(
            steady=lambda: machine.steady, wall=lambda: machine.wall, simulated=lambda: self.seconds
        )
        self.clock.resume(Known())
        self.began = self.clock.now()

    @property
    def passed(self):
        return self.clock.now() - self.began

    def run(self, real, speed, every=0.02):
        """Let it go on for so many real seconds; ``every``: between two messages on /clock."""
        for index in range(1, round(real / 0.02) + 1):
            self.machine.pass_(0.02)
            if index % round(every / 0.02) == 0:
                self.seconds += every * speed
            self.clock.now()


@pytest.mark.parametrize("paused", [0.0, 0.5, 60.0])
@pytest.mark.parametrize("leap", [3.0, 60.0, HOUR])
def test_what_simulated_time_leaps_over_has_not_passed(machine, paused, leap):
    simulation = Simulation(machine)
    simulation.run(2.0, 1.0)
    simulation.run(paused, 0.0)
    simulation.seconds += leap
    assert simulation.passed == pytest.approx(2.0)
    assert simulation.clock.was_set()
    assert simulation.clock.leapt() == pytest.approx(leap)
    assert not simulation.clock.was_set()
    assert simulation.clock.leapt() == 0.0
    simulation.run(2.0, 1.0)
    assert simulation.passed == pytest.approx(4.0)
    assert simulation.clock.leapt() == 0.0


def test_simulated_time_that_goes_back_is_told(machine):
    simulation = Simulation(machine)
    simulation.run(2.0, 1.0)
    simulation.seconds = 0.0
    simulation.run(2.0, 1.0)
    assert simulation.passed == pytest.approx(4.0, abs=0.1)
    assert simulation.clock.leapt() == pytest.approx(-102.0, abs=0.1)
    assert simulation.clock.leapt() == 0.0


def test_two_simulations_that_both_publish_are_told_now_and_then(machine):
    simulation = Simulation(machine)
    told = []
    for number in range(1000):
        machine.pass_(0.02)
        simulation.seconds = (500.0 if number % 2 else 100.0) + number * 0.02
        simulation.clock.now()
        told.append(simulation.clock.leapt())
    assert 2 <= len([one for one in told if one]) <= 5
    assert simulation.passed == 0.0


@pytest.mark.parametrize(("speed", "every"), [(1.0, 1.0), (50.0, 0.02), (100.0, 0.1), (10.0, 1.0)])
def test_a_fast_simulation_and_a_rare_clock_are_no_leaps_but_their_first_step(
    machine, speed, every
):
    simulation = Simulation(machine)
    simulation.run(20.0, speed, every)
    leapt = simulation.clock.leapt()
    assert leapt in (0.0, pytest.approx(speed * every))
    assert simulation.passed == pytest.approx(20.0 * speed - leapt)


def test_time_in_which_the_node_did_not_run_itself_has_passed_in_the_simulation(machine):
    simulation = Simulation(machine)
    simulation.run(2.0, 1.0)
    machine.pass_(30.0)
    simulation.seconds += 30.0
    assert simulation.passed == pytest.approx(32.0)
    assert simulation.clock.leapt() == 0.0
