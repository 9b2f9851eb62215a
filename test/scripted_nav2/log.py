"""What the robot truly did, as JSON lines that several processes append to."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any


class Log:
    """Appends; a line is written at once, so that it is there after a kill."""

    def __init__(self, file: Path | None) -> None:
        self._sink = file.open("a", buffering=1) if file is not None else None
        self._lock = threading.Lock()

    def write(self, part: str, what: str, **facts: Any) -> None:
        if self._sink is not None:
            line = json.dumps({"t": time.monotonic(), "part": part, "what": what, **facts})
            with self._lock:
                self._sink.write(line + "\n")


def read(file: Path) -> list[dict[str, Any]]:
    """Every whole line so far."""
    if not file.exists():
        return []
    text = file.read_text()
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def open_goals(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Goals that began and did not end, of servers that live."""
    goals: dict[tuple[str, str], dict[str, Any]] = {}
    for line in lines:
        if line["what"] == "goal":
            goals[line["action"], line["id"]] = line
        elif line["what"] == "end":
            goals.pop((line["action"], line["id"]), None)
        elif line["what"] == "up":
            # A new process of a server knows nothing of what the one before it did.
            goals = {key: goal for key, goal in goals.items() if goal["part"] != line["part"]}
    return list(goals.values())


def moves(lines: list[dict[str, Any]]) -> bool:
    """Whether the base moves as far as the log goes."""
    last = [line["what"] for line in lines if line["what"] in ("moves", "stands")]
    return bool(last) and last[-1] == "moves"
