"""The process dies at every position of a journal (`make simulate CRASH=every` for more seeds)."""

from __future__ import annotations

import pytest

from test.simulation.crashes import crash_everywhere

# Runs in which a recovery moves the robot, the second with several robots; short ones, as each position is a run.
SEEDS = (107, 111)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_crash_at_any_position_breaks_nothing(seed: int) -> None:
    made = crash_everywhere(seed)
    print(f"crashed at {made.positions} positions, checked {sum(made.checks.values())} times")
    assert not made.broken, "\n".join(made.broken)
    assert made.positions > 100
    assert made.crashes >= made.positions
