"""The names and ids that fit at the cursor of a command line.

Ids of past runs are read from the journal; names are asked from the running node, and none are
offered without one. Journal and client are imported only when needed, because a person waits for
the completion and most completions are options.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from execution_orchestrator.ros.client import OrchestratorClient

WAIT = 5.0  # seconds for the node to be found: a person waits for the completion

Completer = Callable[..., Iterable[str]]


def give(parser: argparse.ArgumentParser, command: str) -> None:
    """Tell argcomplete what the arguments of a command, and of what is below it, may be."""
    for action in _arguments(parser):
        completer = COMPLETERS.get((command, action.dest))
        if completer is not None:
            action.completer = completer  # type: ignore[attr-defined]  # argcomplete reads it


def _arguments(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:  # there is no public way to them
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for below in dict.fromkeys(action.choices.values()):
                yield from _arguments(below)


def _past_runs(*, parsed_args: argparse.Namespace, **_: Any) -> Iterable[str]:
    from execution_orchestrator.cli.history import opened  # noqa: PLC0415
    from execution_orchestrator.storage import StorageError  # noqa: PLC0415
    from execution_orchestrator.storage.database import default_state_directory  # noqa: PLC0415

    folder = parsed_args.state_directory or default_state_directory()
    try:
        with opened(folder, parsed_args.database_url) as journal:
            return [run.execution_id for run in journal.history()]
    except StorageError:
        return []


def _of_node(ask: Callable[[OrchestratorClient], Iterable[str]]) -> Completer:
    def completer(*, parsed_args: argparse.Namespace, **_: Any) -> Iterable[str]:
        from execution_orchestrator.ros.client import (  # noqa: PLC0415
            OrchestratorClient,
            OrchestratorUnavailableError,
        )

        try:
            with OrchestratorClient(name=parsed_args.node) as client:
                client.wait_ready(WAIT)
                return list(ask(client))
        except OrchestratorUnavailableError:
            return []

    return completer


def _executions(client: OrchestratorClient) -> Iterable[str]:
    from execution_orchestrator.cli.ids import SEARCHED  # noqa: PLC0415
    from execution_orchestrator.srv import ListExecutions  # noqa: PLC0415

    answer = client.call("list_executions", ListExecutions, limit=SEARCHED)
    return [one.execution_id for one in answer.executions]


def _schedules(client: OrchestratorClient) -> Iterable[str]:
    from execution_orchestrator.srv import ListSchedules  # noqa: PLC0415

    return [one.schedule_id for one in client.call("list_schedules", ListSchedules).schedules]


def _letters(client: OrchestratorClient) -> Iterable[str]:
    from execution_orchestrator.cli.deadletters import all_letters  # noqa: PLC0415

    return [one.dead_letter_id for one in all_letters(client)]


def _named(kind: str) -> Completer:
    def ask(client: OrchestratorClient) -> Iterable[str]:
        from execution_orchestrator.cli.knowledge import names  # noqa: PLC0415

        return names(client, kind)

    return _of_node(ask)


# By command and name of the argument.
COMPLETERS: dict[tuple[str, str], Completer] = {
    ("report", "execution_id"): _past_runs,
    ("history", "compare"): _past_runs,
    ("history export", "run"): _past_runs,
    **{(one, "execution_id"): _of_node(_executions) for one in ("amend", "query", "signal")},
    ("deadletters", "id"): _of_node(_letters),
    ("schedules", "id"): _of_node(_schedules),
    **{(kind, "name"): _named(kind) for kind in ("capabilities", "places", "objects")},
}
