"""`ros2 run execution_orchestrator schedules`: what the node starts again and again."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from execution_orchestrator.cli.plan_file import read_plan
from execution_orchestrator.cli.view.issues import issue_list
from execution_orchestrator.plan.timetable import zone_of
from execution_orchestrator.ros.client import OrchestratorClient, OrchestratorUnavailableError
from execution_orchestrator.srv import ChangeSchedule, ListSchedules, SetSchedule

PLANNING_TIMEOUT = 155.0  # seconds; the node may have to ask a planner


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator schedules", description=__doc__
    )
    words.add_argument("--node", default="/execution_orchestrator", help="name of the node")
    words.add_argument("--wait", type=float, default=10.0, help="seconds to wait for the node")
    what = words.add_subparsers(dest="what", required=True)
    listed = what.add_parser("list", help="all schedules, the one that is next first")
    listed.add_argument("--json", action="store_true", help="print JSON instead of a table")
    shown = what.add_parser("show", help="one schedule, with its next moments")
    shown.add_argument("id")
    shown.add_argument("--json", action="store_true", help="print JSON instead of lines")
    added = what.add_parser("add", help="start a plan or a command again and again")
    added.add_argument("plan", nargs="?", help="plan document; - for standard input")
    added.add_argument("--command", default="", help="what to do, in words")
    added.add_argument(
        "--schedule",
        default="",
        metavar="CRON",
        help="cron line, or mapping (docs/plan_reference.md); default: the plan's own",
    )
    added.add_argument("--id", default="", help="its name; one of the same name is replaced")
    added.add_argument("--context", default="", help="JSON object, `input` in expressions")
    added.add_argument("--priority", type=int, default=0, help="-100 to 100")
    added.add_argument("--timeout", type=float, default=0.0, help="seconds for each execution")
    added.add_argument("--planner", default="", choices=["auto", "grammar", "llm"])
    added.add_argument("--dry-run", action="store_true", help="only say when it would start")
    for name, help_text in (
        ("pause", "start nothing until it is resumed"),
        ("resume", "go on with the next moment"),
        ("remove", "forget it; what it started runs on"),
    ):
        changed = what.add_parser(name, help=help_text)
        changed.add_argument("id")
        changed.add_argument("--reason", default="", help="shown with the schedule")
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked for; 1 if the node refuses or is not there, 2 for wrong arguments."""
    options = parser().parse_args(arguments)
    console, errors = Console(), Console(stderr=True)
    plan = ""
    if options.what == "add":
        if options.plan is None and not options.command:
            errors.print("give a plan file, or words with --command")
            return 2
        try:
            plan = read_plan(options.plan)
        except (OSError, ValueError) as failure:
            errors.print(str(failure), markup=False)
            return 2
    try:
        with OrchestratorClient(name=options.node) as client:
            client.wait_ready(options.wait)
            if options.what in ("list", "show"):
                answer = client.call(
                    "list_schedules", ListSchedules, schedule_id=getattr(options, "id", "")
                )
                if answer.success:
                    _show(answer.schedules, options, console)
            elif options.what == "add":
                answer = _add(client, options, plan)
                if answer.issues:
                    console.print(issue_list(answer.issues, options.plan or "command"))
            else:
                answer = client.call(
                    f"{options.what}_schedule",
                    ChangeSchedule,
                    schedule_id=options.id,
                    reason=options.reason,
                )
    except OrchestratorUnavailableError as failure:
        errors.print(str(failure), markup=False)
        return 1
    if not answer.success:
        errors.print(answer.message, markup=False, highlight=False)
        return 1
    if options.what not in ("list", "show"):
        console.print(answer.message, markup=False, highlight=False, soft_wrap=True)
    return 0


def _add(client: OrchestratorClient, options: argparse.Namespace, plan: str) -> Any:
    return client.call(
        "set_schedule",
        SetSchedule,
        timeout=PLANNING_TIMEOUT,
        schedule_id=options.id,
        schedule=options.schedule,
        command=options.command,
        plan=plan,
        context=options.context,
        priority=options.priority,
        execution_timeout=options.timeout,
        planner=options.planner,
        dry_run=options.dry_run,
    )


def _show(schedules: Sequence[Any], options: argparse.Namespace, console: Console) -> None:
    if options.json:
        json.dump([_plain(one) for one in schedules], sys.stdout, indent=2, ensure_ascii=False)
        print()
        return
    if options.what == "show":
        for name, value in _plain(schedules[0]).items():
            text = ", ".join(map(str, value)) if isinstance(value, list) else value
            console.print(f"{name}: {text}", markup=False, highlight=False, soft_wrap=True)
        return
    if not schedules:
        console.print("no schedules")
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("schedule", "next", "fired", "last"):
        table.add_column(column, no_wrap=True)
    table.add_column("what", overflow="fold")
    for one in schedules:
        shown = _plain(one)
        state = "paused" if one.paused else next(iter(shown["next"]), "-")
        what = f"{one.command or 'a plan'}, {one.description}"
        text = f"{what}; {one.reason}" if one.reason else what
        last = one.last_execution_id or "-"
        table.add_row(one.schedule_id, state, str(one.fired), last, text)
    console.print(table)


def _plain(schedule: Any) -> dict[str, Any]:
    zone = zone_of(schedule.time_zone)

    def shown(stamp: Any) -> str:
        moment = datetime.fromtimestamp(stamp.sec + stamp.nanosec / 1e9, zone)
        return moment.isoformat(" ", "seconds")

    return {
        "schedule_id": schedule.schedule_id,
        "rule": schedule.rule,
        "description": schedule.description,
        "time_zone": schedule.time_zone,
        "overlap": schedule.overlap,
        "catch_up": schedule.catch_up,
        "command": schedule.command,
        "paused": schedule.paused,
        "reason": schedule.reason,
        "next": [shown(one) for one in schedule.next],
        "last": shown(schedule.last) if schedule.last.sec else "",
        "last_execution_id": schedule.last_execution_id,
        "running": list(schedule.running),
        "fired": schedule.fired,
        "skipped": schedule.skipped,
        "goal": json.loads(schedule.goal),
    }


if __name__ == "__main__":
    sys.exit(main())
