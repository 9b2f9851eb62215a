"""Where the words of launch and of the processes go: the screen and log files."""

from __future__ import annotations

import logging

from . import handlers
from .launch_config import LaunchConfig

launch_config = LaunchConfig()

#: Where the output and the error output of a process go.
_OUTPUTS = {
    "screen": ({"screen"}, {"screen"}),
    "log": ({"log"}, {"log", "screen"}),
    "both": ({"log", "screen"}, {"log", "screen"}),
}


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


def get_output_loggers(
    process_name: str, output_config: str
) -> tuple[logging.Logger, logging.Logger]:
    """Return the loggers for the output and the error output of a process.

    `output_config` is screen, log or both. Raises ValueError for anything else.
    """
    if output_config not in _OUTPUTS:
        raise ValueError(
            f"'{output_config}' is not a valid output: use one of {', '.join(_OUTPUTS)}"
        )
    loggers = []
    for source, wanted in zip(("stdout", "stderr"), _OUTPUTS[output_config], strict=True):
        logger = logging.getLogger(f"{process_name}-{source}")
        logger.propagate = False
        if "screen" in wanted:
            _attach(logger, launch_config.get_screen_handler(), "{msg}")
        if "log" in wanted:
            _attach(logger, launch_config.get_log_file_handler(), "{created:.7f} {msg}")
        loggers.append(logger)
    return loggers[0], loggers[1]


def _attach(logger: logging.Logger, handler: handlers.PerLoggerHandler, line: str) -> None:
    """Let a handler write the records of a logger in a format of their own."""
    handler.setFormatterFor(logger, logging.Formatter(line, style="{"))
    if handler not in logger.handlers:
        logger.addHandler(handler)
