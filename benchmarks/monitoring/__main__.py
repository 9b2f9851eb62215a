"""Measure what watching costs: a table, then one JSON line per figure (`make bench-monitoring`)."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator

from benchmarks.monitoring import memory, throughput
from benchmarks.monitoring.figure import Figure


def main() -> None:
    """Measure and print each figure as soon as it is there."""
    print(f"{os.cpu_count()} cores")
    print(f"{'figure':<66} {'measured':>12} {'goal':>12}")
    measured = []
    for one in everything():
        goal = "" if one.goal is None else f"{one.goal:g} {one.unit}"
        print(f"{one.name:<66} {one.value:>8.2f} {one.unit:<3} {goal:>12}", flush=True)
        measured.append(one)
    for one in measured:
        print(json.dumps(one.as_json()))


def everything() -> Iterator[Figure]:
    """Measure what can be measured here."""
    yield from throughput.figures()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("without Chromium the page is not measured: apt-get install chromium")
    else:
        yield from memory.figures(chromium)


if __name__ == "__main__":
    main()
