"""The logging configuration of launch."""

from __future__ import annotations

import functools
import logging
from pathlib import Path

from .directories import base_log_directory, make_unique_log_dir, renew_latest_log_dir
from .handlers import LazyFileHandler, PerLoggerHandler, ScreenHandler

_SCREEN = logging.Formatter("[{levelname}] [{name}]: {msg}", style="{")
_FILE = logging.Formatter("{created:.7f} [{levelname}] [{name}]: {msg}", style="{")


class LaunchConfig:
    """Level, log directory and handlers."""

    def __init__(self) -> None:
        self._screen_handler: ScreenHandler | None = None
        self.file_handlers: dict[str, PerLoggerHandler] = {}
        self.reset()

    def reset(self) -> None:
        """Forget everything that was configured."""
        self._detach_handlers()
        self._log_dir: Path | None = None
        self.file_handlers = {}
        self._screen_handler = None
        logging.root.setLevel(logging.INFO)

    def _detach_handlers(self) -> None:
        """Take our handlers from all loggers and close them."""
        handlers = [*self.file_handlers.values()]
        if self._screen_handler is not None:
            handlers.append(self._screen_handler)
        loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
        for handler in handlers:
            for logger in (logging.root, *loggers):
                if handler in logger.handlers:
                    logger.removeHandler(handler)
                    logger.setLevel(logging.NOTSET)
            handler.close()

    @property
    def level(self) -> int:
        """How severe a message must be to be logged."""
        return logging.root.getEffectiveLevel()

    @level.setter
    def level(self, new_level: int | str) -> None:
        logging.root.setLevel(new_level)

    @property
    def log_dir(self) -> str:
        """The directory of this run's log files, created when first asked for."""
        if self._log_dir is None:
            self._log_dir = Path(make_unique_log_dir(base_path=str(base_log_directory())))
            renew_latest_log_dir(log_dir=str(self._log_dir))
        return str(self._log_dir)

    @log_dir.setter
    def log_dir(self, new_log_dir: str | None) -> None:
        if new_log_dir is not None and not Path(new_log_dir).is_dir():
            raise ValueError(f"'{new_log_dir}' is not a directory")
        self._log_dir = None if new_log_dir is None else Path(new_log_dir)

    def get_screen_handler(self) -> ScreenHandler:
        """Return the one handler that writes to the screen."""
        if self._screen_handler is None:
            self._screen_handler = ScreenHandler()
            self._screen_handler.setFormatter(_SCREEN)
        return self._screen_handler

    def get_log_file_path(self, file_name: str = "launch.log") -> str:
        """Return the path of a log file."""
        return str(Path(self.log_dir) / file_name)

    def get_log_file_handler(self, file_name: str = "launch.log") -> PerLoggerHandler:
        """Return the one handler that writes to a log file."""
        if file_name not in self.file_handlers:
            handler = LazyFileHandler(functools.partial(self.get_log_file_path, file_name))
            handler.setFormatter(_FILE)
            self.file_handlers[file_name] = handler
        return self.file_handlers[file_name]
