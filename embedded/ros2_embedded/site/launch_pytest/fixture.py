"""Fixtures that launch what they describe."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from ros2_embedded.launch_pytest_hooks import OPTIONS, LaunchOptions, launch_fixtures


def fixture(
    decorated: Callable[..., Any] | None = None,
    *args: Any,
    shutdown_when_idle: bool = True,
    auto_shutdown: bool = True,
    **kwargs: Any,
) -> Any:
    """Make a fixture that launches the description it returns, perhaps first of a sequence.

    The launch ends by itself when idle if `shutdown_when_idle`, and is shut down after its tests if
    `auto_shutdown`. Other arguments are those of pytest.fixture(). With a wider scope than a
    function's, the module gets `launch_service`, `launch_context` and `event_loop` of that scope
    unless it has its own.
    """
    scope = kwargs.get("scope", "function")
    if scope != "function":
        module = sys._getframe(1).f_globals
        for name, made in launch_fixtures(scope).items():
            module.setdefault(name, made)
    options = LaunchOptions(scope, shutdown_when_idle, auto_shutdown)

    def decorate(function: Callable[..., Any]) -> Any:
        setattr(function, OPTIONS, options)
        made = pytest.fixture(*args, **kwargs)(function)
        # Marks name the fixture, pytest's hooks show the function: both know the options.
        setattr(made, OPTIONS, options)
        return made

    return decorate if decorated is None else decorate(decorated)
