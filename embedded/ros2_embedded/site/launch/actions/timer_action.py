"""Waits before it visits actions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from launch.action import Action
from launch.event_handler import BaseEventHandler, EventHandler
from launch.event_handlers import OnShutdown
from launch.events import TimerEvent
from launch.launch_context import LaunchContext
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.some_substitutions_type import SomeSubstitutionsType
from launch.utilities.type_utils import normalize_typed_substitution, perform_typed_substitution


class TimerAction(Action):
    """Visits actions once, a period in seconds after it was executed, unless cancelled."""

    def __init__(
        self,
        *,
        period: float | SomeSubstitutionsType,
        actions: Iterable[LaunchDescriptionEntity],
        cancel_on_shutdown: bool | SomeSubstitutionsType = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.period = normalize_typed_substitution(
            float(period) if isinstance(period, str) else period, float
        )
        self.actions = list(actions)
        self.__cancel_on_shutdown = normalize_typed_substitution(cancel_on_shutdown, bool)
        self.__cancelled = False
        self._done: asyncio.Future[None] | None = None
        self.__wake_up: asyncio.Event | None = None

    def describe_conditional_sub_entities(
        self,
    ) -> Sequence[tuple[str, Iterable[LaunchDescriptionEntity]]]:
        """List what is visited when the period has passed."""
        return [(f"after {self.period} seconds", self.actions)]

    def cancel(self) -> None:
        """Stop the timer; does nothing once it is due."""
        self.__cancelled = True
        if self.__wake_up is not None:
            self.__wake_up.set()

    def execute(self, context: LaunchContext) -> None:
        """Start the timer. Raises RuntimeError when executed twice."""
        if self._done is not None:
            raise RuntimeError("a TimerAction was executed more than once: make one per use")
        on_shutdown = perform_typed_substitution(context, self.__cancel_on_shutdown, bool)
        if self.__cancelled or (on_shutdown and context.is_shutdown):
            return
        self._done = context.asyncio_loop.create_future()
        self.__wake_up = asyncio.Event()
        handlers: list[BaseEventHandler] = [
            EventHandler(
                matcher=lambda event: isinstance(event, TimerEvent) and event.timer_action is self,
                entities=self.actions,
                handle_once=True,
            )
        ]
        if on_shutdown:
            handlers.append(OnShutdown(on_shutdown=lambda *_: self.cancel()))
        for handler in handlers:
            context.register_event_handler(handler)
        # Kept here: the loop itself holds tasks weakly.
        self.__task = context.asyncio_loop.create_task(self._fire(context, self._done))

    async def _fire(self, context: LaunchContext, done: asyncio.Future[None]) -> None:
        """Wait, and announce that the period has passed."""
        try:
            period = perform_typed_substitution(context, self.period, float)
            await self._wait(context, period)
            if not self.__cancelled:
                await context.emit_event(TimerEvent(timer_action=self))
        except Exception as error:
            done.set_exception(error)
        finally:
            if not done.done():
                done.set_result(None)

    async def _wait(self, context: LaunchContext, period: float) -> None:
        """Return when the period in seconds has passed or the timer is cancelled."""
        assert self.__wake_up is not None
        try:
            await asyncio.wait_for(self.__wake_up.wait(), timeout=period)
        except TimeoutError:
            return

    def get_asyncio_future(self) -> asyncio.Future[Any] | None:
        """Return the future of the timer's end."""
        return self._done
