"""Refuses requests of foreign pages and of unknown people.

The host must be this machine, a change needs the page's token, and with a file of people each
request needs the session or the token of a person.
"""

from __future__ import annotations

import math
import re

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from execution_orchestrator.access.tokens import same
from execution_orchestrator.monitoring.web.gate import Gate, WrongTokenError

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
TOKEN_HEADER = "x-orchestrator-token"
SAFE_METHODS = frozenset({"GET", "HEAD"})
SIGN_IN = "/api/sign_in"
BEARER = "bearer "
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'"
)
SECURITY_HEADERS = (
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Guard:
    """ASGI middleware.

    A page from elsewhere can make a browser send a request here, but it cannot read the token that
    only our own page is given, and a name that was rebound to this address is not one of ours.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str,
        allowed_hosts: frozenset[str],
        gate: Gate,
        cookie: str,
    ) -> None:
        self._app = app
        self._token = token
        self._hosts = allowed_hosts | LOOPBACK_NAMES
        self._gate = gate
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass with who asks (``state.visitor``), or answer 403, 401 or 429."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def send_guarded(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                message["headers"] = [*headers, *SECURITY_HEADERS]  # type: ignore[misc]
            await send(message)

        refusal = self._foreign(headers)
        if refusal:
            await JSONResponse({"error": refusal}, status_code=403)(scope, receive, send)
            return
        given = headers.get("authorization", "")
        bearer = given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else ""
        session = session_in(headers, self._cookie)
        address = (scope.get("client") or ("",))[0]
        try:
            visitor = self._gate.who(session, bearer, address)
        except WrongTokenError as wrong:
            await refused(wrong)(scope, receive, send)
            return
        unproven = not (visitor is not None and visitor.by_token) and not same(
            headers.get(TOKEN_HEADER, ""), self._token
        )
        # Who signs in has no page's token yet; a browser says where that request comes from.
        if scope["method"] not in SAFE_METHODS and scope["path"] != SIGN_IN and unproven:
            message = f"the request lacks the page's token ({TOKEN_HEADER}); reload the page"
            await JSONResponse({"error": message}, status_code=403)(scope, receive, send)
            return
        scope.setdefault("state", {})["visitor"] = visitor
        await self._app(scope, receive, send_guarded)  # type: ignore[arg-type]

    def _foreign(self, headers: Headers) -> str:
        host = headers.get("host", "")
        if _name(host) not in self._hosts:
            return "this page answers only to the names of this machine"
        # Another port of this machine is another site too.
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            return "requests of other pages are refused"
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return "requests of other pages are refused"
        return ""


def refused(wrong: WrongTokenError) -> JSONResponse:
    """Answer a request with an unknown token."""
    if wrong.wait:
        headers = {"retry-after": str(math.ceil(wrong.wait))}
        return JSONResponse({"error": str(wrong)}, status_code=429, headers=headers)
    return JSONResponse({"error": str(wrong)}, status_code=401)


def session_in(headers: Headers, cookie: str) -> str:
    """Return the session that a request brings, empty if it brings none."""
    return cookie_parser(headers.get("cookie", "")).get(cookie, "")


def plain_name(name: str) -> str:
    """Return a name as a browser sends it.

    Raises:
        RuntimeError: it has more to it than a name: a scheme, a port, a path, a wildcard.

    """
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)*\.?", name):
        raise RuntimeError(
            f"web_names: {name!r} is no name of a machine; write it like robot.local, without "
            "http:// and without a port"
        )
    return name.lower()


def _name(host: str) -> str:
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
