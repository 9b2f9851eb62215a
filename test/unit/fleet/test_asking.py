"""What an agent does while a mission cannot tell who has one of its tasks."""

from types import SimpleNamespace

import pytest
from temporalio.service import RPCError, RPCStatusCode

from execution_orchestrator.fleet.agent import Agent
from execution_orchestrator.fleet.orders import TaskOrder

ORDER = TaskOrder(
    mission="m",
    task="t",
    execution_id="e",
    command="",
    plan=None,
    context={},
    timeout=0.0,
    priority=0,
)


class Handle:
    """A mission that answers as a test says."""

    def __init__(self, answer):
        self.answer = answer

    async def query(self, _question, _execution, *, rpc_timeout):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "new"),
    [
        ("r1", False),
        ("r2", True),
        (RPCError("consistent query buffer is full", RPCStatusCode.RESOURCE_EXHAUSTED, b""), True),
        (RPCError("gone", RPCStatusCode.NOT_FOUND, b""), False),
    ],
)
async def test_a_mission_that_is_asked_too_often_is_asked_again(answer, new):
    client = SimpleNamespace(identity="a", get_workflow_handle_for=lambda *_: Handle(answer))
    agent = Agent(client, SimpleNamespace(name="r1"))
    assert await agent._is_new(ORDER) == new
