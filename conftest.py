"""What holds for every test run, wherever it was started from."""

import signal

# A run in the background of a shell is started with SIGINT ignored, and so would be every process
# a test starts: none of them could be interrupted. A handler here is reset in them to the default.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
