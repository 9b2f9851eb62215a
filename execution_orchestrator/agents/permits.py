"""Whether a client may run a plan: the policy, its rates, and what was asked for and refused."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.agents.policy import AgentsPolicy, ClientPolicy, Judgement, judge
from execution_orchestrator.agents.rates import RateLimit
from execution_orchestrator.agents.robot import Robot

CLIENTS_KEPT = 100
CHECKED_KEPT = 50  # plans that were checked, of which a person may be thinking about one
MAX_TEXT = 1_048_576  # characters of a plan, a command or a context
HOUR = 3600.0
MINUTE = 60.0


class RefusedError(RuntimeError):
    """The policy, a limit or the robot's state forbids it; the message says which."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A plan as it would run, what the node found, and what the policy says of it."""

    answer: Mapping[str, Any]
    judgement: Judgement

    @property
    def document(self) -> str:
        """The plan document that was judged, which is what runs if it is allowed."""
        return str(self.answer["document"])


class _Client:
    def __init__(self, policy: ClientPolicy) -> None:
        self.policy = policy
        self.requests = RateLimit(policy.requests_per_minute, MINUTE)
        self.executions = RateLimit(policy.executions_per_hour, HOUR)


class Permits:
    """Asked before anything reaches the node. Emergency stops are not asked for."""

    def __init__(self, policy: AgentsPolicy, robot: Robot) -> None:
        self._policy = policy
        self._robot = robot
        self._clients: OrderedDict[str, _Client] = OrderedDict()
        self._checked: OrderedDict[str, Checked] = OrderedDict()

    def policy_of(self, client: str) -> ClientPolicy:
        """Return what a client may do."""
        return self._client(client).policy

    def count_request(self, client: str) -> None:
        """Count one request.

        Raises:
            RefusedError: there were too many in the last minute.

        """
        wait = self._client(client).requests.wait()
        if wait > 0.0:
            most = self._client(client).policy.requests_per_minute
            raise RefusedError(f"more than {most} requests in a minute; try again in {wait:.0f} s")

    async def checked(self, client: str, *, command: str, plan: str, context: str) -> Checked:
        """Check a plan, or what a command becomes; the same question has the same answer.

        Raises:
            RefusedError: a text is too long, or there is none.
            RobotError: the node does not answer.

        """
        if not (command.strip() or plan.strip()):
            raise RefusedError("give a command in words, or a plan")
        for name, text in (("command", command), ("plan", plan), ("context", context)):
            if len(text) > MAX_TEXT:
                raise RefusedError(
                    f"the {name} has {len(text)} characters, at most {MAX_TEXT} are read"
                )
        key = hashlib.sha256("\0".join((client, command, plan, context)).encode()).hexdigest()
        known = self._checked.get(key)
        if known is not None:
            return known
        answer = await self._robot.check(command=command, plan=plan, context=context)
        judgement = Judgement()
        if answer["plan"] is not None:
            robot = await self._robot.describe()
            judgement = judge(
                answer["plan"],
                self.policy_of(client),
                capabilities=frozenset(robot["capabilities"]),
                places=frozenset(robot["places"]),
            )
        found = Checked(answer, judgement)
        self._checked[key] = found
        while len(self._checked) > CHECKED_KEPT:
            self._checked.popitem(last=False)
        return found

    def forget(self, checked: Checked) -> None:
        """Let the next same question be answered anew: the world has changed since."""
        for key in [key for key, one in self._checked.items() if one is checked]:
            del self._checked[key]

    def why_not(self, client: str, requester: str, checked: Checked) -> str:
        """Return why a checked plan may not run now, empty if it may."""
        answer, policy = checked.answer, self.policy_of(client)
        if not answer["valid"] or answer["plan"] is None:
            wrong = [one for one in answer["issues"] if one["severity"] == "error"]
            told = "; ".join(
                f"{one['pointer']}: {one['message']} {one['hint']}" for one in wrong[:5]
            )
            return f"{answer['message']}: {told}"
        if checked.judgement.refusals:
            return "the policy for agents refuses it: " + "; ".join(checked.judgement.refusals[:10])
        running = self._robot.running(requester)
        if len(running) >= policy.max_running:
            if not running:
                return "this client may not run anything"
            return (
                f"{len(running)} executions of this client run already, at most "
                f"{policy.max_running} may: {', '.join(running)}"
            )
        return ""

    def take_execution(self, client: str) -> None:
        """Count one execution.

        Raises:
            RefusedError: there were too many in the last hour.

        """
        wait = self._client(client).executions.wait()
        if wait > 0.0:
            most = self._client(client).policy.executions_per_hour
            raise RefusedError(f"more than {most} executions in an hour; wait {wait:.0f} s")

    def _client(self, name: str) -> _Client:
        known = self._clients.get(name)
        if known is None:
            known = self._clients[name] = _Client(self._policy.of(name))
            while len(self._clients) > CLIENTS_KEPT:
                self._clients.popitem(last=False)
        return known
