"""The ROS 2 client library for Python, on the embedded runtime.

`init` and `shutdown` begin and end a context, `create_node` makes a node, `spin` runs its callbacks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from rclpy import logging
from rclpy.context import Context
from rclpy.parameter import Parameter
from rclpy.signals import (
    SignalHandlerOptions,
    install_signal_handlers,
    register_context,
    uninstall_signal_handlers,
)
from rclpy.task import Future
from rclpy.utilities import get_default_context, get_rmw_implementation_identifier, ok
from rclpy.utilities import shutdown as _shutdown
from rclpy.utilities import try_shutdown as _try_shutdown

# What type checkers take for true: the node is imported when the first one is made.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from rclpy.node import Node

_global_executor = None


class InitContextManager:
    """What `init` returns: ends the context at the end of a with-block."""

    def __init__(self, context: Any, signals: Any) -> None:
        self.context = context
        self._signals = signals

    def __enter__(self) -> InitContextManager:
        return self

    def __exit__(self, *_: object) -> None:
        if self._signals:
            uninstall_signal_handlers()
        self.context.try_shutdown()


def init(
    *,
    args: list[str] | None = None,
    context: Context | None = None,
    domain_id: int | None = None,
    signal_handler_options: Any = None,
) -> InitContextManager:
    """Begin a context; raises RuntimeError if it has begun already."""
    chosen = get_default_context() if context is None else context
    if signal_handler_options is None:
        signal_handler_options = (
            SignalHandlerOptions.ALL if context is None else SignalHandlerOptions.NO
        )
    chosen.init(args, domain_id=domain_id)
    install_signal_handlers(signal_handler_options)
    if signal_handler_options != SignalHandlerOptions.NO:
        register_context(chosen)
    return InitContextManager(chosen, signal_handler_options != SignalHandlerOptions.NO)


def get_global_executor() -> Any:
    """Return the executor that the functions here use where none is given."""
    global _global_executor
    if _global_executor is None:
        from rclpy.executors import SingleThreadedExecutor

        made = _global_executor = SingleThreadedExecutor()
        # A context that ended in the meantime forgets it at once; the caller still gets it.
        get_default_context().on_shutdown(_drop_global_executor)
        return made
    return _global_executor


def _drop_global_executor() -> None:
    global _global_executor
    executor, _global_executor = _global_executor, None
    if executor is not None:
        executor.shutdown(timeout_sec=0)


def shutdown(*, context: Context | None = None, uninstall_handlers: bool | None = None) -> None:
    """End a context; raises RuntimeError if it has not begun."""
    _shutdown(context=context)
    if uninstall_handlers or (uninstall_handlers is None and context is None):
        uninstall_signal_handlers()


def try_shutdown(*, context: Context | None = None, uninstall_handlers: bool | None = None) -> None:
    """End a context if it has begun."""
    _try_shutdown(context=context)
    if uninstall_handlers or (uninstall_handlers is None and context is None):
        uninstall_signal_handlers()


def create_node(node_name: str, **options: Any) -> Node:
    """Make a node; the options are those of `rclpy.node.Node`."""
    from rclpy.node import Node

    return Node(node_name, **options)


@contextlib.contextmanager
def _executor_of(node: Node, executor: Any) -> Iterator[Any]:
    """Give the executor, with the node in it."""
    executor = get_global_executor() if executor is None else executor
    try:
        executor.add_node(node)
        yield executor
    finally:
        executor.remove_node(node)


def spin_once(node: Node, *, executor: Any = None, timeout_sec: float | None = None) -> None:
    """Run one callback at most."""
    with _executor_of(node, executor) as chosen:
        chosen.spin_once(timeout_sec=timeout_sec)


def spin(node: Node, executor: Any = None) -> None:
    """Run callbacks until the context ends."""
    with _executor_of(node, executor) as chosen:
        chosen.spin()


def spin_until_future_complete(
    node: Node, future: Future, executor: Any = None, timeout_sec: float | None = None
) -> None:
    """Run callbacks until the future is done or the time is over."""
    with _executor_of(node, executor) as chosen:
        chosen.spin_until_future_complete(future, timeout_sec)


__all__ = [
    "Context", "Future", "InitContextManager", "Parameter", "SignalHandlerOptions", "create_node",
    "get_default_context", "get_global_executor", "get_rmw_implementation_identifier", "init",
    "logging", "ok", "shutdown", "spin", "spin_once", "spin_until_future_complete", "try_shutdown",
]  # fmt: skip
