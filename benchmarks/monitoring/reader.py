"""Start with a journal as the node does; print the seconds, the memory after it, and its peak."""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
import time
from pathlib import Path

from benchmarks.monitoring.station import station


async def read(directory: Path, *, watched: bool) -> tuple[float, float, float]:
    """Return the seconds until goals are taken, and the memory in MB afterwards and at its peak."""
    began = time.perf_counter()
    async with station(directory, watched=watched):
        took = time.perf_counter() - began
        gc.collect()
        return took, resident(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def resident() -> float:
    """Return the memory of this process in MB."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1e3


if __name__ == "__main__":
    print(*asyncio.run(read(Path(sys.argv[1]), watched=sys.argv[2] == "watched")))
