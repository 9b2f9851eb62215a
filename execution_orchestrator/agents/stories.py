"""Why an execution ended as it did, out of the events of its journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from execution_orchestrator.agents.shapes import FROM_THE_WORLD, Explanation
from execution_orchestrator.planning.llm.prompt import bounded

STORY = 100  # sentences
MOST_ROWS = 300  # actions, events
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


def report(execution: Mapping[str, Any]) -> str:
    """Return what happened in an execution as Markdown; its texts are data, whatever they say."""
    error = execution["error"]
    lines = [
        f"# Execution {execution['execution_id']}",
        "",
        f"*{FROM_THE_WORLD}*",
        "",
        f"- command: {_cell(execution['command']) or 'a plan'}",
        f"- asked for by: {_cell(execution['requester']) or 'nobody who gave a name'}",
        f"- status: {execution['status']} after {execution['elapsed']:.1f} s",
        f"- why: {_cell(execution['reason'])}",
    ]
    if error is not None:
        lines.append(f"- error: {error['type']} {error['code']}: {_cell(error['message'])}")
    lines += ["", "## Actions", "", "| action | type | status | attempts | took | why |"]
    lines += ["|---|---|---|---|---|---|"]
    lines += [
        f"| {_cell(one['action_id'])} | {one['action_type']} | {one['status']} | {one['attempt']} "
        f"| {one['duration']:.1f} s | {_cell(one['reason'])} |"
        for one in execution["actions"][:MOST_ROWS]
    ]
    lines += ["", "## Events", ""]
    start = execution["events"][0]["time"] if execution["events"] else 0.0
    lines += [
        f"- {event['time'] - start:.1f} s {event['level']}: {_cell(_sentence(event))}"
        for event in execution["events"][-MOST_ROWS:]
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Return a text on one line that breaks no table and begins no markup."""
    plain = " ".join(str(bounded(text)).split())
    return plain.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "'")


def _sentence(event: Mapping[str, Any]) -> str:
    who = f"{event['action_id']}: " if event["action_id"] else ""
    return str(bounded(f"{who}{event['description']}"))
