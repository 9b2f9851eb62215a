"""Why an execution ended as it did, out of the events of its journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from execution_orchestrator.agents.shapes import Explanation
from execution_orchestrator.planning.llm.prompt import bounded

STORY = 100  # sentences
RECOVERIES = frozenset({"RECOVERY_INITIATED", "RECOVERY_FINISHED"})


def explain(execution: Mapping[str, Any]) -> Explanation:
    """Tell what failed, with the servers' own words, and what was tried about it."""
    events = execution.get("events", [])
    failed = [
        {
            "action_id": action["action_id"],
            "action_type": action["action_type"],
            "attempts": action["attempt"],
            "reason": action["reason"],
            "error": bounded(action["error"]),
        }
        for action in execution["actions"]
        if action["status"] == "FAILED"
    ]
    tried = [_sentence(event) for event in events if event["type"] in RECOVERIES]
    story = [_sentence(event) for event in events if event["level"] in ("warning", "error")]
    error = execution["error"]
    summary = execution["reason"] or (error["message"] if error else execution["status"].lower())
    return Explanation(
        execution_id=execution["execution_id"],
        status=execution["status"],
        summary=summary,
        failed_actions=failed,
        tried=tried[-STORY:],
        story=story[-STORY:],
    )


def _sentence(event: Mapping[str, Any]) -> str:
    who = f"{event['action_id']}: " if event["action_id"] else ""
    return str(bounded(f"{who}{event['description']}"))
