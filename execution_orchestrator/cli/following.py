"""One execution seen through to its end, whatever becomes of the node meanwhile."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from execution_orchestrator.ros.client import GoalSession, OrchestratorClient

SILENCE = 15.0  # seconds without a message; a running node publishes every five
ANSWER = 5.0  # seconds for the answer to a goal that is sent again


class Following:
    """Sends a goal and, to a node that was started again, sends it again.

    The goal has an execution id, given or made here, so the node continues the execution it has.
    """

    def __init__(self, client: OrchestratorClient, goal: dict[str, Any]) -> None:
        self._client = client
        self._goal = {**goal, "execution_id": goal.get("execution_id") or uuid4().hex[:12]}
        self._instance = client.state.instance_id if client.state is not None else ""
        self._newest: Any = None
        self._heard = time.monotonic()
        self._silent = False
        self._again_at: float | None = None
        self._cancelled = False
        self.session: GoalSession = client.send(**self._goal)

    @property
    def execution_id(self) -> str:
        """Id of the execution."""
        return str(self._goal["execution_id"])

    @property
    def over(self) -> bool:
        """Whether there is a result, or a reason why there is none.

        A goal that a restarted node does not know is no reason before `look` has seen the restart.
        """
        state = self._client.state
        restarted = state is not None and state.instance_id != self._instance
        return self.session.done.is_set() and not (restarted and self.session.result is None)

    def cancel(self) -> None:
        """Ask for the end, also while the node is away."""
        self._cancelled = True
        self.session.cancel()

    def look(self) -> str:
        """Look after the node; returns what a person should know about it, or nothing."""
        now = time.monotonic()
        state = self._client.state
        if state is not self._newest:
            self._newest, self._heard, self._silent = state, now, False
            before, self._instance = self._instance, state.instance_id
            if before and before != self._instance:
                self._send_again(now)
                return "the node was started again; its execution is followed on"
        if self._again_at is not None and self.session.answered.is_set():
            self._again_at = None
        elif self._again_at is not None and now - self._again_at > ANSWER:
            # The graph has a node that was killed for some seconds more: it may have gone there.
            self._send_again(now)
        if now - self._heard > SILENCE and not self._silent:
            self._silent = True
            return f"no word from the node for {SILENCE:.0f} s; it is waited for (Ctrl-C leaves)"
        return ""

    def _send_again(self, now: float) -> None:
        self._again_at = now
        if self.session.accepted:
            # It is this run that is followed on, also if it failed meanwhile.
            self._goal["same_id"] = "attach"
        self.session = self._client.send(**self._goal)
        if self._cancelled:
            self.session.cancel()
