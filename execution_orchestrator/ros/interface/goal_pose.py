"""~/goal_pose: a pose that a person points at (RViz's "2D Goal Pose") becomes an execution.

bt_navigator itself listens to `goal_pose` and would drive without a lease of this node.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from geometry_msgs.msg import PoseStamped

from execution_orchestrator.action import ExecuteCommand
from execution_orchestrator.engine.inputs import Cancel
from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.interface.backend import Backend
from execution_orchestrator.ros.messages.to_fields import fields_of_message
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.storage.journal import StorageError

log = logging.getLogger(__name__)
CAPABILITY = "navigate_to"
REQUESTER = "goal_pose"


class GoalPose:
    """Drives to the newest pose: the drive to the one before is cancelled first.

    Poses are taken one after the other; of those that come meanwhile the newest counts.
    """

    def __init__(
        self, node: Any, bridge: Bridge, backend: Backend, orchestrator: Orchestrator
    ) -> None:
        self._backend = backend
        self._orchestrator = orchestrator
        self._bridge = bridge
        self._newest: Any = None
        self._work: asyncio.Task[None] | None = None
        self._execution_id = ""
        self._subscription = node.create_subscription(
            PoseStamped, "~/goal_pose", lambda message: bridge.post(self._heard, message), 1
        )

    def close(self) -> None:
        """Remove the subscription."""
        self._newest = None
        if self._work is not None:
            self._work.cancel()

    def _heard(self, message: Any) -> None:
        self._newest = message
        if self._work is None or self._work.done():
            self._work = self._bridge.loop.create_task(self._drive(), name="goal_pose")

    async def _drive(self) -> None:
        while (message := self._newest) is not None:
            self._newest = None
            try:
                if self._execution_id:
                    # One that is over already is refused, which is as well.
                    self._orchestrator.handle(
                        Cancel(execution_id=self._execution_id, reason="another goal pose")
                    )
                begun = await self._backend.begin(_goal(message))
            except StorageError as failure:
                log.error("a goal pose is not driven to: %s", failure)
                continue
            self._execution_id = begun.execution_id
            if begun.result is not None:
                log.error("a goal pose is not driven to: %s", begun.result.message)


def _goal(message: Any) -> Any:
    pose = message.pose.position
    target = fields_of_message(message.pose)
    if message.header.frame_id:
        target["frame"] = message.header.frame_id
    action = {
        "id": "drive",
        "action_type": CAPABILITY,
        "parameters": {"target_location": target},
    }
    return ExecuteCommand.Goal(
        plan=json.dumps(
            {
                "version": 1,
                "command": f"drive to {pose.x:.2f}, {pose.y:.2f}",
                "actions": [action],
            }
        ),
        requester=REQUESTER,
    )
