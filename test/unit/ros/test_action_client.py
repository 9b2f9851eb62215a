"""An answer that overtakes the note of its request is not lost."""

import asyncio
import threading

import pytest
from rclpy.action import ActionClient

from execution_orchestrator.ros.action_client import SafeActionClient


@pytest.mark.parametrize("request_", ["send_goal_async", "_get_result_async", "_cancel_goal_async"])
def test_an_answer_is_looked_at_when_its_request_is_noted(monkeypatch, request_):
    sent, may_note = threading.Event(), threading.Event()
    done = []

    def send(_client, _what):
        sent.set()
        assert may_note.wait(10.0)
        done.append("noted")

    async def execute(_client, _taken):
        done.append("looked at")

    monkeypatch.setattr(ActionClient, "__init__", lambda _: None)
    monkeypatch.setattr(ActionClient, request_, send)
    monkeypatch.setattr(ActionClient, "execute", execute)
    monkeypatch.setattr(ActionClient, "__del__", lambda _: None, raising=False)
    client = SafeActionClient()
    sender = threading.Thread(target=getattr(client, request_), args=("goal",))
    sender.start()
    assert sent.wait(10.0)
    spinner = threading.Thread(target=lambda: asyncio.run(client.execute({})))
    spinner.start()
    spinner.join(0.2)
    assert done == []
    may_note.set()
    for thread in (sender, spinner):
        thread.join(10.0)
    assert done == ["noted", "looked at"]
