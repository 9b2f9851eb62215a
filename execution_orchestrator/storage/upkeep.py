"""Looks after the journal of a running node: checks and exports it, and has it repaired.

It is done in a process of its own, and not only to leave the node its processor: a process that
opens the file of SQLite a second time by itself, and closes it, gives up the locks of the first.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from execution_orchestrator.plan.counted import counted
from execution_orchestrator.storage.journal import StorageError
from execution_orchestrator.storage.json_lines import export
from execution_orchestrator.storage.salvage import examine, repair

log = logging.getLogger(__name__)
REQUEST = "repair-requested"  # file in the state directory
EXPORTS = "exports"  # folder in it
SHOWN = 50  # faults
NICE = 10  # the robot comes first
LONGEST = 600.0  # seconds; a million events take half a minute or so
MODULE = "execution_orchestrator.storage.upkeep"


class Upkeep:
    """Starts the maintenance process, one at a time; used on the loop's thread."""

    def __init__(self, state_directory: Path, url: str) -> None:
        self._folder = state_directory
        self._url = url
        self._busy = asyncio.Lock()

    async def check(self) -> dict[str, Any]:
        """Return what is found: ``sound``, ``events``, ``faults`` and a ``message``.

        Raises:
            StorageError: nothing can be read of it, or it takes too long.

        """
        return await self._ask("check")

    async def export(self, name: str) -> dict[str, Any]:
        """Write the journal into the folder of exports; returns ``events`` and the ``path``.

        Raises:
            StorageError: the name leads out of that folder, the journal cannot be read or the
                file not be written, or it takes too long.

        """
        name = name or time.strftime("journal-%Y%m%d-%H%M%S.jsonl")
        if Path(name).name != name or name.startswith("."):
            raise StorageError(f"{name!r} is no name of a file; give one without folders")
        return await self._ask("export", name)

    def request_repair(self) -> None:
        """Have the journal repaired when the node starts next.

        Raises:
            StorageError: that cannot be noted.

        """
        try:
            (self._folder / REQUEST).touch()
        except OSError as failure:
            raise StorageError(f"the request cannot be noted: {failure}") from failure

    async def _ask(self, *words: str) -> dict[str, Any]:
        if self._busy.locked():
            raise StorageError("the journal is being looked through already; wait for that")
        async with self._busy:
            work = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", MODULE, str(self._folder), self._url, *words),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
            )
            try:
                async with asyncio.timeout(LONGEST):
                    said, _ = await work.communicate()
            except TimeoutError:
                raise StorageError(f"it took longer than {LONGEST:g} s") from None
            finally:
                if work.returncode is None:
                    work.kill()
                    await work.wait()
        try:
            answer: dict[str, Any] = json.loads(said)
        except ValueError:
            raise StorageError(f"the process that does it ended ({work.returncode})") from None
        if "refusal" in answer:
            raise StorageError(answer["refusal"])
        return answer


def repair_if_requested(state_directory: Path, url: str) -> None:
    """Repair the journal if that was asked for; called before a node opens it.

    Raises:
        StorageError: it cannot be repaired; the request stays.

    """
    request = state_directory / REQUEST
    if not request.exists():
        return
    findings, kept = repair(state_directory, url)
    request.unlink(missing_ok=True)
    log.warning(
        "the journal was repaired, as was asked for: %s can be read, %s; the old one is kept as %s",
        counted(findings.good, "event"),
        counted(len(findings.faults), "fault"),
        kept,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one task and print its result as JSON."""
    folder, url, what, *names = sys.argv[1:] if arguments is None else arguments
    os.nice(NICE)
    try:
        if what == "check":
            answer = _checked(Path(folder), url)
        else:
            target = Path(folder) / EXPORTS / names[0]
            target.parent.mkdir(exist_ok=True)
            number = export(Path(folder), url, target)
            answer = {"events": number, "path": str(target)}
    except (StorageError, OSError) as failure:
        answer = {"refusal": str(failure)}
    sys.stdout.write(json.dumps(answer))
    return 0


def _checked(folder: Path, url: str) -> dict[str, Any]:
    found = examine(folder, url)
    faults = [found.damage] if found.damage else []
    faults += [str(fault) for fault in found.faults[: SHOWN - len(faults)]]
    number = counted(len(found.faults), "fault")
    message = f"{found.place}: {counted(found.good, 'event')} can be read, {number}"
    return {"sound": found.sound, "events": found.good, "faults": faults, "message": message}


if __name__ == "__main__":
    sys.exit(main())
