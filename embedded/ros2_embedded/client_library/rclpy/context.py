"""The life between init() and shutdown(): arguments, domain, participant."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ros2_embedded.wire.domain import domain_id_from_environment

from rclpy.destroyable import context_is_ending
from rclpy.exceptions import NotInitializedException

if TYPE_CHECKING:
    from ros2_embedded.wire.participant import Participant


class Context:
    """Holds the arguments and, once initialised, the DDS participant of its nodes."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._callbacks: list[Callable[[], Any]] = []
        self._participant: Participant | None = None
        self._arguments: Any = None
        self._domain_id: int | None = None
        self._ok = False
        self._was_initialized = False
        self._nodes: weakref.WeakSet[Any] = weakref.WeakSet()
        self._end_listeners: list[Callable[[], Any]] = []

    def __enter__(self) -> Context:
        if not self._was_initialized:
            self.init()
        return self

    def __exit__(self, *_: object) -> None:
        self.try_shutdown()

    def init(
        self,
        args: list[str] | None = None,
        *,
        initialize_logging: bool = True,
        domain_id: int | None = None,
    ) -> None:
        """Initialise; raises RuntimeError if it was done already."""
        from rclpy.arguments import parse_arguments

        with self._lock:
            if self._ok:
                raise RuntimeError("Context.init() must only be called once")
            if domain_id is not None and domain_id < 0:
                raise RuntimeError(
                    "Domain id ({}) should not be lower than zero.".format(domain_id)
                )
            self._arguments = parse_arguments(args)
            self._domain_id = domain_id if domain_id is not None else domain_id_from_environment()
            self._ok = True
            self._was_initialized = True
            if initialize_logging:
                from rclpy.logging import apply_arguments

                apply_arguments(self._arguments)

    @property
    def participant(self) -> Participant:
        """The DDS participant, made when the first entity needs it."""
        with self._lock:
            if not self._ok:
                raise NotInitializedException("cannot create an entity")
            if self._participant is None:
                from ros2_embedded.wire.participant import Participant

                assert self._domain_id is not None  # init() has set it
                self._participant = Participant(self._domain_id)
            return self._participant

    @property
    def arguments(self) -> Any:
        """What stood behind --ros-args."""
        return self._arguments

    def track_node(self, node: Any) -> None:
        self._nodes.add(node)

    def untrack_node(self, node: Any) -> None:
        self._nodes.discard(node)

    def ok(self) -> bool:
        """Say whether it is initialised and not shut down."""
        return self._ok

    def get_domain_id(self) -> int:
        """Return the domain id; raises RuntimeError before init()."""
        if self._domain_id is None:
            raise RuntimeError("the context was not initialised")
        return self._domain_id

    def _on_end(self, listener: Callable[[], Any]) -> Callable[[], None]:
        """Call ``listener()`` when it ends, before the shutdown callbacks; returns the undoing."""
        self._end_listeners.append(listener)

        def stop() -> None:
            if listener in self._end_listeners:
                self._end_listeners.remove(listener)

        return stop

    def _wake(self) -> None:
        for listener in list(self._end_listeners):
            listener()

    def _shutdown_by_signal(self) -> None:
        """Mark it as ended; everything that waits is woken and sees that."""
        self._ok = False
        # Not here: the thread that the signal interrupts may hold what a listener needs.
        threading.Thread(target=self._tell_of_signal, daemon=True).start()

    def _tell_of_signal(self) -> None:
        self._wake()
        self._run_callbacks()

    def _run_callbacks(self) -> None:
        with self._lock:
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def shutdown(self) -> None:
        """End it; raises RuntimeError if it is not initialised."""
        with self._lock:
            if not self._was_initialized or (not self._ok and self._participant is None):
                raise RuntimeError(
                    "Context must be initialized before it can be shutdown"
                    if not self._was_initialized
                    else "Context is already shut down"
                )
            self._shutdown()

    def try_shutdown(self) -> None:
        """End it if it is initialised."""
        with self._lock:
            if self._ok or self._participant is not None:
                self._shutdown()

    def _shutdown(self) -> None:
        self._ok = False
        self._wake()
        with context_is_ending():
            for node in list(self._nodes):
                node.destroy_node()
        self._run_callbacks()
        participant, self._participant = self._participant, None
        if participant is not None:
            participant.close()

    def destroy(self) -> None:
        self.try_shutdown()

    def on_shutdown(self, callback: Callable[[], Any]) -> None:
        """Call ``callback()`` when the context ends."""
        if not callable(callback):
            raise TypeError("callback should be a callable")
        with self._lock:
            if not self._ok:
                callback()
            else:
                import inspect

                if inspect.ismethod(callback):
                    method = weakref.WeakMethod(callback)

                    def call() -> None:
                        bound = method()
                        if bound is not None:
                            bound()

                    self._callbacks.append(call)
                else:
                    self._callbacks.append(callback)
