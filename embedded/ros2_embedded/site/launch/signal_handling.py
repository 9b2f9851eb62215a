"""Signal handlers that last as long as a launch service runs."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping


@contextlib.contextmanager
def handled_signals(handlers: Mapping[signal.Signals, Callable[[], None]]) -> Iterator[None]:
    """Run handlers on the current loop; what was installed before comes back afterwards."""
    loop = asyncio.get_running_loop()
    previous = {number: signal.getsignal(number) for number in handlers}
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number, handler_before in previous.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler_before)
