"""Schedule PSPLIB files, or random projects when none are given (``make bench-scheduling``).

One JSON line per instance: name, list makespan, optimised makespan, seconds. A summary goes to
standard error.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.scheduling.progen import random_project, recipes
from benchmarks.scheduling.psplib import InstanceError, read_instance
from execution_orchestrator.plan.optimise.list_schedule import list_schedule
from execution_orchestrator.plan.optimise.project import Project, violations
from execution_orchestrator.plan.optimise.solver import SolverMissingError, solve


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(prog="python -m benchmarks.scheduling", description=__doc__)
    words.add_argument("files", nargs="*", type=Path, help="PSPLIB .sm files, or folders of them")
    words.add_argument("--budget", type=float, default=5.0, help="seconds per instance")
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--workers", type=int, default=1, help="threads of the solver")
    words.add_argument("--activities", type=int, default=30, help="size of random projects")
    words.add_argument(
        "--best",
        type=Path,
        help="CSV with the columns problem,optimum: prints how far the results are from it",
    )
    return words


def instances(options: argparse.Namespace) -> Iterator[tuple[str, Project]]:
    """Yield the name and the project of each instance."""
    if not options.files:
        for number, recipe in enumerate(recipes(options.activities)):
            seed = options.seed * 1000 + number
            name = f"random-{recipe.activities}-{recipe.complexity}-{recipe.factor}"
            yield f"{name}-{recipe.strength}-{seed}", random_project(recipe, seed)
    for given in options.files:
        files = sorted(given.glob("*.sm")) if given.is_dir() else [given]
        if not files:
            raise InstanceError(f"{given}: no .sm files in this folder")
        for file in files:
            yield file.name, read_instance(file)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each instance; 2 if a file is wrong."""
    options = parser().parse_args(arguments)
    measured: list[dict[str, Any]] = []
    try:
        best = _best_known(options.best) if options.best else {}
        for name, project in instances(options):
            measured.append(_measure(name, project, options))
            print(json.dumps(measured[-1]), flush=True)
    except (InstanceError, SolverMissingError) as failure:
        print(failure, file=sys.stderr)
        return 2
    for line in _summary(measured, best):
        print(line, file=sys.stderr)
    return 0


def _measure(name: str, project: Project, options: argparse.Namespace) -> dict[str, Any]:
    began = time.perf_counter()
    listed = list_schedule(project, seed=options.seed)
    listing = time.perf_counter() - began
    solution = solve(
        project,
        listed,
        budget=max(0.0, options.budget - listing),
        seed=options.seed,
        workers=options.workers,
    )
    seconds = time.perf_counter() - began
    broken = violations(project, listed) + violations(project, solution.schedule)
    if broken:
        raise AssertionError(f"{name}: {broken[0]}")
    return {
        "name": name,
        "list_makespan": listed.makespan,
        "optimised_makespan": solution.schedule.makespan,
        "seconds": round(seconds, 3),
        "list_seconds": round(listing, 4),
        "bound": solution.bound,
        "optimal": solution.optimal,
    }


def _best_known(file: Path) -> dict[str, int]:
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        return {row["problem"].strip(): int(row["optimum"]) for row in rows}
    except (OSError, KeyError, ValueError, UnicodeDecodeError) as failure:
        raise InstanceError(f"{file}: no CSV of problem,optimum: {failure}") from None


def _summary(measured: Sequence[dict[str, Any]], best: dict[str, int]) -> Iterator[str]:
    """Compare with the best known makespans: given ones, else those proven just now."""
    known = best or {m["name"]: m["optimised_makespan"] for m in measured if m["optimal"]}
    compared = [m for m in measured if known.get(m["name"])]
    slowest = max((m["seconds"] for m in measured), default=0.0)
    yield (
        f"{len(measured)} instances, {sum(m['optimal'] for m in measured)} proven optimal, "
        f"slowest {slowest:.2f} s"
    )
    if not compared:
        return
    source = "the given optima" if best else "the proven optima"
    for key, label, goal in (
        ("list_makespan", "list schedule", 6.0),
        ("optimised_makespan", "optimised", 0.5),
    ):
        gaps = [100.0 * (m[key] / known[m["name"]] - 1.0) for m in compared]
        yield (
            f"{label}: {sum(gaps) / len(gaps):.2f} % above {source} on average, "
            f"{max(gaps):.2f} % at most, over {len(gaps)} instances (goal: {goal:g} % on average)"
        )


if __name__ == "__main__":
    sys.exit(main())
