"""A robot that answers from a script and writes down what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from execution_orchestrator.capabilities.robot_port import GoalEnd, GoalOutcome, RobotCallError

SUCCEEDED = GoalOutcome(GoalEnd.SUCCEEDED, {})


@dataclass
class ScriptedRobot:
    """`actions` and `services` map a name to what answers it; anything else is not there."""

    actions: dict[str, Callable[[Mapping[str, Any]], GoalOutcome]] = field(default_factory=dict)
    services: dict[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = field(
        default_factory=dict
    )
    known_world: dict[str, Any] = field(default_factory=dict)
    servers: set[str] = field(default_factory=set)
    listened: set[str] = field(default_factory=set)
    goals: list[tuple[str, Mapping[str, Any], UUID | None, bool]] = field(default_factory=list)
    anew: list[bool] = field(default_factory=list)
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    published: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)

    async def run_action(
        self,
        interface_type,
        name,
        goal,
        *,
        timeout,
        goal_id=None,
        adopt=False,
        on_feedback=None,
        unconfirmed=None,
        anew=True,
    ):
        self.goals.append((name, goal, goal_id, adopt))
        self.anew.append(anew)
        if name not in self.actions:
            return GoalOutcome(GoalEnd.NO_SERVER, reason=f"no action server {name}")
        return self.actions[name](goal)

    async def call_service(self, interface_type, name, request, *, timeout):
        self.calls.append((name, request))
        if name not in self.services:
            raise RobotCallError(f"no service {name}")
        return self.services[name](request)

    async def publish(self, interface_type, name, message):
        self.published.append((interface_type, name, message))

    async def wait_for_subscribers(self, interface_type, name, count, *, timeout):
        return name in self.listened

    async def wait_for_server(self, kind, interface_type, name, *, timeout):
        return name in self.servers

    def world(self):
        return self.known_world
