"""Cuts the output of a process into lines."""

from __future__ import annotations

import codecs

#: Characters after which a line without an end is passed on in pieces.
LONGEST_LINE = 1 << 20


class LineBuffer:
    """Collects bytes and gives back complete lines; optionally keeps everything."""

    def __init__(self, *, keep: bool) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._rest = ""
        self._kept: list[str] | None = [] if keep else None

    @property
    def text(self) -> str:
        """Everything received so far, if it is kept."""
        return "".join(self._kept or [])

    @property
    def keeps(self) -> bool:
        """Whether everything is kept."""
        return self._kept is not None

    def feed(self, data: bytes) -> list[str]:
        """Take bytes; return the lines they complete, without line ends."""
        text = self._decoder.decode(data)
        if self._kept is not None:
            self._kept.append(text)
        *lines, self._rest = (self._rest + text).split("\n")
        if len(self._rest) > LONGEST_LINE:
            lines.append(self._rest)
            self._rest = ""
        return lines

    def flush(self) -> list[str]:
        """Return the last line if it has no end."""
        text = self._decoder.decode(b"", final=True)
        if self._kept is not None:
            self._kept.append(text)
        rest, self._rest = self._rest + text, ""
        return [rest] if rest else []
