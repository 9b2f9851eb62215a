"""What the editor of plans needs: the schema of plans, and a folder to read and save them in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from execution_orchestrator.monitoring.web.desk import Plans
from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.plan.json_schema import plan_schema
from execution_orchestrator.runtime.plan_folder import PlanStandsError

Endpoint = Callable[[Request], Awaitable[Response]]
ReadBody = Callable[[Request], Awaitable[dict[str, Any] | Response]]
Note = Callable[[Request, str, str, str], Awaitable[None]]  # command, about, refusal


class PlanEditing:
    """May be used from any thread."""

    def __init__(self, robot: RobotModel, plans: Plans) -> None:
        self.plans = plans
        self._robot = robot

    @cached_property
    def _schema(self) -> bytes:
        return msgspec.json.encode(plan_schema(self._robot))

    def endpoints(self, read_body: ReadBody, note: Note) -> list[tuple[str, Endpoint, str]]:
        """Return (path, endpoint, method) of each route.

        ``read_body`` reads a bounded request, ``note`` journals who asked for what.
        """

        async def schema(_request: Request) -> Response:
            made = await run_in_threadpool(lambda: self._schema)
            return Response(made, media_type="application/json")

        async def folder(_request: Request) -> Response:
            return JSONResponse(
                {"plans": await run_in_threadpool(self.plans.names), "closed": self.plans.closed}
            )

        async def plan(request: Request) -> Response:
            try:
                kept = await run_in_threadpool(self.plans.kept, request.path_params["name"])
            except OSError as failure:
                return JSONResponse({"error": str(failure)}, status_code=404)
            return JSONResponse({"text": kept.text, "version": kept.version})

        async def save(request: Request) -> Response:
            body = await read_body(request)
            if isinstance(body, Response):
                return body
            name, text, replaces = body.get("name"), body.get("text"), body.get("replaces", "")
            if not (isinstance(name, str) and isinstance(text, str) and isinstance(replaces, str)):
                message = "name, text and replaces are texts"
                return JSONResponse({"error": message}, status_code=400)
            refusal = ""
            try:
                version = await run_in_threadpool(self.plans.save, name, text, replaces)
            except PlanStandsError as stands:
                version, refusal = stands.version, str(stands)
            except OSError as failure:
                version, refusal = "", str(failure)
            await note(request, "save a plan", name, refusal)
            message = refusal or f"saved as {name}"
            return JSONResponse({"saved": not refusal, "version": version, "message": message})

        return [
            ("/api/plan_schema", schema, "GET"),
            ("/api/plans", folder, "GET"),
            ("/api/plans/{name}", plan, "GET"),
            ("/api/plans", save, "POST"),
        ]
