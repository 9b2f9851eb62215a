"""Marks test descriptions and tests."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def keep_alive(test_description: Function) -> Function:
    """Keep the launch going after all its processes have ended."""
    marks = getattr(test_description, "__markers__", {})
    test_description.__markers__ = {**marks, "keep_alive": True}  # type: ignore[attr-defined]
    return test_description


def retry_on_failure(*, times: int, delay: float | None = None) -> Callable[[Function], Function]:
    """Run a test up to `times` times, `delay` seconds apart, until no assertion fails."""
    if times < 1:
        raise ValueError(f"times is {times}: a test has to be run at least once")

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            for _ in range(times - 1):
                try:
                    return function(*args, **kwargs)
                except AssertionError:
                    time.sleep(delay or 0.0)
            return function(*args, **kwargs)

        return wrapper  # type: ignore[return-value]

    return decorate
