"""How a process of this package begins and ends: all that the files in `scripts/` call."""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
from importlib import import_module
from typing import NoReturn

from execution_orchestrator.missing import tell_what_is_missing


def run(module: str, function: str = "main") -> NoReturn:
    """Call a function of a module of this package and exit with the status, or message, it returns.

    A Python package that is not installed ends the process with a sentence. A reader of its output
    that has seen enough, such as `head`, ends it without a word, with the status of a process that
    SIGPIPE ended.
    """
    tell_what_is_missing()
    # Else Pydantic reads the files of every installed distribution to find plug-ins for itself.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # What is loaded stays. To look through it for garbage while it grows is a seventh of a start.
    gc.disable()
    main = getattr(import_module(f"execution_orchestrator.{module}"), function)
    gc.freeze()
    gc.enable()
    try:
        try:
            status = main()
        except SystemExit as ended:  # by argparse, as for --help
            status = ended.code
        if not sys.stdout.closed:  # as by a server that talked through it
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
