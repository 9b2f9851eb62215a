"""The process in which a large document is validated: it may be killed at any time.

Started by `intake_process` with the number of a pipe. It takes the blueprint of an intake, then one
document after the other, and asks on the same pipe for what only the node knows. It ends when the
pipe does, and by the system when it takes too much memory or processor time.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from execution_orchestrator.runtime.intake import Intake

MEMORY = 1 << 30  # bytes of data, at most
NO_MEMORY = 71  # exit status
PROCESSOR_TIME = 60  # seconds for one document, on all cores together; the node has given up before


def main() -> None:
    """Serve until the pipe is closed."""
    # Ctrl-C in a terminal is for the node, which closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bounded()
    # A large plan makes many objects that stay; looking through them again and again frees nothing.
    gc.set_threshold(100_000)
    pipe: Connection = Connection(int(sys.argv[1]))

    def asks(what: str) -> Any:
        def ask(*arguments: Any) -> Any:
            pipe.send((what, arguments))
            return received(pipe)

        return ask

    with contextlib.suppress(EOFError, ConnectionError):
        asked = {name: asks(name) for name in ("measure", "learned", "trial", "now")}
        intake = Intake(**received(pipe), **asked)
        while True:
            arguments = received(pipe)
            count_processor_time()
            try:
                prepared = intake.prepare(**arguments)
            except MemoryError:
                # The process cannot be used after running out of memory.
                os._exit(NO_MEMORY)
            pipe.send(("done", prepared))
            del arguments, prepared


def received(pipe: Connection) -> Any:
    """Return what comes next.

    Raises:
        EOFError: the node is gone, perhaps in the middle of a message.

    """
    try:
        return pipe.recv()
    except OSError as failure:
        raise EOFError from failure


def bounded(memory: int = MEMORY) -> None:
    """Take no more memory (bytes) than is allowed, and be the first to go where none is left."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def count_processor_time() -> None:
    """Let the system end this process after so much processor time from now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + PROCESSOR_TIME
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
