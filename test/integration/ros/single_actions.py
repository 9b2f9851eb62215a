"""Plans of one action, as tests of what a server does send them, and what became of them."""

from __future__ import annotations

import json
from typing import Any

from execution_orchestrator.msg import ExecutionStatus


def send(client: Any, action_type: str, robot: str = "", **parameters: Any) -> Any:
    """Send a plan of one action, called ``go``."""
    action: dict[str, Any] = {"id": "go", "action_type": action_type, "parameters": parameters}
    if robot:
        action["robot"] = robot
    return client.send(plan=json.dumps({"version": 1, "actions": [action]}))


def ended(session: Any, status: int = ExecutionStatus.COMPLETED) -> Any:
    """Return the result of a goal once it has one, which has to be of this status."""
    assert session.done.wait(120.0), "no result in time"
    assert session.result.status.value == status, session.result.message
    return session.result


def reason(client: Any) -> str:
    """Return why the first action that is shown stands where it stands."""
    state = client.state
    actions = [a for e in (state.executions if state else ()) for a in e.actions]
    return str(actions[0].reason) if actions else ""
