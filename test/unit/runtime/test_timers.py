"""Timers go by execution time, which may go slower than the loop's clock, or stand still."""

import asyncio

import pytest

from execution_orchestrator.runtime.timers import Timers


class Clock:
    longest_sleep = 0.005  # the loop looks at the clock again after this long at the latest

    def __init__(self):
        self.time = 1000.0

    def now(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def fired():
    return asyncio.Queue()


@pytest.fixture
async def timers(clock, fired):
    timers = Timers(clock, fired.put_nowait)
    yield timers
    timers.stop()


async def looked_at_the_clock():
    for _ in range(3):
        await asyncio.sleep(Clock.longest_sleep)


async def test_timers_fire_in_the_order_of_their_moments(timers, clock, fired):
    for name, at in (("b", 1002.0), ("c", 1003.0), ("a", 1001.0)):
        timers.set(name, at)
    clock.time = 1002.5
    assert [await fired.get(), await fired.get()] == ["a", "b"]
    await looked_at_the_clock()
    assert fired.empty()
    clock.time = 1003.0
    assert await fired.get() == "c"


async def test_a_clock_that_stands_still_makes_them_wait(timers, clock, fired):
    timers.set("a", 1000.002)
    clock.time = 1000.001
    await looked_at_the_clock()
    assert fired.empty()
    clock.time = 1001.0
    assert await fired.get() == "a"


async def test_a_timer_that_is_set_again_fires_once_at_its_new_moment(timers, clock, fired):
    timers.set("a", 1001.0)
    timers.set("a", 1005.0)
    clock.time = 1002.0
    await looked_at_the_clock()
    assert fired.empty()
    timers.set("a", 1001.5)
    assert await fired.get() == "a"
    clock.time = 1009.0
    await looked_at_the_clock()
    assert fired.empty()


async def test_what_was_cleared_does_not_fire(timers, clock, fired):
    for number in range(500):
        timers.set(f"t{number}", 1001.0)
        timers.clear(f"t{number}")
    timers.set("last", 1001.0)
    clock.time = 1002.0
    assert await fired.get() == "last"
    assert fired.empty()


async def test_a_moment_in_the_past_fires_at_once(timers, fired):
    timers.set("a", 1.0)
    assert await fired.get() == "a"
