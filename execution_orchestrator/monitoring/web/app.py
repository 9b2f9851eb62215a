"""The routes of the web page."""

from __future__ import annotations

import gzip
import html
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from execution_orchestrator.access.roles import Role
from execution_orchestrator.engine.inputs import Caller
from execution_orchestrator.monitoring.web.action_list import GROUPS, MOST, Window
from execution_orchestrator.monitoring.web.feed import EventFeed, TooManyListenersError
from execution_orchestrator.monitoring.web.gate import SESSION, Gate, Visitor, WrongTokenError
from execution_orchestrator.monitoring.web.guard import Guard, refused, session_in
from execution_orchestrator.monitoring.web.noted import Noted
from execution_orchestrator.monitoring.web.permissions import PUBLIC, VERBS, needed
from execution_orchestrator.monitoring.web.runs import QueryError, Runs, query_of
from execution_orchestrator.monitoring.web.source import JsonObject, WebSource
from execution_orchestrator.storage.journal import StorageError

STATIC = Path(__file__).parent / "static"
MAX_BODY = 4 * 1024 * 1024  # bytes; the limit of a plan document
TEXTS = ("plan", "context", "command", "conversation_id")
NOT_TEXTS = f"{', '.join(TEXTS[:-1])} and {TEXTS[-1]} are texts"
MAX_EVENTS = 1000  # of one answer
ONLY_ROBOT = "-"  # in an address, where robots have no names
REPORTS = {  # the whole run as a page or as data, and its plan alone
    "html": "text/html",
    "json": "application/json",
    "yaml": "text/plain; charset=utf-8",
}
# Without a name these would mean every execution, which no button of the page does.
OF_ONE_EXECUTION = frozenset(
    ["pause", "resume", "cancel", "confirm", "step", "signal", "go_on", "breakpoint"]
)
Endpoint = Callable[[Request], Awaitable[Response]]


class Assets(StaticFiles):
    """What the page is made of; a browser keeps it, and asks each time whether it changed."""

    def file_response(self, *arguments: Any, **named: Any) -> Response:
        """Add to what the library answers (with ETag, and 304) how long it may be kept unasked."""
        response = super().file_response(*arguments, **named)
        response.headers["cache-control"] = "no-cache"
        return response


@dataclass(frozen=True, slots=True)
class Cookie:
    """The cookie of a session; ``secure``: a browser sends it over TLS alone."""

    name: str
    secure: bool

    def give(self, answer: Response, session: str) -> None:
        """Put it into an answer."""
        answer.set_cookie(
            self.name,
            session,
            max_age=int(SESSION),
            secure=self.secure,
            httponly=True,
            samesite="strict",
        )

    def take(self, answer: Response) -> None:
        """Let the browser forget it."""
        answer.delete_cookie(self.name, secure=self.secure, httponly=True, samesite="strict")


def create_app(
    source: WebSource,
    *,
    token: str,
    gate: Gate,
    cookie: Cookie,
    allowed_hosts: frozenset[str] = frozenset(),
) -> Starlette:
    """Make the ASGI application; ``token`` is what a request that changes something must carry."""
    feed = EventFeed(source)
    noted = Noted(source)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        feed.start()
        yield
        feed.stop()

    async def page(request: Request) -> Response:
        visitor: Visitor | None = request.state.visitor
        name = "sign_in.html" if visitor is None else "index.html"
        text = (STATIC / name).read_text(encoding="utf-8")
        if visitor is not None:
            signed_in = {"token": token, "name": visitor.name, "role": visitor.role}
            for key, value in signed_in.items():
                text = text.replace(f"{{{{{key}}}}}", html.escape(value))
        return HTMLResponse(text, headers={"cache-control": "no-store"})

    async def sign_in(request: Request) -> Response:
        body = await _body(request)
        if isinstance(body, Response):
            return body
        if gate.open:
            return JSONResponse({"error": "nobody signs in here"}, status_code=404)
        try:
            session, visitor = gate.sign_in(str(body.get("token", "")), _address(request))
        except WrongTokenError as wrong:
            stranger = Caller(through=f"somebody at {_address(request)}")
            await noted.note(stranger, "sign in", str(wrong))
            return refused(wrong)
        await noted.note(_caller(visitor), "sign in")
        answer = JSONResponse({"name": visitor.name, "role": visitor.role})
        cookie.give(answer, session)
        return answer

    async def sign_out(request: Request) -> Response:
        await noted.note(caller_of(request), "sign out")
        gate.sign_out(session_in(request.headers, cookie.name))
        answer = JSONResponse({})
        cookie.take(answer)
        return answer

    async def deeds(request: Request) -> Response:
        before = request.query_params.get("before", "0")
        if not before.isdecimal():
            return JSONResponse({"error": "before is a whole number"}, status_code=400)
        words = request.query_params.get("words", "")
        try:
            found = await run_in_threadpool(source.deeds, words, int(before))
        except StorageError as failure:
            return JSONResponse({"error": str(failure)}, status_code=503)
        return JSONResponse({"deeds": found})

    async def note(request: Request, *words: str) -> None:
        await run_in_threadpool(source.note, caller_of(request), *words)

    async def not_allowed(visitor: Visitor, what: str, role: Role) -> Response:
        refusal = f"{visitor.name} may {visitor.role}; this needs somebody who may {role}"
        await noted.note(_caller(visitor), what, refusal)
        return JSONResponse({"error": refusal}, status_code=403)

    async def state(_request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(source.snapshot))

    async def execution(request: Request) -> Response:
        bars_to = request.query_params.get("bars_to", "0")
        if not bars_to.isdecimal():
            return JSONResponse({"error": "bars_to is a whole number"}, status_code=400)
        name = request.path_params["execution_id"]
        found = await run_in_threadpool(source.execution, name, int(bars_to))
        if found is None:
            return JSONResponse({"error": "there is no such execution"}, status_code=404)
        return JSONResponse(found)

    async def graph(request: Request) -> Response:
        found = await run_in_threadpool(source.graph, request.path_params["execution_id"])
        if found is None:
            return JSONResponse({"error": "there is no such execution"}, status_code=404)
        return Response(msgspec.json.encode(found), media_type="application/json")

    async def actions(request: Request) -> Response:
        asked = request.query_params
        offset, limit = asked.get("offset", "0"), asked.get("limit", str(MOST))
        if not (offset.isdecimal() and limit.isdecimal()):
            return JSONResponse({"error": "offset and limit are whole numbers"}, status_code=400)
        group = asked.get("group", "")
        if group and group not in GROUPS:
            known = ", ".join(GROUPS)
            return JSONResponse({"error": f"group is one of {known}"}, status_code=400)
        window = Window(asked.get("words", ""), group, int(offset), int(limit))
        name = request.path_params["execution_id"]
        found = await run_in_threadpool(source.actions, name, window)
        if found is None:
            return JSONResponse({"error": "there is no such execution"}, status_code=404)
        return Response(msgspec.json.encode(found), media_type="application/json")

    async def action(request: Request) -> Response:
        names = request.path_params
        found = await run_in_threadpool(source.action, names["execution_id"], names["action_id"])
        if found is None:
            return JSONResponse({"error": "there is no such action"}, status_code=404)
        return Response(msgspec.json.encode(found), media_type="application/json")

    async def report(request: Request) -> Response:
        name, form = request.path_params["execution_id"], request.path_params["form"]
        if form not in REPORTS:
            known = ", ".join(f"report.{one}" for one in REPORTS)
            return JSONResponse({"error": f"there are {known}"}, status_code=404)
        text = await run_in_threadpool(source.report, name, form)
        if text is None:
            return JSONResponse({"error": "there is no such execution"}, status_code=404)
        return Response(text, media_type=REPORTS[form], headers={"cache-control": "no-store"})

    async def events(request: Request) -> Response:
        try:
            before = int(request.query_params.get("before", "0"))
            limit = int(request.query_params.get("limit", str(MAX_EVENTS)))
        except ValueError:
            return JSONResponse({"error": "before and limit are whole numbers"}, status_code=400)
        found = await run_in_threadpool(
            source.events,
            request.query_params.get("execution", ""),
            max(before, 0),
            max(1, min(limit, MAX_EVENTS)),
            request.query_params.get("action", ""),
        )
        return Response(msgspec.json.encode({"events": found}), media_type="application/json")

    def about_runs(
        ask: Callable[[Runs, Request], JsonObject | None],
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                found = await run_in_threadpool(ask, source.runs(), request)
            except QueryError as wrong:
                return JSONResponse({"error": str(wrong)}, status_code=400)
            except StorageError as failure:
                return JSONResponse({"error": str(failure)}, status_code=503)
            if found is None:
                return JSONResponse({"error": "one of the runs is not there"}, status_code=404)
            return Response(msgspec.json.encode(found), media_type="application/json")

        return answer

    async def dead_letters(_request: Request) -> Response:
        return JSONResponse({"dead_letters": await run_in_threadpool(source.dead_letters)})

    async def stream(request: Request) -> Response:
        session, name = session_in(request.headers, cookie.name), request.state.visitor.name
        with_token = request.state.visitor.by_token

        def still() -> bool:
            """Whether who listens is still let in."""
            return gate.knows(name) if with_token else gate.who(session, "", "") is not None

        return StreamingResponse(
            _server_sent(feed, still),
            media_type="text/event-stream",
            headers={"cache-control": "no-store"},
        )

    def answered(ask: Callable[..., JsonObject]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            body = await _body(request)
            if isinstance(body, Response):
                return body
            texts = [body.get(name, "") for name in TEXTS]
            if not all(isinstance(text, str) for text in texts):
                return JSONResponse({"error": NOT_TEXTS}, status_code=400)
            return JSONResponse(await run_in_threadpool(ask, *texts))

        return answer

    async def run(request: Request) -> Response:
        body = await _body(request)
        if isinstance(body, Response):
            return body
        if not all(isinstance(body.get(name, ""), str) for name in TEXTS):
            return JSONResponse({"error": NOT_TEXTS}, status_code=400)
        if not (body.get("command", "").strip() or body.get("plan", "").strip()):
            return JSONResponse({"error": "say what to do: command or plan"}, status_code=400)
        return JSONResponse(await run_in_threadpool(source.run, body, caller_of(request)))

    async def goal(request: Request) -> Response:
        found = await run_in_threadpool(source.goal, request.path_params["execution_id"])
        if found is None:
            return JSONResponse({"error": "there is no such execution"}, status_code=404)
        return JSONResponse(found)

    async def floor(_request: Request) -> Response:
        scene = await run_in_threadpool(source.scene)
        return Response(msgspec.json.encode(scene), media_type="application/json")

    async def grid(request: Request) -> Response:
        found = await run_in_threadpool(source.grid, request.path_params["layer"])
        if found is None:
            return Response(status_code=204)  # nothing was published of it yet
        about = {
            name: getattr(found, name)
            for name in ("resolution", "width", "height", "x", "y", "yaw", "version")
        }
        return Response(
            gzip.compress(found.cells, 3),
            media_type="application/octet-stream",
            headers={
                "x-grid": json.dumps(about),
                "content-encoding": "gzip",
                "cache-control": "no-store",
            },
        )

    async def picture(request: Request) -> Response:
        found = await run_in_threadpool(source.picture, request.path_params["name"])
        if found is None:
            return JSONResponse({"error": "this picture is not kept any more"}, status_code=404)
        # The name is made of the content.
        headers = {"cache-control": "private, max-age=31536000, immutable"}
        return Response(found, media_type="image/jpeg", headers=headers)

    async def camera(request: Request) -> Response:
        robot = request.path_params["robot"]
        found = await run_in_threadpool(source.live, "" if robot == ONLY_ROBOT else robot)
        if found is None:
            return Response(status_code=204)  # no picture came yet
        return Response(found, media_type="image/jpeg", headers={"cache-control": "no-store"})

    async def act(request: Request) -> Response:
        verb = request.path_params["verb"]
        if verb not in VERBS:
            return JSONResponse(
                {"error": f"nothing is called {verb}; there are {', '.join(sorted(VERBS))}"},
                status_code=404,
            )
        visitor: Visitor = request.state.visitor
        if not visitor.role.may(VERBS[verb]):
            return await not_allowed(visitor, verb.replace("_", " "), VERBS[verb])
        body = await _body(request)
        if isinstance(body, Response):
            return body
        if verb in OF_ONE_EXECUTION:
            name = body.get("execution_id")
            if not isinstance(name, str) or not name:
                return JSONResponse(
                    {"error": f"{verb} needs execution_id, the name of an execution"},
                    status_code=400,
                )
        success, message = await run_in_threadpool(source.act, verb, body, caller_of(request))
        return JSONResponse({"success": success, "message": message})

    def route(path: str, endpoint: Endpoint, method: str = "GET") -> Route:
        """Make a route that lets in who has the role that the table says.

        Raises:
            KeyError: the route is not in the table.

        """
        role = needed(method, path)
        if role is PUBLIC:
            return Route(path, endpoint, methods=[method])

        async def let_in(request: Request) -> Response:
            visitor: Visitor | None = request.state.visitor
            if visitor is None:
                return JSONResponse({"error": "sign in first"}, status_code=401)
            if not visitor.role.may(role):
                return await not_allowed(visitor, f"{method} {path}", role)
            return await endpoint(request)

        return Route(path, let_in, methods=[method])

    return Starlette(
        routes=[
            route("/", page),
            route("/api/sign_in", sign_in, "POST"),
            route("/api/sign_out", sign_out, "POST"),
            route("/api/state", state),
            route("/api/executions/{execution_id}", execution),
            route("/api/executions/{execution_id}/goal", goal),
            route("/api/executions/{execution_id}/graph", graph),
            route("/api/executions/{execution_id}/actions", actions),
            route("/api/executions/{execution_id}/actions/{action_id:path}", action),
            route("/api/executions/{execution_id}/report.{form}", report),
            route("/api/runs", about_runs(_found_runs)),
            route("/api/runs/compare", about_runs(_compared)),
            route("/api/runs/statistics", about_runs(_statistics)),
            route("/api/dead_letters", dead_letters),
            route("/api/deeds", deeds),
            route("/api/events", events),
            *(route(*one) for one in source.editing.endpoints(_body, note)),
            route("/api/floor", floor),
            route("/api/floor/{layer}", grid),
            route("/api/pictures/{name}", picture),
            route("/api/cameras/{robot}", camera),
            route("/api/run", run, "POST"),
            route("/api/stream", stream),
            route("/api/validate", answered(source.validate), "POST"),
            route("/api/rehearse", answered(source.rehearse), "POST"),
            route("/api/act/{verb}", act, "POST"),
            Mount("/static", GZipMiddleware(Assets(directory=STATIC), compresslevel=6)),
        ],
        middleware=[
            Middleware(
                Guard, token=token, allowed_hosts=allowed_hosts, gate=gate, cookie=cookie.name
            )
        ],
        lifespan=lifespan,
    )


def caller_of(request: Request) -> Caller:
    """Return who a request is of, for the journal."""
    return _caller(request.state.visitor)


def _caller(visitor: Visitor) -> Caller:
    return Caller(
        name=visitor.name,
        role=visitor.role if visitor.name else "",
        through="web page",
        verified=bool(visitor.name),
    )


def _address(request: Request) -> str:
    return "" if request.client is None else request.client.host


def _found_runs(runs: Runs, request: Request) -> JsonObject:
    offset = request.query_params.get("offset", "0")
    if not offset.isdecimal():
        raise QueryError("offset is a whole number")
    return runs.search(query_of(request.query_params), int(offset))


def _compared(runs: Runs, request: Request) -> JsonObject | None:
    asked = request.query_params
    return runs.compare(asked.get("before", ""), asked.get("after", ""))


def _statistics(runs: Runs, request: Request) -> JsonObject:
    return runs.statistics(query_of(request.query_params))


async def _server_sent(feed: EventFeed, still: Callable[[], bool]) -> AsyncIterator[bytes]:
    try:
        async for chunk in feed.listen():
            if not still():
                return
            yield chunk
    except TooManyListenersError as refusal:
        yield b"event: refused\ndata: " + json.dumps(str(refusal)).encode() + b"\n\n"


async def _body(request: Request) -> dict[str, Any] | Response:
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_BODY:
            return JSONResponse(
                {"error": f"the request is larger than {MAX_BODY // 2**20} MiB"}, status_code=413
            )
    try:
        parsed = json.loads(bytes(received) or b"{}")
    except (ValueError, RecursionError) as wrong:
        return JSONResponse({"error": f"the body is not JSON: {wrong}"}, status_code=400)
    if not isinstance(parsed, dict):
        return JSONResponse({"error": "the body is not a JSON object"}, status_code=400)
    return parsed
