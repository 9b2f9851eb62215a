"""Waits in ROS time before it visits actions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from launch.actions import TimerAction
from launch.frontend.expose import expose_action

from launch_ros.ros_adapters import get_ros_node

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


@expose_action("ros_timer")
class ROSTimer(TimerAction):
    """A TimerAction in ROS time, which SetUseSimTime makes simulated time."""

    def describe(self) -> str:
        """Return a short description for people."""
        return f"ROSTimer(period={self.period}, actions=<actions>)"

    async def _wait(self, context: LaunchContext, period: float) -> None:
        """Return when the period in seconds has passed or the timer is cancelled."""
        node = get_ros_node(context)
        due = asyncio.Event()
        loop = context.asyncio_loop
        timer = node.create_timer(period, lambda: loop.call_soon_threadsafe(due.set))
        waits = [
            asyncio.ensure_future(due.wait()),
            asyncio.ensure_future(self._wait_until_cancelled()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            if not context.is_shutdown:
                node.destroy_timer(timer)


RosTimer = ROSTimer
