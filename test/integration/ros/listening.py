"""A goal listener that keeps what it hears."""

from __future__ import annotations

import asyncio


class Heard:
    def __init__(self) -> None:
        self.calls: list[tuple] = []
        self.over = asyncio.Event()
        self.taken = asyncio.Event()
        self.refused = asyncio.Event()  # a cancel, by the server

    @property
    def names(self) -> list[str]:
        return [call[0] for call in self.calls if call[0] != "feedback"]

    def accepted(self) -> None:
        self.calls.append(("accepted",))
        self.taken.set()

    def feedback(self, feedback) -> None:
        self.calls.append(("feedback", feedback))

    def silent(self, reason: str) -> None:
        self.calls.append(("silent", reason))

    def cancel_refused(self, reason: str) -> None:
        self.calls.append(("cancel_refused", reason))
        self.refused.set()

    def rejected(self) -> None:
        self._last("rejected")

    def finished(self, status: int, result) -> None:
        self._last("finished", status, result)

    def ended(self, status: int, reason: str) -> None:
        self._last("ended", status, reason)

    def lost(self, loss, reason: str) -> None:
        self._last("lost", loss, reason)

    def _last(self, *call) -> None:
        assert not self.over.is_set(), f"{call} after the last word {self.calls[-1]}"
        self.calls.append(call)
        self.over.set()
