"""What a node does again and again."""

from __future__ import annotations

import logging
from queue import SimpleQueue

import pytest

from execution_orchestrator.simulation.servers.ticking import Ticker

PATIENCE = 30.0  # seconds for a busy machine


def test_an_error_does_not_end_it(caplog: pytest.LogCaptureFixture) -> None:
    ticks: SimpleQueue[int] = SimpleQueue()
    numbers = iter(range(1_000_000))

    def tick() -> None:
        ticks.put(number := next(numbers))
        if number == 0:
            raise ValueError("the first one fails")

    with caplog.at_level(logging.ERROR):
        ticker = Ticker(0.001, tick)
        assert [ticks.get(timeout=PATIENCE) for _ in range(3)] == [0, 1, 2]
    ticker.stop()
    assert "a tick failed" in caplog.text
