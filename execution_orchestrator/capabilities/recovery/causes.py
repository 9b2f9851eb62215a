"""Which failures a strategy can cure; without such a cause nothing moves.

A rejection, an abort without a code, a timeout and a server that is paused or gone say nothing
about obstacles in the robot's way. A costmap that warned of a collision is not emptied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from execution_orchestrator.plan.errors import ErrorInfo

# The robot cannot move from where it stands: Nav2's controller found no way, or its footprint
# touches an obstacle.
STUCK = frozenset(
    {
        "NAV2_START_OCCUPIED",
        "NAV2_FAILED_TO_MAKE_PROGRESS",
        "NAV2_PATIENCE_EXCEEDED",
        "NAV2_NO_VALID_CONTROL",
    }
)
# The map says that there is no way; obstacles that are not there any more may be why.
NO_WAY = frozenset(
    {
        "NAV2_NO_VALID_PATH",
        "NAV2_PLANNER_UNKNOWN",
        "NAV2_GOAL_OCCUPIED",
        "NAV2_START_OCCUPIED",
    }
)
OUT_OF_REACH = frozenset({"MOVEIT_NO_IK_SOLUTION", "MOVEIT_GOAL_IN_COLLISION"})
NOT_SEEN = frozenset({"CAMERA_NOTHING_IN_VIEW"})
GRASP_MISSED = frozenset({"GRASP_MISSED"})

# No motion and no cleared costmap cures these, whatever a configuration says.
NO_CAUSE = frozenset(
    {
        "ACTION_TIMEOUT",
        "DEPENDENCY_GONE",
        "GOAL_ABORTED",
        "GOAL_CANCELLED",
        "GOAL_LOST",
        "GOAL_OUTCOME_UNKNOWN",
        "GOAL_REJECTED",
        "GOAL_TAKEN_OVER",
        "SERVER_INACTIVE",
        "SERVER_UNAVAILABLE",
    }
)
_COLLISION = "_COLLISION_AHEAD"


def cures_of(strategy: object, settings: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the error codes a strategy cures; None: it does not depend on the cause.

    ``settings.cures`` adds codes of the robot's own servers.
    """
    shipped: Iterable[str] | None = getattr(strategy, "cures", None)
    if shipped is None:
        return None
    added = settings.get("cures", ())
    more = added if isinstance(added, list | tuple) else ()
    return frozenset(shipped) | {str(code) for code in more if not is_no_cause(str(code))}


def is_no_cause(code: str) -> bool:
    """Whether a code is one that neither a motion nor an empty costmap can cure."""
    return code in NO_CAUSE or code.endswith(_COLLISION)


def refusal(strategy: object, name: str, error: ErrorInfo, settings: Mapping[str, Any]) -> str:
    """Return why a strategy is no cure for an error; empty: it may be one."""
    cures = cures_of(strategy, settings)
    if cures is None or error.code in cures:
        return ""
    return f"{name} does not cure {error.code}; it cures {', '.join(sorted(cures))}"
