"""Starts child processes that never outlive the launcher, and receives what the loop reports about them."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import os
import pty
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import cast

#: Bytes read at once from a pseudo terminal.
_CHUNK = 65536


class ChildProtocol(asyncio.SubprocessProtocol):
    """Passes output on, and completes when the process has ended and its output is read."""

    def __init__(
        self,
        on_started: Callable[[asyncio.SubprocessTransport], None],
        on_output: Callable[[int, bytes], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._on_started = on_started
        self._on_output = on_output
        self._loop = loop
        self._terminals: dict[int, int] = {}
        self._pipes_closed = loop.create_future()
        self.exited: asyncio.Future[None] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Announce the process, before any of its output."""
        self._on_started(cast(asyncio.SubprocessTransport, transport))

    def read_terminal(self, file_descriptor: int, source: int) -> None:
        """Read what the process writes to a pseudo terminal that stands for output 1 or 2."""
        os.set_blocking(file_descriptor, False)
        self._terminals[file_descriptor] = source
        self._loop.add_reader(file_descriptor, self._on_terminal_readable, file_descriptor)

    def pipe_data_received(self, fd: int, data: bytes | str) -> None:
        """Pass output on."""
        self._on_output(fd, cast(bytes, data))

    def process_exited(self) -> None:
        """Note that the process has ended; output may still come."""
        if not self.exited.done():
            self.exited.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that all pipes are closed."""
        if not self._pipes_closed.done():
            self._pipes_closed.set_result(None)

    async def wait_until_complete(self, grace: float) -> None:
        """Wait for the end, and at most `grace` seconds longer for the rest of the output.

        A descendant of the process may keep its pipes open for ever, hence the limit.
        """
        await self.exited
        while self._terminals and self._drain_terminals():
            pass
        await asyncio.wait([self._pipes_closed], timeout=grace)
        for file_descriptor in tuple(self._terminals):
            self._close_terminal(file_descriptor)

    def _drain_terminals(self) -> bool:
        """Read what is there; tell whether there was anything."""
        found = [self._on_terminal_readable(terminal) for terminal in tuple(self._terminals)]
        return any(found)

    def _on_terminal_readable(self, file_descriptor: int) -> bool:
        """Read from a pseudo terminal; tell whether there was anything."""
        try:
            data = os.read(file_descriptor, _CHUNK)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""
        if data:
            # A terminal ends lines with a carriage return as well.
            self._on_output(self._terminals[file_descriptor], data.replace(b"\r\n", b"\n"))
            return True
        self._close_terminal(file_descriptor)
        return False

    def _close_terminal(self, file_descriptor: int) -> None:
        """Stop reading a pseudo terminal."""
        if self._terminals.pop(file_descriptor, None) is not None:
            self._loop.remove_reader(file_descriptor)
            os.close(file_descriptor)


_PR_SET_PDEATHSIG = 1


def _die_with(parent: int) -> Callable[[], None] | None:
    """Return what a child runs before its program: it asks the kernel to die with its parent."""
    if not sys.platform.startswith("linux"):
        return None
    # Loaded here: between fork and exec nothing may be imported or allocated at leisure.
    prctl = ctypes.CDLL(None).prctl

    def prepare() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


async def start_child(
    cmd: Sequence[str],
    *,
    cwd: str | None,
    env: Mapping[str, str] | None,
    shell: bool,
    emulate_tty: bool,
    on_started: Callable[[asyncio.SubprocessTransport], None],
    on_output: Callable[[int, bytes], None],
) -> ChildProtocol:
    """Start a command; its output goes to `on_output` with 1 or 2 for where it came from.

    A shell gets a process group of its own, so that what it started can be signalled with it.
    Raises OSError if the command cannot be started.
    """
    loop = asyncio.get_running_loop()
    protocol = ChildProtocol(on_started, on_output, loop)
    terminals = [pty.openpty() for _ in range(2)] if emulate_tty else []
    outputs = [slave for _, slave in terminals] or [asyncio.subprocess.PIPE] * 2
    try:
        if shell:
            await loop.subprocess_shell(
                lambda: protocol,
                " ".join(cmd),
                stdin=asyncio.subprocess.PIPE,
                stdout=outputs[0],
                stderr=outputs[1],
                cwd=cwd,
                env=env,
                process_group=0,
                preexec_fn=_die_with(os.getpid()),
            )
        else:
            await loop.subprocess_exec(
                lambda: protocol,
                *cmd,
                stdin=asyncio.subprocess.PIPE,
                stdout=outputs[0],
                stderr=outputs[1],
                cwd=cwd,
                env=env,
                preexec_fn=_die_with(os.getpid()),
            )
    except BaseException:
        for master, _ in terminals:
            os.close(master)
        raise
    finally:
        for _, slave in terminals:
            os.close(slave)
    for source, (master, _) in enumerate(terminals, start=1):
        protocol.read_terminal(master, source)
    return protocol
