"""Execution ids as people type them: the beginning is enough where it is clear."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import ListExecutions
from execution_orchestrator.storage import Journal

NAMED = 5  # ids that an error names
SEARCHED = 500  # the node's newest executions


class UnknownIdError(ValueError):
    """No id begins like that, or several do; the message names those that are near."""


def whole_id(typed: str, known: Iterable[str], what: str = "execution") -> str:
    """Return the one id that is ``typed`` or begins with it.

    Raises:
        UnknownIdError: there is none, or more than one.

    """
    ids = list(known)
    if typed in ids:
        return typed
    found = [one for one in ids if one.startswith(typed)]
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(found[:NAMED]) + (" ..." if len(found) > NAMED else "")
        raise UnknownIdError(f"{typed!r} is the beginning of several: {several}")
    near = difflib.get_close_matches(typed, ids, n=NAMED) or ids[:NAMED]
    cure = f"; there are: {', '.join(near)}" if near else "; there are none yet"
    raise UnknownIdError(f"there is no {what} {typed!r}{cure}")


def id_in_node(client: OrchestratorClient, typed: str) -> str:
    """Return the whole id of one of a node's newest executions.

    Raises:
        UnknownIdError: there is none, or more than one.
        OrchestratorUnavailableError: the node does not answer.

    """
    answer = client.call("list_executions", ListExecutions, limit=SEARCHED)
    return whole_id(typed, [one.execution_id for one in answer.executions])


def id_in_journal(journal: Journal, typed: str) -> str:
    """Return the whole id of an execution of a journal.

    Raises:
        UnknownIdError: there is none, or more than one.
        StorageError: the journal cannot be read.

    """
    return whole_id(typed, [entry.execution_id for entry in journal.history()])
