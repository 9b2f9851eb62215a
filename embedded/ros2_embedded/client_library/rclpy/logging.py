"""Loggers by name and their levels."""

from __future__ import annotations

from typing import Any

from rclpy.impl import log_output
from rclpy.impl.logging_severity import LoggingSeverity
from rclpy.impl.rcutils_logger import RcutilsLogger

_root_logger = RcutilsLogger()


def get_logger(name: str) -> RcutilsLogger:
    """Return a logger; raises ValueError for an empty name."""
    if not name:
        raise ValueError("Logger name must not be empty.")
    return _root_logger.get_child(name)


def shutdown() -> None:
    """Forget all levels."""
    log_output.reset()


def set_logger_level(name: str, level: int, detailed_error: bool = False) -> None:
    """Set the level of a logger."""
    log_output.levels[name] = LoggingSeverity(level)


def get_logger_effective_level(name: str) -> LoggingSeverity:
    """Return the level in force."""
    return LoggingSeverity(log_output.effective_level(name))


def get_logger_level(name: str) -> LoggingSeverity:
    """Return the level set on this very logger; UNSET if there is none."""
    return LoggingSeverity(log_output.levels.get(name, 0))


def apply_arguments(arguments: Any) -> None:
    """Take over what --ros-args says about logging."""
    for name, level in arguments.log_levels:
        severity = log_output.parse_severity(level)
        if name:
            log_output.levels[name] = severity
        else:
            log_output.default_level = severity
    log_output.stdout_enabled = arguments.stdout_logs
    log_output.rosout_enabled = arguments.rosout_logs
