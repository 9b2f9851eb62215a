"""What the topics show, folded from the engine's events: independent of how the engine keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from execution_orchestrator.monitoring.metrics.record import ExecutionRecord
from execution_orchestrator.monitoring.metrics.record_builder import RecordBuilder
from execution_orchestrator.plan.errors import ErrorInfo

FINAL = frozenset({"COMPLETED", "PARTIALLY_COMPLETED", "FAILED", "CANCELLED"})
FINAL_ACTION = frozenset({"SUCCEEDED", "FAILED", "SKIPPED", "CANCELLED"})
NESTED = ("actions", "then", "else", "default", "finally")


@dataclass(slots=True)
class ActionView:
    """One action; times are Unix seconds."""

    key: str
    definition: Mapping[str, Any]
    status: str = "PENDING"
    reason: str = ""
    phase: str = ""
    progress: float = 0.0
    remaining: float | None = None
    attempt: int = 0
    resources: tuple[str, ...] = ()
    robot: str = ""  # of this or the last attempt, where there are several
    goal_id: str = ""
    started: float = 0.0
    ended: float = 0.0
    error: ErrorInfo | None = None
    output: Any = None

    @property
    def is_control_flow(self) -> bool:
        """Whether it has no server of its own."""
        return "server" not in self.definition

    @property
    def server(self) -> str:
        """The action server its goals go to, empty while nobody knows."""
        servers = self.definition.get("servers") or {}
        return str(servers.get(self.robot) or self.definition.get("server") or "")

    @property
    def estimate(self) -> float:
        """Estimated seconds, 0.0 if nobody knows."""
        return float(self.definition.get("estimated_duration") or 0.0)


@dataclass(slots=True)
class ExecutionView:
    """One execution with its actions in the order of the plan, and its record for the figures."""

    execution_id: str
    builder: RecordBuilder
    plan: Mapping[str, Any] = field(default_factory=dict)
    input: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""
    status: str = "PENDING"
    reason: str = ""
    priority: int = 0
    accepted: float = 0.0
    started: float = 0.0
    ended: float = 0.0
    paused: bool = False
    error: ErrorInfo | None = None
    output: Any = None
    correlation_id: str = ""
    actions: dict[str, ActionView] = field(default_factory=dict)

    @property
    def record(self) -> ExecutionRecord:
        """What the figures are computed from, live as from the journal."""
        return self.builder.record

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return self.status in FINAL

    def action(self, key: str) -> ActionView:
        """Return an action, made known now if it lies in an iteration or a subplan."""
        found = self.actions.get(key)
        if found is None:
            found = ActionView(key, definition_of(self.plan, key))
            self.actions[key] = found
        return found

    def progress(self) -> tuple[int, int]:
        """Return how many actions are final, and how many are known."""
        done = sum(action.status in FINAL_ACTION for action in self.actions.values())
        return done, len(self.actions)


@dataclass(slots=True)
class LeaseView:
    """A resource somebody holds."""

    lease_id: str
    resource: str
    amount: float
    execution_id: str
    key: str
    holder: str
    priority: int
    acquired: float


@dataclass(slots=True)
class ServerView:
    """An action server."""

    name: str
    available: bool = False
    breaker: str = "CLOSED"
    failures: int = 0
    reason: str = ""


def all_definitions(actions: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Every action whose key is known before the plan runs: not those of foreach and subplan."""
    found = []
    for action in actions:
        found.append(action)
        if action["action_type"] in ("foreach", "subplan"):
            continue
        for branch in nested_lists(action):
            found.extend(all_definitions(branch))
    return found


def nested_lists(action: Mapping[str, Any]) -> list[list[Mapping[str, Any]]]:
    """Return the lists of actions inside an action."""
    lists = [action[name] for name in NESTED if action.get(name)]
    lists += [case["actions"] for case in action.get("cases") or ()]
    lists += [catch["actions"] for catch in action.get("catch") or ()]
    if isinstance(action.get("plan"), Mapping):
        lists.append(action["plan"]["actions"])
    return lists


def definition_of(plan: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Definition of the action a key names; its last part is the id."""
    wanted = key.rsplit("/", 1)[-1]
    waiting = list(plan.get("actions", ()))
    while waiting:
        action = waiting.pop()
        if action.get("id") == wanted:
            found: Mapping[str, Any] = action
            return found
        for branch in nested_lists(action):
            waiting.extend(branch)
        for name in ("fallback_action", "compensation"):
            if action.get(name):
                waiting.append(action[name])
        waiting.extend(action.get("recovery_plan") or ())
    return {"id": wanted, "action_type": "", "description": ""}
