"""`ros2 run execution_orchestrator run`: send a plan or a command and watch it to its end."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from execution_orchestrator.cli.asking import answer_to
from execution_orchestrator.cli.follow import exit_status, follow
from execution_orchestrator.cli.plan_file import read_plan, title_of
from execution_orchestrator.ros.client import OrchestratorClient, OrchestratorUnavailableError

PLAN_ENDINGS = (".yaml", ".yml", ".json")


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator run",
        description="Send a plan file or a command to the orchestrator and show its execution.",
    )
    words.add_argument(
        "what",
        nargs="*",
        metavar="PLAN|WORDS",
        help="plan document (JSON or YAML), - for one on standard input, or what to do, in words",
    )
    words.add_argument("--command", default="", help="what to do, if it looks like a file name")
    words.add_argument(
        "--planner",
        default="",
        choices=["auto", "grammar", "llm"],
        help="who plans the command; default: the node's parameter `planner`",
    )
    words.add_argument(
        "--conversation",
        default="",
        help="id of the conversation, in which a command can refer to earlier ones",
    )
    words.add_argument("--execution-id", default="", help="makes the goal idempotent")
    words.add_argument(
        "--same-id",
        default="",
        choices=("attach", "refuse", "allow_if_failed"),
        help="what the id of an execution that there is means; default: as the node is configured",
    )
    words.add_argument("--context", default="", help="JSON object, `input` in expressions")
    words.add_argument("--priority", type=int, default=0, help="-100 to 100")
    words.add_argument("--timeout", type=float, default=0.0, help="seconds for the whole execution")
    words.add_argument(
        "--start-at", default="", metavar="TIME", help="07:00 or 2026-12-01T07:00: not before then"
    )
    words.add_argument("--deadline", default="", metavar="TIME", help="cancelled then")
    words.add_argument("--dry-run", action="store_true", help="validate and analyse only")
    words.add_argument("--start-paused", action="store_true", help="wait for ~/resume")
    words.add_argument(
        "--compensate", action="store_true", help="undo what was done when it is cancelled"
    )
    words.add_argument(
        "--break-at",
        action="append",
        default=[],
        metavar="ID",
        help="stop before this action; may be repeated",
    )
    words.add_argument(
        "--optimise",
        default="",
        help="none, all, or of: estimates batching settling order; default: as the node is set",
    )
    words.add_argument(
        "--strict",
        action="store_true",
        help="refuse a plan with a target that is known to be out of reach",
    )
    words.add_argument("--node", default="/execution_orchestrator", help="name of the node")
    words.add_argument("--wait", type=float, default=10.0, help="seconds to wait for the node")
    return words


def plan_or_command(what: Sequence[str]) -> tuple[str | None, str]:
    """Tell a plan file from a command in words: (file, "") or (None, command).

    One argument is a file if it is "-", has a plan's ending or a slash, or if there is such a file.
    """
    if len(what) == 1:
        (one,) = what
        is_file = one == "-" or one.endswith(PLAN_ENDINGS) or "/" in one or Path(one).is_file()
        return (one, "") if is_file else (None, one)
    return None, " ".join(what)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when the execution completed, 1 when not, 2 for wrong arguments."""
    options = parser().parse_args(arguments)
    errors = Console(stderr=True)
    file, command = plan_or_command(options.what)
    command = options.command or command
    if file is None and not command:
        errors.print("give a plan file, or say what to do; --help shows both")
        return 2
    try:
        plan = read_plan(file)
    except (OSError, ValueError) as failure:
        errors.print(str(failure), markup=False)
        return 2
    try:
        with OrchestratorClient(name=options.node) as client:
            client.wait_ready(options.wait)
            console = Console()
            goal: dict[str, Any] = {
                "conversation_id": options.conversation,
                "planner": options.planner,
                "context": options.context,
                "priority": options.priority,
                "timeout": options.timeout,
                "start_at": options.start_at,
                "deadline": options.deadline,
                "dry_run": options.dry_run,
                "start_paused": options.start_paused,
                "compensate_on_cancel": options.compensate,
                "breakpoints": options.break_at,
                "optimise": options.optimise,
                "strict": options.strict,
                "same_id": options.same_id,
            }
            if file is not None:
                command = command or title_of(file, plan)
            name = options.execution_id
            session = follow(client, console, execution_id=name, command=command, plan=plan, **goal)
            # A dry run leaves nothing that an answer could be an answer to.
            while not options.dry_run and (answer := answer_to(session, console)):
                session = follow(client, console, command=answer, **goal)
            return exit_status(session)
    except OrchestratorUnavailableError as failure:
        errors.print(str(failure), markup=False)
        return 1


if __name__ == "__main__":
    sys.exit(main())
