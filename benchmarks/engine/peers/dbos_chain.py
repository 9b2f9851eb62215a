"""A DBOS workflow of no-op steps; in a process of its own, because DBOS is one per process.

``python -m benchmarks.engine.peers.dbos_chain URL STEPS`` prints milliseconds per step.
"""

from __future__ import annotations

import subprocess
import sys
import time

TIMEOUT = 300.0  # seconds
REPEAT = 3


def per_step(url: str, steps: int) -> float:
    """Return milliseconds of wall time per durable step, the best of some runs."""
    done = subprocess.run(
        [sys.executable, "-m", __name__, url, str(steps)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=TIMEOUT,
    )
    return float(done.stdout.splitlines()[-1])


def main(url: str, steps: int) -> None:
    """Run the workflow some times and print the best."""
    from dbos import DBOS  # noqa: PLC0415

    DBOS(
        config={
            "name": "bench",
            "system_database_url": url,
            "run_admin_server": False,
            "log_level": "ERROR",
        }
    )

    @DBOS.step()
    def step(number: int) -> int:
        return number

    @DBOS.workflow()
    def chain(count: int) -> None:
        for number in range(count):
            step(number)

    DBOS.launch()
    chain(10)
    best = float("inf")
    for _ in range(REPEAT):
        began = time.perf_counter()
        chain(steps)
        best = min(best, (time.perf_counter() - began) / steps * 1e3)
    DBOS.destroy()
    print(best)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
