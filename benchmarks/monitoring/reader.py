"""Read a journal as the node does, then monitoring too, and print the memory in MB each time."""

from __future__ import annotations

import asyncio
import gc
import sys
from pathlib import Path

from benchmarks.monitoring.station import station


async def read(directory: Path) -> tuple[float, float]:
    """Return the memory in MB once the journal is read, and once monitoring has read it too."""
    async with station(directory, watched=False) as place:
        gc.collect()
        before = resident()
        for entry in place.journal.read():
            place.monitor.on_events([entry])
        gc.collect()
        return before, resident()


def resident() -> float:
    """Return the memory of this process in MB."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1e3


if __name__ == "__main__":
    print(*asyncio.run(read(Path(sys.argv[1]))))
