"""`make demo`: a simulated flat, the orchestrator, one errand, its progress and its report."""

from __future__ import annotations

import argparse
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from rich.console import Console

from execution_orchestrator.cli.follow import exit_status, follow
from execution_orchestrator.ros.client import OrchestratorClient, OrchestratorUnavailableError

NEXT = """What next:
  open output/demo/report.html in a browser
  make demo FAULT=navigation:abort:208     Nav2 finds no path the first time
  make demo FAULT=move_group:die           a server dies half way
  docs/tutorial.md                         twenty minutes to a plan of your own"""
FIRST_PORT, PORTS = 7400, 250  # RTPS 9.6.1.1: where domain 0 begins, and the distance to the next
DOMAINS = range(1, 100)  # those above share ports with what Linux gives to any socket
START_TIMEOUT = 60.0  # seconds until every process of the launch file has to be up
STOP_TIMEOUT = 20.0  # seconds for the launch file to end its processes after Ctrl-C


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(prog="ros2 run execution_orchestrator demo")
    words.add_argument("--plan", default="", help="plan file; default: plans/fetch_red_cup.yaml")
    words.add_argument(
        "--fault",
        default="",
        metavar="SERVER:MODE[:CODE[:COUNT]]",
        help="fault to inject, for example navigation:abort:207 or camera:hang",
    )
    words.add_argument("--world", default="apartment", help="world of worlds/")
    words.add_argument(
        "--real-time-factor", type=float, default=2.0, help="simulated seconds per second"
    )
    words.add_argument("--output", default="output/demo", help="folder for the log and the report")
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demonstration; 0 when the errand was done."""
    options = parser().parse_args(arguments)
    console = Console()
    share = Path(get_package_share_directory("execution_orchestrator"))
    plan = Path(options.plan) if options.plan else share / "plans" / "fetch_red_cup.yaml"
    output = Path(options.output).absolute()
    output.mkdir(parents=True, exist_ok=True)
    state = output / time.strftime("state-%Y%m%d-%H%M%S")
    launch = [
        "ros2", "launch", "execution_orchestrator", "demo.launch.py",
        f"world:={options.world}",
        f"real_time_factor:={options.real_time_factor}",
        f"state_directory:={state}",
    ]  # fmt: skip
    if options.fault:
        launch.append(f"fault:={options.fault}")
    # With a second simulation on the graph two servers would move the same robot.
    domain = os.environ.setdefault("ROS_DOMAIN_ID", str(free_domain()))
    try:
        document = plan.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        console.print(f"the plan {plan} cannot be read: {failure}", markup=False)
        return 2
    console.print(f"[bold]Starting the simulated {options.world} and the orchestrator[/bold]")
    console.print(f"their log: {output / 'launch.log'}", markup=False, soft_wrap=True)
    console.print(f"from another terminal: export ROS_DOMAIN_ID={domain}", markup=False)
    try:
        with launched(launch, output / "launch.log") as process, OrchestratorClient() as client:
            wait_until_up(client, process, output / "launch.log")
            fault = f"  (fault injected: {options.fault})" if options.fault else ""
            session = follow(client, console, heading=f"{plan.name}{fault}", plan=document)
            status = exit_status(session)
            if session.result is not None:
                write_report(session.result.execution_id, state, output, console)
                console.print(NEXT, markup=False, highlight=False)
    except OrchestratorUnavailableError as failure:
        console.print(f"[red]{failure}[/red]")
        return 1
    return status


def free_domain() -> int:
    """Return a ROS domain that no process of this machine uses, 0 if there is none."""
    candidates = list(DOMAINS)
    random.shuffle(candidates)
    for domain in candidates:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:  # where the first participant of a domain listens
                probe.bind(("", FIRST_PORT + PORTS * domain + 10))
            except OSError:
                continue
            return domain
    return 0


def wait_until_up(client: OrchestratorClient, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for the node, and notice when the launch file ends instead.

    Raises:
        OrchestratorUnavailableError: it is not up within a minute, or the launch file ended.

    """
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        try:
            client.wait_ready(1.0)
        except OrchestratorUnavailableError:
            if process.poll() is not None or time.monotonic() > deadline:
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
                raise OrchestratorUnavailableError(
                    f"the demonstration did not come up; the end of {log}:\n{tail}"
                ) from None
        else:
            return


@contextmanager
def launched(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a launch file in the background and end it, with all its processes, at the exit."""
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(STOP_TIMEOUT)


def write_report(execution_id: str, state: Path, output: Path, console: Console) -> None:
    """Write the HTML report of the execution from the journal and say where it is."""
    from execution_orchestrator.monitoring.report import write_html_report  # noqa: PLC0415

    target = output / "report.html"
    write_html_report(execution_id, state_directory=state, target=target)
    console.print(f"report: {target}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
