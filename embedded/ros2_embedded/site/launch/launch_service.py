"""Runs launch descriptions."""

from __future__ import annotations

import asyncio
import contextlib
import logging as python_logging
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from . import logging
from .event import Event
from .event_handlers import OnIncludeLaunchDescription, OnShutdown
from .events import IncludeLaunchDescription, Shutdown
from .launch_context import LaunchContext
from .launch_description import LaunchDescription
from .launch_description_entity import LaunchDescriptionEntity
from .utilities import visit_into


@contextlib.contextmanager
def handled_signals(handlers: Mapping[signal.Signals, Callable[[], None]]) -> Iterator[None]:
    """Run handlers on the current loop; what was installed before comes back afterwards."""
    loop = asyncio.get_running_loop()
    previous = {number: signal.getsignal(number) for number in handlers}
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number, handler_before in previous.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler_before)


class LaunchService:
    """Visits launch descriptions and dispatches events until nothing is left to do."""

    def __init__(
        self,
        *,
        argv: Iterable[str] | None = None,
        noninteractive: bool = False,
        debug: bool = False,
    ) -> None:
        python_logging.root.setLevel(python_logging.DEBUG if debug else python_logging.INFO)
        self.__debug = debug
        self.__logger = logging.get_logger("launch")
        self.context = LaunchContext(argv=argv, noninteractive=noninteractive)
        self.context.register_event_handler(OnIncludeLaunchDescription())
        self.context.register_event_handler(OnShutdown(on_shutdown=self.__on_shutdown))
        self.__running: list[tuple[LaunchDescriptionEntity, asyncio.Future[Any]]] = []
        self.__loop_lock = threading.RLock()
        self.__loop: asyncio.AbstractEventLoop | None = None
        self.__shutting_down = False
        self.__interrupted = False
        self.__return_code = 0

    def emit_event(self, event: Event) -> None:
        """Queue an event, from any thread; before run() it is kept until then."""
        with self.__loop_lock:
            loop = self.__loop
            if loop is None:
                self.context.emit_event_sync(event)
                return
            loop.call_soon_threadsafe(self.context.emit_event_sync, event)

    def include_launch_description(self, launch_description: LaunchDescription) -> None:
        """Queue a launch description to be visited, from any thread."""
        self.emit_event(IncludeLaunchDescription(launch_description))

    def run(self, *, shutdown_when_idle: bool = True) -> int:
        """Run until shut down or idle; return 0, or 1 if an error ended it.

        Raises RuntimeError outside the main thread or when already running.
        """
        # With a factory the loop is not made the thread's, which callers may have one of.
        with asyncio.Runner(debug=self.__debug, loop_factory=asyncio.new_event_loop) as runner:
            return runner.run(self.run_async(shutdown_when_idle=shutdown_when_idle))

    async def run_async(self, *, shutdown_when_idle: bool = True) -> int:
        """Run on the current loop, which must be the main thread's.

        Raises RuntimeError outside the main thread or when already running.
        """
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("a LaunchService can only be run in the main thread")
        with self.__running_loop():
            logging.log_launch_config(logger=self.__logger)
            with handled_signals(
                {
                    signal.SIGINT: self.__on_sigint,
                    signal.SIGTERM: self.__on_sigterm,
                    signal.SIGQUIT: self.__on_sigterm,
                }
            ):
                await self.__dispatch_until_done(shutdown_when_idle)
        return self.__return_code

    def shutdown(self) -> None:
        """Begin to shut down, from any thread; does nothing when not running."""
        with self.__loop_lock:
            if self.__loop is not None and not self.__shutting_down:
                self.emit_event(Shutdown(reason="LaunchService.shutdown() called"))

    @contextlib.contextmanager
    def __running_loop(self) -> Iterator[None]:
        """Bind the service to the current loop."""
        with self.__loop_lock:
            if self.__loop is not None:
                raise RuntimeError("this LaunchService is already running")
            self.__loop = asyncio.get_running_loop()
            self.__return_code = 0
            self.__interrupted = False
            self.context.asyncio_loop = self.__loop
            # A queue belongs to the loop that first waits on it.
            earlier, self.context._event_queue = self.context._event_queue, asyncio.Queue()
            while not earlier.empty():
                self.context._event_queue.put_nowait(earlier.get_nowait())
        self.__loop.set_exception_handler(self.__on_unhandled_exception)
        try:
            yield
        finally:
            with self.__loop_lock:
                self.context.asyncio_loop = None
                self.__loop.set_exception_handler(None)
                self.__loop = None
                self.__shutting_down = False

    def __on_unhandled_exception(
        self, loop: asyncio.AbstractEventLoop, details: dict[str, Any]
    ) -> None:
        """Turn an exception nobody awaited into a failed run."""
        self.__return_code = 1
        loop.default_exception_handler(details)

    async def __dispatch_until_done(self, shutdown_when_idle: bool) -> None:
        """Process events and await running entities until idle."""
        next_event: asyncio.Task[None] | None = None
        try:
            while True:
                pending = self.__pending_futures()
                if self._is_idle():
                    if self.__shutting_down:
                        return
                    if shutdown_when_idle:
                        self.context.emit_event_sync(Shutdown(reason="idle"))
                if next_event is None or next_event.done():
                    next_event = asyncio.ensure_future(self.__process_events())
                done, _ = await asyncio.wait(
                    [*pending, next_event], return_when=asyncio.FIRST_COMPLETED
                )
                for future in done:
                    if not future.cancelled() and (error := future.exception()) is not None:
                        self.__fail(error)
        except asyncio.CancelledError:
            self.__logger.error("run task was canceled")
            self.__return_code = 1
        finally:
            if next_event is not None:
                next_event.cancel()

    def _is_idle(self) -> bool:
        """Tell whether nothing is going on and no event waits."""
        return not self.__pending_futures() and self.context._event_queue.empty()

    def __pending_futures(self) -> list[asyncio.Future[Any]]:
        """Forget what is finished; return what is not."""
        self.__running = [pair for pair in self.__running if not pair[1].done()]
        return [future for _, future in self.__running]

    async def __process_events(self) -> None:
        """Wait for an event; dispatch it and those that have come meanwhile."""
        queue = self.context._event_queue
        self.__dispatch(await queue.get())
        # Several processes may write faster than the loop comes by here.
        while not queue.empty():
            self.__dispatch(queue.get_nowait())

    def __dispatch(self, event: Event) -> None:
        """Hand an event to every handler that matches."""
        for handler in tuple(self.context._event_handlers):
            if not handler.matches(event):
                continue
            self.context._push_locals()
            try:
                entities = handler.handle(event, self.context)
                if isinstance(entities, LaunchDescriptionEntity):
                    entities = [entities]
                for entity in entities or ():
                    self.__visit(entity)
            finally:
                self.context._pop_locals()

    def __visit(self, entity: LaunchDescriptionEntity | None) -> None:
        """Visit what an event handler returned."""
        if entity is None:
            return
        if not isinstance(entity, LaunchDescriptionEntity):
            raise TypeError(
                f"an event handler returned {entity!r}, which is not a LaunchDescriptionEntity"
            )
        visit_into(self.__running, entity, self.context)

    def __fail(self, error: BaseException) -> None:
        """Report an error and begin to shut down."""
        message = f"Caught exception in launch (see debug for traceback): {error}"
        trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        self.__logger.debug(trace)
        self.__logger.error(message)
        self.__return_code = 1
        if not self.__shutting_down:
            self.context.emit_event_sync(Shutdown(reason=message))

    def __on_shutdown(self, event: Event, context: LaunchContext) -> None:
        """Note that shutdown has begun; without a running loop nothing else would."""
        self.__shutting_down = True
        context.is_shutdown = True

    def __on_sigint(self) -> None:
        """Shut down on Ctrl-C, once."""
        message = "user interrupted with ctrl-c (SIGINT)"
        if self.__interrupted:
            self.__logger.warning(f"{message} again, ignoring...")
            return
        self.__interrupted = True
        self.__logger.warning(message)
        self.context.emit_event_sync(Shutdown(reason="ctrl-c (SIGINT)", due_to_sigint=True))

    def __on_sigterm(self) -> None:
        """Shut down in good order: nothing that was launched stays behind."""
        self.__logger.warning("asked to terminate (SIGTERM or SIGQUIT), shutting down")
        self.context.emit_event_sync(Shutdown(reason="terminated by a signal"))
