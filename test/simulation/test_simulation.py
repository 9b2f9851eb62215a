"""Seeded runs; any that fails names its seed (`make simulate SEED=n` replays it).

`make simulate SEEDS=20000` makes as many as one likes: these are those of each test run.
"""

from __future__ import annotations

import os
import random

import pytest

from test.simulation.__main__ import run_chunk
from test.simulation.fixed import CROSSED, FIXED
from test.simulation.simulator import Simulator

#: Where the seeds begin that no run had before: the same in all processes of one test run.
NEW = random.Random(os.environ.get("PYTEST_XDIST_TESTRUNUID")).randrange(10**6, 10**9)
CHUNK = 50
SEEDS = {"fixed": 600, "new": 100}


@pytest.mark.parametrize(
    ("of", "index"),
    [(of, index) for of, count in SEEDS.items() for index in range(0, count, CHUNK)],
)
def test_no_invariant_is_broken(of: str, index: int) -> None:
    first = index if of == "fixed" else NEW + index
    counts, faults, checks, failures = run_chunk(range(first, first + CHUNK))
    print(f"executions {counts['executions']}, crashes {counts['crashes']}")
    print(f"faults {sum(faults.values())}, invariants checked {sum(checks.values())}")
    assert not failures, "\n".join(failures)
    assert counts["crashes"] > 0
    assert checks["fold of the journal = live state"] > 0


@pytest.mark.parametrize("seed", FIXED)
def test_a_seed_that_once_failed_does_not_fail_again(seed: int) -> None:
    assert run_chunk((seed,))[-1] == []


@pytest.mark.parametrize("seed", [*CROSSED, *range(20)])
def test_no_invariant_is_broken_by_what_crosses_moments_and_stops(seed: int) -> None:
    assert run_chunk((seed,), crossed=True)[-1] == []


def test_the_same_seed_gives_the_same_journal() -> None:
    first, second = Simulator(17), Simulator(17)
    first.run()
    second.run()
    assert first.journal == second.journal
