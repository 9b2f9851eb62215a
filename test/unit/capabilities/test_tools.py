"""Tools: what comes in and goes out is checked, workers are bounded, failures have types."""

from __future__ import annotations

import asyncio
import threading
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from execution_orchestrator import extras
from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.capabilities.steps.context import StepFailedError
from execution_orchestrator.capabilities.tools import ToolError, ToolRegistry, ToolRunner
from execution_orchestrator.capabilities.tools import registry as registry_module
from execution_orchestrator.capabilities.tools.plain import PLAIN_TOOLS, transform, validate
from execution_orchestrator.plan.errors import ErrorType

CONFIG = Path(__file__).parents[3] / "config"
ROBOT = load_robot([CONFIG / "capabilities.yaml", CONFIG / "tools.yaml"])
TRANSFORM = ROBOT.model.capabilities["transform"]
GIVEN = {"data": [3, 1], "expression": "data.map(n, n * 2)"}


async def error_of(runner: ToolRunner, parameters: Any = GIVEN) -> Any:
    with pytest.raises(StepFailedError) as caught:
        await runner.run(TRANSFORM, parameters)
    return caught.value.error


async def test_a_shipped_tool_computes_in_a_worker() -> None:
    assert await ToolRunner(PLAIN_TOOLS).run(TRANSFORM, GIVEN) == {"value": [6, 2]}


async def test_a_plain_function_leaves_the_loop_free_and_a_coroutine_runs_on_it() -> None:
    threads: list[str] = []

    def plain(parameters: Any) -> Any:
        threads.append(threading.current_thread().name)
        return {"value": 1}

    async def coroutine(parameters: Any) -> Any:
        threads.append(threading.current_thread().name)
        return {"value": 2}

    class Callable:
        async def __call__(self, parameters: Any) -> Any:
            return {"value": 3}

    for tool in (plain, coroutine, Callable()):
        await ToolRunner({"transform": tool}).run(TRANSFORM, GIVEN)
    assert threads == ["tool transform", threading.main_thread().name]


async def test_the_settings_of_the_capability_stand_beneath_the_parameters() -> None:
    spec = TRANSFORM.model_copy(update={"settings": {"unit": "m", "expression": "x"}})
    runner = ToolRunner({"transform": lambda parameters: {"value": dict(parameters)}})
    assert (await runner.run(spec, GIVEN))["value"] == {**GIVEN, "unit": "m"}


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"data": 1}, "PARAMETER_INVALID"),
        ({**GIVEN, "colour": "red"}, "PARAMETER_INVALID"),
        ({**GIVEN, "expression": 7}, "PARAMETER_INVALID"),
        ({**GIVEN, "expression": "data.nothing"}, "EXPRESSION_FAILED"),
        ({**GIVEN, "expression": "(("}, "EXPRESSION_FAILED"),
    ],
)
async def test_what_a_tool_cannot_use_is_told(parameters: Any, code: str) -> None:
    error = await error_of(ToolRunner(PLAIN_TOOLS), parameters)
    assert error.code == code
    assert not error.recoverable


@pytest.mark.parametrize(
    ("output", "code"),
    [
        (7, "TOOL_OUTPUT_INVALID"),
        ({}, "TOOL_OUTPUT_INVALID"),
        ({"value": object()}, "TOOL_OUTPUT_INVALID"),
        ({"value": "x" * 2_000_000}, "TOOL_OUTPUT_TOO_LARGE"),
    ],
)
async def test_an_output_that_is_not_promised_is_refused(output: Any, code: str) -> None:
    error = await error_of(ToolRunner({"transform": lambda _: output}))
    assert error.code == code


async def test_a_tool_gives_its_failure_a_type() -> None:
    def busy(_: Any) -> Any:
        raise ToolError("later", code="PRINTER_BUSY", error_type=ErrorType.RESOURCE_UNAVAILABLE)

    error = await error_of(ToolRunner({"transform": busy}))
    assert (error.type, error.code, error.recoverable) == (
        ErrorType.RESOURCE_UNAVAILABLE,
        "PRINTER_BUSY",
        True,
    )
    assert (await error_of(ToolRunner({}))).code == "TOOL_MISSING"


async def test_workers_are_bounded_and_a_tool_that_hangs_is_named() -> None:
    running, most = 0, 0
    lock, go = threading.Lock(), threading.Event()

    def slow(_: Any) -> Any:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        go.wait(20.0)
        with lock:
            running -= 1
        return {"value": 1}

    runner = ToolRunner({"transform": slow}, workers=2)
    tasks = [asyncio.create_task(runner.run(TRANSFORM, GIVEN)) for _ in range(4)]
    while running < 2:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    for task in tasks:
        task.cancel()
    assert all(
        isinstance(one, asyncio.CancelledError)
        for one in await asyncio.gather(*tasks, return_exceptions=True)
    )
    error = await error_of(runner)
    assert error.code == "TOOL_WORKERS_BUSY"
    assert "transform" in error.message
    go.set()
    while running:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.05)
    assert await runner.run(TRANSFORM, GIVEN) == {"value": 1}
    assert most == 2


def test_data_is_checked_by_schema_and_rules() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    assert validate({"data": {"n": 1}, "schema": schema, "rules": ["data.n > 0"]}) == {
        "valid": True,
        "problems": [],
    }
    found = validate({"data": {"n": "x"}, "schema": schema, "rules": ["data.n == 'y'"]})
    assert not found["valid"]
    assert len(found["problems"]) == 2
    with pytest.raises(ToolError, match="not valid"):
        validate({"data": {}, "schema": schema, "strict": True})


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"properties": {"a": {"pattern": "(a+)+$"}}},
        {"$ref": "http://127.0.0.1:9/schema.json"},
    ],
)
def test_a_schema_that_is_none_or_would_do_harm_is_refused(schema: Any) -> None:
    with pytest.raises(ToolError) as caught:
        validate({"data": {"a": "a" * 40 + "!"}, "schema": schema})
    assert caught.value.code == "SCHEMA_INVALID"


def test_tools_are_found_by_entry_point_and_a_broken_one_is_told_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    group = registry_module.ENTRY_POINTS
    entries = [
        EntryPoint("measure", f"{__name__}:measure", group),
        EntryPoint("transform", "no_such_package:tool", group),
    ]
    monkeypatch.setattr(extras, "additions", lambda group: entries)
    tools = ToolRegistry({"validate": PLAIN_TOOLS["validate"]}, {"analyze": "it needs a model"})
    tools.load_entry_points()
    assert tools.tools["measure"] is measure
    usable = tools.usable(ROBOT)
    assert "validate" in usable.model.capabilities
    assert "navigate_to" in usable.model.capabilities
    assert "cannot be loaded" in usable.unavailable["transform"]
    assert usable.unavailable["analyze"] == "it needs a model"
    assert "there are: measure, validate" in usable.unavailable["generate"]
    with pytest.raises(ValueError, match="exists already"):
        tools.register("measure", transform)


def measure(parameters: Any) -> dict[str, Any]:
    return {}
