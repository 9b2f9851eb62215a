"""Runs tools: in a bounded number of worker threads, with what goes in and comes out checked."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from execution_orchestrator.capabilities.result_mapping import MAX_OUTPUT
from execution_orchestrator.capabilities.steps.context import StepFailedError
from execution_orchestrator.capabilities.tools.registry import Tool, ToolError
from execution_orchestrator.plan.capability import CapabilitySpec
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.plan.schemas import explainer

log = logging.getLogger(__name__)
DEFAULT_WORKERS = 4


class ToolRunner:
    """Runs each plain function in a thread of its own, at most ``workers`` at once.

    A thread cannot be ended from outside. A function whose action was given up keeps its place
    until it returns; when all are kept that way, new calls fail at once and say who keeps them.
    """

    def __init__(self, tools: Mapping[str, Tool], *, workers: int = DEFAULT_WORKERS) -> None:
        self._tools = tools
        self._workers = workers
        self._places = asyncio.Semaphore(workers)
        self._given_up: dict[object, str] = {}

    async def run(self, spec: CapabilitySpec, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Run the tool of a capability and return its output.

        ``parameters`` are those of the action; the capability's settings are their defaults.

        Raises:
            StepFailedError: it failed, or parameters or output do not fit the capability's schemas.

        """
        name = spec.interface.name
        tool = self._tools.get(name)
        if tool is None:
            raise _failed(f"no tool is called {name}", "TOOL_MISSING", ErrorType.ROUTING, False)
        problem = mismatch(spec.parameters, dict(parameters))
        if problem:
            raise _failed(problem, "PARAMETER_INVALID", ErrorType.VALIDATION, False)
        given = {**spec.settings, **parameters}
        try:
            if inspect.iscoroutinefunction(inspect.unwrap(tool)) or _has_async_call(tool):
                output: Any = await tool(given)  # type: ignore[misc]
            else:
                output = await self._in_worker(name, tool, given)
        except ToolError as failure:
            raise _failed(
                str(failure), failure.code, failure.error_type, failure.recoverable
            ) from None
        return _checked(spec, output)

    async def _in_worker(
        self, name: str, tool: Callable[[Mapping[str, Any]], Any], given: Mapping[str, Any]
    ) -> Any:
        if len(self._given_up) >= self._workers:
            raise ToolError(
                f"all {self._workers} workers are held by tools that do not end: "
                f"{', '.join(sorted(set(self._given_up.values())))}",
                code="TOOL_WORKERS_BUSY",
                error_type=ErrorType.RESOURCE_UNAVAILABLE,
            )
        await self._places.acquire()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        token = object()

        def settle(result: Any, failure: BaseException | None) -> None:
            self._places.release()
            if self._given_up.pop(token, None):
                log.warning("the tool %s has ended, long after its action was given up", name)
            if answer.done():
                return
            if failure is not None:
                answer.set_exception(failure)
            else:
                answer.set_result(result)

        def work() -> None:
            result, failure = None, None
            try:
                result = tool(given)
            except Exception as raised:
                failure = raised
            except BaseException as raised:
                failure = RuntimeError(f"it ended with {raised!r}")
            # After the loop's end there is no caller.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, result, failure)

        # A daemon, so that a tool that hangs does not keep the node from ending.
        threading.Thread(target=work, name=f"tool {name}", daemon=True).start()
        try:
            return await answer
        except asyncio.CancelledError:
            self._given_up[token] = name
            raise


def _has_async_call(tool: Any) -> bool:
    return inspect.iscoroutinefunction(getattr(tool, "__call__", None))  # noqa: B004


def _checked(spec: CapabilitySpec, output: Any) -> dict[str, Any]:
    name = spec.interface.name
    if not isinstance(output, Mapping):
        message = f"the tool {name} gave {type(output).__name__}, not a mapping"
        raise _failed(message, "TOOL_OUTPUT_INVALID", ErrorType.VALIDATION, False)
    try:
        encoded = msgspec.json.encode(output)
    except (TypeError, ValueError, RecursionError) as failure:
        message = f"the output of the tool {name} cannot be written as JSON: {failure}"
        raise _failed(message, "TOOL_OUTPUT_INVALID", ErrorType.VALIDATION, False) from None
    if len(encoded) > MAX_OUTPUT:
        message = (
            f"the output of the tool {name} has {len(encoded)} bytes, {MAX_OUTPUT} are allowed"
        )
        raise _failed(message, "TOOL_OUTPUT_TOO_LARGE", ErrorType.VALIDATION, False)
    plain: dict[str, Any] = msgspec.json.decode(encoded)
    problem = mismatch(spec.output, plain)
    if problem:
        message = f"the output of the tool {name} is not what {spec.name} promises: {problem}"
        raise _failed(message, "TOOL_OUTPUT_INVALID", ErrorType.VALIDATION, False)
    return plain


def mismatch(schema: Mapping[str, Any], value: Any) -> str:
    """Return how a value violates a schema, empty if it is valid."""
    if not schema:
        return ""
    for error in explainer(msgspec.json.encode(schema)).iter_errors(value):
        path = "/".join(str(part) for part in error.absolute_path)
        return f"{path or 'it'}: {error.message[:300]}"
    return ""


def _failed(message: str, code: str, error_type: ErrorType, recoverable: bool) -> StepFailedError:
    return StepFailedError(
        ErrorInfo(type=error_type, code=code, message=message, recoverable=recoverable)
    )
