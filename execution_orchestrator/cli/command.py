"""How a command of this package ends as a process."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Callable
from typing import NoReturn


def run_command(main: Callable[[], int | str | None]) -> NoReturn:
    """Run a command and exit with the status, or the message, that it returns.

    A reader of its output that has seen enough, such as `head`, ends it without a word, with the
    status of a process that SIGPIPE ended.
    """
    try:
        try:
            status = main()
        except SystemExit as ended:  # by argparse, as for --help
            status = ended.code
        sys.stdout.flush()
    except BrokenPipeError:
        if not _reader_is_gone():
            raise
        # Nothing more may be flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 128 + signal.SIGPIPE
    sys.exit(status)


def _reader_is_gone() -> bool:
    output = select.poll()
    output.register(sys.stdout, 0)
    return any(event & select.POLLERR for _, event in output.poll(0))
