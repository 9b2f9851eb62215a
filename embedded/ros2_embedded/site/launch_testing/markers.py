"""Marks test descriptions and tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def keep_alive(test_description: Function) -> Function:
    """Keep the launch going after all its processes have ended."""
    marks = getattr(test_description, "__markers__", {})
    test_description.__markers__ = {**marks, "keep_alive": True}  # type: ignore[attr-defined]
    return test_description
