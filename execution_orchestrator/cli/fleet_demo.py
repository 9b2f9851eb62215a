"""`make fleet-demo`: Temporal, five simulated robots, a mission of twelve tasks, and two deaths."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import rclpy
from action_msgs.msg import GoalStatus, GoalStatusArray
from ament_index_python.packages import get_package_share_directory
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rich.console import Console

from execution_orchestrator.cli.demo import launched
from execution_orchestrator.cli.mission import MISSING
from execution_orchestrator.cli.view.missions import live, mission_table
from execution_orchestrator.ros.spinning import spinning
from execution_orchestrator.runtime.local_zone import local_zone

MANY_AT_ONCE = "history.maxInFlightUpdates=1000"  # robots that ask a mission; by default ten
START_TIMEOUT = 60.0  # seconds for Temporal to answer
STOP_TIMEOUT = 10.0
GOALS = 12  # drives of the mission
FIRST_PAGE = 8765  # port of the first robot's web page
LATCHED = QoSProfile(
    depth=1,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(prog="ros2 run execution_orchestrator fleet_demo")
    words.add_argument("--robots", type=int, default=5, help="how many, 2 to 5")
    words.add_argument("--real-time-factor", type=float, default=2.0)
    words.add_argument("--no-kill", action="store_true", help="leave every process alive")
    words.add_argument("--output", default="output/fleet-demo", help="folder for logs and state")
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demonstration; 0 when the mission was done and nothing was done twice."""
    options = parser().parse_args(arguments)
    console = Console()
    if not 2 <= options.robots <= 5:
        console.print("--robots: 2 to 5; the warehouse has places for five")
        return 2
    try:
        import_module("temporalio")
    except ModuleNotFoundError:
        console.print(MISSING, markup=False)
        return 1
    output = Path(options.output).absolute() / time.strftime("%Y%m%d-%H%M%S")
    output.mkdir(parents=True)
    return asyncio.run(_run(options, output, console))


async def _run(options: argparse.Namespace, output: Path, console: Console) -> int:
    connection = import_module("execution_orchestrator.fleet.connection")
    missions = import_module("execution_orchestrator.fleet.missions")
    validation = import_module("execution_orchestrator.fleet.validation")
    robots = [f"robot{number}" for number in range(1, options.robots + 1)]
    document = Path(get_package_share_directory("execution_orchestrator"))
    document = document / "missions" / "warehouse_round.yaml"
    read = validation.read_mission(document.read_text(), now=time.time(), zone=local_zone())
    with temporal_server(output) as (address, page):
        console.print(f"[bold]Temporal[/bold]: {page}", soft_wrap=True)
        fleet = missions.Missions(await connection.Connection(address=address).wait())
        launch = [
            "ros2", "launch", "execution_orchestrator", "fleet_demo.launch.py",
            f"robots:={options.robots}", f"temporal:={address}", f"state_directory:={output}",
            f"real_time_factor:={options.real_time_factor}",
            f"web_port:={_free_row(FIRST_PAGE, options.robots)}",
        ]  # fmt: skip
        console.print(f"[bold]Starting {options.robots} robots in the warehouse[/bold]")
        console.print(f"their log: {output / 'launch.log'}", markup=False, soft_wrap=True)
        with launched(launch, output / "launch.log") as process, counted_goals(robots) as succeeded:
            mission = await fleet.submit(read.mission, zone=local_zone())
            with console.status("until they answer"):
                while process.poll() is None:
                    with contextlib.suppress(missions.NotAnsweringError):
                        await fleet.show(mission)
                        break
            killed: list[str] = []
            with live(console) as display:
                async for shown in fleet.follow(mission):
                    display.update(mission_table(shown, time.time()), refresh=True)
                    if process.poll() is not None:
                        console.print(f"the robots ended; see {output / 'launch.log'}")
                        return 1
                    if not options.no_kill:
                        _kill_some(process.pid, shown.state, killed, console)
            return _verdict(await fleet.result(mission), succeeded, console)


def _kill_some(launch: int, state: Any, killed: list[str], console: Console) -> None:
    """Kill -9 of one robot's orchestrator and another one's agent while they work."""
    working = [task.robot for task in state.tasks if task.claimed and not task.ended]
    done = sum(task.ended > 0.0 for task in state.tasks)
    wanted = [("orchestrator", 1), ("fleet_agent", 3)][len(killed) : len(killed) + 1]
    for program, after in wanted:
        robot = next((name for name in working if f"{name}/" not in "".join(killed)), "")
        process = _find(launch, program, robot) if robot and done >= after else 0
        if process:
            os.kill(process, signal.SIGKILL)
            killed.append(f"{robot}/{program}")
            console.print(f"[bold red]kill -9[/bold red] {program} of {robot}")


def _find(launch: int, program: str, robot: str) -> int:
    """Return the process of a robot's program that a launch file started; 0: none."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            named = any(word.endswith(f"/{program}") for word in words[:3])
            if named and f"__ns:=/{robot}" in words and _is_below(int(folder.name), launch):
                return int(folder.name)
    return 0


def _is_below(process: int, ancestor: int) -> bool:
    while process > 1:
        if process == ancestor:
            return True
        stat = Path(f"/proc/{process}/stat").read_text()
        process = int(stat.rpartition(")")[2].split()[1])
    return False


def _verdict(state: Any, succeeded: Mapping[str, set[bytes]], console: Console) -> int:
    done = sum(len(goals) for goals in succeeded.values())
    if not console.is_terminal:
        console.print()  # outside a terminal the live table prints no newline at its end
    console.print(
        f"{state.status}: the robots' own navigation servers drove {done} times for {GOALS} tasks ("
        + ", ".join(f"{name} {len(goals)}" for name, goals in succeeded.items())
        + ")",
        highlight=False,
    )
    return 0 if state.status == "COMPLETED" and done == GOALS else 1


@contextlib.contextmanager
def counted_goals(robots: Sequence[str]) -> Iterator[dict[str, set[bytes]]]:
    """Collect, by robot, the goals that its navigation server says it has succeeded with."""
    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.create_node("goal_counter", context=context)
    succeeded: dict[str, set[bytes]] = {name: set() for name in robots}

    def on_status(name: str, message: Any) -> None:
        for one in message.status_list:
            if one.status == GoalStatus.STATUS_SUCCEEDED:
                succeeded[name].add(bytes(bytearray(one.goal_info.goal_id.uuid)))

    for name in robots:
        topic = f"/{name}/navigate_to_pose/_action/status"
        node.create_subscription(GoalStatusArray, topic, partial(on_status, name), LATCHED)
    with spinning(node, SingleThreadedExecutor(context=context)):
        yield succeeded


@contextlib.contextmanager
def temporal_server(folder: Path) -> Iterator[tuple[str, str]]:
    """Run Temporal's development server on loopback; yields its address and that of its page.

    Raises:
        RuntimeError: it is not installed, or does not start.

    """
    beside = Path(sys.executable).parent / "temporal"
    program = str(beside) if beside.exists() else shutil.which("temporal")
    if program is None:
        raise RuntimeError(MISSING)
    port, page = _free_ports(2)
    log = folder / "temporal.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [
                *(program, "server", "start-dev", "--ip", "127.0.0.1", "--ui-ip", "127.0.0.1"),
                *("--port", str(port), "--ui-port", str(page)),
                *("--db-filename", str(folder / "temporal.db"), "--log-level", "error"),
                *("--dynamic-config-value", MANY_AT_ONCE),
            ],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_open(port, process, log)
        yield f"127.0.0.1:{port}", f"http://127.0.0.1:{page}"
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_TIMEOUT)


def _wait_until_open(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"Temporal did not start: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)


def _free_row(first: int, count: int) -> int:
    """Return the first of so many ports in a row that are free, from ``first`` on."""
    while True:
        with contextlib.ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    probe = stack.enter_context(socket.socket())
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(("127.0.0.1", port))
            except OSError:
                first = port + 1
            else:
                return first


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


if __name__ == "__main__":
    sys.exit(main())
