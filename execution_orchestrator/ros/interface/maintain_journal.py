"""`~/maintain_journal`: check, export and repair of the journal while the node runs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

from execution_orchestrator.engine.events import CommandGiven, Event
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.ros.interface.callers import caller_of
from execution_orchestrator.ros.interface.serving import CommandRefusedError, ServiceHost
from execution_orchestrator.srv import MaintainJournal
from execution_orchestrator.storage.journal import StorageError
from execution_orchestrator.storage.upkeep import LONGEST, Upkeep


class JournalUpkeep:
    """The service; ``note`` journals who had something written or repaired, at ``now``."""

    def __init__(
        self,
        upkeep: Upkeep,
        *,
        note: Callable[[Sequence[Event]], None],
        now: Callable[[], float],
    ) -> None:
        self._upkeep, self._note, self._now = upkeep, note, now

    def serve(self, host: ServiceHost, group: Any) -> None:
        """Create the service, in a callback group of its own: it takes its time."""
        host.serve(
            "maintain_journal",
            MaintainJournal,
            self._maintain,
            timeout=lambda _: LONGEST + 5.0,
            callback_group=group,
        )

    async def _maintain(self, request: Any, response: Any) -> None:
        match request.operation:
            case "check":
                found = await self._upkeep.check()
                response.success, response.events = found["sound"], found["events"]
                response.faults, response.message = found["faults"], found["message"]
                if not response.success:
                    response.message += "; the operation repair keeps what can be read"
            case "export":
                written = await self._upkeep.export(request.file)
                response.success, response.events = True, written["events"]
                response.path = written["path"]
                response.message = f"{counted(response.events, 'event')} in {response.path}"
                self._tell(request, "export the journal", response.path)
            case "repair":
                self._upkeep.request_repair()
                response.success = True
                response.message = "it is repaired at the next start of the node, a copy is kept"
                self._tell(request, "repair the journal at the next start")
            case other:
                raise CommandRefusedError(
                    f"the operation is {other!r}; use check, export or repair"
                )

    def _tell(self, request: Any, command: str, about: str = "") -> None:
        event = CommandGiven(
            time=self._now(), caller=caller_of(request), command=command, about=about
        )
        with contextlib.suppress(StorageError):  # diagnostics report the storage
            self._note([event])
