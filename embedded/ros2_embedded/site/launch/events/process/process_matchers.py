"""Matchers that pick the processes a request is for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from launch.action import Action
    from launch.actions.execute_local import ExecuteLocal

Matcher = Callable[["ExecuteLocal"], bool]


def matches_action(target_action: Action) -> Matcher:
    """Match the process of one action."""
    return lambda action: action is target_action


def matches_pid(pid: int) -> Matcher:
    """Match the process with an id."""
    return lambda action: (action.process_details or {}).get("pid") == pid


def matches_name(name: str) -> Matcher:
    """Match the process with a unique name."""
    return lambda action: (action.process_details or {}).get("name") == name


def matches_executable(executable: str) -> Matcher:
    """Match processes whose command line begins with a word."""
    return lambda action: ((action.process_details or {}).get("cmd") or [None])[0] == executable
