"""Runs the web page in a thread of its own, so that no browser can slow the engine down."""

from __future__ import annotations

import ipaddress
import secrets
import socket
import threading
from collections.abc import Iterable

import uvicorn

from execution_orchestrator.access.people import PeopleFile
from execution_orchestrator.monitoring.web.app import Cookie, create_app
from execution_orchestrator.monitoring.web.gate import Gate
from execution_orchestrator.monitoring.web.guard import plain_name
from execution_orchestrator.monitoring.web.source import WebSource
from execution_orchestrator.monitoring.web.tls import check_tls, renew_on_change

START_TIMEOUT = 10.0  # seconds
STOP_TIMEOUT = 5.0  # seconds


class WebServer:
    """Serves ``http://host:port/``; port 0 takes a free one, see ``url``.

    ``names`` are further host names of this machine that browsers may use. ``people`` are those who
    may use the page; without them it is served on loopback only. With ``certificate`` and ``key``
    (PEM files) it is served over TLS; renewed files are used from the next connection on.

    Raises:
        OSError: the port is taken or the host is not an address of this machine.
        RuntimeError: a host name is not valid, the host is not loopback and there are no people, or
            the files for TLS cannot be used.

    """

    def __init__(
        self,
        source: WebSource,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        names: Iterable[str] = (),
        people: PeopleFile | None = None,
        certificate: str = "",
        key: str = "",
    ) -> None:
        if people is None and not is_loopback(host):
            raise RuntimeError(
                f"{host} is not loopback, and nobody is named who may use the page from elsewhere: "
                "say `ros2 run execution_orchestrator access add NAME --role operate` and set the "
                "parameter access_file to the file that it writes"
            )
        check_tls(certificate, key)
        allowed = frozenset({host, *map(plain_name, names)})
        self.token = secrets.token_urlsafe(24)
        self._socket = _listen(host, port)
        bound_host, bound_port = self._socket.getsockname()[:2]
        shown = f"[{bound_host}]" if ":" in bound_host else bound_host
        self.url = f"http{'s' if certificate else ''}://{shown}:{bound_port}/"
        app = create_app(
            source,
            token=self.token,
            allowed_hosts=allowed,
            gate=Gate(people),
            # Cookies know nothing of ports: two nodes of one machine would take each other's.
            cookie=Cookie(f"orchestrator_{bound_port}", secure=bool(certificate)),
        )
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=2,
            limit_concurrency=128,
            h11_max_incomplete_event_size=65536,
            lifespan="on",
            ssl_certfile=certificate or None,
            ssl_keyfile=key or None,
        )
        config.load()
        if config.ssl is not None:
            renew_on_change(config.ssl, certificate, key)
        self._server = uvicorn.Server(config)
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


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False
