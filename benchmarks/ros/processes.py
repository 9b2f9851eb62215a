"""Child processes of the benchmark, and what they used of the machine."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

STOP_TIMEOUT = 20.0  # seconds
TICKS = os.sysconf("SC_CLK_TCK")


class Child:
    """A child process; its errors go to a file."""

    def __init__(self, command: list[str], log: Path, **more: Any) -> None:
        self._sink = log.open("ab")
        # As on a robot: compiled files are kept.
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        self.process = subprocess.Popen(
            command,
            stderr=self._sink,
            env=environment,
            **{"stdin": subprocess.DEVNULL, "stdout": self._sink, **more},
        )

    def cpu(self) -> float:
        """Return the seconds of processor time used so far."""
        text = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        user, system = text.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / TICKS

    def memory(self) -> float:
        """Return the resident memory in MB."""
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(text.split("VmRSS:")[1].split()[0]) / 1024

    def kill(self) -> None:
        """End it as a crash would: kill -9."""
        self.process.kill()
        self.process.wait(STOP_TIMEOUT)

    def stop(self) -> None:
        """Ctrl-C, and kill -9 when that does not end it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                self.kill()
        self._sink.close()


class Commanded(Child):
    """A contestant that takes commands on stdin (benchmarks.ros.contestant)."""

    def __init__(self, command: list[str], log: Path) -> None:
        super().__init__(
            command, log, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def run(self, what: str, count: int = 1) -> None:
        """Carry out a command.

        Raises:
            RuntimeError: the contestant ended instead.

        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{what} {count}\n")
        if not self.process.stdout.readline():
            raise RuntimeError(f"a contestant ended during {what}; its log says why")

    def stop(self) -> None:
        """Close its stdin, which ends it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.kill()
        super().stop()
