"""Whether a client may run a plan: the policy, its rates, and what was asked for and refused."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from execution_orchestrator.agents.policy import AgentsPolicy, ClientPolicy, Judgement, judge
from execution_orchestrator.agents.rates import RateLimit
from execution_orchestrator.agents.robot import Robot

CLIENTS_KEPT = 100
CHECKED_KEPT = 50  # plans of one client, of which a person may be thinking about one
CHECK_HOLDS = 600.0  # seconds for which the same question has the same answer
REHEARSAL_HOLDS = 300.0  # seconds for which a rehearsal is valid: the world changes meanwhile
AT_ONCE = 16  # requests of one client under way
MAX_TEXT = 1_048_576  # characters of a plan, a command or a context
NOTED_PER_MINUTE = 20  # refusals of one client that reach the journal
HOUR = 3600.0
MINUTE = 60.0


class RefusedError(RuntimeError):
    """The policy, a limit or the robot's state forbids it; the message says which."""


@dataclass(slots=True)
class Checked:
    """A plan as it would run, what the node found, and what the policy says of it.

    ``made`` and ``rehearsed`` are when it was checked, and last rehearsed with success, by the
    clock of `Permits`.
    """

    answer: Mapping[str, Any]
    judgement: Judgement
    made: float
    rehearsed: float | None = field(default=None)

    @property
    def document(self) -> str:
        """The plan document that was judged, which is what runs if it is allowed."""
        return str(self.answer["document"])


class _Client:
    def __init__(self, policy: ClientPolicy) -> None:
        self.policy = policy
        self.requests = RateLimit(policy.requests_per_minute, MINUTE)
        self.executions = RateLimit(policy.executions_per_hour, HOUR)
        self.noted = RateLimit(NOTED_PER_MINUTE, MINUTE)
        self.crowded = RateLimit(1, MINUTE)  # one refusal for all the requests of a flood
        self.at_once = 0
        self.checked: OrderedDict[str, Checked] = OrderedDict()


class Permits:
    """Asked before anything reaches the node. Emergency stops are not asked for."""

    def __init__(
        self, policy: AgentsPolicy, robot: Robot, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._policy = policy
        self._robot = robot
        self._clock = clock
        self._clients: OrderedDict[str, _Client] = OrderedDict()

    def policy_of(self, client: str) -> ClientPolicy:
        """Return what a client may do."""
        return self._client(client).policy

    @asynccontextmanager
    async def request(self, client: str) -> AsyncIterator[None]:
        """Count one request, for as long as it is under way.

        Raises:
            RefusedError: there were too many in the last minute, or are too many at once.

        """
        known = self._client(client)
        if known.at_once >= AT_ONCE:
            raise RefusedError(f"{AT_ONCE} requests of this client are under way; wait for one")
        wait = known.requests.wait()
        if wait > 0.0:
            most = known.policy.requests_per_minute
            raise RefusedError(f"more than {most} requests in a minute; try again in {wait:.0f} s")
        known.at_once += 1
        try:
            yield
        finally:
            known.at_once -= 1

    def to_be_noted(self, client: str, *, crowd: bool = False) -> bool:
        """Whether a refusal is to reach the journal; ``crowd``: it is one of very many alike."""
        known = self._client(client)
        return (known.crowded if crowd else known.noted).wait() == 0.0

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
        answers = self._client(client).checked
        key = hashlib.sha256("\0".join((command, plan, context)).encode(errors="replace"))
        known = answers.get(key.hexdigest())
        if known is not None and self._clock() - known.made < CHECK_HOLDS:
            return known
        answer = await self._robot.check(command=command, plan=plan, context=context)
        judgement = Judgement()
        if answer["plan"] is not None:
            robot = await self._robot.describe()
            judgement = judge(
                answer["plan"],
                self.policy_of(client),
                capabilities={name: one["targets"] for name, one in robot["capabilities"].items()},
                places=robot["places"],
                schedule=answer["schedule"],
            )
        found = answers[key.hexdigest()] = Checked(answer, judgement, self._clock())
        while len(answers) > CHECKED_KEPT:
            answers.popitem(last=False)
        return found

    def rehearsed(self, checked: Checked) -> None:
        """Take note that a checked plan was rehearsed with success."""
        checked.rehearsed = self._clock()

    def forget(self, client: str, checked: Checked) -> None:
        """Forget that a plan was checked: the world has changed since."""
        answers = self._client(client).checked
        for key in [key for key, one in answers.items() if one is checked]:
            del answers[key]

    def why_not(self, client: str, requester: str, checked: Checked) -> str:
        """Return why a checked plan may not run now, empty if it may."""
        answer, policy = checked.answer, self.policy_of(client)
        if not answer["valid"] or answer["plan"] is None:
            wrong = [one for one in answer["issues"] if one["severity"] == "error"]
            rest = "; ".join(
                f"{one['pointer']}: {one['message']} {one['hint']}" for one in wrong[:5]
            )
            return f"{answer['message']}: {rest}"
        if checked.judgement.refusals:
            return "the policy for agents refuses it: " + "; ".join(checked.judgement.refusals[:10])
        if policy.rehearse and not self._is_rehearsed(checked):
            return (
                "the policy for agents wants a rehearsal first: call rehearse_plan with the same "
                f"plan or command; one that succeeds counts for {REHEARSAL_HOLDS:.0f} s"
            )
        running = self._robot.running(requester)
        if len(running) >= policy.max_running:
            if not policy.max_running:
                return "this client may not run anything"
            return (
                f"{len(running)} executions of this client run already, at most "
                f"{policy.max_running} may: {', '.join(running)}"
            )
        return ""

    def _is_rehearsed(self, checked: Checked) -> bool:
        when = checked.rehearsed
        return when is not None and self._clock() - when < REHEARSAL_HOLDS

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
