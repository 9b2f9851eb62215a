"""SIGINT and SIGTERM end the contexts that asked for it."""

import enum
import signal
import socket
import threading
import weakref


class SignalHandlerOptions(enum.IntEnum):
    """Which signals are handled."""

    NO = 0
    SIGINT = 1
    SIGTERM = 2
    ALL = 3


_lock = threading.RLock()
_installed = SignalHandlerOptions.NO
_previous = {}
_contexts = weakref.WeakSet()
_guards = weakref.WeakSet()
_sockets = []


def _handle(number, frame):
    _wake_all()
    for context in list(_contexts):
        context._shutdown_by_signal()
    previous = _previous.get(number)
    if callable(previous):
        previous(number, frame)


def _wake_all():
    for guard in list(_guards):
        guard.trigger()


def _watch_signals():
    """Wake waiting executors on every signal: Python's handlers run only between its steps."""
    if _sockets or threading.current_thread() is not threading.main_thread():
        return
    reading, writing = socket.socketpair()
    writing.setblocking(False)
    before = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    if before != -1:  # an event loop has the main thread, so that nobody waits there
        signal.set_wakeup_fd(before)
        reading.close()
        writing.close()
        return
    _sockets.extend((reading, writing))

    def watch():
        while reading.recv(64):
            _wake_all()

    threading.Thread(target=watch, name="ros-signals", daemon=True).start()


def install_signal_handlers(options=SignalHandlerOptions.ALL):
    """Handle these signals from now on; only the main thread can do it."""
    global _installed
    with _lock:
        if threading.current_thread() is not threading.main_thread():
            return
        for number, option in (
            (signal.SIGINT, SignalHandlerOptions.SIGINT),
            (signal.SIGTERM, SignalHandlerOptions.SIGTERM),
        ):
            if options & option and number not in _previous:
                _previous[number] = signal.signal(number, _handle)
        _installed = SignalHandlerOptions(options)


def uninstall_signal_handlers():
    """Put back what was there before."""
    global _installed
    with _lock:
        if threading.current_thread() is threading.main_thread():
            for number, previous in _previous.items():
                signal.signal(number, previous if previous is not None else signal.SIG_DFL)
            _previous.clear()
        _installed = SignalHandlerOptions.NO


def register_context(context):
    """End this context on a handled signal."""
    _contexts.add(context)


def register_waker(waker):
    """Call ``waker.trigger()`` on every signal."""
    _guards.add(waker)
    with _lock:
        _watch_signals()
