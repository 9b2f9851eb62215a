"""Reads the document that a command is given: a file, or standard input."""

from __future__ import annotations

import re
import sys
from pathlib import Path

MAX_PLAN_BYTES = 64 * 1024 * 1024  # the node has a limit of its own; this only stops absurd reads


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
            raise OSError(f"{argument} cannot be read: {failure.strerror}") from None
    if len(raw) > MAX_PLAN_BYTES:
        raise ValueError(f"{argument} is larger than {MAX_PLAN_BYTES // 2**20} MiB")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as failure:
        raise ValueError(
            f"{argument} is not UTF-8 text: byte {failure.start} is {raw[failure.start]:#04x}. "
            "Save it as UTF-8."
        ) from None
