"""`ros2 run execution_orchestrator mission`: missions of a fleet, on Temporal."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.capabilities.problems import ConfigurationError
from execution_orchestrator.cli.how_many import how_many
from execution_orchestrator.cli.plan_file import read_plan
from execution_orchestrator.cli.shipped import CAPABILITIES, config_folder
from execution_orchestrator.cli.view.issues import issue_list
from execution_orchestrator.extras import how_to_get
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.plan.document import Limits
from execution_orchestrator.ros.messages.installed import InstalledInterfaces
from execution_orchestrator.runtime.intake import Intake
from execution_orchestrator.runtime.local_zone import local_zone
from execution_orchestrator.runtime.plan_folder import PlanFolder

if TYPE_CHECKING:
    from execution_orchestrator.fleet.document import Mission
    from execution_orchestrator.fleet.missions import Missions

MISSING = f"missions need the packages of Temporal: {how_to_get('fleet')}"
DONE = ("COMPLETED", "PARTIALLY_COMPLETED")


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator mission", description=__doc__
    )
    way = argparse.ArgumentParser(add_help=False)
    group = way.add_argument_group("Temporal")
    group.add_argument(
        "--temporal", default="", metavar="HOST:PORT", help="default: $TEMPORAL_ADDRESS, loopback"
    )
    group.add_argument("--namespace", default="", help="default: $TEMPORAL_NAMESPACE, default")
    group.add_argument("--tls", action="store_true", help="TLS without files of one's own")
    for name in ("ca", "cert", "key"):
        group.add_argument(f"--tls-{name}", default="", metavar="PEM")
    group.add_argument(
        "--tls-server-name", default="", metavar="NAME", help="if it is not the address"
    )
    group.add_argument(
        "--api-key-variable",
        default="TEMPORAL_API_KEY",
        metavar="NAME",
        help="variable of the environment that has the API key",
    )
    what = words.add_subparsers(dest="what", required=True)

    checked = what.add_parser("validate", help="what is wrong with a mission, without a fleet")
    checked.add_argument("file", nargs="?", help="mission document; - for standard input")
    _capabilities(checked)
    checked.add_argument("--schema", action="store_true", help="print the JSON Schema of missions")
    checked.add_argument("--json", action="store_true", help="print JSON instead of lines")

    sent = what.add_parser("submit", parents=[way], help="begin a mission")
    sent.add_argument("file", help="mission document; - for standard input")
    sent.add_argument("--id", default="", help="of the mission; one id begins once")
    _inputs(sent)
    _capabilities(sent)
    sent.add_argument("--follow", action="store_true", help="show it until it has ended")

    listed = what.add_parser("list", parents=[way], help="missions, the newest first")
    listed.add_argument("--query", default="", help="of Temporal: MissionRobots = 'r1'")
    listed.add_argument("--limit", type=how_many, default=20, help="at most so many")
    listed.add_argument("--json", action="store_true", help="print JSON instead of a table")

    shown = what.add_parser("show", parents=[way], help="a mission, live, with its robots")
    shown.add_argument("mission")
    shown.add_argument("--once", action="store_true", help="as it stands, and no longer")
    shown.add_argument("--json", action="store_true", help="print JSON once")

    cancelled = what.add_parser("cancel", parents=[way], help="cancel every task of a mission")
    cancelled.add_argument("mission")
    cancelled.add_argument("--reason", default="")
    cancelled.add_argument("--compensate", action="store_true", help="undo what was done")
    paused = what.add_parser("pause", parents=[way], help="begin no task, pause those that run")
    paused.add_argument("mission")
    paused.add_argument("--reason", default="")
    what.add_parser("resume", parents=[way], help="go on").add_argument("mission")
    answered = what.add_parser("confirm", parents=[way], help="answer a task that asks")
    answered.add_argument("mission")
    answered.add_argument("task", nargs="?", default="", help="default: the one that asked first")
    answered.add_argument("--refuse", action="store_true")
    answered.add_argument("--comment", default="")
    signal_parser = what.add_parser(
        "signal", parents=[way], help="send a value that a mission waits for"
    )
    signal_parser.add_argument("mission")
    signal_parser.add_argument("name")
    signal_parser.add_argument("value", nargs="?", default="null", help="JSON, else it is a text")
    signal_parser.add_argument("--task", default="", help="to the plan of this task, on its robot")
    moved = what.add_parser("move", parents=[way], help="take a task from a robot that is lost")
    moved.add_argument("mission")
    moved.add_argument("task")
    moved.add_argument("--reason", default="")
    held = what.add_parser("shared", parents=[way], help="who has a shared thing, who waits for it")
    held.add_argument("name", help="of a lift, a door ... in the `shared` of missions")
    held.add_argument(
        "--free", action="store_true", help="give it on: you see that nobody is there"
    )
    held.add_argument("--reason", default="")

    planned = what.add_parser("schedule", parents=[way], help="begin a mission again and again")
    planned.add_argument("how", choices=["add", "list", "pause", "resume", "remove"])
    planned.add_argument("file", nargs="?", default="", help="document (add), else the id")
    planned.add_argument("--id", default="", help="of the schedule; default: the document's")
    planned.add_argument("--reason", default="")
    planned.add_argument("--json", action="store_true", help="list as JSON instead of a table")
    _inputs(planned)
    _capabilities(planned)
    return words


def _inputs(words: argparse.ArgumentParser) -> None:
    words.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="one of the mission's inputs; JSON, else it is a text; may be repeated",
    )


def _capabilities(words: argparse.ArgumentParser) -> None:
    words.add_argument(
        "--capabilities",
        type=Path,
        action="append",
        metavar="FILE",
        help="what robots can do, instead of the shipped files; may be repeated",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked for; 1 if it was refused or failed, 2 for wrong arguments."""
    options = parser().parse_args(arguments)
    console, errors = Console(), Console(stderr=True)
    try:
        return _validate(options, console, errors) if options.what == "validate" else asyncio.run(
            _over_temporal(options, console, errors)
        )  # fmt: skip
    except ModuleNotFoundError as failure:
        if (failure.name or "").split(".")[0] != "temporalio":
            raise
        errors.print(MISSING, markup=False)
        return 1
    except KeyboardInterrupt:
        return 130


def agent() -> int | str:
    """Run the node `fleet_agent`; returns its status, or what has to be installed for it."""
    try:
        node = import_module("execution_orchestrator.fleet.agent_node")
    except ModuleNotFoundError as failure:
        if (failure.name or "").split(".")[0] != "temporalio":
            raise
        return MISSING
    status: int = node.main()
    return status


def _validate(options: argparse.Namespace, console: Console, errors: Console) -> int:
    if options.schema:
        schema = import_module("execution_orchestrator.fleet.document").mission_schema()
        print(json.dumps(schema, indent=2))
        return 0
    if not options.file:
        errors.print("give a mission document, or --schema")
        return 2
    mission, status = _read(options, console, errors)
    if mission is None:
        return status
    if not options.json:
        console.print(f"[green]proceed[/green]: {counted(len(mission.tasks), 'task')}")
    return 0


def _read(
    options: argparse.Namespace, console: Console, errors: Console
) -> tuple[Mission | None, int]:
    """Read the named document and print what is wrong with it."""
    validation = import_module("execution_orchestrator.fleet.validation")
    plans = import_module("execution_orchestrator.fleet.plans")
    files = options.capabilities or [config_folder() / name for name in CAPABILITIES]
    try:
        text = read_plan(options.file)
        robot = load_robot(files, InstalledInterfaces())
    except (OSError, ValueError, ConfigurationError) as failure:
        errors.print(str(failure), markup=False)
        return None, 2
    library = PlanFolder(Path(options.file).parent, Limits().max_bytes)
    read = validation.read_mission(
        text,
        now=time.time(),
        zone=local_zone(),
        library=library,
        capabilities=robot.model.capabilities,
        check=plans.plan_check(Intake(robot.model, library=library, local_zone=local_zone())),
    )
    if getattr(options, "json", False):
        issues = [asdict(issue) for issue in read.issues]
        print(json.dumps({"valid": read.mission is not None, "issues": issues}, indent=2))
    elif read.issues:
        (errors if options.what != "validate" else console).print(
            issue_list(read.issues, options.file)
        )
    if read.mission is None and not getattr(options, "json", False):
        console.print("[red]revise[/red]: the mission cannot run")
    return read.mission, 1


async def _over_temporal(options: argparse.Namespace, console: Console, errors: Console) -> int:
    connection = import_module("execution_orchestrator.fleet.connection")
    missions = import_module("execution_orchestrator.fleet.missions")
    mission: Mission | None = None
    inputs: dict[str, Any] = {}
    if options.what == "submit" or (options.what == "schedule" and options.how == "add"):
        if not options.file:
            errors.print("give a mission document")
            return 2
        mission, status = _read(options, console, errors)
        if mission is None:
            return status
        wrong = _given(options.input, mission, inputs)
        if wrong:
            errors.print(wrong, markup=False)
            return 2
    elif options.what == "schedule" and options.how != "list" and not options.file:
        errors.print(f"say which schedule to {options.how}")
        return 2
    way = connection.Connection(
        address=options.temporal,
        namespace=options.namespace,
        tls=options.tls,
        tls_ca=options.tls_ca,
        tls_cert=options.tls_cert,
        tls_key=options.tls_key,
        tls_server_name=options.tls_server_name,
        api_key_variable=options.api_key_variable,
    )
    try:
        fleet = missions.Missions(await way.open())
        return await _done(fleet, options, mission, inputs, console)
    except (connection.TemporalUnavailableError, missions.MissionError) as failure:
        errors.print(str(failure), markup=False, highlight=False)
        return 1


def _given(texts: Sequence[str], mission: Mission, inputs: dict[str, Any]) -> str:
    """Read the inputs that are given; returns what is wrong with them."""
    from execution_orchestrator.plan.nearest import Names  # noqa: PLC0415

    known = Names(mission.inputs)
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            return f"--input {text}: write NAME=VALUE"
        if name not in known:
            return f"the mission has no input {name!r}. {known.hint(name, 'It has')}"
        inputs[name] = _value(value)
    return ""


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


async def _done(
    fleet: Missions,
    options: argparse.Namespace,
    mission: Mission | None,
    inputs: Mapping[str, Any],
    console: Console,
) -> int:
    orders = import_module("execution_orchestrator.fleet.orders")
    name = getattr(options, "mission", "")
    if mission is not None and options.what == "submit":
        name = await fleet.submit(mission, inputs=inputs, mission_id=options.id, zone=local_zone())
        console.print(name, markup=False, highlight=False)
        return await _follow(fleet, name, console) if options.follow else 0
    if options.what == "schedule":
        return await _schedule(fleet, options, mission, inputs, console)
    if options.what == "list":
        await _list(fleet, options, console)
        return 0
    if options.what == "show":
        return await _show(fleet, options, console)
    if options.what == "shared":
        return await _shared(fleet, options, console)
    if options.what == "cancel":
        message = await fleet.cancel(name, options.reason, compensate=options.compensate)
    elif options.what == "pause":
        message = await fleet.pause(name, options.reason)
    elif options.what == "resume":
        message = await fleet.resume(name)
    elif options.what == "confirm":
        answer = orders.Answer(options.task, not options.refuse, options.comment)
        message = await fleet.confirm(name, answer)
    elif options.what == "signal":
        signal = orders.Signal(options.name, _value(options.value), options.task)
        message = await fleet.send(name, signal)
    else:
        message = await fleet.move(name, orders.Move(options.task, options.reason))
    console.print(message, markup=False, highlight=False)
    return 0


async def _schedule(
    fleet: Missions,
    options: argparse.Namespace,
    mission: Mission | None,
    inputs: Mapping[str, Any],
    console: Console,
) -> int:
    if options.how == "list":
        view = import_module("execution_orchestrator.cli.view.missions")
        found = await fleet.schedules()
        if options.json:
            print(json.dumps(found, indent=2))
        else:
            console.print(view.schedule_list(found) if found else "no schedules")
        return 0
    if mission is not None:
        message = await fleet.schedule(
            mission, inputs=inputs, schedule_id=options.id, zone=local_zone()
        )
    else:
        message = await fleet.change_schedule(options.file, options.how, options.reason)
    console.print(message, markup=False, highlight=False)
    return 0


async def _shared(fleet: Missions, options: argparse.Namespace, console: Console) -> int:
    view = import_module("execution_orchestrator.cli.view.missions")
    if options.free:
        lines = [await fleet.free(options.name, options.reason)]
    else:
        lines = list(view.shared_lines(await fleet.shared(options.name), time.time()))
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return 0


async def _list(fleet: Missions, options: argparse.Namespace, console: Console) -> None:
    view = import_module("execution_orchestrator.cli.view.missions")
    found = await fleet.listed(limit=options.limit, query=options.query)
    if options.json:
        print(json.dumps([asdict(one) for one in found], indent=2))
    else:
        console.print(view.mission_list(found) if found else "no missions")


async def _show(fleet: Missions, options: argparse.Namespace, console: Console) -> int:
    if options.json:
        shown = await fleet.show(options.mission)
        live = {key: asdict(beat) for key, beat in shown.live.items()}
        print(json.dumps({**asdict(shown.state), "live": live}, indent=2))
        return 0
    if options.once:
        view = import_module("execution_orchestrator.cli.view.missions")
        console.print(view.mission_table(await fleet.show(options.mission), time.time()))
        return 0
    return await _follow(fleet, options.mission, console)


async def _follow(fleet: Missions, name: str, console: Console) -> int:
    """Show a mission until it has ended; 1 if it was not done."""
    view = import_module("execution_orchestrator.cli.view.missions")
    if not console.is_terminal:
        changes = view.Changes()
        async for shown in fleet.follow(name):
            for line in changes.of(shown):
                print(line, flush=True)
            status = shown.state.status
        return 0 if status in DONE else 1
    with view.live(console) as live:
        async for shown in fleet.follow(name):
            live.update(view.mission_table(shown, time.time()), refresh=True)
            status = shown.state.status
    return 0 if status in DONE else 1


if __name__ == "__main__":
    sys.exit(main())
