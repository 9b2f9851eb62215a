"""The planner against a server that speaks the protocol, well and badly."""

from __future__ import annotations

import asyncio
import json
import sys
import time

import jsonschema
import pytest

from execution_orchestrator.planning.llm.answer import document_in
from execution_orchestrator.planning.llm.prompt import essence
from execution_orchestrator.planning.ports import PlanningRequest, ReplanningRequest
from test.model_server import Reply
from test.unit.planning.llm.conftest import drive, plan

COMMAND = PlanningRequest("please do something about the kitchen")


async def planned(rig, request=COMMAND):
    return await rig.planner.plan(request, rig.check)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_valid_answer_is_the_plan(rig, stream):
    one = rig(plan(drive()), stream=stream, prompt_price=2.0, completion_price=10.0)
    result = await planned(one)
    assert result.problems == ()
    assert (result.confidence, result.planner) == (0.9, "llm")
    assert one.prepared(result).plan["actions"][0]["id"] == "go"
    usage = result.usage
    assert (usage.model, usage.rounds, usage.prompt_tokens, usage.completion_tokens) == (
        "test",
        1,
        100,
        50,
    )
    assert usage.cost == pytest.approx((100 * 2.0 + 50 * 10.0) / 1e6)
    request = one.server.requests[0]
    assert request["model"] == "test"
    assert request["response_format"]["type"] == "json_schema"
    assert one.server.keys == ["Bearer none"]


def say(name, text):
    return {"id": name, "action_type": "speak", "parameters": {"text": text}}


async def test_a_model_has_the_whole_plan_language(rig):
    look = {"id": "look", "action_type": "detect_objects", "parameters": {"classes": ["cup"]}}
    document = plan(
        drive(**{"while": "robot.battery > 0.2"}, on_guard_failed="wait"),
        {"id": "round", "action_type": "repeat", "actions": [look], "max_iterations": 3, "delay": 1},
        {**look, "id": "again"},
        {
            "id": "ways",
            "action_type": "router",
            "by": "actions.again.outcome",
            "cases": [{"is": "found", "actions": [say("yes", "found")]}],
            "default": [say("no", "nothing")],
        },
        {"id": "wait", "action_type": "wait_for_signal", "signal": "go_on", "timeout": 60.0},
        {
            "id": "race",
            "action_type": "parallel",
            "race": True,
            "actions": [say("a", "a"), {"id": "d", "action_type": "delay", "duration": 1.0}],
        },
        {
            "id": "careful",
            "action_type": "try",
            "actions": [drive("away", compensation_of_partial=say("sorry", "sorry"))],
            "catch": [{"actions": [say("oh", "oh")], "rethrow": True}],
        },
        {"id": "more", "action_type": "while", "if": "index < 2", "actions": [say("b", "b")],
         "max_iterations": 2},
        success="actions.go.status == 'SUCCEEDED'",
        signals={"go_on": {"type": "boolean"}},
        schedule={"cron": "0 8 * * *"},
    )  # fmt: skip
    one = rig(document)
    result = await planned(one)
    assert result.problems == ()
    assert result.usage.rounds == 1
    schema = one.server.requests[0]["response_format"]["json_schema"]["schema"]
    jsonschema.Draft202012Validator(schema).validate(document)
    told = one.server.requests[0]["messages"][0]["content"]
    assert "outcomes found, nothing" in told
    prepared = one.prepared(result)
    assert prepared.timing.timetable is not None
    again = essence(prepared.plan)
    assert again["actions"][0]["while"] == "robot.battery > 0.2"
    assert again["actions"][3]["by"] == "actions.again.outcome"
    assert again["signals"] == {"go_on": {"type": "boolean"}}


async def test_what_is_wrong_is_fed_back_and_repaired(rig):
    one = rig(plan(drive(parameters={"target": 1})), plan(drive()))
    result = await planned(one)
    assert result.plan is not None
    assert result.usage.rounds == 2
    assert result.confidence == pytest.approx(0.81)
    told = one.server.requests[1]["messages"]
    assert [message["role"] for message in told] == ["system", "user", "assistant", "user"]
    assert "PARAMETER_UNKNOWN" in told[-1]["content"]
    assert "target_location" in told[-1]["content"]


async def test_a_model_that_never_gets_it_right_is_given_up_with_the_reason(rig):
    one = rig(plan(drive(action_type="fly")), max_rounds=3)
    result = await planned(one)
    assert result.plan is None
    assert result.usage.rounds == 3
    assert len(one.server.requests) == 3
    assert "no valid plan in 3 answers" in result.problems[0]
    assert "'fly' is no action you may use" in result.problems[0]


async def test_the_token_budget_ends_the_repairs(rig):
    one = rig(Reply("no", prompt_tokens=900, completion_tokens=50), token_budget=1000, max_rounds=9)
    result = await planned(one)
    assert result.plan is None
    assert "budget of 1000 tokens" in result.problems[0]
    assert len(one.server.requests) == 1
    assert one.server.requests[0]["max_tokens"] == 1000


async def test_tokens_nobody_counted_are_estimated(rig):
    one = rig(Reply(json.dumps(plan(drive())), counted=False))
    usage = (await planned(one)).usage
    assert usage.prompt_tokens > 500
    assert usage.completion_tokens > 20


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply('{"version": 1, "actions": [{"id": "go", "act', finish="length"), "ANSWER_CUT_OFF"),
        (Reply("I would drive to the kitchen."), "ANSWER_NOT_JSON"),
        (Reply("[1, 2]"), "ANSWER_NOT_JSON"),
        (Reply(json.dumps(plan(drive())), broken=True), "ANSWER_NOT_JSON"),
        (Reply('{"version": 1, "confidence": NaN, "actions": []}'), "PLAN_FIELD_INVALID"),
        (Reply("", finish="content_filter"), "ANSWER_FILTERED"),
        (Reply('{"version": 1, "confidence": 0.9, "actions": 7}'), "PLAN_FIELD_INVALID"),
        (Reply('{"version": 1, "confidence": 0.9, "actions": []}'), "PLAN_FIELD_INVALID"),
        (Reply('{"version": 1, "confidence": "sure", "actions": []}'), "PLAN_FIELD_INVALID"),
        (Reply("[" * 5000), "ANSWER_NOT_JSON"),
    ],
)
@pytest.mark.parametrize("mending", [True, False])
async def test_a_malformed_answer_is_repaired(rig, monkeypatch, reply, code, mending):
    if not mending:  # json_repair is optional, and what the model is told does not depend on it
        monkeypatch.setitem(sys.modules, "json_repair", None)
    one = rig(reply, plan(drive()))
    result = await planned(one)
    assert result.plan is not None, result.problems
    assert code in one.server.requests[1]["messages"][-1]["content"]


@pytest.mark.parametrize(
    "text",
    [
        "```json\n{}\n```",
        "Here it is:\n{}\nGood luck!",
        "<think>{{not this}}</think>\n{}",
        "the beginning of the thoughts is cut off</think>\n{}",
        "```JSON\n{}\n```",
        "I drive to {place} and then to ${other}: {}",
        '{"thought": "I drive there"}\n{}',
        "[{}]",
        '{"name": "submit_plan", "arguments": {}}',
        '{"tool_calls": {"function": {"arguments": {}}}}',
    ],
)
async def test_words_around_the_plan_are_passed_over(rig, text):
    one = rig(text.replace("{}", json.dumps(plan(drive()))))
    assert (await planned(one)).plan is not None
    assert len(one.server.requests) == 1


async def test_the_arguments_of_a_call_may_be_a_text(rig):
    one = rig({"name": "submit_plan", "arguments": json.dumps(plan(drive()))})
    assert (await planned(one)).plan is not None
    assert len(one.server.requests) == 1


@pytest.mark.parametrize("mending", [True, False])
def test_a_part_of_an_answer_is_not_taken_for_it(monkeypatch, mending):
    if not mending:
        monkeypatch.setitem(sys.modules, "json_repair", None)
    inner = {"id": "s", "action_type": "sequence", "actions": [drive()]}
    for finish in ("stop", "length"):
        document, issue = document_in(f'{{"version": 1, "actions": [{json.dumps(inner)}', finish)
        assert document is None
        assert issue is not None


async def test_a_model_may_say_that_it_is_impossible(rig):
    result = await planned(rig({"impossible": "there is no kitchen"}))
    assert result.problems == ("the model says: there is no kitchen",)


async def test_a_plan_without_confidence_is_not_trusted(rig):
    document = plan(drive())
    del document["confidence"]
    one = rig(document)
    prepared = one.prepared(await planned(one))
    assert prepared.confirm


async def test_a_plan_of_low_confidence_waits_for_a_person(rig):
    one = rig(plan(drive(), confidence=0.3))
    prepared = one.prepared(await planned(one))
    assert prepared.plan is not None
    assert prepared.confirm


@pytest.mark.parametrize(
    ("complaint", "dropped"),
    [
        ("response_format json_schema is not supported", "json_object"),
        ("'stream_options' is an unknown field", "stream_options"),
        ("streaming is not supported", "stream"),
        ("temperature may only be 1", "temperature"),
        ("use 'max_completion_tokens' instead of max_tokens", "max_tokens"),
    ],
)
async def test_what_an_endpoint_does_not_take_is_left_away(rig, complaint, dropped):
    one = rig(Reply(complaint, status=400), plan(drive()), temperature=0.2)
    assert (await planned(one)).plan is not None
    assert len(one.server.requests) == 2
    second = one.server.requests[1]
    if dropped == "json_object":
        assert second["response_format"] == {"type": "json_object"}
    else:
        assert dropped in one.server.requests[0]
        assert dropped not in second
    assert (await planned(one)).plan is not None
    assert len(one.server.requests) == 3, "it is not asked for again"


async def test_an_endpoint_without_any_structured_output_answers_in_text(rig):
    refused = Reply("unknown parameter", status=422)
    one = rig(refused, refused, plan(drive()))
    assert (await planned(one)).plan is not None
    assert "response_format" not in one.server.requests[2]


async def test_an_endpoint_that_streams_nothing_is_asked_without_a_stream(rig):
    def script(request):
        return Reply("", finish=None) if request.get("stream") else Reply(json.dumps(plan(drive())))

    assert (await planned(rig(script=script))).plan is not None


async def test_a_busy_server_is_asked_again_when_it_says(rig):
    one = rig(Reply("slow down", status=429, headers={"Retry-After": "0.2"}), plan(drive()))
    began = time.monotonic()
    assert (await planned(one)).plan is not None
    assert time.monotonic() - began >= 0.2
    assert len(one.server.requests) == 2


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply("busy", status=429, headers={"Retry-After": "3600"}), "try again after 3600 s"),
        (Reply("who?", status=401), "refuses the key (401)"),
        (Reply("what?", status=404), "knows no 'test'"),
        (Reply("bad", status=400), "refuses: "),
        (Reply("oh", status=500, headers={"Retry-After": "0.01"}), "failed (500)"),
        (Reply(body="<html>hello</html>"), ""),
        (Reply(body='{"hello": 1}'), ""),
    ],
)
async def test_an_error_of_the_server_is_told_in_words(rig, reply, told):
    one = rig(reply, stream=False)
    result = await planned(one)
    assert result.plan is None
    assert told in result.problems[0]
    assert len(result.problems[0]) < 1000


async def test_a_server_that_is_not_there_is_told_in_words(rig):
    one = rig(plan(drive()), retries=0)
    one.server.close()
    result = await planned(one)
    assert "cannot be reached" in result.problems[0]


@pytest.mark.parametrize("reply", [Reply("x", delay=30.0), Reply("x" * 40_000, drip=0.02)])
async def test_a_slow_model_is_given_up_in_time(rig, reply):
    one = rig(reply, timeout=0.5)
    result = await planned(one)
    assert result.plan is None
    assert "longer than 0.5 s" in result.problems[0]


async def test_a_cancelled_planning_hangs_up(rig):
    one = rig(Reply("x" * 40_000, drip=0.02))
    task = asyncio.create_task(planned(one))
    assert await asyncio.to_thread(one.server.asked.wait, 10.0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(one.server.hung_up.wait, 10.0)


async def test_the_loop_goes_on_while_a_model_thinks(rig):
    one = rig(Reply(json.dumps(plan(drive())), delay=0.5))
    task = asyncio.create_task(planned(one))
    turns = 0
    while not task.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 10


async def test_at_most_so_many_are_asked_at_once(rig):
    one = rig(Reply(json.dumps(plan(drive())), delay=0.3), max_concurrent=1)
    tasks = [asyncio.create_task(planned(one)) for _ in range(3)]
    assert await asyncio.to_thread(one.server.asked.wait, 10.0)
    await asyncio.sleep(0.05)
    assert len(one.server.requests) == 1
    assert all(result.plan is not None for result in await asyncio.gather(*tasks))


async def test_the_key_is_sent_and_never_shown(rig):
    one = rig(plan(drive()), key="secret-key")
    await planned(one)
    assert one.server.keys == ["Bearer secret-key"]
    assert "secret" not in repr(one.settings)


async def test_another_plan_is_asked_for_with_what_happened(rig):
    old = one_prepared(rig)
    one = rig(plan(drive(), drive("around", parameters={"target_location": "shelf"})))
    request = ReplanningRequest(
        command="go to the kitchen",
        plan=old,
        history={
            "go": {"action_type": "navigate_to", "status": "SUCCEEDED", "output": {"d": 1}},
            "look": {"action_type": "detect_objects", "status": "CANCELLED", "error": "dark"},
        },
        failures=[{"key": "look", "action_type": "detect_objects", "error": {"code": "DARK"}}],
        world={"robot": {"battery": 0.5}, "objects": [{"id": "mug", "class": "cup"}]},
    )
    result = await one.planner.replan(request, one.check)
    assert result.plan is not None
    asked = one.server.requests[0]["messages"][1]["content"]
    for part in ("<old_plan>", "<done>", "<not_done>", "<failures>", "DARK", "mug", "battery"):
        assert part in asked


async def test_another_plan_is_for_what_the_first_was_for(rig):
    aim = "actions.go.status == 'SUCCEEDED'"
    silent = plan(drive("around", parameters={"target_location": "shelf"}))
    both = {**silent, "actions": [drive(), *silent["actions"]]}
    one = rig(silent, both)
    request = ReplanningRequest(
        command="go to the kitchen", plan={**plan(drive()), "success": aim}, history={}, failures=[]
    )
    result = await one.planner.replan(request, one.check)
    assert '"at": "/success"' in one.server.requests[1]["messages"][-1]["content"]
    assert result.plan is not None
    assert result.plan["success"] == aim


def one_prepared(rig):
    from execution_orchestrator.planning.ports import PlanningResult

    return rig("x").prepared(PlanningResult(plan(drive()))).plan


async def test_a_missing_package_is_told_of_with_the_cure(rig, monkeypatch):
    monkeypatch.setitem(sys.modules, "openai", None)
    result = await planned(rig(plan(drive())))
    assert "pip install openai json-repair" in result.problems[0]


ALMOST_JSON = [
    lambda text: text[:-1] + ",}",
    lambda text: text.replace('"actions"', '// what to do\n"actions"', 1),
    lambda text: text.replace("{", "{/* a plan */", 1),
    lambda text: text.replace('"', "'"),
    lambda text: f"Here it is:\n```json\n{text[:-1]},}}\n```\nGood luck!",
]


@pytest.mark.parametrize("spoil", ALMOST_JSON)
async def test_almost_json_is_repaired_before_a_round_is_spent(rig, spoil):
    pytest.importorskip("json_repair")
    one = rig(Reply(spoil(json.dumps(plan(drive())))))
    result = await planned(one)
    assert result.plan is not None, result.problems
    assert len(one.server.requests) == 1


async def test_what_was_cut_off_is_never_completed(rig):
    whole = json.dumps(plan(drive()))
    one = rig(Reply(whole[: len(whole) // 2]), plan(drive()))
    result = await planned(one)
    assert result.plan is not None
    assert "ANSWER_NOT_JSON" in one.server.requests[1]["messages"][-1]["content"]


async def test_one_refusal_that_names_nothing_switches_nothing_off(rig):
    one = rig(Reply("", status=400), plan(drive()), plan(drive()))
    await planned(one)
    await planned(one)
    formats = [request.get("response_format", {}).get("type") for request in one.server.requests]
    assert formats == ["json_schema", "json_object", "json_schema"]


async def test_one_empty_stream_switches_nothing_off(rig):
    one = rig(Reply("", finish=None), plan(drive()), plan(drive()))
    await planned(one)
    await planned(one)
    assert [bool(request.get("stream")) for request in one.server.requests][-1]
