"""Run seeds: ``python -m test.simulation --seeds 5000`` or ``--seed 17`` with a trace.

Every day has seeds of its own, so that each run sees what none has seen before; the fixed ones, which
once failed, are run besides. ``--first`` chooses others. ``--crossings`` adds what crosses moments by the
clock, stops and our own goals.

``--crash every`` lets the process die once at every position of each seed's journal.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial

from test.simulation.crashes import crash_everywhere
from test.simulation.fixed import CROSSED, FIXED
from test.simulation.simulator import Simulator

DEFAULT_SEEDS = 2000
DEFAULT_CRASH_SEEDS = 10  # each is run as often as its journal has events
CHUNK = 50
OF_A_DAY = 1_000_000  # seeds


def run_chunk(
    seeds: Sequence[int], *, crossed: bool = False
) -> tuple[Counter[str], Counter[str], Counter[str], list[str]]:
    """Run some seeds; returns counts, faults, checks and failures."""
    counts: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    checks: Counter[str] = Counter()
    failures = []
    for seed in seeds:
        simulator = Simulator(seed, crossed=crossed)
        try:
            simulator.run()
        except Exception as failure:
            where = traceback.extract_tb(failure.__traceback__)[-1]
            what = f"{type(failure).__name__}: {failure}"
            place = f"{where.filename.rsplit('/', 1)[-1]}:{where.lineno}"
            failures.append(f"SEED={seed} {what} ({place})")
        counts += simulator.counts
        counts["seeds"] += 1
        faults += simulator.faults
        checks += simulator.watcher.checked
    return counts, faults, checks, failures


def first_of_today() -> int:
    """Return the first of the seeds that belong to this day."""
    return int(datetime.now(UTC).strftime("%Y%m%d")) * OF_A_DAY


def run(first: int, count: int, workers: int, *, crossed: bool) -> int:
    """Run seeds and the fixed ones on several cores, print counts, return how many failed."""
    began = time.monotonic()
    totals: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())
    failures: list[str] = []
    chunks: list[Sequence[int]] = [CROSSED if crossed else FIXED]
    chunks += [
        range(start, min(start + CHUNK, first + count))
        for start in range(first, first + count, CHUNK)
    ]
    with ProcessPoolExecutor(workers) as pool:
        for *counters, wrong in pool.map(partial(run_chunk, crossed=crossed), chunks):
            for total, counter in zip(totals, counters, strict=True):
                total.update(counter)
            failures += wrong
    for title, total in zip(
        ("counts", "faults injected", "invariants checked"), totals, strict=True
    ):
        print(f"{title}: {sum(total.values()) if title != 'counts' else ''}")
        for name, number in sorted(total.items()):
            print(f"  {number:>9}  {name}")
    for failure in failures:
        print(failure)
    print(
        f"{count} seeds from {first} on, {len(failures)} failed, {time.monotonic() - began:.1f} s"
    )
    return len(failures)


def run_crashes(seeds: range, workers: int) -> int:
    """Crash at every position of every seed's journal, print the counts, return what broke."""
    began = time.monotonic()
    totals: Counter[str] = Counter()
    broken: list[str] = []
    with ProcessPoolExecutor(workers) as pool:
        for made in pool.map(crash_everywhere, seeds):
            print(
                f"seed {made.seed}: {made.positions} positions, {made.crashes} crashes, "
                f"{made.dispatched} goals sent, {sum(made.checks.values())} checks, "
                f"{len(made.broken)} broken",
                flush=True,
            )
            totals += made.checks
            broken += made.broken
    for name, number in sorted(totals.items()):
        print(f"  {number:>9}  {name}")
    for line in broken:
        print(line)
    print(f"{len(seeds)} seeds, {len(broken)} broken, {time.monotonic() - began:.1f} s")
    return len(broken)


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, help=f"how many ({DEFAULT_SEEDS})")
    parser.add_argument("--first", type=int, help="the first one (today's first)")
    parser.add_argument("--seed", type=int, help="only this one, with a trace")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--crossings", action="store_true", help="with what crosses moments")
    parser.add_argument("--crash", choices=("every",), help="at every position of the journal")
    arguments = parser.parse_args()
    if arguments.crash:
        first = (arguments.first or 0) if arguments.seed is None else arguments.seed
        count = arguments.seeds or (DEFAULT_CRASH_SEEDS if arguments.seed is None else 1)
        return 1 if run_crashes(range(first, first + count), arguments.workers) else 0
    if arguments.seed is not None:
        Simulator(arguments.seed, trace=True, crossed=arguments.crossings).run()
        return 0
    first = first_of_today() if arguments.first is None else arguments.first
    count, crossed = arguments.seeds or DEFAULT_SEEDS, arguments.crossings
    return 1 if run(first, count, arguments.workers, crossed=crossed) else 0


if __name__ == "__main__":
    sys.exit(main())
