"""Futures and tasks of an executor."""

from __future__ import annotations

import contextlib
import inspect
import sys
import threading
import warnings
import weakref
from collections.abc import Callable, Generator
from typing import Any

_driver = threading.local()


def _running_loop() -> Any:
    """Return the asyncio loop that runs in this thread, if there is one."""
    events = sys.modules.get("asyncio.events")
    return None if events is None else events._get_running_loop()


def step(coroutine: Any) -> Any:
    """Run a coroutine up to its next wait, as an executor does; returns what it waits for.

    The loop of asyncio that runs is noted, so that a Future can tell an executor called by a coroutine
    of that loop from the loop itself.
    """
    before = getattr(_driver, "loop", None)
    _driver.loop = _running_loop()
    try:
        return coroutine.send(None)
    finally:
        _driver.loop = before


class Future:
    """The result of work done later; may be awaited in a callback."""

    def __init__(self, *, executor: Any = None) -> None:
        self._done = False
        self._cancelled = False
        self._result: Any = None
        self._exception: BaseException | None = None
        self._exception_fetched = False
        self._callbacks: list[Callable[[Any], Any]] = []
        self._resumptions: list[Callable[[], Any]] = []
        self._lock = threading.Lock()
        self._executor: weakref.ref[Any] | None = None
        self._set_executor(executor)

    def __del__(self) -> None:
        if self._exception is not None and not self._exception_fetched:
            print(
                "The following exception was never retrieved: " + str(self._exception),
                file=sys.stderr,
            )

    def __await__(self) -> Generator[Any, Any, Any]:
        loop = _running_loop()
        if loop is not None and loop is not getattr(_driver, "loop", None):
            yield from self._in_asyncio(loop)
        while not self._done and not self._cancelled:
            yield self
        return self.result()

    def _in_asyncio(self, loop: Any) -> Any:
        """Wait in a coroutine that asyncio runs."""
        waiter = loop.create_future()

        def finish() -> None:
            if not waiter.done():
                waiter.set_result(None)

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(finish)

        self._when_finished(wake)
        yield from waiter

    def cancel(self) -> None:
        with self._lock:
            if not self._done:
                self._cancelled = True
        self._schedule_or_invoke_done_callbacks()

    def cancelled(self) -> bool:
        """Say whether it was cancelled."""
        return self._cancelled

    def done(self) -> bool:
        """Say whether there is a result or an exception, or it was cancelled."""
        return self._done

    def result(self) -> Any:
        exception = self.exception()
        if exception:
            raise exception
        return self._result

    def exception(self) -> BaseException | None:
        self._exception_fetched = True
        return self._exception

    def set_result(self, result: Any) -> None:
        with self._lock:
            self._result = result
            self._done = True
            self._cancelled = False
        self._schedule_or_invoke_done_callbacks()

    def set_exception(self, exception: BaseException) -> None:
        with self._lock:
            self._exception = exception
            self._exception_fetched = False
            self._done = True
            self._cancelled = False
        self._schedule_or_invoke_done_callbacks()

    def _schedule_or_invoke_done_callbacks(self) -> None:
        with self._lock:
            executor = self._executor() if self._executor is not None else None
            callbacks, self._callbacks = self._callbacks, []
            resumptions, self._resumptions = self._resumptions, []
        for resume in resumptions:
            resume()
        for callback in callbacks:
            if executor is not None:
                executor.create_task(callback, self)
            else:
                try:
                    callback(self)
                except Exception as error:
                    warnings.warn(f"Unhandled exception in done callback: {error}", stacklevel=2)

    def _when_finished(self, resume: Callable[[], Any]) -> Any:
        """Call ``resume()``, in whatever thread, once it is done or cancelled."""
        with self._lock:
            if not self._done and not self._cancelled:
                self._resumptions.append(resume)
                return
        resume()

    def _set_executor(self, executor: Any) -> None:
        with self._lock:
            self._executor = weakref.ref(executor) if executor is not None else None

    def add_done_callback(self, callback: Callable[[Any], Any]) -> None:
        """Call ``callback(future)`` when it is done, in the executor if there is one."""
        invoke = False
        with self._lock:
            if self._done:
                executor = self._executor() if self._executor is not None else None
                if executor is not None:
                    executor.create_task(callback, self)
                else:
                    invoke = True
            else:
                self._callbacks.append(callback)
        if invoke:
            callback(self)


class Task(Future):
    """A function or coroutine run by an executor."""

    def __init__(
        self, handler: Any, args: Any = None, kwargs: Any = None, executor: Any = None
    ) -> None:
        super().__init__(executor=executor)
        self._args = args if args is not None else []
        self._kwargs = kwargs if kwargs is not None else {}
        if inspect.iscoroutinefunction(handler):
            self._handler = handler(*self._args, **self._kwargs)
            self._args = None
            self._kwargs = None
        else:
            self._handler = handler
        self._executing = False
        self._task_lock = threading.Lock()

    def __call__(self) -> None:
        """Run, or go on running, until the end or the next await."""
        if self._done or self._executing or not self._task_lock.acquire(blocking=False):
            return
        try:
            if self._done:
                return
            self._executing = True
            if inspect.iscoroutine(self._handler):
                try:
                    awaited = step(self._handler)
                except StopIteration as end:
                    self.set_result(end.value)
                    self._complete_task()
                except Exception as error:
                    self.set_exception(error)
                    self._complete_task()
            else:
                try:
                    self.set_result(self._handler(*self._args, **self._kwargs))
                except Exception as error:
                    self.set_exception(error)
                self._complete_task()
            self._executing = False
        finally:
            self._task_lock.release()
        if not self._done and not self._cancelled:
            self._continue_after(awaited)

    def _continue_after(self, awaited: Any) -> None:
        """Run on in the executor when what is awaited is done; at once if it is no Future."""
        executor = self._executor() if self._executor is not None else None
        if executor is None:
            return

        def resume() -> None:
            executor._resume(self)

        if isinstance(awaited, Future):
            awaited._when_finished(resume)
        else:
            resume()

    def _complete_task(self) -> None:
        self._handler = None
        self._args = None
        self._kwargs = None

    def cancel(self) -> None:
        if inspect.iscoroutine(self._handler):
            self._handler.close()
        super().cancel()
