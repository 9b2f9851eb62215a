"""Measure the engine: a table, then one JSON line per figure (``make bench-engine``)."""

from __future__ import annotations

import json
import os

from benchmarks.engine import durable, machine


def main() -> None:
    """Measure and print."""
    figures = [*machine.figures(), *durable.figures()]
    print(f"{os.cpu_count()} cores; the machine's figures are CPU time, the durable ones wall time")
    print(f"{'figure':<58} {'measured':>12} {'goal':>10} {'goal/measured':>14}")
    for name, value, unit, goal in figures:
        ratio = f"{goal / value:.1f}x" if value else "met"
        print(f"{name:<58} {value:>9.3f} {unit:<2} {goal:>7g} {unit:<2} {ratio:>14}")
    for name, value, unit, goal in figures:
        print(json.dumps({"figure": name, "value": round(value, 6), "unit": unit, "goal": goal}))


if __name__ == "__main__":
    main()
