"""Measure the way to the robot: a table, then one JSON line per figure (``make bench-ros``).

Every contestant drives the same action servers, and the servers' own stamps are what is compared:
from the first goal request they saw to the last goal they ended. Rounds of the contestants
alternate, so that what else the machine does meets all of them; a ratio is that of a pair of
rounds. The median is reported, with the least and the most.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from std_srvs.srv import Trigger

from benchmarks.ros.beside_nav2 import beside_nav2, starts
from benchmarks.ros.figures import Figure, print_table, ratios
from benchmarks.ros.names import PARALLEL, RESULT_TIMEOUT, SERVER_NODE, servers
from benchmarks.ros.orchestrated import Orchestrated
from benchmarks.ros.processes import Child, Commanded
from execution_orchestrator.msg import ExecutionStatus
from test.domains import own_domain

ROUNDS = 7
ACTIONS = 200  # of a chain whose processor time is measured
CANCELS = 30
DEATHS = 10
DEATH_TIMEOUT = 60.0  # seconds
IDLE = 5.0  # seconds
Stamps = dict[str, dict[str, list[float]]]


class Bench:
    """The servers, the contestants and a node that asks for the stamps."""

    def __init__(self, folder: Path, closing: ExitStack) -> None:
        self._folder = folder
        self._closing = closing
        self.node = rclpy.create_node("bench")
        self.server = self.start_server("noop")
        self.orchestrated = Orchestrated(folder, ["noop", "victim"])
        closing.callback(self.orchestrated.close)
        self.orchestrated.watch_requests(self.node)
        self.hand_written = self._contestant("hand_written")
        self.tree = self._contestant("behaviour_tree")
        threading.Thread(target=_spin, args=(self.node,), daemon=True).start()
        self._stamps = self.node.create_client(Trigger, f"/{SERVER_NODE.format('noop')}/stamps")
        if not self._stamps.wait_for_service(20.0):
            raise RuntimeError("the servers were not found; is the loopback usable?")

    def start_server(self, prefix: str) -> Child:
        """Start a process of scripted servers."""
        command = [sys.executable, "-m", "benchmarks.ros.scripted_server", prefix]
        child = Child(command, self._folder / f"{prefix}.log")
        self._closing.callback(child.stop)
        return child

    def stamps(self) -> Stamps:
        """Return what the servers saw since the last call."""
        found: Stamps = json.loads(self._stamps.call(Trigger.Request(), 20.0).message)
        return found

    def round(self, contestant: Any, what: str, count: int) -> tuple[float, Stamps]:
        """Run a command; returns the seconds it took for its caller, and the stamps."""
        time.sleep(RESULT_TIMEOUT + 0.2)  # every round meets servers without a past
        self.stamps()
        began = time.monotonic()
        contestant.run(what, count)
        taken = time.monotonic() - began
        return taken, self.stamps()

    def _contestant(self, name: str) -> Commanded:
        command = [sys.executable, "-m", f"benchmarks.ros.{name}", "noop"]
        child = Commanded(command, self._folder / f"{name}.log")
        self._closing.callback(child.stop)
        return child


def _spin(node: Node) -> None:
    with suppress(ExternalShutdownException):
        rclpy.spin(node)


def span(stamps: Stamps) -> float:
    """Return milliseconds from the first goal request to the last end of a goal."""
    first = min(t for server in stamps.values() for t in server["requested"])
    last = max(t for server in stamps.values() for t in server["ended"])
    return (last - first) * 1e3


def hops(stamps: Stamps, server: str) -> list[float]:
    """Return milliseconds from the end of each goal to the request of the one after it."""
    seen = stamps[server]
    return [(b - a) * 1e3 for a, b in zip(seen["ended"], seen["requested"][1:], strict=False)]


def chains(bench: Bench) -> list[Figure]:
    """Chains of goals: the orchestrator, hand-written callbacks, a behaviour tree."""
    figures = []
    for count in (50, 200):
        contestants = {
            "orchestrator": bench.orchestrated,
            "hand-written": bench.hand_written,
            "py_trees at 100 Hz": bench.tree,
        }
        spans: dict[str, list[float]] = {name: [] for name in contestants}
        between: dict[str, list[float]] = {name: [] for name in contestants}
        whole: dict[str, list[float]] = {name: [] for name in contestants}
        for number in range(ROUNDS + 1):
            for name, contestant in contestants.items():
                if name.startswith("py_trees") and number > 2:
                    continue
                taken, stamps = bench.round(contestant, "chain", count)
                if number:
                    spans[name].append(span(stamps) / count)
                    between[name] += hops(stamps, servers("noop")[0])
                    whole[name].append(taken * 1e3)
        label = f"chain of {count}"
        by_hand, tree = spans["hand-written"], spans["py_trees at 100 Hz"]
        figures += [
            *(
                Figure.of_samples(f"{label}, per action: {name}", values, "ms")
                for name, values in spans.items()
            ),
            Figure.of_samples(
                f"{label}, overhead over hand-written",
                ratios(spans["orchestrator"], by_hand),
                "x",
                1.15,
            ),
            Figure.of_samples(
                f"{label}, behaviour tree over hand-written",
                ratios(tree, by_hand[: len(tree)]),
                "x",
            ),
            *(
                Figure.of_samples(f"{label}, from sending to result: {name}", values, "ms")
                for name, values in whole.items()
            ),
            *(
                Figure.of_samples(
                    f"{label}, dependency done to next request seen: {name}",
                    between[name],
                    "ms",
                    1.0 if name == "orchestrator" else None,
                )
                for name in ("orchestrator", "hand-written")
            ),
        ]
    return figures


def parallel(bench: Bench) -> list[Figure]:
    """Eight chains side by side on eight servers, 25 goals each."""
    count = 25
    spans: dict[str, list[float]] = {"orchestrator": [], "hand-written": []}
    for number in range(ROUNDS + 1):
        for name, contestant in zip(spans, (bench.orchestrated, bench.hand_written), strict=True):
            _, stamps = bench.round(contestant, "parallel", count)
            if number:
                spans[name].append(span(stamps) / (count * PARALLEL))
    return [
        *(
            Figure.of_samples(f"8 in parallel, per action: {name}", values, "ms")
            for name, values in spans.items()
        ),
        Figure.of_samples(
            "8 in parallel, overhead over hand-written", ratios(*spans.values()), "x"
        ),
    ]


def cancels(bench: Bench) -> list[Figure]:
    """Cancels in the first moments of a goal: from its request to the cancel at the server.

    The orchestrator's goes through one process more: who asks for it asks the node.
    """
    contestants = {"orchestrator": bench.orchestrated, "hand-written": bench.hand_written}
    arrived: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(CANCELS + 1):
        for name, contestant in contestants.items():
            _, stamps = bench.round(contestant, "cancel", 1)
            seen = stamps[servers("noop")[0]]
            if number and seen["cancelled"] and seen["ended"]:
                arrived[name].append((seen["cancelled"][0] - seen["requested"][0]) * 1e3)
    label = "cancel in the first moments"
    figures = []
    for name, taken in arrived.items():
        goal = 1.0 if name == "orchestrator" else None
        figures += [
            Figure.of_samples(f"{label}, goal request to cancel seen: {name}", taken, "ms", goal),
            Figure(
                f"{label}, share that came within 5 ms of the goal: {name}",
                100 * sum(t < 5.0 for t in taken) / CANCELS,
                "%",
            ),
            Figure(f"{label}, lost of {CANCELS}: {name}", float(CANCELS - len(taken)), "", 0.0),
        ]
    return figures


def deaths(bench: Bench) -> list[Figure]:
    """Kill -9 of a server with a goal under way, until the execution has its error."""
    taken = []
    for _ in range(DEATHS):
        victim = bench.start_server("victim")
        session = bench.orchestrated.begin_held(servers("victim")[0])
        bench.orchestrated.wait_requested()
        time.sleep(random.uniform(1.0, 3.0))
        began = time.monotonic()
        victim.kill()
        if not session.done.wait(DEATH_TIMEOUT):
            raise RuntimeError(f"the death was not noticed within {DEATH_TIMEOUT} s")
        taken.append(time.monotonic() - began)
        if session.result.status.value != ExecutionStatus.FAILED:
            raise RuntimeError(f"a dead server is no failure: {session.result.message}")
    return [Figure.of_samples("server killed to error (hand-written: never)", taken, "s", 5.0)]


def usage(bench: Bench) -> list[Figure]:
    """Processor time and memory."""
    contestants: dict[str, tuple[Any, Child]] = {
        "orchestrator": (bench.orchestrated, bench.orchestrated.child),
        "hand-written": (bench.hand_written, bench.hand_written),
    }
    used: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, (contestant, child) in contestants.items():
            before = child.cpu()
            contestant.run("chain", ACTIONS)
            used[name].append((child.cpu() - before) / ACTIONS * 1e3)
    label = "processor time per action"
    figures = [
        *(Figure.of_samples(f"{label}: {name}", values, "ms") for name, values in used.items()),
        Figure.of_samples(f"{label}, over hand-written", ratios(*used.values()), "x", 1.2),
        *(
            Figure(f"memory after everything: {name}", child.memory(), "MB")
            for name, (_, child) in contestants.items()
        ),
    ]
    time.sleep(1.0)
    before = bench.orchestrated.child.cpu()
    time.sleep(IDLE)
    idle = (bench.orchestrated.child.cpu() - before) / IDLE * 100
    return [*figures, Figure("processor time of the idle node", idle, "%", 2.0)]


MEASUREMENTS = {
    "chains": chains,
    "parallel": parallel,
    "cancels": cancels,
    "deaths": deaths,
    "usage": usage,
}
#: What starts processes of its own: before the bench's are there.
ALONE = {"start": starts, "beside_nav2": beside_nav2}


def main() -> None:
    """Measure what is named on the command line, everything by default."""
    os.environ.setdefault("ROS_DOMAIN_ID", str(own_domain()))
    os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    chosen = sys.argv[1:] or [*ALONE, *MEASUREMENTS]
    figures = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as closing:
        os.environ["ROS_HOME"] = str(Path(folder) / "ros_home")
        rclpy.init()
        closing.callback(rclpy.try_shutdown)
        for name in [name for name in ALONE if name in chosen]:
            apart = Path(folder) / name
            apart.mkdir()
            with ExitStack() as ending:
                figures += ALONE[name](apart, ending)
        chosen = [name for name in chosen if name not in ALONE]
        bench = Bench(Path(folder), closing) if chosen else None
        for name in chosen:
            figures += MEASUREMENTS[name](bench)
    print_table(figures)


if __name__ == "__main__":
    main()
