"""Marks test descriptions and tests."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])
TestClass = TypeVar("TestClass", bound=type)


def keep_alive(test_description: Function) -> Function:
    """Keep the launch going after all its processes have ended."""
    marks = getattr(test_description, "__markers__", {})
    test_description.__markers__ = {**marks, "keep_alive": True}  # type: ignore[attr-defined]
    return test_description


def ready_to_test_action_timeout(timeout: float) -> Callable[[Function], Function]:
    """Let ReadyToTest be executed up to `timeout` seconds after the launch."""

    def decorate(function: Function) -> Function:
        function.__ready_to_test_action_timeout__ = timeout  # type: ignore[attr-defined]
        return function

    return decorate


def post_shutdown_test() -> Callable[[TestClass], TestClass]:
    """Mark a test case that runs after the launched system has been shut down.

    Raises TypeError if it decorates anything but a class.
    """

    def decorator(test_item: TestClass) -> TestClass:
        if not inspect.isclass(test_item):
            raise TypeError("post_shutdown_test() decorates test classes")
        test_item.__post_shutdown_test__ = True  # type: ignore[attr-defined]
        return test_item

    return decorator
