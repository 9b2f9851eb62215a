"""Waits for what processes do: in coroutines, and (`_sync`) in ordinary test functions.

All take the launch context, the action that runs the process, and a timeout in seconds (None for
ever); those about output need a process with `cached_output`. The wait_for functions tell whether
it came in time; the assert functions raise what `validate_output` raises at last.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from launch.actions import ExecuteLocal
from launch.event_handler import BaseEventHandler
from launch.event_handlers import OnProcessExit, OnProcessIO, OnProcessStart
from launch.launch_context import LaunchContext

Notify = Callable[[], None]
HandlerMaker = Callable[[ExecuteLocal, Notify], BaseEventHandler]
Condition = Callable[[], Any]


def _on_output(action: ExecuteLocal, notify: Notify) -> BaseEventHandler:
    return OnProcessIO(
        target_action=action, on_stdout=lambda _: notify(), on_stderr=lambda _: notify()
    )


def _on_start(action: ExecuteLocal, notify: Notify) -> BaseEventHandler:
    return OnProcessStart(target_action=action, on_start=lambda *_: notify())


def _on_exit(action: ExecuteLocal, notify: Notify) -> BaseEventHandler:
    return OnProcessExit(target_action=action, on_exit=lambda *_: notify())


@contextlib.contextmanager
def _registered(context: LaunchContext, handler: BaseEventHandler) -> Iterator[None]:
    """Register a handler for the time of a with block."""
    context.register_event_handler(handler)
    try:
        yield
    finally:
        context.unregister_event_handler(handler)


def _remaining(deadline: float | None) -> float | None:
    """Return how many seconds are left, at least 0; None for ever."""
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def _deadline(timeout: float | None) -> float | None:
    """Return when a timeout in seconds is over."""
    return None if timeout is None else time.monotonic() + timeout


async def _wait(
    context: LaunchContext,
    action: ExecuteLocal,
    make_handler: HandlerMaker,
    condition: Condition,
    timeout: float | None,
) -> Any:
    """Return the condition's value once it is true or the time is over."""
    changed = asyncio.Event()
    deadline = _deadline(timeout)
    with _registered(context, make_handler(action, changed.set)):
        while not (value := condition()):
            try:
                await asyncio.wait_for(changed.wait(), _remaining(deadline))
            except TimeoutError:
                return condition()
            changed.clear()
    return value


def _wait_sync(
    context: LaunchContext,
    action: ExecuteLocal,
    make_handler: HandlerMaker,
    condition: Condition,
    timeout: float | None,
) -> Any:
    """Return the condition's value once it is true or the time is over; from another thread."""
    changed = threading.Event()
    deadline = _deadline(timeout)
    with _registered(context, make_handler(action, changed.set)):
        while not (value := condition()):
            if not changed.wait(_remaining(deadline)):
                return condition()
            changed.clear()
    return value


def _holds(validate: Callable[[str], Any], read: Callable[[], str]) -> Condition:
    """Return a condition that is true once a validation raises nothing."""

    def condition() -> bool:
        try:
            validate(read())
        except AssertionError:
            return False
        return True

    return condition


def _has_started(action: ExecuteLocal) -> Condition:
    return lambda: action.process_details is not None


def _has_ended(action: ExecuteLocal) -> Condition:
    return lambda: action.return_code is not None


async def wait_for_output(
    launch_context: LaunchContext,
    execute_process_action: ExecuteLocal,
    validate_output: Callable[[str], Any],
    timeout: float | None = None,
) -> Any:
    """Wait for a standard output for which `validate_output` returns something true."""
    read = execute_process_action.get_stdout
    condition = lambda: validate_output(read())  # noqa: E731
    return await _wait(launch_context, execute_process_action, _on_output, condition, timeout)


def wait_for_output_sync(
    launch_context: LaunchContext,
    execute_process_action: ExecuteLocal,
    validate_output: Callable[[str], Any],
    timeout: float | None = None,
) -> Any:
    """Wait for a standard output for which `validate_output` returns something true."""
    read = execute_process_action.get_stdout
    condition = lambda: validate_output(read())  # noqa: E731
    return _wait_sync(launch_context, execute_process_action, _on_output, condition, timeout)


async def wait_for_stderr(
    launch_context: LaunchContext,
    execute_process_action: ExecuteLocal,
    validate_output: Callable[[str], Any],
    timeout: float | None = None,
) -> Any:
    """Wait for a standard error for which `validate_output` returns something true."""
    read = execute_process_action.get_stderr
    condition = lambda: validate_output(read())  # noqa: E731
    return await _wait(launch_context, execute_process_action, _on_output, condition, timeout)


def wait_for_stderr_sync(
    launch_context: LaunchContext,
    execute_process_action: ExecuteLocal,
    validate_output: Callable[[str], Any],
    timeout: float | None = None,
) -> Any:
    """Wait for a standard error for which `validate_output` returns something true."""
    read = execute_process_action.get_stderr
    condition = lambda: validate_output(read())  # noqa: E731
    return _wait_sync(launch_context, execute_process_action, _on_output, condition, timeout)


async def assert_output(
    launch_context: LaunchContext,
    execute_process_action: ExecuteLocal,
    validate_output: Callable[[str], Any],
    timeout: float | None = None,
) -> None:
    """Wait for a standard output in which `validate_output` finds nothing wrong."""
    read = execute_process_action.get_stdout
    condition = _holds(validate_output, read)
    if not await _wait(launch_context, execute_process_action, _on_output, condition, timeout):
        validate_output(read())


def assert_output_sync(
    launch_context: LaunchContext,
    execute_process_action: ExecuteLocal,
    validate_output: Callable[[str], Any],
    timeout: float | None = None,
) -> None:
    """Wait for a standard output in which `validate_output` finds nothing wrong."""
    read = execute_process_action.get_stdout
    condition = _holds(validate_output, read)
    if not _wait_sync(launch_context, execute_process_action, _on_output, condition, timeout):
        validate_output(read())


async def assert_stderr(
    launch_context: LaunchContext,
    execute_process_action: ExecuteLocal,
    validate_output: Callable[[str], Any],
    timeout: float | None = None,
) -> None:
    """Wait for a standard error in which `validate_output` finds nothing wrong."""
    read = execute_process_action.get_stderr
    condition = _holds(validate_output, read)
    if not await _wait(launch_context, execute_process_action, _on_output, condition, timeout):
        validate_output(read())


def assert_stderr_sync(
    launch_context: LaunchContext,
    execute_process_action: ExecuteLocal,
    validate_output: Callable[[str], Any],
    timeout: float | None = None,
) -> None:
    """Wait for a standard error in which `validate_output` finds nothing wrong."""
    read = execute_process_action.get_stderr
    condition = _holds(validate_output, read)
    if not _wait_sync(launch_context, execute_process_action, _on_output, condition, timeout):
        validate_output(read())


async def wait_for_start(
    launch_context: LaunchContext,
    execute_process_action: ExecuteLocal,
    timeout: float | None = None,
) -> bool:
    """Wait for the start of a process."""
    action = execute_process_action
    return bool(await _wait(launch_context, action, _on_start, _has_started(action), timeout))


def wait_for_start_sync(
    launch_context: LaunchContext,
    execute_process_action: ExecuteLocal,
    timeout: float | None = None,
) -> bool:
    """Wait for the start of a process."""
    action = execute_process_action
    return bool(_wait_sync(launch_context, action, _on_start, _has_started(action), timeout))


async def wait_for_exit(
    launch_context: LaunchContext,
    execute_process_action: ExecuteLocal,
    timeout: float | None = None,
) -> bool:
    """Wait for the end of a process."""
    action = execute_process_action
    return bool(await _wait(launch_context, action, _on_exit, _has_ended(action), timeout))


def wait_for_exit_sync(
    launch_context: LaunchContext,
    execute_process_action: ExecuteLocal,
    timeout: float | None = None,
) -> bool:
    """Wait for the end of a process."""
    action = execute_process_action
    return bool(_wait_sync(launch_context, action, _on_exit, _has_ended(action), timeout))
