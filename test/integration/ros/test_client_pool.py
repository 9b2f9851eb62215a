"""The client pool against real servers in processes of their own."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from uuid import uuid4

import pytest
from action_msgs.msg import GoalStatus
from example_interfaces.action import Fibonacci
from rclpy.utilities import get_rmw_implementation_identifier
from tf2_msgs.action import LookupTransform

from execution_orchestrator.ros.goals.events import Loss
from test.integration.ros.listening import Heard

TYPE = "example_interfaces/action/Fibonacci"
LONG = 600_000  # milliseconds; longer than any test
pytestmark = pytest.mark.timeout(360)


def send(pool, milliseconds, name="work", goal_id=None):
    heard = Heard()
    identity = goal_id or uuid4()
    pool.send(TYPE, name, identity, Fibonacci.Goal(order=milliseconds), heard)
    return identity, heard


async def until(event, seconds=60.0):
    await asyncio.wait_for(event.wait(), seconds)


async def until_written(world, what, count=1, name="work"):
    for _ in range(3000):
        if sum(line[0] == what for line in world.lines(name)) >= count:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"the server never wrote {what}: {world.lines(name)}")


async def test_a_goal_is_accepted_gives_feedback_and_ends_under_our_uuid(world, pool):
    world.server("work")
    identity, heard = send(pool, 20)
    await until(heard.over)
    assert heard.names == ["accepted", "finished"]
    assert heard.calls[-1][1] == GoalStatus.STATUS_SUCCEEDED
    assert list(heard.calls[-1][2].sequence) == [20]
    assert ["ended", identity.hex, "20"] in world.lines("work")
    assert pool.active == 0


async def test_rejected_and_aborted_are_two_outcomes(world, pool):
    world.server("no", "reject")
    world.server("failing", "abort")
    _, refused = send(pool, 1, "no")
    _, aborted = send(pool, 1, "failing")
    await until(refused.over)
    await until(aborted.over)
    assert refused.names == ["rejected"]
    assert aborted.calls[-1][1] == GoalStatus.STATUS_ABORTED


async def test_a_cancel_in_the_same_instant_as_the_goal_is_not_lost(world, pool):
    world.server("work")
    _, first = send(pool, 1)
    await until(first.over)
    for _ in range(10):
        identity, heard = send(pool, LONG)
        assert pool.cancel(identity)
        await until(heard.over)
        assert heard.calls[-1][1] == GoalStatus.STATUS_CANCELED


async def test_a_running_goal_is_cancelled_once(world, pool):
    world.server("work")
    identity, heard = send(pool, LONG)
    await until(heard.taken)
    pool.cancel(identity)
    pool.cancel(identity)
    await until(heard.over)
    cancels = [line for line in world.lines("work") if line[0] == "cancel"]
    assert len(cancels) == 1


async def test_a_server_that_refuses_to_cancel_is_told_of(world, pool):
    world.server("work", "stubborn")
    identity, heard = send(pool, LONG)
    await until(heard.taken)
    pool.cancel(identity)
    await until(heard.refused)
    world.finish("work")
    await until(heard.over)
    assert heard.names == ["accepted", "cancel_refused", "finished"]
    assert heard.calls[-1][1] == GoalStatus.STATUS_SUCCEEDED


async def test_a_missing_server_is_waited_for(world, pool):
    _, heard = send(pool, 1)
    await asyncio.sleep(0.5)
    assert heard.calls == []
    await asyncio.to_thread(world.server, "work")
    await until(heard.over)
    assert heard.names == ["accepted", "finished"]


async def test_a_server_of_another_type_is_told_from_none(world, pool):
    await asyncio.to_thread(world.server, "work")
    heard = Heard()
    pool.send("tf2_msgs/action/LookupTransform", "work", uuid4(), LookupTransform.Goal(), heard)
    await until(heard.over)
    loss, reason = heard.calls[-1][1:]
    assert loss is Loss.OTHER_TYPE
    assert "is of type example_interfaces/action/Fibonacci" in reason
    assert "not tf2_msgs/action/LookupTransform" in reason


async def test_a_goal_cancelled_before_it_was_sent_never_is(world, pool):
    identity, heard = send(pool, 1)
    pool.cancel(identity)
    await until(heard.over)
    assert heard.calls[-1][1] is Loss.NOT_SENT


async def test_a_killed_server_is_noticed(world, pool):
    server = world.server("work")
    _, heard = send(pool, LONG)
    await until(heard.taken)
    server.kill()
    await until(heard.over)
    assert heard.calls[-1][1] in (Loss.SERVER_GONE, Loss.FORGOTTEN)


async def test_a_goal_that_was_sent_to_a_dead_server_runs_nowhere(world, pool):
    server = world.server("work")
    _, heard = send(pool, 1)
    await until(heard.over)
    server.kill()  # the graph shows it for seconds more
    _, heard = send(pool, 20)
    await until(heard.over)
    # Where processes cannot be told from endpoints it may have been there to take it.
    lost = (Loss.NO_SERVER, Loss.SERVER_GONE) if not fast() else (Loss.NO_SERVER,)
    assert heard.calls[-1][1] in lost


def fast():
    """Whether the middleware is one whose endpoints tell their process."""
    return "fastrtps" in get_rmw_implementation_identifier()


async def test_a_server_that_was_replaced_has_forgotten_the_goal(world, pool):
    server = world.server("work")
    _, heard = send(pool, LONG)
    await until(heard.taken)
    server.kill()
    await asyncio.to_thread(world.server, "work")
    await until(heard.over)
    assert heard.calls[-1][1] in (Loss.SERVER_GONE, Loss.FORGOTTEN)


async def test_a_goal_that_nobody_received_is_sent_again_under_its_id(world, pool):
    pool.settings = replace(pool.settings, liveness_timeout=60.0)
    first = world.server("work")
    _, heard = send(pool, 1)
    await until(heard.over)
    # It is held until the other one is there, however long that takes to start: the goal was sent
    # to one that is gone before it read it.
    first.process.send_signal(signal.SIGSTOP)
    identity, heard = send(pool, 20)
    await asyncio.to_thread(world.server, "work")
    first.kill()
    await until(heard.over)
    # Where the server takes long to start, its silence is told as well.
    assert [name for name in heard.names if name != "silent"] == ["accepted", "finished"]
    began = [line for line in world.lines("work") if line[0] == "began" and line[2] == "20"]
    assert [line[1] for line in began] == [identity.hex]


async def test_a_server_that_decides_slowly_does_not_do_it_twice(world, pool):
    world.server("work", "slow")
    identity, heard = send(pool, 1500)
    await until(heard.over)
    assert heard.names == ["accepted", "finished"]
    await asyncio.sleep(5.0)  # what was sent again would be decided by now
    began = [line for line in world.lines("work") if line[0] == "began"]
    assert [line[1] for line in began] == [identity.hex]


@pytest.mark.parametrize("patience", [15.0, 0.0])
async def test_a_goal_that_was_cancelled_while_its_server_decides_is_stopped_when_it_begins(
    world, pool, patience
):
    """Until then the server says that it does not know it, which is no word on what it will do."""
    pool.settings = replace(pool.settings, longest_cancel_wait=patience)
    world.server("work", "slow")
    identity, heard = send(pool, LONG)
    await until_written(world, "asked")
    assert pool.cancel(identity)
    await until_written(world, "cancelled")
    assert [line[1] for line in world.lines("work") if line[0] == "began"] == [identity.hex]
    await until(heard.over)
    assert heard.names == (["accepted", "finished"] if patience else ["lost"])


async def test_a_goal_that_was_given_up_is_cancelled_when_its_server_is_back(world, pool):
    server = world.server("work")
    identity, heard = send(pool, LONG)
    await until(heard.taken)
    await asyncio.sleep(2.0)  # it shows that it answers while it works
    server.process.send_signal(signal.SIGSTOP)
    try:
        await until(heard.over)
        assert heard.calls[-1][1] is Loss.SERVER_GONE
    finally:
        server.process.send_signal(signal.SIGCONT)
    await until_written(world, "cancelled")
    assert ["cancelled", identity.hex, str(LONG)] in world.lines("work")


async def test_a_server_that_was_stopped_for_a_moment_is_not_taken_for_dead(world, pool):
    server = world.server("work")
    identity, heard = send(pool, LONG)
    await until(heard.taken)
    await asyncio.sleep(2.0)  # it shows that it answers while it works
    server.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(0.4)
    server.process.send_signal(signal.SIGCONT)
    await asyncio.sleep(1.5)
    assert heard.names == ["accepted"]
    pool.cancel(identity)
    await until(heard.over)


async def test_goals_of_an_earlier_life_are_adopted_running_or_over(world, pool, successor):
    world.server("work")
    running, _ = send(pool, LONG)
    ended, second = send(pool, 1)
    await until(second.over)
    await until_written(world, "began", 2)
    adopted, finished = Heard(), Heard()
    successor.adopt(TYPE, "work", running, adopted)
    successor.adopt(TYPE, "work", ended, finished)
    await until(finished.over)
    assert finished.names == ["finished"]
    await until(adopted.taken)
    world.finish("work")
    await until(adopted.over)
    assert adopted.names == ["accepted", "finished"]
    assert list(adopted.calls[-1][2].sequence) == [LONG]
    assert sum(line[0] == "began" for line in world.lines("work")) == 2


async def test_an_adopted_goal_can_be_cancelled(world, pool, successor):
    world.server("work")
    running, _ = send(pool, LONG)
    await until_written(world, "began")
    adopted = Heard()
    successor.adopt(TYPE, "work", running, adopted)
    successor.cancel(running)
    await until(adopted.over)
    assert adopted.calls[-1][1] == GoalStatus.STATUS_CANCELED


async def test_a_goal_the_server_never_saw_is_told_apart(world, pool):
    world.server("work")
    heard = Heard()
    pool.adopt(TYPE, "work", uuid4(), heard)
    await until(heard.over)
    assert heard.calls == [("lost", Loss.NEVER_SEEN, "work never saw the goal")]
