"""Picks processes by action or by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from launch.actions import ExecuteLocal
from launch.substitutions import TextSubstitution


class _NoArguments:
    """The type of NO_CMD_ARGS."""


#: Matches processes without arguments only.
NO_CMD_ARGS = _NoArguments()


class NoMatchingProcessException(Exception):
    """Nothing was recorded for any process that matches."""


class AmbiguousProcessError(Exception):
    """Several processes match where one was meant."""


class RecordsProcesses(Protocol):
    """Anything that recorded something about processes."""

    def processes(self) -> Iterable[ExecuteLocal]:
        """List the processes."""


def describe_process(process: ExecuteLocal) -> str:
    """Return name and arguments of a process."""
    details = process.process_details
    if details is None:
        return _describe_command(process)
    return " ".join([str(details["name"]), *details["cmd"][1:]])


def _describe_command(process: ExecuteLocal) -> str:
    """Return the command of a process not launched yet, as far as it is known."""
    words = [part for word in process.process_description.cmd for part in word]
    if all(isinstance(part, TextSubstitution) for part in words):
        return " ".join(
            "".join(part.text for part in word) for word in process.process_description.cmd
        )
    return "Unknown - Process not launched yet"


def resolveProcesses(
    info_obj: RecordsProcesses,
    *,
    process: ExecuteLocal | str | None = None,
    cmd_args: Any = None,
    strict_proc_matching: bool = True,
) -> list[ExecuteLocal]:
    """List the processes something was recorded about: one, those with a name, or all.

    A name matches if it is part of the process's; `cmd_args` must be among its arguments. Raises
    NoMatchingProcessException if there is none, AmbiguousProcessError if there are several and
    `strict_proc_matching` is on, TypeError for a process of another type.
    """
    known = list(info_obj.processes())
    if process is None:
        if not known:
            raise NoMatchingProcessException("No data recorded for any process")
        return known
    if isinstance(process, ExecuteLocal):
        if process not in known:
            raise NoMatchingProcessException(
                f"No data recorded for proc {describe_process(process)}"
            )
        return [process]
    if not isinstance(process, str):
        raise TypeError(f"a process is an ExecuteProcess or a name, not {process!r}")
    matches = [entry for entry in known if _matches(entry, process, cmd_args)]
    names = ", ".join(sorted(describe_process(entry) for entry in known))
    wanted = f"name '{process}' and args '{cmd_args}'. Procs: {names}"
    if not matches:
        raise NoMatchingProcessException(f"Did not find any processes matching {wanted}")
    if strict_proc_matching and len(matches) > 1:
        raise AmbiguousProcessError(f"Found multiple processes matching {wanted}")
    return matches


def _matches(process: ExecuteLocal, name: str, cmd_args: Any) -> bool:
    """Tell whether a process has a name and arguments."""
    details = process.process_details
    if details is None or name not in details["name"]:
        return False
    arguments = details["cmd"][1:]
    if cmd_args is None:
        return True
    if cmd_args is NO_CMD_ARGS:
        return not arguments
    wanted = [cmd_args] if isinstance(cmd_args, str) else cmd_args
    return all(argument in arguments for argument in wanted)
