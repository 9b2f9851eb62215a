"""The same tasks with one orchestrator, whose robots are namespaces: no Temporal, no agents.

    python -m benchmarks.fleet.one_orchestrator --robots 8 --tasks 60

One plan has an action per task, each for any robot.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from benchmarks.fleet.figures import asked, figures, told
from benchmarks.ros.processes import Child
from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from test.domains import own_domain

ROOT = Path(__file__).parents[2]
START_TIMEOUT = 120.0  # seconds
LONGEST = 3600.0


def capability_file(folder: Path, robots: int) -> Path:
    """Write what the robots can do, and return the file."""
    path = folder / "capabilities.yaml"
    work = {
        "description": "Work for a while",
        "interface": {
            "kind": "action",
            "type": "example_interfaces/action/Fibonacci",
            "name": "work",
        },
        "resources": ["base"],
    }
    document = {
        "version": 1,
        "resources": {"base": {"type": "mobile_base"}},
        "capabilities": {"work": work},
        "robots": {f"r{number}": {} for number in range(robots)},
    }
    path.write_text(yaml.safe_dump(document))
    return path


def plan(tasks: int) -> str:
    """Return a plan of so many actions side by side, each for any robot."""
    actions = [{"id": f"t{n}", "action_type": "work", "robot": "any"} for n in range(tasks)]
    return json.dumps({"version": 1, "ordering": "dependencies", "actions": actions})


def main() -> int:
    """Measure and print the figures; 1 if a task was lost or done twice."""
    options = asked(__doc__ or "")
    os.environ.setdefault("ROS_DOMAIN_ID", str(own_domain()))
    with tempfile.TemporaryDirectory(prefix="bench-one-") as name:
        found = measured(Path(name), options)
    return told(found, options.json)


def measured(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Run the plan on the robots and return the figures."""
    each = options.robots // options.processes
    robots = each * options.processes
    command = [sys.executable, "-m", "benchmarks.fleet.servers"]
    servers = [
        Child(
            [*command, str(number * each), str(each), str(options.seconds)],
            folder / f"servers{number}.log",
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(options.processes)
    ]
    values = {
        "capability_files": f"[{capability_file(folder, robots)}]",
        "state_directory": str(folder / "state"),
        "places_file": "''",
        "alerts_file": "''",
        "web_port": 0,
    }
    parameters = [word for key, value in values.items() for word in ("-p", f"{key}:={value}")]
    program = [sys.executable, str(ROOT / "scripts" / "orchestrator")]
    node = Child([*program, "--ros-args", *parameters], folder / "node.log")
    try:
        with OrchestratorClient() as client:
            client.wait_ready(START_TIMEOUT)
            # Every robot has worked once before the clock starts.
            _done(client, plan(robots))
            before, begin = node.cpu(), time.monotonic()
            _done(client, plan(options.tasks))
            took, used, memory = time.monotonic() - begin, node.cpu() - before, node.memory()
    finally:
        node.stop()
        said = []
        for server in servers:
            server.process.send_signal(signal.SIGINT)
            said.append(server.process.communicate(timeout=20.0)[0])
    found = [json.loads(text.splitlines()[-1]) for text in said]
    waits = [wait for one in found for wait in one["waits"]]
    done = sum(sum(one["done"]) for one in found) - robots
    return figures(
        robots=robots,
        tasks=options.tasks,
        took=took,
        waits=waits,
        memory=memory,
        used=used,
        lost=max(0, options.tasks - done),
        twice=max(0, done - options.tasks),
    )


def _done(client: OrchestratorClient, text: str) -> None:
    session = client.send(plan=text)
    if not session.done.wait(LONGEST):
        raise RuntimeError(f"the plan did not end within {LONGEST:g} s")
    if session.failure or session.result.status.value != ExecutionStatus.COMPLETED:
        raise RuntimeError(session.failure or session.result.message)


if __name__ == "__main__":
    sys.exit(main())
