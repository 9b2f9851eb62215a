"""A standby waits for the lock of the journal, also while the journal's server is away."""

import asyncio

import pytest

from execution_orchestrator.ros import node
from execution_orchestrator.storage import StorageError
from execution_orchestrator.storage.journal import InUseError


async def taken_over(monkeypatch, *answers):
    monkeypatch.setattr(node, "STANDBY_PERIOD", 0.0)
    left = list(answers)

    def assemble():
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return await node._taken_over(assemble, asyncio.Event())


async def test_a_server_that_is_away_for_a_while_does_not_end_a_standby(monkeypatch, caplog):
    used, away = InUseError("another orchestrator uses it; stop it"), StorageError("no server")
    assert await taken_over(monkeypatch, used, away, away, used, "assembly") == "assembly"
    assert caplog.text.count("no server; waiting") == 1


async def test_a_journal_that_cannot_be_used_at_the_start_is_told_at_once(monkeypatch):
    with pytest.raises(StorageError, match="no server"):
        await taken_over(monkeypatch, StorageError("no server"))
