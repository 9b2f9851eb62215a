"""SIGINT and SIGTERM end the contexts that asked for it."""

import enum
import signal
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


def _handle(number, frame):
    for guard in list(_guards):
        guard.trigger()
    for context in list(_contexts):
        context._shutdown_by_signal()
    previous = _previous.get(number)
    if callable(previous) and previous is not signal.default_int_handler:
        previous(number, frame)


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


def get_current_signal_handlers_options():
    """Tell which signals are handled."""
    return _installed


def register_context(context):
    """End this context on a handled signal."""
    _contexts.add(context)


class SignalHandlerGuardCondition:
    """A guard condition that a handled signal triggers; kept for programs that make one."""

    def __init__(self, context=None):
        from rclpy.guard_condition import GuardCondition

        self._guard = GuardCondition(None, None, context)
        _guards.add(self._guard)

    def destroy(self):
        _guards.discard(self._guard)
        self._guard.destroy()
