"""Conversations as files: to see what a model was asked, and to replay it in a test."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

from execution_orchestrator.planning.llm.chat import Answer, Message


class Recorder:
    """Writes each conversation to a file of its own, readable by the node's user only."""

    def __init__(self, directory: str) -> None:
        self._folder = Path(directory).expanduser() if directory else None

    async def keep(
        self, messages: Sequence[Message], answers: Sequence[Answer], outcome: Mapping[str, Any]
    ) -> None:
        """Write a conversation, in a thread.

        Raises:
            OSError: the file cannot be written.

        """
        if self._folder is not None:
            document = {
                "messages": [dict(message) for message in messages],
                "answers": [asdict(answer) for answer in answers],
                "outcome": dict(outcome),
            }
            await asyncio.to_thread(_write, self._folder, document)


def _write(folder: Path, document: Mapping[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{time.strftime('%Y%m%dT%H%M%S')}-{uuid4().hex[:8]}"
    draft = folder / f"{name}.tmp"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as sink:
        json.dump(document, sink, ensure_ascii=False, indent=1)
    draft.replace(folder / f"{name}.json")
