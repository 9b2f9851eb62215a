"""Log handlers whose format depends on the logger."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

_PLAIN = logging.Formatter()


class PerLoggerHandler(logging.Handler):
    """The base of our handlers: formats the records of some loggers in their own way."""

    def __init__(self) -> None:
        super().__init__()
        self._formatters: dict[str, logging.Formatter] = {}

    def setFormatterFor(self, logger: logging.Logger, formatter: logging.Formatter) -> None:
        """Set the format of one logger's records."""
        self._formatters[logger.name] = formatter

    def format(self, record: logging.LogRecord) -> str:
        """Format a record as its logger wants it."""
        formatter = self._formatters.get(record.name) or self.formatter or _PLAIN
        return formatter.format(record)


class ScreenHandler(PerLoggerHandler):
    """Writes to what sys.stdout is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        stream = sys.stdout
        try:
            self._write(stream, self.format(record) + "\n")
            stream.flush()
        except (ValueError, OSError):
            # The reader of a pipe may be gone; the processes still have to be looked after.
            return

    @staticmethod
    def _write(stream: TextIO, text: str) -> None:
        """Write a text, with a mark in place of characters the terminal cannot show."""
        try:
            stream.write(text)
        except UnicodeEncodeError:
            encoding = stream.encoding or "ascii"
            stream.write(text.encode(encoding, errors="replace").decode(encoding))


class LazyFileHandler(PerLoggerHandler):
    """Appends to a file that is only created with the first record."""

    def __init__(self, path: Callable[[], str]) -> None:
        super().__init__()
        self._path = path
        self._file: TextIO | None = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            if self._file is None:
                self._file = Path(self._path()).open("a", encoding="utf-8", errors="replace")  # noqa: SIM115
            self._file.write(self.format(record) + "\n")
            self._file.flush()
        except OSError:
            self.handleError(record)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        super().close()
