"""Services: what takes long never keeps all the node's threads."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.interface.serving import SLOW_AT_ONCE, THREADS, ServiceHost


class Node:
    def __init__(self) -> None:
        self.services: dict[str, Any] = {}

    def create_service(self, kind: Any, name: str, answer: Any, callback_group: Any) -> None:
        self.services[name] = answer


def test_a_stop_is_taken_in_while_what_takes_long_is_at_work() -> None:
    loop = asyncio.new_event_loop()
    spinning = threading.Thread(target=loop.run_forever)
    spinning.start()
    node, begun, over = Node(), threading.Semaphore(0), asyncio.Event()

    async def validate(_: Any, response: Any) -> None:
        begun.release()
        await over.wait()
        response.success = True

    async def stop(_: Any, response: Any) -> None:
        response.success = True

    host = ServiceHost(node, Bridge(loop), None)
    host.serve("validate_plan", None, validate, timeout=lambda _: 150.0)
    host.serve("emergency_stop", None, stop)

    def asked(name: str) -> Any:
        return node.services[f"~/{name}"](None, SimpleNamespace(success=False, message=""))

    assert SLOW_AT_ONCE < THREADS
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda: answers.append(asked("validate_plan")))
        for _ in range(SLOW_AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert begun.acquire(timeout=10.0)
    assert "at work already" in asked("validate_plan").message
    assert asked("emergency_stop").success
    loop.call_soon_threadsafe(over.set)
    for thread in threads:
        thread.join(10.0)
    assert [one.success for one in answers] == [True] * SLOW_AT_ONCE
    assert asked("validate_plan").success
    loop.call_soon_threadsafe(loop.stop)
    spinning.join(10.0)
    loop.close()
