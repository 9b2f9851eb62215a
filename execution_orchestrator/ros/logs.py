"""Python's logging through rclpy's, so that everything reaches the terminal and /rosout."""

from __future__ import annotations

import logging
from typing import Any


class _NodeHandler(logging.Handler):
    def __init__(self, node: Any) -> None:
        super().__init__()
        self._logger = node.get_logger()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record with rclpy's logger."""
        text = self.format(record)
        # rclpy remembers the severity of each place it is called from, so each has its own line.
        if record.levelno >= logging.CRITICAL:
            self._logger.fatal(text)
        elif record.levelno >= logging.ERROR:
            self._logger.error(text)
        elif record.levelno >= logging.WARNING:
            self._logger.warning(text)
        elif record.levelno >= logging.INFO:
            self._logger.info(text)
        else:
            self._logger.debug(text)


def log_through(node: Any) -> None:
    """Send the package's log records to the node's logger."""
    logger = logging.getLogger("execution_orchestrator")
    for handler in [h for h in logger.handlers if isinstance(h, _NodeHandler)]:
        logger.removeHandler(handler)
    handler = _NodeHandler(node)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
