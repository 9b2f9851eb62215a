"""Clients that want more than they may, or want harm: each is refused with a reason, and all is well after."""

from __future__ import annotations

import json
import time

import anyio
import httpx2
import pytest
from mcp.shared.exceptions import MCPError

from test.integration.agents.clients import (
    Place,
    ended,
    over_http,
    over_stdio,
    plan,
    refusals,
    refused,
    rest,
    server,
    to,
    told,
    until,
)

pytestmark = [pytest.mark.timeout(400), pytest.mark.anyio]
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
ACCEPT = {"Accept": "application/json, text/event-stream"}


async def well(url: str) -> None:
    """The node takes work, and answers soon."""
    async with over_http(url) as client:
        begun = time.monotonic()
        found = await told(client, "describe_world")
        assert found["node"]["seen"]
        assert not found["node"]["emergency_stopped"]
        assert time.monotonic() - begun < 30.0
        begun = await told(client, "execute_plan", plan=plan(rest(0.1)))
        over = await told(client, "wait_for_execution", **ended(begun))
        assert over["status"] == "COMPLETED", over


def strangers(robot: Place) -> set[tuple[str, str]]:
    """Return what strangers asked for and why they were refused, as the journal has it."""
    found = [one for one in refusals(robot.folder) if "somebody" in one.requester]
    return {(one.request, one.reason) for one in found}


async def test_strangers_are_turned_away_and_the_journal_knows_them(robot: Place, url: str) -> None:
    await well(url)
    good = {"Authorization": "Bearer hostile"}
    async with httpx2.AsyncClient(timeout=30.0, headers=ACCEPT) as raw:

        async def status(content: bytes | None = None, **headers: str) -> int:
            body = {"content": content} if content is not None else {"json": PING}
            sent = {"Content-Type": "application/json", **headers}
            return int((await raw.post(url, headers=sent, **body)).status_code)

        assert await status() == 401
        assert await status(Authorization="Bearer wrong") == 401
        assert await status(**good, Origin="http://evil.example") == 403
        assert await status(**good, Host="evil.example") == 421
        assert await status(b'{"x": "' + b"a" * 10_000_000 + b'"}', **good) == 413
        deep = b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": ' + b'{"a":' * 100_000
        assert await status(deep + b"1" + b"}" * 100_000 + b"}", **good) == 400
        assert await status(b"no json", **good) == 400
    await well(url)
    # The node writes them down one after the other, while the strangers have their answer already.
    wanted = {
        ("HTTP POST /mcp", "no token that is known"),
        ("HTTP POST /mcp", "a page of another origin"),
        ("HTTP POST /mcp", "its body is too large"),
    }
    for _ in range(100):
        if wanted <= strangers(robot):
            break
        await anyio.sleep(0.2)
    assert wanted <= strangers(robot)
    asked = [one for one in refusals(robot.folder) if one.reason == "a page of another origin"]
    assert json.loads(asked[0].arguments)["origin"] == "http://evil.example"


async def test_what_is_too_much_is_refused_with_a_reason(robot: Place, url: str) -> None:
    deep = "{" + '"a":{' * 50_000 + "}" * 50_000 + "}"
    async with over_http(url, "hostile") as client, over_stdio(robot, "hostile") as local:
        large = plan(
            {"id": "say", "action_type": "speak", "parameters": {"text": "a" * 10_000_000}}
        )
        for tool in ("validate_plan", "execute_plan", "rehearse_plan"):
            assert "at most 1048576 are read" in await refused(local, tool, plan=large)
        assert "give a command in words" in await refused(client, "execute_command", command=" ")
        found = await told(client, "validate_plan", plan=deep)
        assert not found["valid"]
        assert found["issues"]
        found = await told(client, "validate_plan", plan=plan(rest(1.0)), inputs=deep)
        assert not found["valid"]
        found = await told(client, "validate_plan", plan=plan(rest(0.1, "x" * 100_000)))
        assert not found["valid"]
        assert len(json.dumps(found)) < 200_000
        for execution_id in ("x" * 100_000, "../../etc/passwd", "\x00", "' or 1=1 --"):
            answer = await client.call_tool("get_execution", {"execution_id": execution_id})
            assert answer.is_error
            assert len(answer.content[0].text) < 2000
        for arguments in ({"limit": 10**30}, {"offset": -5}, {"offset": 10**30}, {"limit": "many"}):
            answer = await client.call_tool("list_executions", arguments)
            assert answer.is_error or len(answer.structured_content["executions"]) <= 100
        # An empty id means every execution to the node.
        for tool in ("cancel", "pause", "resume"):
            assert (await client.call_tool(tool, {"execution_id": ""})).is_error
        assert (await client.call_tool("no_such_tool", {})).is_error
        assert (
            await client.call_tool("cancel", {"execution_id": "x", "reason": "r" * 10_000})
        ).is_error
        with pytest.raises(MCPError):
            await client.read_resource("robot://executions/../../../etc/passwd")
        with pytest.raises(MCPError):
            await client.read_resource("file:///etc/passwd")
    await well(url)
    asked = {(one.request, one.reason.split(" has ")[0]) for one in refusals(robot.folder)}
    assert ("execute_plan", "the plan") in asked
    one = next(
        one
        for one in refusals(robot.folder)
        if one.request == "execute_plan" and "10000" in one.reason
    )
    assert one.requester.startswith("agent hostile via ")
    assert one.arguments.startswith('{"command": "", "plan": "{')
    assert len(one.arguments) <= 4096


async def test_a_thousand_calls_a_second_hold_up_nobody_else(robot: Place, url: str) -> None:
    async with over_http(url, "hostile") as client, over_http(url) as other:
        answers: list[str] = []

        async def call() -> None:
            try:
                await client.call_tool("describe_world", {})
                answers.append("answered")
            except MCPError as refusal:
                answers.append(str(refusal))

        async with anyio.create_task_group() as tasks:
            for _ in range(1000):
                tasks.start_soon(call)
            begun = time.monotonic()
            assert (await told(other, "describe_world"))["node"]["seen"]
            waited = time.monotonic() - begun
        assert len(answers) == 1000
        assert waited < 30.0
        assert any("requests of this client are under way" in one for one in answers)
    await well(url)
    crowd = [
        one
        for one in refusals(robot.folder)
        if "under way" in one.reason or "in a minute" in one.reason
    ]
    assert 1 <= len([one for one in crowd if one.requester.startswith("agent hostile")]) <= 3


def answers(received: bytes) -> set[object]:
    """Return the ids of the messages that have come as a whole."""
    return {json.loads(line).get("id") for line in received.split(b"\n")[:-1] if line.strip()}


async def test_a_client_that_dies_in_the_middle_of_a_call(robot: Place, url: str) -> None:
    async with over_http(url) as client:
        begun = await told(client, "execute_plan", plan=plan(rest(2.0)))
        with anyio.move_on_after(0.5):
            await client.call_tool("wait_for_execution", ended(begun))
    # The program that started the server is gone without a word, in the middle of two calls.
    started = server(robot)
    async with await anyio.open_process(
        [started.command, *started.args], env=started.env
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        about = {"name": "dying", "version": "1"}
        hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": about}
        for message in (
            {"id": 1, "method": "initialize", "params": hello},
            {"method": "notifications/initialized"},
            {
                "id": 2,
                "method": "tools/call",
                "params": {"name": "wait_for_execution", "arguments": ended(begun)},
            },
            {
                "id": 3,
                "method": "tools/call",
                "params": {"name": "execute_plan", "arguments": {"plan": plan(rest(9.0, "left"))}},
            },
        ):
            await process.stdin.send(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        answered = b""
        while 3 not in answers(answered):
            answered += await process.stdout.receive()
        await process.stdin.aclose()
        async with over_http(url) as client:
            newest = (await told(client, "list_executions", limit=1))["executions"][0]
            assert newest["requester"] == "agent default via dying 1"
            assert newest["status"] == "EXECUTING"
            # Another client of the same name may steer it, and does.
            await told(client, "cancel", execution_id=newest["execution_id"])
            await until(client, newest, "CANCELLED")
        with anyio.fail_after(30.0):
            await process.wait()
    await well(url)


async def test_two_clients_keep_to_what_is_theirs(robot: Place, url: str) -> None:
    async with over_http(url, "hostile") as one, over_http(url, "kitchen") as two:
        say = {"id": "say", "action_type": "speak", "parameters": {"text": "hello"}}
        begun = await told(
            one, "execute_plan", plan=plan(rest(300.0), signals={"go": {"type": "boolean"}})
        )
        name = begun["execution_id"]
        for tool, more in (("resume", {}), ("send_signal", {"name": "go", "value": "true"})):
            text = await refused(two, tool, execution_id=name, **more)
            assert "was not asked for by this client" in text
        assert "run already" in await refused(one, "execute_plan", plan=plan(rest(1.0)))
        other = await told(two, "execute_plan", plan=plan(say))
        assert (await told(two, "wait_for_execution", **ended(other)))["status"] == "COMPLETED"
        assert "only places by name" in await refused(
            two, "execute_plan", plan=plan(to({"x": 1.3, "y": 1.1}))
        )
        again = plan(rest(1.0), schedule={"every": 60})
        assert "only people set schedules" in await refused(two, "execute_plan", plan=again)
        # Whoever sees danger may stop what another one runs.
        await told(two, "cancel", execution_id=name, reason="danger")
        over = await told(one, "wait_for_execution", **ended(begun))
        assert over["status"] == "CANCELLED"
        assert over["reason"].startswith("agent kitchen via ") or "agent kitchen" in over["reason"]
    await well(url)
