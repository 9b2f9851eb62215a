"""Where the words of launch and of the processes go: the screen and log files."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from . import handlers
from .launch_config import LaunchConfig

launch_config = LaunchConfig()

_NAMED_OUTPUTS: dict[str, dict[str, set[str]]] = {
    "screen": {"both": {"screen"}},
    "log": {"both": {"log"}, "stderr": {"screen"}},
    "both": {"both": {"log", "screen"}},
    "own_log": {"both": {"own_log"}, "stdout": {"own_log"}, "stderr": {"own_log"}},
    "full": {"both": {"screen", "log", "own_log"}, "stdout": {"own_log"}, "stderr": {"own_log"}},
}
_DESTINATIONS = ("screen", "log", "own_log")


def reset() -> None:
    """Go back to the configuration at import."""
    launch_config.reset()


def log_launch_config(*, logger: logging.Logger = logging.root) -> None:
    """Tell where log files are and how much is logged."""
    logger.info(f"All log files can be found below {launch_config.log_dir}")
    level = logging.getLevelName(logging.root.getEffectiveLevel())
    logger.info(f"Default logging verbosity is set to {level}")


def get_logger(name: str | None = None) -> logging.Logger:
    """Return a logger that writes to the screen and to the main log file."""
    logger = logging.getLogger(name)
    for handler in (launch_config.get_screen_handler(), launch_config.get_log_file_handler()):
        if handler not in logger.handlers:
            logger.addHandler(handler)
    if name is not None:
        logger.propagate = False
    return logger


def _normalize_output(config: str | Mapping[str, Any]) -> dict[str, set[str]]:
    """Bring an output configuration into one shape, or raise ValueError."""
    outputs: dict[str, set[str]] = {"both": set(), "stdout": set(), "stderr": set()}
    if isinstance(config, str):
        if config not in _NAMED_OUTPUTS:
            raise ValueError(
                f"'{config}' is not a valid output: use one of {', '.join(_NAMED_OUTPUTS)}"
            )
        return {**outputs, **_NAMED_OUTPUTS[config]}
    if not isinstance(config, Mapping):
        raise TypeError(f"{config!r} is not a valid output configuration: use a text or a dict")
    for source, destinations in config.items():
        if source not in outputs:
            raise ValueError(f"'{source}' is not a valid output source: use {', '.join(outputs)}")
        chosen = {destinations} if isinstance(destinations, str) else set(destinations)
        if unknown := chosen - set(_DESTINATIONS):
            raise ValueError(
                f"'{unknown.pop()}' is not a valid output destination: "
                f"use {', '.join(_DESTINATIONS)}"
            )
        outputs[source] = chosen
    return outputs


def get_output_loggers(
    process_name: str, output_config: str | Mapping[str, Any]
) -> tuple[logging.Logger, logging.Logger]:
    """Return the loggers for the output and the error output of a process.

    `output_config` is one of screen, log, both, own_log and full, or maps stdout, stderr and both
    to some of screen, log and own_log. Raises ValueError for anything else.
    """
    outputs = _normalize_output(output_config)
    loggers = []
    for source in ("stdout", "stderr"):
        logger = logging.getLogger(f"{process_name}-{source}")
        logger.propagate = False
        wanted = outputs[source] | outputs["both"]
        if "screen" in wanted:
            _attach(logger, launch_config.get_screen_handler(), "{msg}")
        if "log" in wanted:
            _attach(logger, launch_config.get_log_file_handler(), "{created:.7f} {msg}")
        if "own_log" in wanted:
            if "own_log" in outputs[source]:
                own = launch_config.get_log_file_handler(f"{process_name}-{source}.log")
                _attach(logger, own, "{msg}")
            if "own_log" in outputs["both"]:
                shared = launch_config.get_log_file_handler(f"{process_name}.log")
                _attach(logger, shared, "{msg}")
        loggers.append(logger)
    return loggers[0], loggers[1]


def _attach(logger: logging.Logger, handler: handlers.PerLoggerHandler, line: str) -> None:
    """Let a handler write the records of a logger in a format of their own."""
    handler.setFormatterFor(logger, logging.Formatter(line, style="{"))
    if handler not in logger.handlers:
        logger.addHandler(handler)


__all__ = [
    "LaunchConfig",
    "get_logger",
    "get_output_loggers",
    "handlers",
    "launch_config",
    "log_launch_config",
    "reset",
]
