"""Reads the document that a command is given: a file, or standard input."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from execution_orchestrator.plan.nearest import nearest

MAX_PLAN_BYTES = 64 * 1024 * 1024  # the node has a limit of its own; this only stops absurd reads
MOST_NEAR = 3  # files that are named in place of one that is missing


# At the beginning of a line of YAML, or anywhere as a key of JSON.
COMMAND = re.compile(r"""^command\s*:|["']command["']\s*:""", re.MULTILINE)


def title_of(file: str, plan: str) -> str:
    """Return what a plan file is called where executions are listed, '' if it says it itself."""
    return "" if file == "-" or COMMAND.search(plan) else Path(file).name


def read_plan(argument: str | None) -> str:
    """Read the plan document from a file or from standard input.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is larger than 64 MiB or is not UTF-8 text; the message names the file.

    """
    if argument is None:
        return ""
    if argument == "-":
        raw = sys.stdin.buffer.read(MAX_PLAN_BYTES + 1)
    else:
        try:
            with Path(argument).open("rb") as file:
                raw = file.read(MAX_PLAN_BYTES + 1)
        except OSError as failure:
            raise OSError(
                f"{argument} cannot be read: {failure.strerror}{_near(argument)}"
            ) from None
    if len(raw) > MAX_PLAN_BYTES:
        raise ValueError(f"{argument} is larger than {MAX_PLAN_BYTES // 2**20} MiB")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as failure:
        raise ValueError(
            f"{argument} is not UTF-8 text: byte {failure.start} is {raw[failure.start]:#04x}. "
            "Save it as UTF-8."
        ) from None


def _near(argument: str) -> str:
    """Name the files in a missing one's folder that have a similar name, whatever their ending."""
    file = Path(argument)
    folder = file.parent
    if file.exists() or not folder.is_dir():
        return ""
    beside: dict[str, list[str]] = {}
    for one in sorted(folder.iterdir()):
        if one.is_file():
            beside.setdefault(one.stem, []).append(str(one))
    near = [name for stem in nearest(file.stem, [*beside]) for name in beside[stem]]
    return f". Did you mean {' or '.join(near[:MOST_NEAR])}?" if near else ""
