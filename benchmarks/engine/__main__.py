"""Measure the engine and its peers: a table, then one JSON line per figure (`make bench-engine`).

Figures of work in memory and of the restart are CPU time, those of durable work wall time: medians
of five runs, with the least and the most; of a peer the best of its runs.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.engine import crowd, durable, fairness, idle, machine, validation
from benchmarks.engine.figure import KILL_9, NOTHING, POWER_CUT, Figure, Peer, table
from benchmarks.engine.peers import asyncio_chain, dbos_chain, py_trees_chain
from benchmarks.engine.plans import chain, fan_out
from test import postgres

STEPS = 300  # of a DBOS workflow: its figure does not depend on the number
TREE = 500  # leaves of a behaviour tree


def in_memory() -> Iterator[Figure]:
    """Measure the engine with its journal in memory, beside what keeps no journal at all."""
    peers = (
        Peer(
            f"py_trees, {TREE} leaves that take an answer each",
            py_trees_chain.per_step(py_trees_chain.Answered, TREE),
            NOTHING,
        ),
        Peer(
            f"py_trees, {TREE} leaves that succeed at once, one tick",
            py_trees_chain.per_step(py_trees_chain.Instant, TREE),
            NOTHING,
        ),
        Peer("asyncio, a task for each step", asyncio_chain.per_step(1000), NOTHING),
    )
    yield Figure.of_runs(
        "in memory: chain of 1,000, per action",
        machine.per_action(chain(1000)),
        "ms",
        0.05,
        NOTHING,
        peers,
    )
    yield Figure.of_runs(
        "in memory: fan-out of 1,000, per action",
        machine.per_action(fan_out(1000)),
        "ms",
        0.05,
        NOTHING,
    )
    for count in (10_000, 100_000):
        yield Figure.of_runs(
            f"in memory: chain of {count:,}, per action",
            machine.per_action(chain(count)),
            "ms",
            0.05,
            NOTHING,
        )


def on_disk() -> Iterator[Figure]:
    """Measure the whole path on SQLite and, where it is installed, PostgreSQL, beside DBOS."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'dbos.db'}"
        dbos = Peer("DBOS on SQLite, per step", dbos_chain.per_step(url, STEPS), POWER_CUT)
    yield Figure.of_runs(
        "SQLite: chain of 1,000, per action",
        durable.per_action(chain(1000)),
        "ms",
        0.14,
        KILL_9,
        (dbos,),
    )
    yield Figure.of_runs(
        "SQLite: fan-out of 1,000, per action",
        durable.per_action(fan_out(1000)),
        "ms",
        0.14,
        KILL_9,
        (dbos,),
    )
    yield Figure.of_runs(
        "SQLite: chain of 1,000, per action",
        durable.per_action(chain(1000), "full"),
        "ms",
        None,
        POWER_CUT,
        (dbos,),
    )
    if reason := postgres.why_not():
        print(f"PostgreSQL is left out: {reason}", file=sys.stderr)
        return
    with postgres.running_server(fsync=True) as socket:
        address = f"postgresql+psycopg://tester@/{{}}?host={socket}"
        dbos = Peer(
            "DBOS on PostgreSQL, per step",
            dbos_chain.per_step(address.format("postgres"), STEPS),
            POWER_CUT,
        )
        for level, survives in (("normal", KILL_9), ("full", POWER_CUT)):
            yield Figure.of_runs(
                "PostgreSQL: chain of 1,000, per action",
                durable.per_action(chain(1000), level, address.format("template1")),
                "ms",
                None,
                survives,
                (dbos,),
            )


def sizes() -> Iterator[Figure]:
    """Measure documents, memory, restarts, fairness and idleness."""
    (small_read, small), (large_read, large) = validation.seconds(1000), validation.seconds(10_000)
    yield Figure("validate a plan of 10,000 actions", large, "s", 1.0)
    yield Figure("  per action, against a plan of 1,000", large / small / 10, "x", 1.5)
    yield Figure("read a document of 10,000 actions", large_read, "s")
    yield Figure(
        "  per action, against a document of 1,000", large_read / small_read / 10, "x", 1.5
    )
    yield Figure.of_runs(
        "restart: 100,000 events read and folded",
        durable.restart_seconds(100_000, chain(1000)),
        "s",
        3.0,
    )
    yield Figure(
        "memory of a running execution of 100 actions",
        machine.bytes_per_execution(100) / 1e6,
        "MB",
        1.0,
    )
    left, wait = fairness.longest_wait(200)
    yield Figure("200 executions at once on one arm: not ended", float(left), "", 0.0)
    yield Figure("  longest wait, in rounds of everybody once", wait, "", 2.0)
    found = crowd.measure()
    yield Figure("1,000 executions at once: per action", found.per_action, "ms", 0.3)
    yield Figure("  from a result to the next dispatch, median", found.middle, "ms", 0.35)
    yield Figure("  the same, 99th percentile", found.late, "ms", 20.0)
    yield Figure("  last end over first end", found.spread, "x", 2.0)
    yield Figure("idle node, of one core", idle.share_of_core(), "%", 1.0)


def main() -> None:
    """Measure and print."""
    figures = [*in_memory(), *on_disk(), *sizes()]
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}; smaller is better"
    )
    print(table(figures))
    for figure in figures:
        print(figure.as_json())


if __name__ == "__main__":
    main()
