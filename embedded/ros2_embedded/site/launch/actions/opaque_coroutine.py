"""Runs a coroutine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from launch.action import Action
from launch.event_handlers import OnShutdown

if TYPE_CHECKING:
    from launch.launch_context import LaunchContext


class OpaqueCoroutine(Action):
    """Runs a coroutine function; it is cancelled on shutdown."""

    def __init__(
        self,
        *,
        coroutine: Callable[..., Coroutine[Any, Any, None]],
        args: Iterable[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        ignore_context: bool = False,
        **left_over_kwargs: Any,
    ) -> None:
        super().__init__(**left_over_kwargs)
        if not asyncio.iscoroutinefunction(coroutine):
            raise TypeError(
                f"OpaqueCoroutine expected a coroutine function for 'coroutine', got {coroutine!r}"
            )
        self.__coroutine = coroutine
        self.__args = tuple(args or ())
        self.__kwargs = dict(kwargs or {})
        self.__ignore_context = ignore_context
        self.__task: asyncio.Task[None] | None = None

    def execute(self, context: LaunchContext) -> None:
        """Start the coroutine."""
        args = self.__args if self.__ignore_context else (context, *self.__args)
        task = context.asyncio_loop.create_task(self.__coroutine(*args, **self.__kwargs))
        self.__task = task

        def cancel(*_: object) -> None:
            task.cancel()

        context.register_event_handler(OnShutdown(on_shutdown=cancel))

    def get_asyncio_future(self) -> asyncio.Future[Any] | None:
        """Return the task."""
        return self.__task
