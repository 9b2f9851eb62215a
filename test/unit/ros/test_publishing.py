"""How often the state is published."""

import asyncio
import math
import time
from types import SimpleNamespace

import pytest

from execution_orchestrator.observation import Observation
from execution_orchestrator.ros.interface import publishing as module
from execution_orchestrator.ros.interface.publishing import Publishing
from test.unit.engine.driving import action
from test.unit.observation.observed import Observed

PERIOD = 0.2
SLEEP = asyncio.sleep


class Topic:
    """A publisher with some subscribers."""

    def __init__(self):
        self.subscribers = 0
        self.published = 0

    def publish(self, _):
        self.published += 1

    def get_subscription_count(self):
        return self.subscribers


def publishing_to(topic, observation=None):
    return Publishing(
        SimpleNamespace(create_publisher=lambda *_: topic),
        observation or Observation(),
        {},
        instance_id="",
        queue_capacity=1,
        state_period=PERIOD,
        failure=str,
        server=lambda: None,
        now=time.time,
    )


@pytest.fixture
def pauses(monkeypatch):
    """Let the state's pauses pass at once, and note them."""
    passed = []

    async def pause(seconds):
        passed.append(seconds)
        await SLEEP(0)

    monkeypatch.setattr(asyncio, "sleep", pause)
    return passed


async def until(condition):
    while not condition():
        await SLEEP(0.001)


async def test_a_message_that_waits_for_the_processor_does_not_hold_up_the_next(
    monkeypatch, pauses
):
    topic = Topic()
    publishing = publishing_to(topic)
    # As one that other programs keep from the processor.
    monkeypatch.setattr(topic, "publish", lambda _: time.sleep(0.1))
    publishing.start()
    await until(lambda: pauses)
    publishing.stop()
    assert pauses[0] == PERIOD


async def test_a_state_that_nobody_hears_is_not_made_and_comes_with_the_first_subscriber(
    monkeypatch, pauses
):
    topic = Topic()
    publishing = publishing_to(topic)
    publishing.start()
    await until(lambda: topic.published)
    # For ever: those who come late would get what is kept for them.
    monkeypatch.setattr(module, "UNWATCHED", math.inf)
    publishing.on_events([])
    seen = len(pauses)
    await until(lambda: len(pauses) > seen + 20)
    assert topic.published == 1
    topic.subscribers = 1
    await until(lambda: topic.published == 2)
    publishing.stop()


async def test_others_have_their_turn_while_the_state_of_many_executions_is_made(monkeypatch):
    monkeypatch.setattr(module, "LONGEST_SLICE", 0.0)
    rig = Observed(max_running_executions=50)
    for number in range(50):
        rig.submit(f"e{number}", action("a"))
    topic = Topic()
    publishing = publishing_to(topic, rig.observation)
    publishing.start()
    turns = 0
    while not topic.published:
        await asyncio.sleep(0)
        turns += 1
    publishing.stop()
    assert turns >= 50


async def test_what_late_joiners_get_is_made_anew_some_time_after_a_change(monkeypatch, pauses):
    topic = Topic()
    publishing = publishing_to(topic)
    publishing.start()
    await until(lambda: topic.published)
    monkeypatch.setattr(module, "UNWATCHED", 0.0)
    publishing.on_events([])
    await until(lambda: topic.published == 2)
    publishing.stop()
