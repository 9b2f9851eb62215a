"""The same run again and again, with a crash and a restart at another position of its journal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from test.simulation.simulator import Simulator

NEVER = 10**9


@dataclass
class Crashes:
    """What came of one seed: how long its journal is, what was checked, what broke where."""

    seed: int
    positions: int = 0
    crashes: int = 0
    dispatched: int = 0
    checks: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


def crash_everywhere(seed: int) -> Crashes:
    """Run a seed once for every position of its journal, and let the process die there.

    The servers live on: they raise an error for a goal that is sent twice. The checks at the end
    of a run find an execution that was lost on the way.
    """
    made = Crashes(seed)
    whole = Simulator(seed, crash_at=NEVER)
    whole.run()
    made.positions = len(whole.journal)
    for position in range(made.positions):
        simulator = Simulator(seed, crash_at=position)
        try:
            simulator.run()
        except Exception as failure:
            made.broken.append(
                f"SEED={seed} position {position}: {type(failure).__name__}: {failure}"
            )
        made.checks += simulator.watcher.checked
        made.crashes += simulator.counts["crashes"]
        made.dispatched += simulator.counts["dispatched goals"]
    return made
