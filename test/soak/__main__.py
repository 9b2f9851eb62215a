"""``python -m test.soak``: 2,000 runs of 200 actions, one after the other, in one node.

At the end of every run the node's memory is looked at. What it keeps of the past is bounded, so it grows
until those bounds are reached and not beyond: over the last half of the runs the memory may grow by
`MOST_GROWTH`, as a straight line through all of them says. The same holds for open files and threads.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from test.integration.ros.processes import World

RUNS, ACTIONS = 2000, 200
LONGEST = 120.0  # seconds of one run
MOST_GROWTH = 4.0  # MB in the last half of the runs
MOST_MORE = 2.0  # files, or threads
TOLD = 50  # runs between two lines


class Taken:
    """What a process takes, looked at now and then."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.megabytes: list[float] = []
        self.files: list[float] = []
        self.threads: list[float] = []

    def look(self) -> None:
        """Note what it takes now."""
        status = Path(f"/proc/{self._pid}/status").read_text()
        values = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        self.megabytes.append(int(values["VmRSS"].split()[0]) / 1024)
        self.threads.append(int(values["Threads"]))
        self.files.append(sum(1 for _ in Path(f"/proc/{self._pid}/fd").iterdir()))


def growth(values: list[float]) -> float:
    """Return by how much a straight line through the last half of the values rises."""
    half = values[len(values) // 2 :]
    if len(half) < 2:
        return 0.0
    slope, _ = statistics.linear_regression(range(len(half)), half)
    return slope * (len(half) - 1)


def plan(actions: int) -> str:
    """Return a plan of chains side by side, with a condition and an output that is used."""
    made = []
    for number in range(actions):
        one = {"id": f"a{number}", "action_type": "work", "parameters": {"milliseconds": 0}}
        if number >= 8:
            one["depends_on"] = [f"a{number - 8}"]
            one["condition"] = f"actions.a{number - 8}.output.sequence[0] == 0"
        made.append(one)
    return json.dumps({"version": 1, "ordering": "dependencies", "actions": made})


def soak(folder: Path, runs: int, actions: int) -> list[str]:
    """Run, and return what is wrong with what the node takes."""
    world = World(folder)
    os.environ.update({name: world.env[name] for name in world.env if name.startswith("ROS_")})
    wrong: list[str] = []
    try:
        world.server("work")
        node = world.node(web_port=0)
        with OrchestratorClient() as client:
            client.wait_ready(LONGEST)
            taken, document, began = Taken(node.process.pid), plan(actions), time.monotonic()
            for number in range(1, runs + 1):
                session = client.send(plan=document)
                if not session.done.wait(LONGEST):
                    return [f"run {number} did not end within {LONGEST:g} s"]
                status = session.result.status.value if session.result is not None else 0
                if status != ExecutionStatus.COMPLETED:
                    told = session.result.message if session.result is not None else session.failure
                    return [f"run {number}: {told}"]
                taken.look()
                if not number % TOLD:
                    print(
                        f"{number} runs, {time.monotonic() - began:.0f} s: "
                        f"{taken.megabytes[-1]:.1f} MB, {taken.files[-1]:.0f} files, "
                        f"{taken.threads[-1]:.0f} threads",
                        flush=True,
                    )
        for values, most, unit in (
            (taken.megabytes, MOST_GROWTH, "MB"),
            (taken.files, MOST_MORE, "files"),
            (taken.threads, MOST_MORE, "threads"),
        ):
            more = growth(values)
            print(f"the last half: {more:+.1f} {unit}")
            if more > most:
                wrong.append(f"the last half took {more:.1f} {unit} more, {most:g} are allowed")
    finally:
        world.close()
    return wrong


def main() -> int:
    """Read the command line and soak."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--runs", type=int, default=RUNS)
    words.add_argument("--actions", type=int, default=ACTIONS)
    options = words.parse_args()
    # Whoever ends it ends the node and the server, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        wrong = soak(Path(folder), options.runs, options.actions)
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
