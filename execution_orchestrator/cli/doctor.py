"""`ros2 run execution_orchestrator doctor`: what a robot lacks for its configuration to work."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import rclpy
from rcl_interfaces.srv import GetParameters
from rclpy.executors import SingleThreadedExecutor
from rich.console import Console
from rich.text import Text

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.capabilities.problems import ConfigurationError
from execution_orchestrator.capabilities.robot_state_document import read_robot_state
from execution_orchestrator.cli.checkup import Checkup, Finding, Level
from execution_orchestrator.cli.shipped import CAPABILITIES, config_folder, shipped
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.ros.messages.installed import InstalledInterfaces
from execution_orchestrator.ros.spinning import spinning

ASKED_FOR = 1.0  # seconds that a running orchestrator is looked for
STYLES = {Level.OK: "green", Level.NOTE: "cyan", Level.WARNING: "yellow", Level.ERROR: "bold red"}


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator doctor", description=__doc__
    )
    words.add_argument(
        "--capabilities",
        type=Path,
        action="append",
        metavar="FILE",
        help="capability file, may be repeated; default: those of the running orchestrator, "
        "else the shipped ones",
    )
    words.add_argument(
        "--robot-state", type=Path, metavar="FILE", help="the same for the robot state"
    )
    words.add_argument(
        "--node",
        default="/execution_orchestrator",
        help="name that the orchestrator has or will have",
    )
    words.add_argument(
        "--seconds", type=float, default=4.0, help="how long it listens before it judges"
    )
    words.add_argument("--all", action="store_true", help="also show what is well")
    words.add_argument("--json", action="store_true", help="print JSON instead of lines")
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was found; 0 if nothing is wrong, 1 if something is, 2 for wrong arguments."""
    options = parser().parse_args(arguments)
    errors = Console(stderr=True)
    name = "/" + options.node.strip("/")
    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.create_node(
        f"_execution_orchestrator_doctor_{os.getpid()}",
        namespace=name.rpartition("/")[0] or "/",
        context=context,
        start_parameter_services=False,
    )
    with spinning(node, SingleThreadedExecutor(context=context)):
        files, state_file, note = _files(node, name, options)
        if note:
            errors.print(note, markup=False)
        try:
            robot = load_robot([shipped(file) for file in files], InstalledInterfaces())
            state = read_robot_state(shipped(state_file))
        except ConfigurationError as failure:
            errors.print(str(failure), markup=False)
            return 2
        checkup = Checkup(node, robot, state, name)
        time.sleep(options.seconds)  # it listens meanwhile
        findings = list(checkup.findings())
    if options.json:
        json.dump([asdict(one) for one in findings], sys.stdout, indent=2)
        print()
    else:
        _print(findings, Console(), everything=options.all)
    return 1 if any(one.level == Level.ERROR for one in findings) else 0


def _files(node: Any, name: str, options: argparse.Namespace) -> tuple[list[Path], Path, str]:
    """Return the capability files, the robot state file, and a note about them.

    What is not named on the command line is what the running orchestrator uses, if one runs and its
    files are on this machine; else it is what is shipped.
    """
    files = [config_folder() / one for one in CAPABILITIES]
    state, note = config_folder() / "robot_state.yaml", ""
    if not (options.capabilities and options.robot_state):
        used = [shipped(Path(one)) for one in _parameter(node, name, "capability_files") or ()]
        used_state = [
            shipped(Path(one)) for one in _parameter(node, name, "robot_state_file") or ()
        ]
        if missing := [str(one) for one in (*used, *used_state) if not one.is_file()]:
            note = (
                f"{name} uses {', '.join(missing)}, which is not on this machine; "
                "the shipped files are looked at. --capabilities and --robot-state name others"
            )
        else:
            files, state = used or files, (used_state or [state])[0]
    return options.capabilities or files, options.robot_state or state, note


def _parameter(node: Any, name: str, parameter: str) -> list[str] | None:
    """Ask a node for one of its parameters, a text as a list of one; None if it does not say."""
    client = node.create_client(GetParameters, f"{name}/get_parameters")
    if not client.wait_for_service(timeout_sec=ASKED_FOR):
        return None
    answer = client.call_async(GetParameters.Request(names=[parameter]))
    end = time.monotonic() + ASKED_FOR
    while not answer.done() and time.monotonic() < end:
        time.sleep(0.02)
    if not answer.done() or not answer.result().values:
        return None
    value = answer.result().values[0]
    return [one for one in (*value.string_array_value, value.string_value) if one]


def _print(findings: Sequence[Finding], console: Console, *, everything: bool) -> None:
    part = ""
    for one in findings:
        if one.level == Level.OK and not everything:
            continue
        if one.part != part:
            part = one.part
            console.print(part, style="bold")
        line = Text("  ").append(f"{one.level.value:8}", style=STYLES[one.level]).append(one.what)
        console.print(line, soft_wrap=True)
        if one.cure:
            console.print(f"          -> {one.cure}", markup=False, highlight=False, soft_wrap=True)
    count = Counter(one.level for one in findings)
    console.print(
        f"{counted(count[Level.OK], 'check')} passed, {counted(count[Level.ERROR], 'error')}, "
        f"{counted(count[Level.WARNING], 'warning')}, {counted(count[Level.NOTE], 'note')}"
    )


if __name__ == "__main__":
    sys.exit(main())
