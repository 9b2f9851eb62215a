"""Whether the process behind an endpoint still runs, where the middleware tells its id.

Fast DDS writes a digest of the machine and the lower half of the process id into every GUID.
The GUID of this process shows whether the middleware does so; otherwise no process is known.
"""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path

MACHINE = slice(0, 4)
PROCESS = slice(4, 6)
PARTICIPANT = slice(0, 12)
LARGEST = 1 << 22  # no process id of Linux is larger
KEPT = 1000  # participants
MOST_STAT = 4096  # bytes of a /proc/<id>/stat, which has some fifty numbers
# States in /proc of a process that only its parent has not taken note of.
DEAD = frozenset((b"Z", b"X"))


class Processes:
    """Knows of participants by the GUIDs of their endpoints. ``own``: one of this process."""

    def __init__(self, own: bytes, proc: Path = Path("/proc")) -> None:
        self._proc = proc
        tells = own[PROCESS] == _lower_half(os.getpid())
        self._machine = own[MACHINE] if tells else b""
        self._known: dict[bytes, tuple[int, bytes]] = {}  # process ids and start times

    def lives(self, guid: bytes) -> bool | None:
        """Say whether the process runs; None: it is not known, or never was."""
        if not self._machine or guid[MACHINE] != self._machine:
            return None
        participant = guid[PARTICIPANT]
        if participant not in self._known:
            found = self._find(guid[PROCESS])
            if found is None or len(self._known) >= KEPT:
                return None
            self._known[participant] = found
        number, started = self._known[participant]
        return self._started(number) == started

    def _find(self, lower: bytes) -> tuple[int, bytes] | None:
        """Return the one process that it can be; None: there is none in sight, or several."""
        first = int.from_bytes(lower, "little")
        running = [
            (number, started)
            for number in range(first, LARGEST, 1 << 16)
            if (started := self._started(number))
        ]
        return running[0] if len(running) == 1 else None

    def _started(self, number: int) -> bytes:
        """Return when a process was started, in ticks since the boot; empty: it does not run."""
        try:
            # Read for every goal: a Path and a decoder take five times as long.
            with FileIO(f"{self._proc}/{number}/stat") as file:
                data = file.read(MOST_STAT) or b""
        except OSError:
            return b""
        fields = data.rpartition(b")")[2].split()  # from the third field on, its state
        return b"" if not fields or fields[0] in DEAD else fields[19]


def _lower_half(number: int) -> bytes:
    return (number & 0xFFFF).to_bytes(2, "little")
