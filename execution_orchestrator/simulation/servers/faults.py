"""Faults a server is told to have, counted so that it heals."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

# Actions that only ask: whoever plans may ask at any time, so that a fault which is meant for the
# next goal would hit a question by accident. Named in fault.action, they are hit.
QUESTIONS = frozenset({"compute_path_to_pose", "compute_path_through_poses"})


class FaultMode(Enum):
    """What goes wrong."""

    NONE = "none"
    REJECT = "reject"  # the goal is refused
    ABORT = "abort"  # the goal ends with an error code
    HANG = "hang"  # the goal is accepted and nothing happens any more
    SLOW = "slow"  # the goal begins late
    DIE = "die"  # the process ends in the middle of the goal
    DROP = "drop"  # the work is done, but feedback and result are lost


DEFAULT_DELAYS = {FaultMode.SLOW: 5.0, FaultMode.DIE: 0.5}
DEFAULTS: Mapping[str, str | int | float] = {
    "fault.mode": "none",
    "fault.error_code": 0,
    "fault.count": 1,
    "fault.delay": 0.0,
    "fault.action": "",
}
DESCRIPTIONS = {
    "fault.mode": f"what goes wrong: {', '.join(mode.value for mode in FaultMode)}",
    "fault.error_code": "error code of an abort; 0: the action's own code for an unknown failure",
    "fault.count": "how many goals it affects before the server heals; 0: all",
    "fault.delay": "simulated seconds before it happens; 0.0: at once (slow: 5 s, die: 0.5 s)",
    "fault.action": "only goals of this action, for example spin; empty: all that do something",
}


@dataclass(frozen=True)
class Fault:
    """One fault that happens to one goal."""

    mode: FaultMode
    error_code: int
    delay: float


class Faults:
    """Decides which goal a fault happens to; safe to use from several threads.

    ``record`` is a file that remembers, beyond the death of the process, how often it happened.
    """

    def __init__(self, record: Path | None = None) -> None:
        self._record = record
        self._lock = threading.Lock()
        self._settings = dict(DEFAULTS)
        self._done = self._read()

    def configure(self, changes: Mapping[str, Any], *, restart: bool = True) -> str:
        """Take new settings and count anew; return what is wrong with them, empty if nothing."""
        unknown = set(changes) - set(DEFAULTS)
        if unknown:
            return f"unknown: {', '.join(sorted(unknown))}"
        mode = changes.get("fault.mode", "none")
        known = [each.value for each in FaultMode]
        if mode not in known:
            return f"fault.mode {mode!r} is unknown; known: {', '.join(known)}"
        for name in ("fault.count", "fault.delay"):
            if changes.get(name, 0) < 0:
                return f"{name} must not be negative"
        with self._lock:
            self._settings.update(changes)
            if restart:
                self._done = 0
                self._write()
        return ""

    def take(self, action: str, *, rejecting: bool) -> Fault | None:
        """Return the fault that happens to this goal, if any, and count it.

        Rejections are asked for before the goal is accepted, everything else afterwards.
        """
        with self._lock:
            mode = FaultMode(self._settings["fault.mode"])
            only = self._settings["fault.action"]
            count = int(self._settings["fault.count"])
            if (
                mode is FaultMode.NONE
                or rejecting != (mode is FaultMode.REJECT)
                or (action != only if only else action in QUESTIONS)
                or (count and self._done >= count)
            ):
                return None
            self._done += 1
            self._write()
            delay = float(self._settings["fault.delay"]) or DEFAULT_DELAYS.get(mode, 0.0)
            return Fault(mode, int(self._settings["fault.error_code"]), delay)

    def _read(self) -> int:
        if self._record is None or not self._record.is_file():
            return 0
        try:
            return int(json.loads(self._record.read_text(encoding="utf-8"))["done"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def _write(self) -> None:
        if self._record is None:
            return
        self._record.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._record.with_suffix(".new")
        fresh.write_text(json.dumps({"done": self._done}), encoding="utf-8")
        fresh.replace(self._record)
