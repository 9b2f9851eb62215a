"""How often an agent looks at what missions need."""

from execution_orchestrator.fleet.agent import LONGEST_LOOK, LOOK, pause_after


def test_looks_take_a_twentieth_of_the_time_however_slow_the_server_is():
    quick = {pause_after(0.01) for _ in range(100)}
    assert 0.75 * LOOK <= min(quick) < max(quick) <= 1.25 * LOOK
    assert 0.75 * 20.0 <= pause_after(1.0) <= 1.25 * 20.0
    assert 0.75 * LONGEST_LOOK <= pause_after(10.0) <= 1.25 * LONGEST_LOOK
