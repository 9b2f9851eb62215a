"""Who calls a service and why, as the client itself says: ROS does not identify it."""

from __future__ import annotations

from typing import Any

from execution_orchestrator.engine.inputs import Caller
from execution_orchestrator.monitoring.who_did_what import ROS_CLIENT
from execution_orchestrator.plan.shortened import REASON, shortened

MAX_NAME = 128  # characters


def named(name: str) -> Caller:
    """Return the caller who says that this is their name."""
    return Caller(name=" ".join(name.split())[:MAX_NAME], through=ROS_CLIENT)


def caller_of(request: Any) -> Caller:
    """Return who sent a request that has the field ``requester``."""
    return named(request.requester)


def said(words: str) -> str:
    """Return the reason or comment of a request, as much of it as is kept."""
    return shortened(words, REASON)
