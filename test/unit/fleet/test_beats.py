"""When an agent tells Temporal of a task that runs."""

from dataclasses import replace

import pytest

from execution_orchestrator.fleet.agent import STEP, is_news
from execution_orchestrator.fleet.orders import Heartbeat

TOLD = Heartbeat("r1", "e1", status="EXECUTING", progress=40.0)


def test_a_little_progress_is_no_news():
    assert not is_news(TOLD, TOLD)
    assert not is_news(replace(TOLD, progress=40.0 + STEP / 2), TOLD)


@pytest.mark.parametrize(
    "now",
    [
        {"progress": 40.0 + STEP},
        {"status": "PAUSED"},
        {"reason": "waits for the lift"},
        {"phase": "drive"},
        {"begun": True},
        {"report": "http://r1"},
    ],
)
def test_what_people_see_is_news(now):
    assert is_news(replace(TOLD, **now), TOLD)
