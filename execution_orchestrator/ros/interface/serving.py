"""Services whose handlers run on the loop, with a bound on their time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from execution_orchestrator.ros.bridge import Bridge, ServiceCallTimeoutError
from execution_orchestrator.storage.journal import StorageError

log = logging.getLogger(__name__)
Handler = Callable[[Any, Any], Awaitable[None]]
Seconds = Callable[[Any], float]
ANSWER_TIMEOUT = 10.0  # seconds; a client of a service waits no longer either
# Each request has a thread of the node's executor while it is answered. Those that may take long
# never have all of them, so that a stop is always taken in.
THREADS = 16
SLOW_AT_ONCE = 8


class CommandRefusedError(Exception):
    """A service request that cannot be granted; the message says why."""


class ServiceHost:
    """Creates services below the node's name.

    A handler gets the request and the response to fill in; every response of this package has
    ``success`` (or ``valid``) and ``message``, which tell of what went wrong.
    """

    def __init__(self, node: Any, bridge: Bridge, callback_group: Any) -> None:
        self._node = node
        self._bridge = bridge
        self._group = callback_group
        self._slow = threading.BoundedSemaphore(SLOW_AT_ONCE)

    def serve(
        self,
        name: str,
        service_type: Any,
        handler: Handler,
        *,
        timeout: Seconds | None = None,
        callback_group: Any = None,
    ) -> None:
        """Create ``~/name``; ``timeout`` gives the seconds a request may take.

        A request that may take long is refused while eight others are at work. One with a callback
        group of its own waits for those of its group instead.
        """

        def answer(request: Any, response: Any) -> Any:
            allowed = timeout(request) if timeout is not None else ANSWER_TIMEOUT
            slow = allowed > ANSWER_TIMEOUT and callback_group is None
            if slow and not self._slow.acquire(blocking=False):
                _refuse(response, f"{SLOW_AT_ONCE} requests that may take long are at work already")
                return response
            try:
                self._bridge.call(_guarded(handler, request, response, name), allowed)
            except ServiceCallTimeoutError as failure:
                _refuse(response, str(failure))
            finally:
                if slow:
                    self._slow.release()
            return response

        self._node.create_service(
            service_type, f"~/{name}", answer, callback_group=callback_group or self._group
        )


async def _guarded(handler: Handler, request: Any, response: Any, name: str) -> None:
    try:
        await handler(request, response)
    except (CommandRefusedError, StorageError) as failure:
        _refuse(response, str(failure))
    except Exception as failure:
        log.exception("the service %s failed", name)
        _refuse(response, f"unexpected error: {failure}")


def _refuse(response: Any, message: str) -> None:
    if hasattr(response, "success"):
        response.success = False
    else:
        response.valid = False
    response.message = message
