"""Assertions about processes."""

from launch_testing.util.proc_lookup import NO_CMD_ARGS

from .assert_exit_codes import (
    EXIT_OK,
    EXIT_SIGABRT,
    EXIT_SIGINT,
    EXIT_SIGKILL,
    EXIT_SIGQUIT,
    EXIT_SIGSEGV,
    EXIT_SIGTERM,
    assertExitCodes,
)
from .assert_output import assertDefaultStream, assertInStderr, assertInStdout, assertInStream
from .assert_sequential_output import SequentialTextChecker, assertSequentialStdout

__all__ = [
    "EXIT_OK",
    "EXIT_SIGABRT",
    "EXIT_SIGINT",
    "EXIT_SIGKILL",
    "EXIT_SIGQUIT",
    "EXIT_SIGSEGV",
    "EXIT_SIGTERM",
    "NO_CMD_ARGS",
    "SequentialTextChecker",
    "assertDefaultStream",
    "assertExitCodes",
    "assertInStderr",
    "assertInStdout",
    "assertInStream",
    "assertSequentialStdout",
]
