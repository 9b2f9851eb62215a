"""What holds for every test run, wherever it was started from."""

import os
import signal
import socket
import sys

# A run in the background of a shell is started with SIGINT ignored, and so would be every process
# a test starts: none of them could be interrupted. A handler here is reset in them to the default.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Tests start the node and its servers hundreds of times. Where a container forbids to keep what was
# compiled, each of them would compile everything anew, which is more than half of its start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_sessionstart(session):
    """Send the small messages of the rerun plugin at once.

    A worker tells a count before each test and asks for another one before the next: held back
    until the first was acknowledged, that took 40 ms a test.
    """
    channel = getattr(getattr(session.config, "failures_db", None), "sock", None)
    if channel is not None:
        channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
