"""Where log files go: a directory for each run."""

from __future__ import annotations

import datetime
import os
import socket
from pathlib import Path


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
