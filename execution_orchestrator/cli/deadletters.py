"""`ros2 run execution_orchestrator deadletters`: actions that failed for good and can run again."""

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
from rich.text import Text

from execution_orchestrator.cli.how_many import how_many
from execution_orchestrator.cli.ids import UnknownIdError, whole_id
from execution_orchestrator.cli.view.formatting import seconds
from execution_orchestrator.ros.client import OrchestratorClient, OrchestratorUnavailableError
from execution_orchestrator.srv import ListDeadLetters, RetryDeadLetter


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator deadletters", description=__doc__
    )
    words.add_argument("--node", default="/execution_orchestrator", help="name of the node")
    words.add_argument("--wait", type=float, default=10.0, help="seconds to wait for the node")
    what = words.add_subparsers(dest="what", title="what to do; default: list")
    listed = what.add_parser("list", help="all of them, the newest first")
    listed.add_argument("--execution", default="", metavar="ID", help="only those of one execution")
    listed.add_argument("--capability", default="", help="only those of one action type")
    listed.add_argument("--error", default="", help="only those with one type of error")
    listed.add_argument("--limit", type=how_many, default=20, help="at most so many")
    listed.add_argument("--json", action="store_true", help="print JSON instead of a table")
    for name, help_text in (
        ("show", "one of them, with its parameters and its error"),
        ("retry", "run it once more, as an execution of its own"),
        ("discard", "take it off the list"),
    ):
        one = what.add_parser(name, help=help_text)
        one.add_argument("id", help="its id, or the beginning of it")
    return words


def options_of(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the arguments; without a word for what to do, the letters are listed."""
    options = parser().parse_args(arguments)
    if options.what is None:
        given = ["--node", options.node, "--wait", str(options.wait)]
        options = parser().parse_args([*given, "list"])
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked for; 1 if the node refuses or is not there."""
    options = options_of(arguments)
    console, errors = Console(), Console(stderr=True)
    try:
        with OrchestratorClient(name=options.node) as client:
            client.wait_ready(options.wait)
            if options.what == "list":
                return _list(client, options, console, errors)
            known = {one.dead_letter_id: one for one in all_letters(client)}
            letter = known[whole_id(options.id, known, "dead letter")]
            if options.what == "show":
                print(json.dumps(_plain(letter), indent=2, ensure_ascii=False))
                return 0
            answer = client.call(
                "retry_dead_letter",
                RetryDeadLetter,
                dead_letter_id=letter.dead_letter_id,
                discard=options.what == "discard",
            )
    except (OrchestratorUnavailableError, UnknownIdError) as failure:
        errors.print(str(failure), markup=False)
        return 1
    message = answer.message
    if answer.execution_id:
        message += f"; execution {answer.execution_id}"
    (console if answer.success else errors).print(message, markup=False, soft_wrap=True)
    return 0 if answer.success else 1


def all_letters(client: OrchestratorClient) -> list[Any]:
    """Ask a node for all its dead letters.

    Raises:
        OrchestratorUnavailableError: the node does not answer.

    """
    found: list[Any] = []
    while True:
        answer = client.call("list_dead_letters", ListDeadLetters, offset=len(found))
        found += answer.dead_letters
        if not answer.dead_letters or len(found) >= answer.total:
            return found


def _list(
    client: OrchestratorClient, options: argparse.Namespace, console: Console, errors: Console
) -> int:
    answer = client.call(
        "list_dead_letters",
        ListDeadLetters,
        execution_id=options.execution,
        action_type=options.capability,
        error_type=options.error,
        limit=options.limit,
    )
    if not answer.success:
        errors.print(answer.message, markup=False)
        return 1
    if options.json:
        print(
            json.dumps([_plain(one) for one in answer.dead_letters], indent=2, ensure_ascii=False)
        )
        return 0
    if not answer.dead_letters:
        console.print("nothing failed for good")
        return 0
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("id", no_wrap=True)  # it is typed or copied
    table.add_column("when", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("what", overflow="fold")
    for one in answer.dead_letters:
        error = Text(f"{one.error.code}: {one.error.message}", style="red")
        what = Text(f"{one.action_id} ({one.action_type})\n").append_text(error)
        table.add_row(Text(one.dead_letter_id), _when(one.stamp), one.status, what)
    console.print(table)
    if answer.total > len(answer.dead_letters):
        console.print(f"{answer.total - len(answer.dead_letters)} more; see --limit")
    return 0


def _plain(letter: Any) -> dict[str, Any]:
    return {
        "dead_letter_id": letter.dead_letter_id,
        "execution_id": letter.execution_id,
        "action_id": letter.action_id,
        "action_type": letter.action_type,
        "parameters": json.loads(letter.parameters or "{}"),
        "error": {
            "type": letter.error.type,
            "code": letter.error.code,
            "message": letter.error.message,
        },
        "attempts": letter.attempts,
        "retries": letter.retries,
        "failed_at": _moment(letter.stamp),
        "not_before": _moment(letter.retry_after),
        "status": letter.status,
    }


def _when(stamp: Any) -> str:
    """Write a time for a table, in this machine's zone; '' for none."""
    return _moment(stamp)[:16]


def _moment(stamp: Any) -> str:
    """Write a date and a time with their zone, this machine's; '' for none."""
    moment = seconds(stamp)
    return datetime.fromtimestamp(moment).astimezone().isoformat(" ", "seconds") if moment else ""


if __name__ == "__main__":
    sys.exit(main())
