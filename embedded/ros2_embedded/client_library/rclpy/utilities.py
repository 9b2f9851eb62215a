"""Small entry points around the default context."""

from __future__ import annotations

import sys
import threading
from typing import Any

from rclpy.constants import S_TO_NS

g_default_context = None
g_context_lock = threading.Lock()


def get_default_context(*, shutting_down: bool = False) -> Any:
    """Return the context used where none is given."""
    global g_default_context
    with g_context_lock:
        if g_default_context is None:
            from rclpy.context import Context

            g_default_context = Context()
        if shutting_down:
            old, g_default_context = g_default_context, None
            return old
        return g_default_context


def remove_ros_args(args: Any = None) -> list[str]:
    """Return a command line without what stands between --ros-args and --."""
    from rclpy.arguments import parse_arguments

    rest: list[str] = parse_arguments(sys.argv if args is None else args).rest
    return rest


def ok(*, context: Any = None) -> bool:
    """Say whether the context is initialised and not shut down."""
    return bool((get_default_context() if context is None else context).ok())


def shutdown(*, context: Any = None) -> None:
    """End the context; raises RuntimeError if it is not initialised."""
    if context is None:
        context = get_default_context(shutting_down=True)
    context.shutdown()


def try_shutdown(*, context: Any = None) -> None:
    """End the context if it is initialised."""
    if context is None:
        global g_default_context
        with g_context_lock:
            if g_default_context is None:
                return
            g_default_context.try_shutdown()
            g_default_context = None
    else:
        context.try_shutdown()


def get_rmw_implementation_identifier() -> str:
    """Name the middleware, as rmw_cyclonedds names itself."""
    return "rmw_cyclonedds_cpp"


def timeout_sec_to_nsec(timeout_sec: float | None) -> int:
    """Convert a timeout; None and negative mean for ever (-1)."""
    if timeout_sec is None or timeout_sec < 0:
        return -1
    return int(float(timeout_sec) * S_TO_NS)
