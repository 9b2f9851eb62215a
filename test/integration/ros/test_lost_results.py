"""Servers that do not have a result when they are asked for it: their status topic counts then."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from action_msgs.msg import GoalStatus
from example_interfaces.action import Fibonacci
from rclpy.executors import MultiThreadedExecutor

from execution_orchestrator.ros.goals.events import Loss
from execution_orchestrator.ros.spinning import spinning
from test.integration.ros.listening import Heard
from test.integration.ros.processes import LONG, wait_for
from test.integration.ros.raw_server import RawServer

TYPE = "example_interfaces/action/Fibonacci"
ENDS = [GoalStatus.STATUS_SUCCEEDED, GoalStatus.STATUS_ABORTED, GoalStatus.STATUS_CANCELED]
pytestmark = pytest.mark.timeout(360)


@pytest.fixture
def server(world):
    made = RawServer("work")
    with spinning(made.node, MultiThreadedExecutor(8, context=made.context)):
        yield made
    made.close()
    made.context.try_shutdown()


async def begun(pool, server=None, result=None):
    identity, heard = uuid4(), Heard()
    if server is not None:
        server.results[identity.bytes] = result
    pool.send(TYPE, "work", identity, Fibonacci.Goal(order=1), heard)
    await asyncio.wait_for(heard.taken.wait(), 20.0)
    return identity, heard


async def last_word(heard):
    await asyncio.wait_for(heard.over.wait(), 20.0)
    return heard.calls[-1][:2]


@pytest.mark.parametrize("status", ENDS)
async def test_how_a_goal_ended_is_known_without_its_result(server, pool, status):
    for _ in range(3):
        identity, heard = uuid4(), Heard()
        server.tell(identity.bytes, status)
        pool.send(TYPE, "work", identity, Fibonacci.Goal(order=1), heard)
        assert await last_word(heard) == ("ended", status)
        assert heard.names == ["accepted", "ended"]


async def test_a_result_that_comes_late_counts_more_than_the_status(server, pool):
    identity, heard = uuid4(), Heard()
    server.tell(identity.bytes, GoalStatus.STATUS_SUCCEEDED)
    server.results[identity.bytes] = (GoalStatus.STATUS_SUCCEEDED, [7])
    pool.send(TYPE, "work", identity, Fibonacci.Goal(order=1), heard)
    assert await last_word(heard) == ("finished", GoalStatus.STATUS_SUCCEEDED)
    assert list(heard.calls[-1][2].sequence) == [7]


@pytest.mark.parametrize("status", ENDS)
async def test_a_server_that_leaves_with_the_result_has_said_how_it_ended(server, pool, status):
    identity, heard = await begun(pool, server, None)
    server.tell(identity.bytes, status)
    await asyncio.sleep(0.5)
    server.close()
    assert await last_word(heard) == ("ended", status)


@pytest.mark.parametrize("adopted", [False, True])
async def test_a_server_that_does_not_give_the_result_has_said_how_it_ended(
    server, pool, successor, adopted
):
    # As Nav2's waypoint_follower, which is deactivated while it works.
    identity, heard = uuid4(), Heard()
    server.results[identity.bytes] = None
    if adopted:
        server.tell(identity.bytes, GoalStatus.STATUS_EXECUTING)
        successor.adopt(TYPE, "work", identity, heard)
    else:
        pool.send(TYPE, "work", identity, Fibonacci.Goal(order=1), heard)
    await asyncio.wait_for(heard.taken.wait(), 20.0)
    server.tell(identity.bytes, GoalStatus.STATUS_ABORTED)
    assert await last_word(heard) == ("ended", GoalStatus.STATUS_ABORTED)


@pytest.mark.parametrize("status", ENDS)
async def test_a_goal_that_gives_feedback_has_not_ended_whatever_its_status(server, pool, status):
    identity, heard = await begun(pool, server, None)
    server.tell(identity.bytes, status)
    for _ in range(20):
        server.feedback(identity.bytes)
        await asyncio.sleep(0.2)
    assert not heard.over.is_set()
    server.results[identity.bytes] = (GoalStatus.STATUS_ABORTED, [3])
    assert await last_word(heard) == ("finished", GoalStatus.STATUS_ABORTED)


@pytest.mark.parametrize("status", ENDS)
async def test_a_status_that_is_taken_back_does_not_count(server, pool, status):
    identity, heard = await begun(pool, server, None)
    server.tell(identity.bytes, status)
    await asyncio.sleep(0.5)
    server.tell(identity.bytes, GoalStatus.STATUS_EXECUTING)
    await asyncio.sleep(3.0)
    assert not heard.over.is_set()


@pytest.mark.parametrize("early", [GoalStatus.STATUS_EXECUTING, GoalStatus.STATUS_ACCEPTED])
async def test_a_server_that_answers_before_the_end_is_asked_again(server, pool, early):
    identity, heard = await begun(pool, server, (early, []))
    await asyncio.sleep(0.5)
    server.results[identity.bytes] = (GoalStatus.STATUS_SUCCEEDED, [5])
    assert await last_word(heard) == ("finished", GoalStatus.STATUS_SUCCEEDED)


async def test_the_first_of_two_results_counts(server, pool):
    identity, heard = uuid4(), Heard()
    server.results[identity.bytes] = (GoalStatus.STATUS_ABORTED, [1])
    pool.send(TYPE, "work", identity, Fibonacci.Goal(order=1), heard)
    assert await last_word(heard) == ("finished", GoalStatus.STATUS_ABORTED)
    server.results[identity.bytes] = (GoalStatus.STATUS_SUCCEEDED, [2])
    server.tell(identity.bytes, GoalStatus.STATUS_SUCCEEDED)
    await asyncio.sleep(1.0)
    assert heard.names == ["accepted", "finished"]


async def test_a_goal_that_no_status_tells_of_is_lost(server, pool):
    _, heard = await begun(pool)
    assert await last_word(heard) == ("lost", Loss.FORGOTTEN)


@pytest.mark.parametrize("status", ENDS)
async def test_the_next_process_learns_how_a_goal_ended(server, successor, status):
    identity, heard = uuid4(), Heard()
    server.tell(identity.bytes, status)
    successor.adopt(TYPE, "work", identity, heard)
    assert await last_word(heard) == ("ended", status)
    assert server.goals == []


async def test_who_took_a_dead_servers_place_is_asked_until_it_answers(world, pool):
    # The first answer of one that has just been started may be lost: it has not found us yet.
    first = world.server("work")
    identity, heard = uuid4(), Heard()
    pool.send(TYPE, "work", identity, Fibonacci.Goal(order=LONG), heard)
    await asyncio.wait_for(heard.taken.wait(), 20.0)
    newcomer = RawServer("work")
    newcomer.results[identity.bytes] = None
    with spinning(newcomer.node, MultiThreadedExecutor(8, context=newcomer.context)):
        await asyncio.to_thread(wait_for, lambda: newcomer.questions, 20.0, "a question")
        del newcomer.results[identity.bytes]
        first.kill()
        assert await last_word(heard) == ("lost", Loss.FORGOTTEN)
        newcomer.close()
    newcomer.context.try_shutdown()
