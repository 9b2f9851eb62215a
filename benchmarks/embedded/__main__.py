"""Measures the ROS 2 runtime this Python has, between two processes; one JSON line a figure.

Run it in the environment of the embedded runtime, or with a real ROS 2 sourced to compare.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import rclpy
import rclpy.executors
import rclpy.task
from example_interfaces.action import Fibonacci
from example_interfaces.srv import AddTwoInts
from rclpy.action import ActionClient
from rclpy.node import Node

from benchmarks.embedded.echo import LATEST, TOPICS

WAIT = 10.0  # seconds for anything to happen
START = """
import time
begin = time.perf_counter()
import rclpy
rclpy.init()
node = rclpy.create_node("bench_start")
print(time.perf_counter() - begin)
status = open("/proc/self/status").read()
print(int(status.split("VmHWM:")[1].split()[0]) / 1024)
rclpy.shutdown()
"""
NODES = """
import resource, rclpy
rclpy.init()
first = rclpy.create_node("bench_0")
def used():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 1024
before = used()
nodes = [rclpy.create_node(f"bench_{number}") for number in range(1, 51)]
print((used() - before) / 50)
rclpy.shutdown()
"""


def report(figure: str, values: list[float], unit: str) -> None:
    """Print one figure with median and 99th percentile."""
    ordered = sorted(values)
    line = {
        "figure": figure,
        "unit": unit,
        "p50": round(statistics.median(ordered), 4),
        "p99": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 4),
        "samples": len(ordered),
    }
    print(json.dumps(line), flush=True)


def measure(count: int, warm: int, once: Callable[[], None]) -> list[float]:
    """Return milliseconds of ``count`` calls after ``warm`` unmeasured ones."""
    values = []
    for number in range(warm + count):
        begin = time.perf_counter()
        once()
        if number >= warm:
            values.append((time.perf_counter() - begin) * 1000)
    return values


class Bench:
    """The measuring node; its callbacks run in the thread that spins."""

    def __init__(self) -> None:
        self.node = Node("bench")
        self.arrived = False
        self.publishers = {}
        for name, kind in TOPICS.items():
            self.publishers[name] = self.node.create_publisher(kind, f"/bench/{name}", LATEST)
            self.node.create_subscription(kind, f"/bench/{name}/back", self.on_message, LATEST)
        self.client = self.node.create_client(AddTwoInts, "/bench/add")
        self.action = ActionClient(self.node, Fibonacci, "/bench/fibonacci")
        self.executor = rclpy.executors.SingleThreadedExecutor()
        self.executor.add_node(self.node)

    def on_message(self, _message: Any) -> None:
        """Note that the echo is back."""
        self.arrived = True

    def connect(self) -> None:
        """Wait until everything of the other process is matched."""
        found = self.client.wait_for_service(WAIT) and self.action.wait_for_server(WAIT)
        deadline = time.monotonic() + WAIT
        for publisher in self.publishers.values():
            while not publisher.get_subscription_count() and time.monotonic() < deadline:
                self.executor.spin_once(timeout_sec=0.05)
        if not found or time.monotonic() > deadline:
            raise SystemExit("the other process was not found; is the loopback usable?")

    def round_trip(self, name: str, message: Any) -> Callable[[], None]:
        """Return a call that sends a message and waits for its echo."""
        publisher = self.publishers[name]

        def once() -> None:
            self.arrived = False
            publisher.publish(message)
            end = time.monotonic() + WAIT
            while not self.arrived:
                self.executor.spin_once(timeout_sec=1.0)
                if time.monotonic() > end:
                    raise SystemExit(f"no echo of {name}")

        return once

    def call(self) -> None:
        """Call the service."""
        future = self.client.call_async(AddTwoInts.Request(a=1, b=2))
        self.executor.spin_until_future_complete(future, WAIT)
        assert future.result().sum == 3

    def goal(self) -> None:
        """Send a goal and wait for its result."""
        sent = self.action.send_goal_async(Fibonacci.Goal(order=1))
        self.executor.spin_until_future_complete(sent, WAIT)
        result = sent.result().get_result_async()
        self.executor.spin_until_future_complete(result, WAIT)
        assert list(result.result().result.sequence) == [1]


def start_up() -> None:
    """Measure import, init and first node in fresh processes."""
    seconds, megabytes = [], []
    for _ in range(5):
        done = subprocess.run(
            [sys.executable, "-c", START], capture_output=True, text=True, check=True, timeout=30
        )
        first, second = done.stdout.split()[:2]
        seconds.append(float(first))
        megabytes.append(float(second))
    report("import rclpy, init and first node", seconds, "s")
    report("memory of a process with one node", megabytes, "MB")
    done = subprocess.run(
        [sys.executable, "-c", NODES], capture_output=True, text=True, check=True, timeout=60
    )
    report("memory of one more node", [float(done.stdout)], "kB")


def idle_cpu(bench: Bench) -> None:
    """Measure the processor time of a spinning node that has nothing to do."""
    stopping = rclpy.task.Future()
    thread = threading.Thread(
        target=bench.executor.spin_until_future_complete, args=(stopping,), daemon=True
    )
    thread.start()
    before = resource.getrusage(resource.RUSAGE_SELF)
    time.sleep(2.0)
    after = resource.getrusage(resource.RUSAGE_SELF)
    stopping.set_result(None)
    thread.join(timeout=WAIT)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    report("processor time of an idle spinning node", [used / 2.0 * 100], "%")


def main() -> None:
    """Measure everything."""
    other = subprocess.Popen([sys.executable, "-m", "benchmarks.embedded.echo"])
    try:
        rclpy.init()
        bench = Bench()
        bench.connect()
        pose, image, text = (TOPICS[name] for name in ("pose", "image", "text"))
        picture = image(height=480, width=640, step=1920, encoding="rgb8")
        picture.data = bytes(640 * 480 * 3)
        for figure, name, message, count in (
            ("round trip of 100 B", "text", text(data="x" * 100), 2000),
            ("round trip of 1 KB", "text", text(data="x" * 1000), 2000),
            ("round trip of 1 MB", "text", text(data="x" * 1_000_000), 100),
            ("round trip of a PoseStamped", "pose", pose(), 2000),
            ("round trip of a 900 KB Image", "image", picture, 100),
        ):
            report(figure, measure(count, count // 10, bench.round_trip(name, message)), "ms")
        report("service call", measure(1000, 100, bench.call), "ms")
        report("action, goal to result", measure(500, 50, bench.goal), "ms")
        idle_cpu(bench)
        rclpy.shutdown()
    finally:
        other.terminate()
        other.wait(timeout=10)
    start_up()


if __name__ == "__main__":
    main()
