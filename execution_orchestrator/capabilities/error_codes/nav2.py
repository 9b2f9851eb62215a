"""Error codes of the Nav2 servers, Iron to Lyrical; NavigateToPose passes on those of its subtree.

A number means the same in every distribution that has it. Humble has none.
"""

from execution_orchestrator.capabilities.error_codes.table import ErrorCodeTable, KnownError
from execution_orchestrator.plan.errors import ErrorType

NAVIGATION = ErrorType.NAVIGATION
TRANSFORMATION = ErrorType.TRANSFORMATION
TIMEOUT = ErrorType.TIMEOUT
VALIDATION = ErrorType.VALIDATION


def _planner(base: int, goal: str) -> dict[int, KnownError]:
    """Codes the two path-planning actions share, 100 apart."""
    return {
        base: KnownError(NAVIGATION, "NAV2_PLANNER_UNKNOWN", "the planner failed"),
        base + 1: KnownError(
            VALIDATION, "NAV2_INVALID_PLANNER", "the planner server has no such planner", False
        ),
        base + 2: KnownError(TRANSFORMATION, "NAV2_PLANNER_TF_ERROR", "no transform to plan with"),
        base + 3: KnownError(
            NAVIGATION, "NAV2_START_OUTSIDE_MAP", "the robot stands outside the map"
        ),
        base + 4: KnownError(
            NAVIGATION, "NAV2_GOAL_OUTSIDE_MAP", f"{goal} is outside the map", False
        ),
        base + 5: KnownError(NAVIGATION, "NAV2_START_OCCUPIED", "the robot stands in an obstacle"),
        base + 6: KnownError(NAVIGATION, "NAV2_GOAL_OCCUPIED", f"{goal} is occupied"),
        base + 7: KnownError(TIMEOUT, "NAV2_PLANNER_TIMEOUT", "planning took too long"),
        base + 8: KnownError(NAVIGATION, "NAV2_NO_VALID_PATH", f"there is no path to {goal}"),
    }


def _behavior(
    base: int, name: str, *, collision: int | None, invalid: int | None, tf: bool = True
) -> dict[int, KnownError]:
    """Codes of a behaviour server's action."""
    stable = name.upper()
    codes = {
        base: KnownError(NAVIGATION, f"NAV2_{stable}_UNKNOWN", f"{name} failed"),
        base + 1: KnownError(TIMEOUT, f"NAV2_{stable}_TIMEOUT", f"{name} took too long"),
    }
    if tf:
        codes[base + 2] = KnownError(
            TRANSFORMATION, f"NAV2_{stable}_TF_ERROR", f"{name} had no transform to work with"
        )
    if collision is not None:
        codes[collision] = KnownError(
            NAVIGATION, f"NAV2_{stable}_COLLISION_AHEAD", f"{name} would have hit something"
        )
    if invalid is not None:
        codes[invalid] = KnownError(
            VALIDATION, f"NAV2_{stable}_INVALID_INPUT", f"{name} cannot do what it was asked", False
        )
    return codes


NO_TREE = KnownError(
    VALIDATION, "NAV2_NO_BEHAVIOR_TREE", "the behaviour tree cannot be loaded", False
)
IN_USE = KnownError(
    ErrorType.RESOURCE_UNAVAILABLE, "NAV2_IN_USE", "bt_navigator works on another goal"
)
NO_POSE = KnownError(TRANSFORMATION, "NAV2_NO_POSE", "Nav2 does not know where the robot is")
GOAL_TF_ERROR = KnownError(
    TRANSFORMATION, "NAV2_GOAL_TF_ERROR", "Nav2 has no transform to the goal's frame"
)
SERVER_SLOW = KnownError(
    ErrorType.EXECUTION, "NAV2_SERVER_SLOW", "a server behind bt_navigator did not answer in time"
)


def _navigator(base: int) -> dict[int, KnownError]:
    """Codes of bt_navigator's own, from Kilted on; the two actions have the same ones."""
    return {
        base: KnownError(NAVIGATION, "NAV2_NAVIGATOR_UNKNOWN", "the navigator failed"),
        base + 1: NO_TREE,
        base + 2: KnownError(
            TRANSFORMATION, "NAV2_NAVIGATOR_TF_ERROR", "the navigator had no transform"
        ),
        base + 3: KnownError(TIMEOUT, "NAV2_NAVIGATOR_TIMEOUT", "the navigator took too long"),
    }


NAV2 = ErrorCodeTable(
    prefix="NAV2",
    unknown_type=NAVIGATION,
    # What bt_navigator says of an abort that has no code (every distribution before Kilted).
    logged={
        "BT file not found": NO_TREE,
        "Couldn't open input XML file": NO_TREE,
        "Exception when loading BT": NO_TREE,
        "while another navigator is processing": IN_USE,
        "the requested BT XML file is not the same": IN_USE,
        "robot pose is not available": NO_POSE,
        "Failed to transform a goal pose": GOAL_TF_ERROR,
        "goal pose could not be transformed": GOAL_TF_ERROR,
        "acknowledge goal request": SERVER_SLOW,
    },
    unexplained=frozenset({1, 2, 600, 9000, 9100}),
    codes={
        # From Lyrical on, where a behaviour tree's node tells what became of its goal.
        1: KnownError(
            ErrorType.EXECUTION, "NAV2_INNER_GOAL_REJECTED", "a server behind it rejected its goal"
        ),
        2: SERVER_SLOW,
        100: KnownError(NAVIGATION, "NAV2_CONTROLLER_UNKNOWN", "the controller failed"),
        101: KnownError(
            VALIDATION,
            "NAV2_INVALID_CONTROLLER",
            "the controller server has no such controller",
            False,
        ),
        102: KnownError(
            TRANSFORMATION, "NAV2_CONTROLLER_TF_ERROR", "the controller had no transform"
        ),
        103: KnownError(NAVIGATION, "NAV2_INVALID_PATH", "the controller cannot use the path"),
        104: KnownError(
            NAVIGATION, "NAV2_PATIENCE_EXCEEDED", "the controller found no command for too long"
        ),
        105: KnownError(NAVIGATION, "NAV2_FAILED_TO_MAKE_PROGRESS", "the robot is stuck"),
        106: KnownError(NAVIGATION, "NAV2_NO_VALID_CONTROL", "the controller found no command"),
        107: KnownError(TIMEOUT, "NAV2_CONTROLLER_TIMED_OUT", "the controller took too long"),
        108: KnownError(TIMEOUT, "NAV2_CONTROLLER_TIMEOUT", "following the path took too long"),
        **_planner(200, "the goal"),
        **_planner(300, "one of the goals"),
        309: KnownError(VALIDATION, "NAV2_NO_VIAPOINTS_GIVEN", "no goals were given", False),
        400: KnownError(NAVIGATION, "NAV2_ROUTE_UNKNOWN", "the route server failed"),
        401: KnownError(TRANSFORMATION, "NAV2_ROUTE_TF_ERROR", "no transform to find a route with"),
        402: KnownError(VALIDATION, "NAV2_NO_VALID_GRAPH", "the route graph is not valid", False),
        403: KnownError(
            NAVIGATION, "NAV2_NOT_ON_GRAPH", "start or goal are not at nodes of the route graph"
        ),
        404: KnownError(TIMEOUT, "NAV2_ROUTE_TIMEOUT", "finding a route took too long"),
        405: KnownError(NAVIGATION, "NAV2_NO_VALID_ROUTE", "there is no route to the goal"),
        406: KnownError(
            NAVIGATION, "NAV2_ROUTE_OPERATION_FAILED", "an operation on the route failed"
        ),
        407: KnownError(
            VALIDATION, "NAV2_INVALID_EDGE_SCORER", "the route server has no such scorer", False
        ),
        500: KnownError(NAVIGATION, "NAV2_SMOOTHER_UNKNOWN", "the smoother failed"),
        501: KnownError(
            VALIDATION, "NAV2_INVALID_SMOOTHER", "the smoother server has no such smoother", False
        ),
        502: KnownError(TIMEOUT, "NAV2_SMOOTHER_TIMEOUT", "smoothing took too long"),
        503: KnownError(
            NAVIGATION, "NAV2_SMOOTHED_PATH_IN_COLLISION", "the smoothed path hits something"
        ),
        504: KnownError(NAVIGATION, "NAV2_FAILED_TO_SMOOTH_PATH", "the path cannot be smoothed"),
        505: KnownError(NAVIGATION, "NAV2_SMOOTHER_INVALID_PATH", "the path is not valid"),
        600: KnownError(NAVIGATION, "NAV2_WAYPOINTS_UNKNOWN", "following the waypoints failed"),
        601: KnownError(NAVIGATION, "NAV2_TASK_EXECUTOR_FAILED", "the task at a waypoint failed"),
        602: KnownError(VALIDATION, "NAV2_NO_VALID_WAYPOINTS", "no valid waypoints", False),
        603: KnownError(
            NAVIGATION, "NAV2_STOPPED_AT_WAYPOINT", "a waypoint was missed, and the rest left out"
        ),
        **_behavior(700, "spin", collision=703, invalid=None),
        **_behavior(710, "backup", collision=714, invalid=713),
        **_behavior(720, "drive_on_heading", collision=723, invalid=724),
        **_behavior(730, "assisted_teleop", collision=None, invalid=None),
        **_behavior(740, "wait", collision=None, invalid=None, tf=False),
        901: KnownError(VALIDATION, "NAV2_DOCK_NOT_IN_DB", "no such dock is known", False),
        902: KnownError(VALIDATION, "NAV2_DOCK_NOT_VALID", "the dock is not valid", False),
        903: KnownError(NAVIGATION, "NAV2_FAILED_TO_STAGE", "the staging pose was not reached"),
        904: KnownError(ErrorType.SENSOR, "NAV2_FAILED_TO_DETECT_DOCK", "the dock was not seen"),
        905: KnownError(NAVIGATION, "NAV2_DOCK_CONTROL_FAILED", "driving to the dock failed"),
        906: KnownError(NAVIGATION, "NAV2_FAILED_TO_CHARGE", "no charging current at the dock"),
        907: KnownError(TIMEOUT, "NAV2_DOCKING_TIMEOUT", "docking took too long"),
        999: KnownError(NAVIGATION, "NAV2_DOCKING_UNKNOWN", "docking failed"),
        **_navigator(9000),
        **_navigator(9100),
    },
)
