"""Parts of a node; spins a node in a thread of its own, and ends that without a race."""

from __future__ import annotations

import contextlib
import inspect
import logging
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import rclpy
from rclpy.action import ActionClient, ActionServer
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.exceptions import InvalidHandle
from rclpy.executors import Executor, ExternalShutdownException, SingleThreadedExecutor
from rclpy.parameter import Parameter

STOP_TIMEOUT = 5.0  # seconds for the callbacks of a node that is left
MOST_FAILURES = 100  # in a row, after which a node cannot go on
log = logging.getLogger(__name__)


def part_of(node: Any, name: str, *, enable_rosout: bool = True) -> Any:
    """Make a node that serves another one as a part of it: in its namespace, with its time.

    It has no services of its own and takes nothing from the command line.
    """
    return rclpy.create_node(
        name,
        namespace=node.get_namespace(),
        use_global_arguments=False,
        enable_rosout=enable_rosout,
        start_parameter_services=False,
        parameter_overrides=[
            node.get_parameter("use_sim_time"),
            Parameter("start_type_description_service", value=False),
        ],
    )


class DirectExecutor(SingleThreadedExecutor):  # type: ignore[misc]
    """rclpy's executor of one thread, which looks at all its entities once for what comes in.

    Upstream wakes itself after every callback and for everybody who waits for a future, and then
    puts a wait set of all entities together once more (for 50 answers of a server 83 times), which
    takes longer than all that is done with an answer. Who runs callbacks does not wait and needs no
    waking, and who waits for a future can be called at once.
    """

    def __init__(self, *, context: Any = None) -> None:
        """Take what rclpy's takes."""
        super().__init__(context=context)
        self._spinner = 0
        wake = self._guard.trigger

        def wake_from_elsewhere() -> None:
            if threading.get_ident() != self._spinner:
                wake()

        self._guard.trigger = wake_from_elsewhere

    def spin_once(self, timeout_sec: float | None = None) -> None:
        """Wait for one callback and run it, always in the same thread."""
        self._spinner = threading.get_ident()
        super().spin_once(timeout_sec)

    def create_task(self, callback: Any, *arguments: Any, **more: Any) -> Any:
        """Call a function at once in the thread that spins, and return nothing; see upstream's."""
        if threading.get_ident() != self._spinner or inspect.iscoroutinefunction(callback):
            return super().create_task(callback, *arguments, **more)
        return callback(*arguments, **more)


class SpinThread:
    """The thread in which an executor runs a node's callbacks.

    rclpy's ``Executor.shutdown()`` and ``Context.shutdown()`` take away what another thread is just
    about to wait for: that thread then dies with RCLError, AttributeError or InvalidHandle. So the
    thread is asked to end by something it waits for, and only then is the executor shut down.
    """

    def __init__(self, node: Any, executor: Executor) -> None:
        """Begin to spin ``node``, which ``executor`` is given, at once."""
        self._executor = executor
        self._stopping = threading.Event()
        # In a group of its own: a callback that takes long must not hold it up.
        self._wake = node.create_guard_condition(
            lambda: None, callback_group=MutuallyExclusiveCallbackGroup()
        )
        executor.add_node(node)
        self._thread = threading.Thread(
            target=self._spin, args=(node.context,), name=f"spin {node.get_name()}", daemon=True
        )
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """End the thread, then the callbacks that run; each is waited for ``timeout`` seconds.

        The node and its context are as they were: destroy them after this.
        """
        self._stopping.set()
        self._wake.trigger()
        self._thread.join(timeout)
        # Executor.shutdown() says that it waits for running callbacks, but in Jazzy it does not:
        # what one of them then publishes finds its publisher destroyed. Only the pool can be asked.
        pool = getattr(self._executor, "_executor", None)
        if pool is not None:
            # What has not begun by now would only keep those waiting that have.
            shutdown = partial(pool.shutdown, cancel_futures=True)
            ending = threading.Thread(target=shutdown, daemon=True)
            ending.start()
            ending.join(timeout)
        self._executor.shutdown(timeout_sec=timeout)

    def _spin(self, context: Any) -> None:
        failed = 0
        while not self._stopping.is_set() and context.ok():
            try:
                self._executor.spin_once()
            except ExternalShutdownException:
                return
            except InvalidHandle:
                # Another thread destroyed something that was just about to be waited for. Upstream
                # lets that end the spinning, and the node would be deaf from then on.
                continue
            except Exception:
                # So it would be after an error of a callback, or of rclpy itself.
                failed += 1
                if failed > MOST_FAILURES:
                    raise
                log.exception("a callback failed; the node goes on")
            else:
                failed = 0


def destroy(node: Any) -> None:
    """Take a node that is no longer spun out of the graph, with all that it made.

    Upstream's ``destroy_node`` does not destroy action clients and servers, which keep the node's
    handle alive: the graph shows the node until garbage is collected, or after the end of its
    process until others forget it.
    """
    for made in list(node.waitables):
        if isinstance(made, ActionClient | ActionServer):
            made.destroy()
    node.destroy_node()


@contextlib.contextmanager
def spinning(node: Any, executor: Executor) -> Iterator[None]:
    """Spin a node of a context of its own; afterwards it, its executor and its context are gone."""
    thread = SpinThread(node, executor)
    try:
        yield
    finally:
        thread.stop(STOP_TIMEOUT)
        destroy(node)
        node.context.try_shutdown()
