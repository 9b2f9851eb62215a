"""How often the state is published."""

import asyncio
import time
from types import SimpleNamespace

from execution_orchestrator.observation import Observation
from execution_orchestrator.ros.interface.publishing import Publishing

PERIOD = 0.2


async def test_a_message_that_waits_for_the_processor_does_not_hold_up_the_next(monkeypatch):
    pauses = []
    sleep = asyncio.sleep

    async def pause(seconds):
        pauses.append(seconds)
        await sleep(0)

    publishing = Publishing(
        SimpleNamespace(create_publisher=lambda *_: None),
        Observation(),
        {},
        instance_id="",
        queue_capacity=1,
        state_period=PERIOD,
        failure=str,
        server=lambda: None,
        now=time.time,
    )
    # As one that other programs keep from the processor.
    monkeypatch.setattr(publishing, "_publish_state", lambda: time.sleep(0.1))
    monkeypatch.setattr(asyncio, "sleep", pause)
    publishing.start()
    while not pauses:
        await sleep(0.001)
    publishing.stop()
    assert pauses == [PERIOD]
