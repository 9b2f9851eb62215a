"""The ledger of done steps as one small file per goal, replaced atomically."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from execution_orchestrator.capabilities.steps.context import UnderWay

UNDER_WAY = ""  # no step has this name
log = logging.getLogger(__name__)


class FileStepLedger:
    """Keeps ``<folder>/<goal id>.json`` while a goal of several steps runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._known: dict[UUID, dict[str, Any]] = {}

    def results(self, goal_id: UUID) -> Mapping[str, Any]:
        """Results of the steps done so far; a file that cannot be read counts as none."""
        if goal_id not in self._known:
            self._known[goal_id] = self._read(goal_id)
        return self._known[goal_id]

    def record(self, goal_id: UUID, step: str, result: Any) -> None:
        """Keep a step's result; durable when this returns.

        Raises:
            OSError: the file cannot be written.

        """
        self._write(goal_id, {**self.results(goal_id), step: result}, durable=True)

    def begin(self, goal_id: UUID, under_way: UnderWay) -> None:
        """Keep which step is under way: for the next process, not for a power cut.

        Raises:
            OSError: the file cannot be written.

        """
        noted = [under_way.step, under_way.interface_type, under_way.server]
        self._write(goal_id, {**self.results(goal_id), UNDER_WAY: noted}, durable=False)

    def under_way(self, goal_id: UUID) -> UnderWay | None:
        """Return the step that was begun and is not done."""
        steps = self.results(goal_id)
        noted = steps.get(UNDER_WAY)
        return UnderWay(*noted) if noted and noted[0] not in steps else None

    def _write(self, goal_id: UUID, steps: dict[str, Any], *, durable: bool) -> None:
        file = self._file(goal_id)
        draft = file.with_suffix(".tmp")
        with draft.open("w", encoding="utf-8") as sink:
            json.dump(steps, sink)
            sink.flush()
            if durable:
                os.fsync(sink.fileno())
        draft.replace(file)
        self._known[goal_id] = steps

    def forget(self, goal_id: UUID) -> None:
        """Delete the finished steps of a goal that has ended."""
        self._known.pop(goal_id, None)
        self._file(goal_id).unlink(missing_ok=True)

    def _file(self, goal_id: UUID) -> Path:
        return self._folder / f"{goal_id}.json"

    def _read(self, goal_id: UUID) -> dict[str, Any]:
        try:
            content = json.loads(self._file(goal_id).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as failure:
            log.warning("the steps of goal %s cannot be read: %s", goal_id, failure)
            return {}
        return content if isinstance(content, dict) else {}
