"""Runs a benchmark on the embedded runtime and on a real ROS 2, and prints both with their ratio.

    python -m benchmarks.on_both ros chains

Without a real ROS 2 (`make ros2`) its column is empty.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SETUP = ROOT / ".ros2" / "setup.bash"
#: What a sourced ROS 2 sets, which a program on the embedded runtime must not have.
SOURCED = ("AMENT_PREFIX_PATH", "CMAKE_PREFIX_PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "ROS_DISTRO")
#: Seconds one runtime may take: the longest benchmark takes ten minutes on two busy cores.
TIMEOUT = 1800.0

Figures = dict[str, dict[str, Any]]


def main() -> int:
    """Run the benchmark that is named with the arguments that follow; 1 if one runtime fails."""
    name, *arguments = sys.argv[1:]
    program = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    columns = {"embedded": figures(program)}
    if SETUP.is_file():
        sourced = ["bash", "-c", f'source "{SETUP}" && exec "$@"', "bash"]
        columns["real"] = figures([*sourced, *program])
    print("\n".join(table(columns.get("embedded") or {}, columns.get("real") or {})))
    return int(any(column is None for column in columns.values()))


def figures(command: list[str]) -> Figures | None:
    """Run a benchmark and return its figures by name; None if it fails, which is said."""
    environment = {name: value for name, value in os.environ.items() if name not in SOURCED}
    try:
        done = subprocess.run(
            command,
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        print(f"{' '.join(command)}: not done after {TIMEOUT:.0f} s", file=sys.stderr)
        return None
    if done.returncode != 0:
        print(f"{' '.join(command)}: exit status {done.returncode}", file=sys.stderr)
        return None
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {line["figure"]: line for line in lines}


def table(embedded: Figures, real: Figures) -> Iterable[str]:
    """Yield the lines of a table: medians, ends, 99th percentiles, and embedded over real."""
    spread = ("min", "max", "p99")
    heads = " ".join(f"{head:>9}" for head in ("embedded", *spread, "real", *spread))
    yield f"{'figure':<70} {heads}    {'ratio':>6}"
    for name in dict.fromkeys([*embedded, *real]):
        ours, theirs = embedded.get(name, {}), real.get(name, {})
        ratio = ""
        if median(ours) is not None and median(theirs):
            ratio = f"{median(ours) / median(theirs):.2f}"
        cells = (value for one in (ours, theirs) for value in (median(one), *map(one.get, spread)))
        numbers = " ".join(f"{number(cell):>9}" for cell in cells)
        yield f"{name:<70} {numbers} {(ours or theirs)['unit']:<2} {ratio:>6}"


def median(figure: dict[str, Any]) -> Any:
    """Return the median of a figure in either benchmark's words; None if it is not there."""
    return figure.get("p50", figure.get("value"))


def number(value: float | None) -> str:
    """Write a number; nothing for one that is not there."""
    return "" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    sys.exit(main())
