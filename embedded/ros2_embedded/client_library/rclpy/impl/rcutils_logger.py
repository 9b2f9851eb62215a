"""The logger object."""

from __future__ import annotations

import os
import sys
from collections import namedtuple
from typing import Any

from rclpy.clock import Clock
from rclpy.impl import log_output
from rclpy.impl.logging_severity import LoggingSeverity

_internal_callers = [os.path.realpath(__file__)]

CallerId = namedtuple("CallerId", ["function_name", "file_path", "line_number", "last_index"])


def _find_caller(frame: Any) -> Any:
    while frame.f_back is not None and any(
        one in frame.f_code.co_filename for one in _internal_callers
    ):
        frame = frame.f_back
    return frame


def _caller_id() -> CallerId:
    frame = _find_caller(sys._getframe(1))
    code = frame.f_code
    return CallerId(code.co_name, os.path.abspath(code.co_filename), frame.f_lineno, frame.f_lasti)


_OPTIONS = ("throttle_duration_sec", "throttle_time_source_type", "skip_first", "once")


class _CallSite:
    """A place that logs: what it asks for at every call, and what its options remember.

    Raises:
        TypeError: an option is unknown, or lacks the one that it belongs to.
        ValueError: the source of time is no clock.

    """

    def __init__(self, severity: LoggingSeverity, name: str, options: dict[str, Any]) -> None:
        for option in options:
            if option not in _OPTIONS:
                raise TypeError(f'"{option}" is no logging option; there are {", ".join(_OPTIONS)}')
        self._clock = options.get("throttle_time_source_type") or Clock()
        if not isinstance(self._clock, Clock):
            raise ValueError(f"throttle_time_source_type is {self._clock!r}, which is no Clock")
        self._throttle = options.get("throttle_duration_sec")
        if options.get("throttle_time_source_type") and not self._throttle:
            raise TypeError('"throttle_time_source_type" needs "throttle_duration_sec"')
        self._asked = (severity, name, options)
        self._last = 0  # nanoseconds
        self._skips = bool(options.get("skip_first"))
        self._is_over = False

    def check(self, severity: LoggingSeverity, name: str, options: dict[str, Any]) -> None:
        """Raise ValueError if a call asks for something else than the first one."""
        asked = (severity, name, options)
        for what, now, before in zip(("severity", "name", "options"), asked, self._asked):
            if now != before:
                raise ValueError(f"Logger {what} cannot be changed between calls.")

    def lets_pass(self) -> bool:
        """Say whether the options let this call log."""
        if self._throttle:
            now = self._clock.now().nanoseconds
            if now < self._last + self._throttle * 1e9:
                return False
            self._last = now
        if self._skips or self._is_over:
            self._skips = False
            return False
        self._is_over = bool(self._asked[2].get("once"))
        return True


class RcutilsLogger:
    """A named logger."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self._sites: dict[Any, _CallSite] = {}

    def get_child(self, name: str) -> RcutilsLogger:
        """Return the logger ``self.name`` + "." + ``name``."""
        if not name:
            raise ValueError("Child logger name must not be empty.")
        return RcutilsLogger(f"{self.name}.{name}" if self.name else name)

    def set_level(self, level: int) -> None:
        """Set the least severity that is logged."""
        log_output.levels[self.name] = LoggingSeverity(level)

    def get_effective_level(self) -> LoggingSeverity:
        """Return the least severity that is logged."""
        return log_output.effective_level(self.name)

    def is_enabled_for(self, severity: int) -> bool:
        """Say whether this severity is logged."""
        return severity >= log_output.effective_level(self.name)

    def log(self, message: Any, severity: int, **kwargs: Any) -> bool:
        """Log; False when the level or an option kept it back.

        Raises:
            TypeError: options that do not fit together.
            ValueError: severity, name or options of a call changed since the last time.

        """
        if not self.is_enabled_for(severity):
            return False
        severity = LoggingSeverity(severity)
        name = kwargs.pop("name", self.name)
        caller = _caller_id()
        site = self._sites.get(caller)
        if site is None:
            site = self._sites[caller] = _CallSite(severity, name, kwargs)
        else:
            site.check(severity, name, kwargs)
        if not site.lets_pass():
            return False
        log_output.write(severity, name, str(message), caller[:3])
        return True

    def debug(self, message: Any, **kwargs: Any) -> bool:
        return self.log(message, LoggingSeverity.DEBUG, **kwargs)

    def info(self, message: Any, **kwargs: Any) -> bool:
        return self.log(message, LoggingSeverity.INFO, **kwargs)

    def warning(self, message: Any, **kwargs: Any) -> bool:
        return self.log(message, LoggingSeverity.WARN, **kwargs)

    def warn(self, message: Any, **kwargs: Any) -> bool:
        return self.log(message, LoggingSeverity.WARN, **kwargs)

    def error(self, message: Any, **kwargs: Any) -> bool:
        return self.log(message, LoggingSeverity.ERROR, **kwargs)

    def fatal(self, message: Any, **kwargs: Any) -> bool:
        return self.log(message, LoggingSeverity.FATAL, **kwargs)
