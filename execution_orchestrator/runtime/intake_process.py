"""Validates large documents in processes that can be killed and have a bound on their memory."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from multiprocessing import Pipe
from typing import Any

from execution_orchestrator.runtime.intake import Intake, Prepared
from execution_orchestrator.runtime.intake_worker import MEMORY, NO_MEMORY

WORKER = "execution_orchestrator.runtime.intake_worker"
IDLE = 60.0  # seconds without a document after which a process ends: it holds some 60 MB
END = 5.0  # seconds for a killed process to be gone


class WorkerDiedError(RuntimeError):
    """The process that validated a document was killed; the message gives the cause."""


class IntakeProcesses:
    """Keeps processes ready for the next document. May be used from any thread."""

    def __init__(self, intake: Intake) -> None:
        self._blueprint = intake.blueprint
        self._answers = intake.answers
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._closed = False

    def take(self) -> Worker:
        """Return a process for one document; give it back afterwards.

        Raises:
            WorkerDiedError: none can be started.

        """
        with self._lock:
            if self._closed:
                raise WorkerDiedError("the node is stopping")
            while self._idle:
                worker = self._idle.pop()
                worker.rest.cancel()
                if worker.alive:
                    break
            else:
                try:
                    worker = Worker(self._blueprint, self._answers)
                except OSError as failure:
                    raise WorkerDiedError(
                        f"no process for it can be started: {failure}"
                    ) from failure
            self._busy.add(worker)
            return worker

    def give_back(self, worker: Worker) -> None:
        """Keep a process for the next document, for a while; a killed one is forgotten."""
        with self._lock:
            self._busy.discard(worker)
            if worker.killed or self._closed:
                worker.kill()
                return
            worker.rest = threading.Timer(IDLE, self._let_go, (worker,))
            worker.rest.daemon = True
            worker.rest.start()
            self._idle.append(worker)

    def close(self) -> None:
        """End all of them, and keep none from now on."""
        with self._lock:
            self._closed = True
            workers = [*self._idle, *self._busy]
            self._idle.clear()
        for worker in workers:
            worker.rest.cancel()
            worker.kill()
        for worker in workers:
            worker.wait()

    def _let_go(self, worker: Worker) -> None:
        with self._lock:
            if worker not in self._idle:
                return
            self._idle.remove(worker)
        worker.kill()
        worker.wait()


class Worker:
    """One process. `kill` may be called from any thread, `prepare` from one at a time."""

    def __init__(
        self, blueprint: Mapping[str, Any], answers: Mapping[str, Callable[..., Any]]
    ) -> None:
        self._answers = answers
        self._first: Mapping[str, Any] | None = blueprint
        self.rest = threading.Timer(0.0, self.kill)  # ends it when it was idle for long
        self.killed = False
        self._pipe, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", WORKER, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
            )

    @property
    def alive(self) -> bool:
        """Whether it can take another document."""
        return not self.killed and self._process.poll() is None

    def prepare(self, arguments: Mapping[str, Any]) -> Prepared:
        """Return what an intake's `prepare` makes of these arguments; blocks.

        Raises:
            WorkerDiedError: the process was killed, or took more memory or time than it may.

        """
        try:
            if self._first is not None:
                self._pipe.send(self._first)
                self._first = None
            self._pipe.send(arguments)
            while True:
                what, value = self._pipe.recv()
                if what == "done":
                    prepared: Prepared = value
                    return prepared
                self._pipe.send(self._answers[what](*value))
        except (EOFError, OSError) as failure:
            raise WorkerDiedError(self._end()) from failure

    def kill(self) -> None:
        """Kill the process; a pending `prepare` raises WorkerDiedError."""
        self.killed = True
        self._process.kill()

    def wait(self) -> None:
        """Wait until it is gone."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END)

    def _end(self) -> str:
        if not self.killed:
            self.wait()
        status = self._process.poll()
        self.kill()
        self.wait()
        if status == NO_MEMORY:
            return f"it takes more than {MEMORY >> 20} MiB of memory"
        return "it takes more memory or processor time than it may" if status else "it was ended"
