"""The MCP server over HTTP: on loopback, with a token for each client and its origin checked."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from typing import Any

import uvicorn
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl

from execution_orchestrator.access.tokens import same
from execution_orchestrator.agents.mcp_server import AgentServer
from execution_orchestrator.agents.policy import DEFAULT, AgentsPolicy
from execution_orchestrator.agents.turned_away import Note, TurnedAway

HOST = "127.0.0.1"
PATH = "/mcp"
TOKEN_VARIABLE = "EXECUTION_ORCHESTRATOR_MCP_TOKEN"
MOST_BODY = 4 * 1024 * 1024  # bytes of one request
MOST_SESSIONS = 32
IDLE = 1800.0  # seconds until a session that says nothing ends
STOP = 3  # seconds for open requests when the server stops


class Tokens:
    """Knows the clients by their tokens (a TokenVerifier of the SDK)."""

    def __init__(self, clients: Mapping[str, str]) -> None:
        self._clients = dict(clients)  # client by token

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return the client that a token belongs to, None if there is none."""
        found = None
        for known, client in self._clients.items():
            # Every one is compared, and each in constant time.
            if same(known, token):
                found = AccessToken(token=token, client_id=client, scopes=[])
        return found


def tokens_of(
    policy: AgentsPolicy, environment: Mapping[str, str] = os.environ
) -> tuple[dict[str, str], str]:
    """Return the clients by token, and the token that was made because none was given.

    Each client's token is in the environment variable that its policy names; that of `default` in
    EXECUTION_ORCHESTRATOR_MCP_TOKEN.
    """
    found = {
        environment[one.token_variable]: name
        for name, one in policy.clients.items()
        if one.token_variable and environment.get(one.token_variable)
    }
    default = environment.get(TOKEN_VARIABLE, "")
    made = "" if default or found else secrets.token_urlsafe(32)
    if default or made:
        found.setdefault(default or made, DEFAULT)
    return found, made


async def serve(agents: AgentServer, tokens: Mapping[str, str], port: int, note: Note) -> None:
    """Serve until the process gets SIGINT or SIGTERM; ``note`` is called with refused requests.

    Raises:
        OSError: the port cannot be opened.

    """
    origin = f"http://{HOST}:{port}"
    server = agents.build(
        auth=AuthSettings(issuer_url=AnyHttpUrl(origin), resource_server_url=None),
        tokens=Tokens(tokens),
    )
    app: Any = server.streamable_http_app(
        streamable_http_path=PATH,
        host=HOST,
        max_request_body_size=MOST_BODY,
        session_idle_timeout=IDLE,
        max_sessions=MOST_SESSIONS,
        transport_security=TransportSecuritySettings(
            allowed_hosts=[f"{HOST}:{port}", f"localhost:{port}"],
            allowed_origins=[origin, f"http://localhost:{port}"],
        ),
    )
    settings = uvicorn.Config(
        TurnedAway(app, note),
        host=HOST,
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=STOP,
        limit_concurrency=128,
    )
    await uvicorn.Server(settings).serve()
