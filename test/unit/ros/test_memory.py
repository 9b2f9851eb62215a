"""Threads share one heap, and what is free in its middle goes back. In processes of their own."""

import subprocess
import sys

import pytest

SHARED = """
import ctypes, threading
from execution_orchestrator.ros.memory import use_one_heap
if {cured}:
    use_one_heap()
kept = []
threads = [threading.Thread(target=lambda: kept.append(bytearray(5000))) for _ in range(4)]
[one.start() for one in threads]
[one.join() for one in threads]
ctypes.CDLL(None).malloc_stats()
"""
GIVEN_BACK = """
import asyncio
from pathlib import Path
from execution_orchestrator.ros import memory

def taken():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

async def main():
    memory.PERIOD = 0.01
    kept = [bytearray(5000) for _ in range(10_000)]
    del kept[:-1]  # the newest lies at the end of the heap
    before = taken()
    giving_back = asyncio.create_task(memory.give_back())
    await asyncio.sleep(0.1)
    giving_back.cancel()
    print(before - taken())

asyncio.run(main())
"""


def run(text):
    command = [sys.executable, "-c", text]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)


@pytest.mark.parametrize("cured", [False, True])
def test_threads_share_one_heap(cured):
    assert ("Arena 1:" in run(SHARED.format(cured=cured)).stderr) is not cured


def test_free_pages_go_back():
    assert int(run(GIVEN_BACK).stdout) > 30_000_000
