"""The logging configuration of launch."""

from __future__ import annotations

import datetime
import logging
import os
import socket
from pathlib import Path

from .handlers import LazyFileHandler, PerLoggerHandler, ScreenHandler

_SCREEN = logging.Formatter("[{levelname}] [{name}]: {msg}", style="{")
_FILE = logging.Formatter("{created:.7f} [{levelname}] [{name}]: {msg}", style="{")


class LaunchConfig:
    """Log directory and handlers."""

    def __init__(self) -> None:
        self._screen_handler: ScreenHandler | None = None
        self._file_handler: LazyFileHandler | None = None
        self.reset()

    def reset(self) -> None:
        """Forget everything that was configured."""
        self._detach_handlers()
        self._log_dir: Path | None = None
        self._file_handler = None
        self._screen_handler = None
        logging.root.setLevel(logging.INFO)

    def _detach_handlers(self) -> None:
        """Take our handlers from all loggers and close them."""
        handlers = [h for h in (self._screen_handler, self._file_handler) if h is not None]
        loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
        for handler in handlers:
            for logger in (logging.root, *loggers):
                if handler in logger.handlers:
                    logger.removeHandler(handler)
                    logger.setLevel(logging.NOTSET)
            handler.close()

    @property
    def log_dir(self) -> str:
        """The directory of this run's log files, created when first asked for."""
        if self._log_dir is None:
            self._log_dir = Path(make_unique_log_dir(base_path=str(base_log_directory())))
            renew_latest_log_dir(log_dir=str(self._log_dir))
        return str(self._log_dir)

    def get_screen_handler(self) -> ScreenHandler:
        """Return the one handler that writes to the screen."""
        if self._screen_handler is None:
            self._screen_handler = ScreenHandler()
            self._screen_handler.setFormatter(_SCREEN)
        return self._screen_handler

    def get_log_file_handler(self) -> PerLoggerHandler:
        """Return the one handler that writes to the log file."""
        if self._file_handler is None:
            self._file_handler = LazyFileHandler(lambda: str(Path(self.log_dir) / "launch.log"))
            self._file_handler.setFormatter(_FILE)
        return self._file_handler


def base_log_directory() -> Path:
    """Return `$ROS_LOG_DIR`, else `$ROS_HOME/log`, else `~/.ros/log`."""
    configured = os.environ.get("ROS_LOG_DIR")
    if configured:
        return Path(configured).expanduser()
    return Path(os.environ.get("ROS_HOME") or "~/.ros").expanduser() / "log"


def make_unique_log_dir(*, base_path: str) -> str:
    """Create a directory for this run and return its path.

    Raises OSError, which says what to do, if it cannot be created.
    """
    now = datetime.datetime.now().astimezone()
    name = f"{now:%Y-%m-%d-%H-%M-%S-%f}-{socket.gethostname()}-{os.getpid()}"
    directory = Path(base_path) / name
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(
            f"cannot create the log directory '{directory}': {error.strerror}. "
            "Set ROS_LOG_DIR to a directory that can be written"
        ) from error
    return str(directory)


def renew_latest_log_dir(*, log_dir: str) -> bool:
    """Let `latest`, beside a directory, point to it; False if something else has the name."""
    base = Path(log_dir).parent
    latest, fresh = base / "latest", base / f".latest-{os.getpid()}"
    if latest.exists() and not latest.is_symlink():
        return False
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(log_dir, target_is_directory=True)
    fresh.replace(latest)
    return True
