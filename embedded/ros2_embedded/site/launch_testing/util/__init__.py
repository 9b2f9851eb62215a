"""Parts of test descriptions and look-up of processes."""

import sys

from launch.actions import ExecuteProcess

from .proc_lookup import NO_CMD_ARGS, NoMatchingProcessException, resolveProcesses


def KeepAliveProc() -> ExecuteProcess:
    """Return a process that keeps a launch going until it is shut down."""
    script = (
        "import signal\n"
        "signal.signal(signal.SIGINT, lambda *_: exit(0))\n"
        "signal.signal(signal.SIGTERM, lambda *_: exit(0))\n"
        "signal.pause()\n"
    )
    return ExecuteProcess(cmd=[sys.executable, "-c", script])
