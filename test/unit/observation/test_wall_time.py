from execution_orchestrator.engine.events import ClockJumped
from execution_orchestrator.observation.wall_time import MOST_KEPT, WallTime


def jumped(time, offset):
    return ClockJumped(time=time, offset=offset, jump=offset)


def test_a_moment_keeps_the_wall_time_it_had():
    wall = WallTime()
    assert (wall.of(10.0), wall.offset) == (10.0, 0.0)
    wall.note(jumped(20.0, 3600.0))
    wall.note(jumped(30.0, 0.0))
    assert [wall.of(moment) for moment in (19.0, 20.0, 29.0, 30.0)] == [19.0, 3620.0, 3629.0, 30.0]


def test_simulated_time_that_goes_slowly_takes_no_more_memory():
    wall = WallTime()
    for number in range(100_000):
        wall.note(jumped(float(number), number * 4.0))
    assert len(wall._since) <= MOST_KEPT
    assert wall.of(99_999.0) == 499_995.0
    assert abs(wall.of(0.0)) < 1.0
