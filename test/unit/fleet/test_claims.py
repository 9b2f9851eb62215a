"""How an agent asks a mission whether to begin, and tells of another agent of its robot."""

import asyncio
from types import SimpleNamespace

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payloads
from temporalio.api.failure.v1 import Failure
from temporalio.api.taskqueue.v1 import PollerInfo
from temporalio.api.update.v1 import Outcome
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueResponse,
    UpdateWorkflowExecutionResponse,
)
from temporalio.service import RPCError, RPCStatusCode

from execution_orchestrator.fleet import agent as agents
from execution_orchestrator.fleet.agent import Agent
from execution_orchestrator.fleet.converter import CONVERTER
from execution_orchestrator.fleet.orders import Claim, TaskOrder


class Service:
    """Temporal's server, which gives one answer after the other."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    async def update_workflow_execution(self, request, *, retry, timeout):
        assert not retry
        self.asked.append(request)
        return self._next()

    async def describe_task_queue(self, request):
        self.asked.append(request)
        return self._next()

    def _next(self):
        if not self.answers:
            raise asyncio.CancelledError
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def agent(service):
    client = SimpleNamespace(
        namespace="default", identity="7@host", data_converter=CONVERTER, workflow_service=service
    )
    return Agent(client, SimpleNamespace(name="r1"))


@pytest.fixture
def pauses(monkeypatch):
    found = []

    async def sleep(seconds):
        found.append(seconds)

    monkeypatch.setattr(agents.asyncio, "sleep", sleep)
    return found


def no(status, text="no"):
    return RPCError(text, status, b"")


async def said(word):
    success = Payloads(payloads=await CONVERTER.encode([word]))
    return UpdateWorkflowExecutionResponse(outcome=Outcome(success=success))


ORDER = TaskOrder("mission-1", "fetch", "e-1")


async def test_the_same_question_is_asked_until_it_is_answered(pauses):
    service = Service(UpdateWorkflowExecutionResponse(), await said("begin"))
    assert await agent(service)._claim(ORDER) == "begin"
    first, second = service.asked
    assert first == second
    assert first.workflow_execution.workflow_id == "mission-1"
    assert first.request.input.name == "claim"
    payloads = first.request.input.args.payloads
    assert await CONVERTER.decode(payloads, [Claim]) == [Claim("fetch", "e-1", "r1")]
    assert not pauses


async def test_who_is_turned_away_from_a_crowd_comes_again_ever_later(pauses, caplog):
    crowd = [no(RPCStatusCode.RESOURCE_EXHAUSTED)] * 8
    assert await agent(Service(*crowd, await said("hold")))._claim(ORDER) == "hold"
    assert all(0.5 <= pause <= agents.LONGEST_CROWD for pause in pauses)
    assert caplog.text.count("let Temporal take more") == 1
    assert min(pauses[4:]) >= agents.LONGEST_CROWD / 2


async def test_temporal_is_waited_for_and_told_of_once(pauses, caplog):
    away = [no(RPCStatusCode.UNAVAILABLE, "away")] * 5
    assert await agent(Service(*away, await said("no")))._claim(ORDER) == "no"
    assert pauses == [agents.BEAT] * 5
    assert caplog.text.count("cannot be asked: away") == 1


async def test_a_mission_that_is_gone_does_not_want_it(pauses):
    assert await agent(Service(no(RPCStatusCode.NOT_FOUND)))._claim(ORDER) == "no"


async def test_what_fails_in_the_mission_is_no_permission(pauses):
    outcome = Outcome(failure=Failure(message="wrong"))
    service = Service(UpdateWorkflowExecutionResponse(outcome=outcome))
    with pytest.raises(RuntimeError, match="wrong"):
        await agent(service)._claim(ORDER)


async def test_another_agent_of_the_robot_is_told_once_and_a_dead_one_is_not(pauses, caplog):
    def pollers(**polled):
        return DescribeTaskQueueResponse(
            pollers=[
                PollerInfo(identity=f"r1 ({pid[1:]}@host)", last_access_time=Timestamp(seconds=at))
                for pid, at in polled.items()
            ]
        )

    service = Service(
        pollers(_7=10, _8=10, _9=5),
        no(RPCStatusCode.UNAVAILABLE),
        pollers(_7=70, _8=70, _9=5),
        pollers(_7=130, _8=130),
    )
    with pytest.raises(asyncio.CancelledError):
        await agent(service)._look_for_twins()
    assert caplog.text.count("r1 (8@host) also takes tasks for r1: end one of both") == 1
    assert "7@host" not in caplog.text
    assert "9@host" not in caplog.text
    assert service.asked[0].task_queue.name == "robot:r1"
