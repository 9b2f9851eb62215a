"""Levels of the loggers, and where a log message goes: stderr (or stdout) and /rosout."""

import os
import re
import sys
import threading
import time

from rclpy.impl.logging_severity import LoggingSeverity

_DEFAULT_FORMAT = "[{severity}] [{time}] [{name}]: {message}"
_COLORS = {10: "\033[32m", 20: "\033[0m", 30: "\033[33m", 40: "\033[31m", 50: "\033[31m"}
_TOKEN = re.compile(r"\{(\w+)\}")
_ESCAPES = {r"\t": "\t", r"\n": "\n", r"\a": "\a", r"\b": "\b"}

levels = {}
default_level = LoggingSeverity.INFO
stdout_enabled = True
rosout_enabled = True
_rosout = {}
_lock = threading.Lock()


def parse_severity(text):
    """Return a severity by its name; raises RuntimeError for an unknown one."""
    try:
        return LoggingSeverity[text.upper()]
    except KeyError:
        raise RuntimeError(
            f"'{text}' is no log severity; it has to be one of "
            + ", ".join(one.name for one in LoggingSeverity)
        ) from None


def effective_level(name):
    """Return the level of the logger or of the next ancestor that has one."""
    while name:
        level = levels.get(name, LoggingSeverity.UNSET)
        if level:
            return level
        name = name.rpartition(".")[0]
    return levels.get("", default_level)


def reset():
    """Forget all levels."""
    levels.clear()


def add_rosout(name, send):
    """Send what this logger and its children log to ``send(severity, stamp, name, text, caller)``."""
    with _lock:
        _rosout.setdefault(name, []).append(send)


def remove_rosout(name, send):
    """Undo add_rosout."""
    with _lock:
        senders = _rosout.get(name, [])
        if send in senders:
            senders.remove(send)
        if not senders:
            _rosout.pop(name, None)


def _sender(name):
    while name:
        senders = _rosout.get(name)
        if senders:
            return senders[-1]
        name = name.rpartition(".")[0]
    return None


def _colored():
    wanted = os.environ.get("RCUTILS_COLORIZED_OUTPUT", "")
    return wanted == "1" or (wanted != "0" and sys.stderr.isatty())


def write(severity, name, message, caller):
    """Print and publish one message; ``caller`` is (function, file, line)."""
    stamp = time.time_ns()
    if stdout_enabled:
        stream = sys.stdout if os.environ.get("RCUTILS_LOGGING_USE_STDOUT") == "1" else sys.stderr
        line = _format(severity, stamp, name, message, caller)
        if _colored():
            line = f"{_COLORS[severity]}{line}\033[0m"
        try:
            stream.write(line + "\n")
            stream.flush()
        except (OSError, ValueError):
            pass  # a closed terminal must not end the program
    if rosout_enabled:
        send = _sender(name)
        if send is not None:
            send(severity, stamp, name, message, caller)


def _format(severity, stamp, name, message, caller):
    layout = os.environ.get("RCUTILS_CONSOLE_OUTPUT_FORMAT") or _DEFAULT_FORMAT
    function, file_name, line = caller
    values = {
        "severity": severity.name,
        "time": f"{stamp // 10**9}.{stamp % 10**9:09d}",
        "time_as_nanoseconds": f"{stamp:019d}",
        "date_time_with_ms": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(stamp // 10**9))
        + f".{stamp // 10**6 % 1000:03d}",
        "name": name,
        "message": message,
        "function_name": function,
        "file_name": file_name,
        "line_number": str(line),
        "short_file_name": file_name.rpartition("/")[2],
    }
    for escape, meaning in _ESCAPES.items():
        layout = layout.replace(escape, meaning)
    return _TOKEN.sub(lambda match: values.get(match[1], match[0]), layout)
