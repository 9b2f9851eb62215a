"""Sets how long a system may take to start."""

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def ready_to_test_action_timeout(timeout: float) -> Callable[[Function], Function]:
    """Let ReadyToTest be executed up to `timeout` seconds after the launch."""

    def decorate(function: Function) -> Function:
        function.__ready_to_test_action_timeout__ = timeout  # type: ignore[attr-defined]
        return function

    return decorate
