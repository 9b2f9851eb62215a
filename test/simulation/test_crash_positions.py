"""The process dies at every position of a journal, one after the other."""

from __future__ import annotations

from collections import Counter

import pytest

from test.simulation.simulator import Simulator

# Runs in which much happens: nested control flow, faults, people.
SEEDS = (3, 9)
NEVER = 10**9


@pytest.mark.parametrize("seed", SEEDS)
def test_a_crash_at_any_position_breaks_nothing(seed: int) -> None:
    whole = Simulator(seed, crash_at=NEVER)
    whole.run()
    length = len(whole.journal)
    checks: Counter[str] = Counter()
    broken = []
    for position in range(length):
        simulator = Simulator(seed, crash_at=position)
        try:
            simulator.run()
        except Exception as failure:
            broken.append(f"position {position}: {type(failure).__name__}: {failure}")
        checks += simulator.watcher.checked
        assert simulator.counts["crashes"] >= 1
    print(f"crashed at each of {length} positions, invariants checked {sum(checks.values())}")
    assert not broken, "\n".join(broken)
    assert length > 100
