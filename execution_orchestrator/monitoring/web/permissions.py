"""Which role each route and each button of the page needs: one table, which every route is in.

Every role may make an emergency stop: one that needs a permission would come too late, and its
consequences can be repaired. To reset it, to release a goal from quarantine, or to take a resource
from the person who holds it, is to answer for the safety of others and needs the role `administer`.
"""

from __future__ import annotations

from collections.abc import Mapping

from execution_orchestrator.access.roles import Role

# Served without a sign-in: the sign-in page and its assets.
PUBLIC = None
ROUTES: Mapping[tuple[str, str], Role | None] = {
    ("GET", "/"): PUBLIC,
    ("GET", "/static"): PUBLIC,
    ("POST", "/api/sign_in"): PUBLIC,
    ("POST", "/api/sign_out"): Role.WATCH,
    ("GET", "/api/state"): Role.WATCH,
    ("GET", "/api/executions/{execution_id}"): Role.WATCH,
    ("GET", "/api/executions/{execution_id}/goal"): Role.WATCH,
    ("GET", "/api/executions/{execution_id}/graph"): Role.WATCH,
    ("GET", "/api/executions/{execution_id}/actions"): Role.WATCH,
    ("GET", "/api/executions/{execution_id}/actions/{action_id:path}"): Role.WATCH,
    ("GET", "/api/executions/{execution_id}/report.{form}"): Role.WATCH,
    ("GET", "/api/runs"): Role.WATCH,
    ("GET", "/api/runs/compare"): Role.WATCH,
    ("GET", "/api/runs/statistics"): Role.WATCH,
    ("GET", "/api/dead_letters"): Role.WATCH,
    ("GET", "/api/deeds"): Role.WATCH,
    ("GET", "/api/events"): Role.WATCH,
    ("GET", "/api/plans"): Role.WATCH,
    ("GET", "/api/plans/{name}"): Role.WATCH,
    ("GET", "/api/plan_schema"): Role.WATCH,
    # What is saved runs where others name it: in subplans, schedules and templates.
    ("POST", "/api/plans"): Role.ADMINISTER,
    ("GET", "/api/floor"): Role.WATCH,
    ("GET", "/api/floor/{layer}"): Role.WATCH,
    ("GET", "/api/pictures/{name}"): Role.WATCH,
    ("GET", "/api/cameras/{robot}"): Role.WATCH,
    ("GET", "/api/stream"): Role.WATCH,
    # These ask planners and compute for seconds.
    ("POST", "/api/validate"): Role.OPERATE,
    ("POST", "/api/rehearse"): Role.OPERATE,
    ("POST", "/api/run"): Role.OPERATE,
    ("POST", "/api/act/{verb}"): Role.WATCH,  # and what the verb needs
}
VERBS: Mapping[str, Role] = {
    "emergency_stop": Role.WATCH,
    "pause": Role.OPERATE,
    "resume": Role.OPERATE,
    "cancel": Role.OPERATE,
    "confirm": Role.OPERATE,
    "step": Role.OPERATE,
    "signal": Role.OPERATE,
    "go_on": Role.OPERATE,
    "breakpoint": Role.OPERATE,
    "retry_dead_letter": Role.OPERATE,
    "reset_emergency_stop": Role.ADMINISTER,
    "release_quarantine": Role.ADMINISTER,
    "release_lease": Role.ADMINISTER,
    "pause_schedule": Role.ADMINISTER,
    "resume_schedule": Role.ADMINISTER,
    "remove_schedule": Role.ADMINISTER,
    "discard_dead_letter": Role.ADMINISTER,
}


def needed(method: str, path: str) -> Role | None:
    """Return the role that a route needs, `PUBLIC` for none.

    Raises:
        KeyError: the route is not in the table.

    """
    try:
        return ROUTES[method, path]
    except KeyError:
        raise KeyError(f"{method} {path} has no role: add it to ROUTES in {__name__}") from None
