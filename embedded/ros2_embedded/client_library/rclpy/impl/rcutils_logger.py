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


class LoggingFilter:
    """Decides whether a call logs; its parameters may not change between calls."""

    params: dict[str, Any] = {}

    @classmethod
    def initialize_context(cls, context: dict[str, Any], **kwargs: Any) -> None:
        for name, default in cls.params.items():
            context[name] = kwargs.get(name, default)
            if context[name] is None:
                raise TypeError(
                    f'Required parameter "{name}" was not specified for logging filter '
                    f'"{cls.__name__}"'
                )

    @staticmethod
    def should_log(context: dict[str, Any]) -> bool:
        return True


class Once(LoggingFilter):
    """Only the first call."""

    params = {"once": None}

    @classmethod
    def initialize_context(cls, context: dict[str, Any], **kwargs: Any) -> None:
        super().initialize_context(context, **kwargs)
        context["has_been_logged_once"] = False

    @staticmethod
    def should_log(context: dict[str, Any]) -> bool:
        first = not context["has_been_logged_once"]
        context["has_been_logged_once"] = True
        return first


class Throttle(LoggingFilter):
    """At most once in a duration."""

    params = {"throttle_duration_sec": None, "throttle_time_source_type": Clock()}

    @classmethod
    def initialize_context(cls, context: dict[str, Any], **kwargs: Any) -> None:
        super().initialize_context(context, **kwargs)
        context["throttle_last_logged"] = 0
        if not isinstance(context["throttle_time_source_type"], Clock):
            raise ValueError(
                'Received throttle_time_source_type of "{}" is not a clock instance'.format(
                    context["throttle_time_source_type"]
                )
            )

    @staticmethod
    def should_log(context: dict[str, Any]) -> bool:
        now = context["throttle_time_source_type"].now().nanoseconds
        if now < context["throttle_last_logged"] + context["throttle_duration_sec"] * 1e9:
            return False
        context["throttle_last_logged"] = now
        return True


class SkipFirst(LoggingFilter):
    """All calls but the first."""

    params = {"skip_first": None}

    @classmethod
    def initialize_context(cls, context: dict[str, Any], **kwargs: Any) -> None:
        super().initialize_context(context, **kwargs)
        context["first_has_been_skipped"] = False

    @staticmethod
    def should_log(context: dict[str, Any]) -> bool:
        skipped = context["first_has_been_skipped"]
        context["first_has_been_skipped"] = True
        return skipped


supported_filters = {"throttle": Throttle, "skip_first": SkipFirst, "once": Once}


def get_filters_from_kwargs(**kwargs: Any) -> list[str]:
    """Return the names of the filters these keywords ask for."""
    detected = []
    allowed = {"name"}
    for name, kind in supported_filters.items():
        if any(kwargs.get(param) for param in kind.params if kind.params[param] is None):
            detected.append(name)
        allowed.update(kind.params)
    for name in detected:
        for param, default in supported_filters[name].params.items():
            if default is None and kwargs.get(param) is None:
                raise TypeError(f'required parameter "{param}" not specified for filter "{name}"')
    for keyword, value in kwargs.items():
        if keyword not in allowed:
            raise TypeError(
                f'parameter "{keyword}" is not one of the recognized logging options '
                f'"{sorted(allowed)}"'
            )
        if keyword == "throttle_time_source_type" and "throttle" not in detected and value:
            raise TypeError(
                'required parameter "throttle_duration_sec" not specified for filter "throttle"'
            )
    return detected


class RcutilsLogger:
    """A named logger."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.contexts: dict[Any, dict[str, Any]] = {}

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
        """Log; False when the level or a filter kept it back.

        Raises:
            TypeError: filter keywords that do not fit together.
            ValueError: the level, name or filters of a call changed since the last time.

        """
        if not self.is_enabled_for(severity):
            return False
        severity = LoggingSeverity(severity)
        name = kwargs.pop("name", self.name)
        filters = get_filters_from_kwargs(**kwargs) if kwargs else []
        caller = _caller_id()
        context = self.contexts.get(caller)
        if context is None:
            context = {"name": name, "severity": severity, "filters": filters}
            for one in filters:
                supported_filters[one].initialize_context(context, **kwargs)
            self.contexts[caller] = context
        else:
            if severity != context["severity"]:
                raise ValueError("Logger severity cannot be changed between calls.")
            if name != context["name"]:
                raise ValueError("Logger name cannot be changed between calls.")
            if filters != context["filters"]:
                raise ValueError("Requested logging filters cannot be changed between calls.")
            for one in filters:
                params = supported_filters[one].params
                if any(context[key] != kwargs.get(key, params[key]) for key in params):
                    raise ValueError("Logging filter parameters cannot be changed between calls.")
        for one in filters:
            if not supported_filters[one].should_log(context):
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
