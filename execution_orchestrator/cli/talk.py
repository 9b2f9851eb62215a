"""`signal`, `query` and `amend`: send an execution a value, read one, or change its plan."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from execution_orchestrator.cli.ids import UnknownIdError, id_in_node
from execution_orchestrator.cli.plan_file import read_plan
from execution_orchestrator.cli.view.issues import issue_list
from execution_orchestrator.ros.client import OrchestratorClient, OrchestratorUnavailableError
from execution_orchestrator.srv import AmendPlan, Query, Signal

VALIDATION_TIMEOUT = 65.0  # seconds


def signal(arguments: Sequence[str] | None = None) -> int:
    """Send a signal; 0 when it was taken, 1 when not."""
    options = signal_parser().parse_args(arguments)
    answer = _call(options, "signal", Signal, name=options.name, value=_as_json(options.value))
    return _print_answer(answer)


def query(arguments: Sequence[str] | None = None) -> int:
    """Print the value of an expression as JSON; 1 if it has none."""
    options = query_parser().parse_args(arguments)
    answer = _call(options, "query", Query, expression=options.expression, action_id=options.of)
    if answer is None or not answer.success:
        return _print_answer(answer)
    print(json.dumps(json.loads(answer.result), indent=2, ensure_ascii=False))
    return 0


def amend(arguments: Sequence[str] | None = None) -> int:
    """Show what another plan would change, and take it; 1 if it is refused, 2 if unreadable."""
    options = amend_parser().parse_args(arguments)
    try:
        plan = read_plan(options.plan)
    except (OSError, ValueError) as failure:
        Console(stderr=True).print(str(failure), markup=False)
        return 2
    answer = _call(
        options,
        "amend_plan",
        AmendPlan,
        timeout=VALIDATION_TIMEOUT,
        plan=plan,
        reason=options.reason,
        dry_run=options.dry_run,
    )
    if answer is not None:
        console = Console()
        if answer.issues:
            console.print(issue_list(answer.issues, options.plan))
        for what, keys in (
            ("stays", answer.begun),
            ("new", answer.added),
            ("changed", answer.changed),
            ("left out", answer.removed),
            ("stands against it", answer.problems),
        ):
            if keys:
                console.print(f"{what}: {', '.join(keys)}", markup=False, highlight=False)
    return _print_answer(answer)


def signal_parser() -> argparse.ArgumentParser:
    """Describe the arguments of `signal`."""
    words = _parser("signal", "Send a value that the plan of an execution declares (`signals`).")
    words.add_argument("name", help="one of the plan's signals")
    words.add_argument(
        "value",
        nargs="?",
        default="",
        help="JSON; what is none is a text; default: the default of the signal's type",
    )
    return words


def query_parser() -> argparse.ArgumentParser:
    """Describe the arguments of `query`."""
    words = _parser("query", "Read a value of an execution: any expression its actions could use.")
    words.add_argument("expression", help="CEL, such as actions.look.output or signals.door")
    words.add_argument("--of", default="", metavar="ACTION", help="read it in this action's scope")
    return words


def amend_parser() -> argparse.ArgumentParser:
    """Describe the arguments of `amend`."""
    words = _parser("amend", "Give an execution another plan for what has not begun.")
    words.add_argument("plan", help="the whole plan as it is to be; - for standard input")
    words.add_argument("--reason", default="", help="shown with the execution")
    words.add_argument("--dry-run", action="store_true", help="only show what would change")
    return words


def _parser(name: str, help_text: str) -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(
        prog=f"ros2 run execution_orchestrator {name}", description=help_text
    )
    words.add_argument("--node", default="/execution_orchestrator", help="name of the node")
    words.add_argument("--wait", type=float, default=10.0, help="seconds to wait for the node")
    words.add_argument("execution_id", help="the execution's id, or the beginning of it")
    return words


def _as_json(text: str) -> str:
    if not text:
        return ""
    try:
        json.loads(text)
    except ValueError:
        return json.dumps(text)
    return text


def _call(options: argparse.Namespace, service: str, kind: Any, **fields: Any) -> Any:
    try:
        with OrchestratorClient(name=options.node) as client:
            client.wait_ready(options.wait)
            whole = id_in_node(client, options.execution_id)
            return client.call(service, kind, execution_id=whole, **fields)
    except (OrchestratorUnavailableError, UnknownIdError) as failure:
        Console(stderr=True).print(str(failure), markup=False)
        return None


def _print_answer(answer: Any) -> int:
    if answer is None:
        return 1
    console = Console(file=sys.stdout if answer.success else sys.stderr)
    console.print(answer.message, markup=False, highlight=False, soft_wrap=True)
    return 0 if answer.success else 1
