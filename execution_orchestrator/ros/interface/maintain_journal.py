"""`~/maintain_journal`: check, export and repair of the journal while the node runs."""

from __future__ import annotations

from typing import Any

from execution_orchestrator.plan.counted import counted
from execution_orchestrator.ros.interface.serving import CommandRefusedError, ServiceHost
from execution_orchestrator.srv import MaintainJournal
from execution_orchestrator.storage.upkeep import LONGEST, Upkeep


class JournalUpkeep:
    """The service."""

    def __init__(self, upkeep: Upkeep) -> None:
        self._upkeep = upkeep

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
            case "repair":
                self._upkeep.request_repair()
                response.success = True
                response.message = "it is repaired at the next start of the node, a copy is kept"
            case other:
                raise CommandRefusedError(
                    f"the operation is {other!r}; use check, export or repair"
                )
