"""Settings of the engine. Times in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from execution_orchestrator.engine.recovery.policy import RecoveryPolicy
from execution_orchestrator.plan.capability import ResourceSpec
from execution_orchestrator.plan.errors import ErrorType
from execution_orchestrator.plan.urgency import RESERVE_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerSettings:
    """A breaker opens after ``threshold`` failures in a row, for ``reset_timeout`` seconds."""

    threshold: int = 5
    reset_timeout: float = 30.0
    error_types: frozenset[ErrorType] = frozenset({ErrorType.CONNECTIVITY, ErrorType.TIMEOUT})


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """Limits, timeouts (seconds) and resources of the engine.

    ``reserve_after`` is how long an action is overtaken by others that need less, before its
    resources are kept for it.
    ``breaker_servers`` are the settings of servers that differ from ``breaker``.
    ``finished_actions_kept`` is how many actions the ended executions in memory have together; one
    with a large output counts as many (engine/weight.py).
    ``max_hindrances`` is how often an action is sent again because its server could not be used,
    ``max_takes`` how often one that may take a server over from another client.
    ``max_waiting_for_start`` is how many executions may wait for a moment on the clock;
    ``queue_capacity`` counts those that could run.
    ``strategy_resources`` are the resources that recovery strategies move and hold, by their names.
    ``cancel_patience`` is how long a goal may run on after its cancel before those of the servers
    below its own are cancelled, too; after ``cancel_timeout`` its end counts as not confirmed.
    ``repositioning`` are the strategies that move the robot elsewhere, after which the changes of
    earlier strategies to the goal are taken back.
    ``time_zone`` is that of goals which name none.
    ``replan_written_plans``: the planner can replace plans of clients, not only its own.
    """

    resources: Mapping[str, ResourceSpec] = field(default_factory=dict)
    recovery: RecoveryPolicy = field(default_factory=RecoveryPolicy)
    strategy_resources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    repositioning: frozenset[str] = frozenset()
    breaker: BreakerSettings = BreakerSettings()
    breaker_servers: Mapping[str, BreakerSettings] = field(default_factory=dict)
    max_running_executions: int = 8
    queue_capacity: int = 32
    max_waiting_for_start: int = 100
    max_schedules: int = 100
    max_concurrent_actions: int = 32
    finished_kept: int = 100
    finished_actions_kept: int = 5_000
    dead_letters_kept: int = 1000
    checkpoint_every: int = 5
    cancel_timeout: float = 10.0
    cancel_patience: float = 1.5
    confirmation_timeout: float | None = None
    strategy_timeout: float = 120.0
    planning_timeout: float = 600.0
    replan_timeout: float = 120.0
    max_replans: int = 2
    replan_written_plans: bool = True
    max_restores: int = 2
    max_iterations: int = 10_000
    max_lease_duration: float = 3600.0
    max_lease_requests: int = 100
    dead_letter_backoff: float = 10.0
    reserve_after: float = RESERVE_AFTER
    poll_period: float = 1.0
    lost_redispatches: int = 3
    max_hindrances: int = 20
    max_takes: int = 3
    time_zone: str = "UTC"

    def breaker_of(self, server: str) -> BreakerSettings:
        """Return the settings of a server's circuit breaker."""
        return self.breaker_servers.get(server, self.breaker)
