"""Starts child processes that never outlive the launcher."""

from __future__ import annotations

import asyncio
import ctypes
import os
import pty
import signal
import sys
from collections.abc import Callable, Mapping, Sequence

from .child_protocol import ChildProtocol

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
