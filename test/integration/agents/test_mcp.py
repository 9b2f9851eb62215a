"""The SDK's own client against the MCP server, the running node and the simulated robot."""

from __future__ import annotations

import json
from typing import Any

import anyio
import pytest
from mcp.shared.exceptions import MCPError
from mcp_types import ElicitResult

from test.integration.agents.clients import (
    WAIT,
    Place,
    callers,
    ended,
    in_python,
    over_http,
    over_stdio,
    plan,
    refusals,
    refused,
    reset,
    to,
    told,
    until,
)

pytestmark = [pytest.mark.timeout(400), pytest.mark.anyio]


async def test_a_whole_errand(robot: Place) -> None:
    async with over_stdio(robot) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert tools["describe_world"].annotations.read_only_hint is True
        assert tools["execute_plan"].annotations.destructive_hint is True
        assert tools["execute_plan"].output_schema["properties"]["execution_id"]
        able = await told(client, "list_capabilities")
        names = {one["name"]: one for one in able["capabilities"]}
        assert "target_location" in names["navigate_to"]["parameters"]["properties"]
        assert names["spin"]["allowed"] is False
        assert "kitchen" in (await told(client, "describe_world"))["places"]
        report = await told(client, "plan_command", command="bring me the red cup")
        assert report["may_run"], report
        assert report["analysis"]["makespan"] > 10
        begun = await told(client, "execute_command", command="bring me the red cup")
        progress: list[float] = []

        async def heard(done: float, total: float | None, message: str | None) -> None:
            progress.append(done)

        answer = await client.call_tool(
            "wait_for_execution",
            {"execution_id": begun["execution_id"], "timeout": 120.0},
            progress_callback=heard,
        )
        over = answer.structured_content or {}
        assert over["status"] == "COMPLETED", over
        assert over["requester"].startswith("agent default via ")
        assert progress == sorted(progress)
        assert len(progress) > 2
        listed = await told(client, "list_executions", limit=5)
        assert begun["execution_id"] in [one["execution_id"] for one in listed["executions"]]
        read = await client.read_resource(f"robot://executions/{begun['execution_id']}")
        assert "EXECUTION_COMPLETED" in read.contents[0].text
        prompt = await client.get_prompt("make_a_plan", {"task": "fetch the book"})
        assert "fetch the book" in prompt.messages[0].content.text


async def test_issues_are_mended_and_a_failure_is_explained(url: str) -> None:
    async with over_http(url) as client:
        wrong = await told(client, "validate_plan", plan=plan(to("kichen")))
        assert not wrong["valid"]
        assert "kitchen" in json.dumps(wrong["issues"])
        assert "kichen" in await refused(client, "execute_plan", plan=plan(to("kichen")))
        assert (await told(client, "validate_plan", plan=plan(to("kitchen"))))["may_run"]
        begun = await told(client, "execute_plan", plan=plan(
            {"id": "see", "action_type": "detect_objects", "parameters": {"classes": ["book"]},
             "postconditions": ["actions.see.output.count > 100"], "retry": {"max_attempts": 1}}
        ))  # fmt: skip
        over = await told(client, "wait_for_execution", **ended(begun))
        assert over["status"] == "FAILED"
        why = await told(client, "explain_failure", execution_id=begun["execution_id"])
        assert why["failed_actions"][0]["action_id"] == "see"
        assert why["story"]


async def test_pause_resume_cancel_and_two_clients(robot: Place, url: str) -> None:
    async with over_http(url) as client, over_http(url, "kitchen") as other:
        long = plan({**WAIT, "parameters": {"duration": 9.0}}, to("home"))
        begun = await told(client, "execute_plan", plan=long)
        assert "run already" in await refused(client, "execute_plan", plan=long)
        # Nor does it count as ended before the node has published it.
        waited = await told(client, "wait_for_execution", **{**ended(begun), "timeout": 0.5})
        assert not waited["final"]
        await told(client, "pause", execution_id=begun["execution_id"], reason="people in the way")
        seen = await until(client, begun, "PAUSED")
        assert "people in the way" in seen["reason"]
        assert "not asked for by this client" in await refused(
            other, "resume", execution_id=begun["execution_id"]
        )
        await told(client, "resume", execution_id=begun["execution_id"])
        await told(other, "cancel", execution_id=begun["execution_id"])
        over = await told(client, "wait_for_execution", **ended(begun))
        assert over["status"] == "CANCELLED"
    asked = callers(robot.folder, begun["execution_id"])
    names = {what: who.partition(" via ")[0] for what, who in asked.items()}
    assert names == {"pause": "agent default", "resume": "agent default", "cancel": "agent kitchen"}


async def test_two_that_are_begun_at_once_are_one_too_many(url: str) -> None:
    async with over_http(url) as client:
        rest = plan({**WAIT, "parameters": {"duration": 5.0}})
        answers: list[Any] = []

        async def begin(number: int) -> None:
            asked = rest.replace("rest", f"rest_{number}")
            answers.append(await client.call_tool("execute_plan", {"plan": asked}))

        async with anyio.create_task_group() as tasks:
            for number in range(4):
                tasks.start_soon(begin, number)
        begun = [one.structured_content for one in answers if not one.is_error]
        assert len(begun) == 1, [one.content for one in answers]
        await told(client, "cancel", execution_id=begun[0]["execution_id"])
        await told(client, "wait_for_execution", **ended(begun[0]))


async def test_a_signal_is_sent(url: str) -> None:
    waits = {"id": "door", "action_type": "wait_for_signal", "signal": "door", "timeout": 60.0}
    async with over_http(url) as client, over_http(url, "kitchen") as other:
        asked = plan(waits, signals={"door": {"type": "string"}})
        begun = await told(client, "execute_plan", plan=asked)
        await until(client, begun, "EXECUTING")
        one = {"execution_id": begun["execution_id"], "name": "door", "value": '"open"'}
        assert "not asked for by this client" in await refused(other, "send_signal", **one)
        assert "door" in await refused(client, "send_signal", **{**one, "name": "dor"})
        await told(client, "send_signal", **one)
        over = await told(client, "wait_for_execution", **ended(begun))
        assert over["status"] == "COMPLETED", over


async def test_the_policy_refuses_and_the_journal_knows_it(robot: Place, url: str) -> None:
    async with over_http(url) as client, over_http(url, "kitchen") as kitchen:
        turn = {"id": "turn", "action_type": "spin", "parameters": {"angle": 1.0}}
        for nested in (
            turn,
            {"id": "b", "action_type": "sequence", "actions": [turn]},
            {**to("kitchen"), "fallback_action": turn},
        ):
            assert "spin is not allowed" in await refused(client, "execute_plan", plan=plan(nested))
        assert "at most 10" in await refused(client, "execute_plan", plan=plan(WAIT))
        text = await refused(kitchen, "execute_plan", plan=plan(to("living_room")))
        assert "living_room is not among the allowed places" in text
        text = await refused(kitchen, "execute_plan", plan=plan(to({"x": 1.3, "y": 1.1})))
        assert "only places by name" in text
        text = await refused(client, "confirm", execution_id="x", approve=True)
        assert "a person has to answer" in text
    entries = refusals(robot.folder)
    asked = {(one.requester.partition(" via ")[0], one.request) for one in entries}
    assert ("agent default", "execute_plan") in asked
    assert ("agent kitchen", "execute_plan") in asked
    assert ("agent default", "confirm") in asked
    assert any("spin" in one.arguments for one in entries)


async def test_a_person_agrees_in_the_client_or_on_the_page(url: str) -> None:
    asked: list[str] = []

    async def person(agrees: bool, context: Any, params: Any) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(action="accept", content={"agree": agrees})

    async def yes(context: Any, params: Any) -> ElicitResult:
        return await person(True, context, params)

    async def no(context: Any, params: Any) -> ElicitResult:
        return await person(False, context, params)

    async with over_http(url, "asks", elicitation_callback=no) as client:
        text = await refused(client, "execute_command", command="go to the kitchen")
        assert "did not agree" in text
        assert "go to the kitchen" in asked[0]
        assert "navigate_to (target_location kitchen" in asked[0]
    async with over_http(url, "asks", elicitation_callback=yes) as client:
        begun = await told(client, "execute_command", command="go to the kitchen")
        assert not begun["waits_for_a_person"]
        over = await told(client, "wait_for_execution", **ended(begun))
        assert over["status"] == "COMPLETED"
        assert over["requester"].startswith("agent asks via ")
        assert over["requester"].endswith(" (agreed to in its client)")
    # Without a client that can ask, and where the policy does not want it, the node's own ways ask.
    for name, more in (("asks", {}), ("page", {"elicitation_callback": yes})):
        async with over_http(url, name, **more) as client:
            begun = await told(client, "execute_plan", plan=plan(to("home")))
            assert begun["waits_for_a_person"]
            seen = await until(client, begun, "PENDING")
            assert seen["percentage"] == 0.0
            assert "a person has to answer" in await refused(
                client, "confirm", execution_id=begun["execution_id"], approve=True
            )
            await told(client, "cancel", execution_id=begun["execution_id"])
            over = await told(client, "wait_for_execution", **ended(begun))
            assert over["status"] == "CANCELLED"


async def test_a_picture_and_a_limit_of_requests(robot: Place, url: str) -> None:
    async with over_http(url) as client:
        answer = await client.call_tool("take_picture", {})
        assert not answer.is_error, answer.content
        assert answer.content[0].mime_type == "image/png"
        seen = await client.call_tool("describe_world", {"picture": True})
        assert seen.content[1].mime_type == "image/png"
        assert "kitchen" in seen.structured_content["places"]
        last = await client.read_resource("robot://camera/last")
        assert last.contents[0].mime_type == "image/png"
    async with over_http(url, "slow") as client:
        with pytest.raises(MCPError, match="more than 20 requests"):
            for _ in range(30):
                await client.call_tool("describe_world", {})
        # A stop is never too much.
        try:
            assert (await told(client, "emergency_stop", reason="test"))["message"]
        finally:
            await anyio.to_thread.run_sync(reset, robot)


async def test_a_plan_is_rehearsed_where_the_policy_wants_it_and_nothing_moves(
    robot: Place, url: str
) -> None:
    async with over_http(url, "careful") as client:
        before = (await told(client, "describe_world"))["robot_state"]["pose"]
        # The kitchen is at 4.0, 2.0: it goes to where it is not.
        asked = plan(to("home" if before["x"] > 2.0 else "kitchen"))
        assert "call rehearse_plan" in await refused(client, "execute_plan", plan=asked)
        seen = await told(client, "rehearse_plan", plan=asked)
        assert seen["would_succeed"], seen
        way = seen["trajectories"][""]
        assert way[0][1:3] == pytest.approx([before["x"], before["y"]], abs=0.2)
        after = (await told(client, "describe_world"))["robot_state"]["pose"]
        assert (after["x"], after["y"]) == pytest.approx((before["x"], before["y"]), abs=0.05)
        known = (await told(client, "list_executions"))["executions"]
        assert "rehearsal" not in [one["command"] for one in known]
        lost = plan(to({"x": 90.0, "y": 0.0}))
        told_of = await told(client, "rehearse_plan", plan=lost)
        assert told_of["out_of_reach"] == ["go"]
        assert "call rehearse_plan" in await refused(client, "execute_plan", plan=lost)
        assert "kichen" in await refused(client, "rehearse_plan", plan=plan(to("kichen")))
        begun = await told(client, "execute_plan", plan=asked)
        over = await told(client, "wait_for_execution", **ended(begun))
        assert over["status"] == "COMPLETED"
        # What was foretold is what happened, at four times the speed, or slower on a busy machine.
        assert over["elapsed"] * 4 > seen["seconds"] * 0.5
        there = (await told(client, "describe_world"))["robot_state"]["pose"]
        assert (there["x"], there["y"]) == pytest.approx(way[-1][1:3], abs=0.4)


async def test_a_goal_is_a_rehearsal(robot: Place) -> None:
    asked = plan(to("home")).replace('"', "'")
    await anyio.to_thread.run_sync(
        lambda: in_python(
            robot.env,
            "import json",
            f"session = client.send(plan=json.dumps({asked}), rehearse=True)",
            "assert session.done.wait(60)",
            "result = session.result",
            "assert result.status.value == 10, result",
            "told = json.loads(result.rehearsal)",
            "assert told['would_succeed'] and told['trajectories'][''], told",
            "assert 'it would be done' in result.message, result.message",
        )
    )


async def test_changes_are_told_to_who_subscribed(robot: Place, url: str) -> None:
    async with over_http(url) as client:
        reference = await client.read_resource("robot://plan-reference")
        assert "action_type" in reference.contents[0].text
        heard: list[str] = []
        with anyio.fail_after(60.0):
            async with client.listen(resource_subscriptions=["robot://executions"]) as events:
                begun = await told(
                    client, "execute_plan", plan=plan({**WAIT, "parameters": {"duration": 1.0}})
                )
                async for event in events:
                    heard.append(str(event.uri))
                    running = json.loads(
                        (await client.read_resource("robot://executions")).contents[0].text
                    )["running"]
                    if not running:
                        break
        assert heard
        assert set(heard) == {"robot://executions"}
        told_of = await client.read_resource(f"robot://reports/{begun['execution_id']}")
        assert "| rest | wait | SUCCEEDED |" in told_of.contents[0].text
    older: set[str] = set()
    both = anyio.Event()

    async def updated(message: Any) -> None:
        if type(message).__name__ == "ResourceUpdatedNotification":
            older.add(str(message.params.uri))
            if len(older) == 2:
                both.set()

    async with over_http(url, mode="legacy", message_handler=updated) as client:
        await client.subscribe_resource("robot://executions")
        begun = await told(
            client, "execute_plan", plan=plan({**WAIT, "parameters": {"duration": 1.0}})
        )
        one = f"robot://executions/{begun['execution_id']}"
        await client.subscribe_resource(one)
        await told(client, "wait_for_execution", **ended(begun))
        with pytest.raises(MCPError, match="does not change"):
            await client.subscribe_resource("robot://places")
        with anyio.fail_after(20.0):
            await both.wait()
        assert older == {"robot://executions", one}


async def test_executions_of_a_client_that_leaves(robot: Place) -> None:
    async with over_stdio(robot, "leaves") as client:
        begun = await told(client, "execute_plan", plan=plan(WAIT))
        await until(client, begun, "EXECUTING")
    async with over_stdio(robot) as client:
        over = await told(client, "wait_for_execution", **ended(begun))
        assert over["status"] == "CANCELLED"
        assert "has left" in over["reason"]
