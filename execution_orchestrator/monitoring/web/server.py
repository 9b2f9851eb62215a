"""Runs the web page in a thread of its own, so that no browser can slow the engine down."""

from __future__ import annotations

import ipaddress
import secrets
import socket
import threading
from collections.abc import Iterable

import uvicorn

from execution_orchestrator.monitoring.web.app import create_app
from execution_orchestrator.monitoring.web.guard import plain_name
from execution_orchestrator.monitoring.web.source import WebSource

START_TIMEOUT = 10.0  # seconds
STOP_TIMEOUT = 5.0  # seconds


class WebServer:
    """Serves ``http://host:port/``; port 0 takes a free one, see ``url``.

    ``names`` are further names of this machine that a browser may have been given.

    Raises:
        OSError: the port is taken or the host is not an address of this machine.
        RuntimeError: a name is none.

    """

    def __init__(
        self,
        source: WebSource,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        names: Iterable[str] = (),
    ) -> None:
        allowed = frozenset({host, *map(plain_name, names)})
        self.token = secrets.token_urlsafe(24)
        self._socket = _listen(host, port)
        bound_host, bound_port = self._socket.getsockname()[:2]
        shown = f"[{bound_host}]" if ":" in bound_host else bound_host
        self.url = f"http://{shown}:{bound_port}/"
        app = create_app(source, token=self.token, allowed_hosts=allowed)
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=2,
                limit_concurrency=128,
                h11_max_incomplete_event_size=65536,
                lifespan="on",
            )
        )
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    def start(self) -> None:
        """Serve until `stop`.

        Raises:
            RuntimeError: the server did not come up within ten seconds.

        """
        self._thread.start()
        pause = threading.Event()
        for _ in range(int(START_TIMEOUT / 0.02)):
            if self._server.started:
                return
            pause.wait(0.02)
        raise RuntimeError(f"the web page did not come up at {self.url}")

    def stop(self) -> None:
        """Close every connection and end the thread."""
        self._server.should_exit = True
        self._thread.join(STOP_TIMEOUT)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def _listen(host: str, port: int) -> socket.socket:
    """Bind a listening socket.

    Raises:
        OSError: the port is taken or the host is not an address of this machine.

    """
    family = socket.AF_INET6 if _is_ipv6(host) else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(64)
    except OSError:
        listener.close()
        raise
    return listener


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False
