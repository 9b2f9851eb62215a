"""Log handlers whose format depends on the logger."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

_PLAIN = logging.Formatter()


class PerLoggerFormats:
    """Mixed into a handler: formats the records of some loggers in their own way."""

    formatter: logging.Formatter | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._formatters: dict[str, logging.Formatter] = {}

    def setFormatterFor(self, logger: logging.Logger, formatter: logging.Formatter) -> None:
        """Set the format of one logger's records."""
        self._formatters[logger.name] = formatter

    def unsetFormatterFor(self, logger: logging.Logger) -> None:
        """Go back to the common format for one logger's records."""
        self._formatters.pop(logger.name, None)

    def getFormatterFor(self, logger: logging.Logger) -> logging.Formatter | None:
        """Return the format of one logger's records."""
        return self._formatters.get(logger.name, self.formatter)

    def format(self, record: logging.LogRecord) -> str:
        """Format a record as its logger wants it."""
        formatter = self._formatters.get(record.name) or self.formatter or _PLAIN
        return formatter.format(record)


class PerLoggerHandler(PerLoggerFormats, logging.Handler):
    """The base of our handlers."""


#: The base of handlers that programs write themselves.
Handler = PerLoggerHandler


def __getattr__(name: str) -> Any:
    """Return a handler of the standard library, with formats for each logger."""
    # Imported here: nearly no program asks, and these load sockets and pickle.
    import logging.handlers as standard

    found = getattr(standard, name, None) or getattr(logging, name, None)
    if not (isinstance(found, type) and issubclass(found, logging.Handler)):
        raise AttributeError(  # noqa: TRY004 - what a module raises
            f"module {__name__!r} has no attribute {name!r}"
        )
    made = type(name, (PerLoggerFormats, found), {"__doc__": found.__doc__})
    globals()[name] = made
    return made


class ScreenHandler(PerLoggerHandler):
    """Writes to what sys.stdout is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
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
        """Append a record."""
        try:
            if self._file is None:
                self._file = Path(self._path()).open("a", encoding="utf-8", errors="replace")  # noqa: SIM115
            self._file.write(self.format(record) + "\n")
            self._file.flush()
        except OSError:
            self.handleError(record)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
        super().close()
