"""moveit_msgs/MoveItErrorCodes, the same from Humble to Rolling."""

from execution_orchestrator.capabilities.error_codes.table import ErrorCodeTable, KnownError
from execution_orchestrator.plan.errors import ErrorType

MANIPULATION = ErrorType.MANIPULATION
VALIDATION = ErrorType.VALIDATION
SENSOR = ErrorType.SENSOR

MOVEIT = ErrorCodeTable(
    prefix="MOVEIT",
    unknown_type=MANIPULATION,
    success=frozenset({1}),
    # What move_group says when a controller, or its manager, is gone or stopped.
    unexplained=frozenset({-4, -6, -25, 99999}),
    codes={
        0: KnownError(MANIPULATION, "MOVEIT_UNDEFINED", "move_group gave no result"),
        99999: KnownError(MANIPULATION, "MOVEIT_FAILURE", "move_group failed"),
        -1: KnownError(MANIPULATION, "MOVEIT_PLANNING_FAILED", "no motion plan was found"),
        -2: KnownError(MANIPULATION, "MOVEIT_INVALID_MOTION_PLAN", "the motion plan is not valid"),
        -3: KnownError(
            MANIPULATION,
            "MOVEIT_PLAN_INVALIDATED",
            "something moved and made the motion plan invalid",
        ),
        -4: KnownError(MANIPULATION, "MOVEIT_CONTROL_FAILED", "the arm did not follow the plan"),
        -5: KnownError(SENSOR, "MOVEIT_UNABLE_TO_ACQUIRE_SENSOR_DATA", "no sensor data came"),
        -6: KnownError(ErrorType.TIMEOUT, "MOVEIT_TIMED_OUT", "planning or motion took too long"),
        -7: KnownError(MANIPULATION, "MOVEIT_PREEMPTED", "another goal took the arm over"),
        -10: KnownError(
            MANIPULATION, "MOVEIT_START_STATE_IN_COLLISION", "the arm touches something already"
        ),
        -11: KnownError(
            MANIPULATION,
            "MOVEIT_START_STATE_VIOLATES_PATH_CONSTRAINTS",
            "the arm's present state violates the path constraints",
        ),
        -12: KnownError(
            MANIPULATION, "MOVEIT_GOAL_IN_COLLISION", "the arm would touch something at the goal"
        ),
        -13: KnownError(
            MANIPULATION,
            "MOVEIT_GOAL_VIOLATES_PATH_CONSTRAINTS",
            "the goal violates the path constraints",
        ),
        -14: KnownError(
            MANIPULATION, "MOVEIT_GOAL_CONSTRAINTS_VIOLATED", "the goal was not reached exactly"
        ),
        -15: KnownError(
            VALIDATION, "MOVEIT_INVALID_GROUP_NAME", "move_group has no such planning group", False
        ),
        -16: KnownError(
            VALIDATION, "MOVEIT_INVALID_GOAL_CONSTRAINTS", "the goal makes no sense", False
        ),
        -17: KnownError(MANIPULATION, "MOVEIT_INVALID_ROBOT_STATE", "the robot state is not valid"),
        -18: KnownError(VALIDATION, "MOVEIT_INVALID_LINK_NAME", "there is no such link", False),
        -19: KnownError(
            MANIPULATION, "MOVEIT_INVALID_OBJECT_NAME", "the planning scene has no such object"
        ),
        -21: KnownError(
            ErrorType.TRANSFORMATION,
            "MOVEIT_FRAME_TRANSFORM_FAILURE",
            "no transform to the planning frame",
        ),
        -22: KnownError(
            MANIPULATION,
            "MOVEIT_COLLISION_CHECKING_UNAVAILABLE",
            "collisions cannot be checked",
            False,
        ),
        -23: KnownError(SENSOR, "MOVEIT_ROBOT_STATE_STALE", "the joint states are too old"),
        -24: KnownError(SENSOR, "MOVEIT_SENSOR_INFO_STALE", "the sensor data is too old"),
        -25: KnownError(
            ErrorType.CONNECTIVITY,
            "MOVEIT_COMMUNICATION_FAILURE",
            "move_group lost a part it talks to",
        ),
        -26: KnownError(MANIPULATION, "MOVEIT_START_STATE_INVALID", "the start state is not valid"),
        -27: KnownError(MANIPULATION, "MOVEIT_GOAL_STATE_INVALID", "the goal state is not valid"),
        -28: KnownError(
            VALIDATION,
            "MOVEIT_UNRECOGNIZED_GOAL_TYPE",
            "the planner does not know this kind of goal",
            False,
        ),
        -29: KnownError(ErrorType.CONNECTIVITY, "MOVEIT_CRASH", "the planner crashed"),
        -30: KnownError(MANIPULATION, "MOVEIT_ABORT", "planning was aborted"),
        -31: KnownError(MANIPULATION, "MOVEIT_NO_IK_SOLUTION", "the arm cannot reach that pose"),
    },
)
