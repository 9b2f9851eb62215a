"""The ROS node of a launcher, made when an action needs one."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, cast

from launch.event_handlers import OnShutdown

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


class ROSAdapter:
    """A node that spins in a thread of its own."""

    def __init__(self, *, argv: list[str] | None = None, autostart: bool = True) -> None:
        self.__argv = argv or []
        self.__context: Any = None
        self.__node: Any = None
        self.__executor: Any = None
        self.__thread: threading.Thread | None = None
        if autostart:
            self.start()

    def start(self) -> None:
        """Make the node. Raises RuntimeError if it runs already."""
        import rclpy
        from rclpy.executors import SingleThreadedExecutor

        if self.__thread is not None:
            raise RuntimeError("this ROS adapter is already running")
        self.__context = rclpy.Context()
        rclpy.init(args=self.__argv, context=self.__context)
        self.__node = rclpy.create_node(f"launch_ros_{os.getpid()}", context=self.__context)
        self.__executor = SingleThreadedExecutor(context=self.__context)
        self.__executor.add_node(self.__node)
        self.__thread = threading.Thread(target=self._spin, name="launch_ros", daemon=True)
        self.__thread.start()

    def _spin(self) -> None:
        """Run callbacks until shut down."""
        from rclpy.executors import ExternalShutdownException, ShutdownException

        try:
            self.__executor.spin()
        except (ExternalShutdownException, ShutdownException):
            return

    def shutdown(self) -> None:
        """Destroy the node. Raises RuntimeError if it does not run."""
        import rclpy

        if self.__thread is None:
            raise RuntimeError("this ROS adapter is not running")
        self.__executor.shutdown(timeout_sec=1.0)
        rclpy.shutdown(context=self.__context)
        self.__thread.join(timeout=5.0)
        self.__node.destroy_node()
        self.__thread = None

    @property
    def argv(self) -> list[str]:
        """The arguments rclpy was initialised with."""
        return self.__argv

    @property
    def ros_context(self) -> Any:
        """The rclpy context."""
        return self.__context

    @property
    def ros_node(self) -> Any:
        """The node."""
        return self.__node

    @property
    def ros_executor(self) -> Any:
        """The executor."""
        return self.__executor


def get_ros_adapter(context: LaunchContext) -> ROSAdapter:
    """Return the adapter of a launch, made at the first call and shut down with the launch."""
    adapter = context.get_locals_as_dict().get("ros_adapter")
    if adapter is None:
        adapter = ROSAdapter()
        context.extend_globals({"ros_adapter": adapter})

        def shut_down(*_: object) -> None:
            adapter.shutdown()

        context.register_event_handler(OnShutdown(on_shutdown=shut_down, handle_once=True))
    return cast(ROSAdapter, adapter)


def get_ros_node(context: LaunchContext) -> Any:
    """Return the node of a launch."""
    return get_ros_adapter(context).ros_node
