import math
from types import SimpleNamespace

import pytest

from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.capabilities.recovery.context import RecoveryContext
from execution_orchestrator.capabilities.recovery.shipped import robot_strategies
from execution_orchestrator.capabilities.robot_port import GoalEnd, GoalOutcome
from execution_orchestrator.engine.recovery.strategies import StrategyOutcome
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from test.unit.capabilities.scripted_robot import SUCCEEDED, ScriptedRobot

FAILED = GoalOutcome(GoalEnd.ABORTED, {"error_code": 703, "error_msg": "collision ahead"})
NAVIGATION_ERROR = ErrorInfo(
    type=ErrorType.NAVIGATION, code="NAV2_NO_VALID_PATH", message="no path", recoverable=True
)
NAVIGATE = SimpleNamespace(
    interface=SimpleNamespace(
        kind="action", type="nav2_msgs/action/NavigateToPose", name="navigate_to_pose"
    )
)


async def recover(
    name,
    robot,
    *,
    settings=None,
    parameters=None,
    run=0,
    capability=NAVIGATE,
    error=NAVIGATION_ERROR,
    stand_still=None,
    run_id="e/go/1/x/0",
    motion=None,
):
    context = RecoveryContext(
        settings=settings or {},
        parameters=parameters or {},
        error=error,
        capability=capability,
        attempt=1,
        run=run,
        robot=robot,
        conversion=ConversionContext(
            objects={"cup": {"id": "cup", "pose": {"x": 2.0, "y": 0.0, "frame": "map"}}}
        ),
        stand_still=stand_still,
        run_id=run_id,
        motion=motion or robot.run_action,
    )
    return await robot_strategies()[name].recover(context)


COSTMAPS = (
    "local_costmap/clear_entirely_local_costmap",
    "global_costmap/clear_entirely_global_costmap",
)
STUCK = ErrorInfo(type=ErrorType.NAVIGATION, code="NAV2_FAILED_TO_MAKE_PROGRESS", message="stuck")
HERE = {"target_location": {"x": 4.0, "y": 0.0}}


def clearable(**actions):
    return ScriptedRobot(services=dict.fromkeys(COSTMAPS, lambda request: {}), actions=actions)


async def test_clearing_costmaps_calls_both_services_and_asks_the_planner():
    robot = clearable(compute_path_to_pose=planner(lambda x, y: True))
    result = await recover("clear_costmaps", robot, parameters=HERE)
    assert result.outcome is StrategyOutcome.RETRY
    assert "there is a path now" in result.reason
    assert [name for name, _ in robot.calls] == list(COSTMAPS)


async def test_a_goal_is_not_sent_again_while_the_cleared_map_still_has_no_path():
    robot = clearable(compute_path_to_pose=planner(lambda x, y: x < 3.0))
    alone = await recover("clear_costmaps", robot, parameters=HERE)
    stuck = await recover("clear_costmaps", robot, parameters=HERE, error=STUCK)
    through = await recover(
        "clear_costmaps", robot, parameters={"poses": [{"x": 1.0, "y": 0.0}, {"x": 4.0, "y": 0.0}]}
    )
    for result in (alone, stuck, through):
        assert result.outcome is StrategyOutcome.NEXT
        assert "still finds no path" in result.reason
    assert robot.goals[-1][1]["use_start"] is True  # the second leg is asked from the first pose


async def test_without_a_planner_only_a_robot_that_is_stuck_tries_again_after_clearing():
    blocked = await recover("clear_costmaps", clearable(), parameters=HERE)
    stuck = await recover("clear_costmaps", clearable(), parameters=HERE, error=STUCK)
    assert (blocked.outcome, stuck.outcome) == (StrategyOutcome.NEXT, StrategyOutcome.RETRY)


async def test_clearing_costmaps_passes_on_when_no_planner_answers():
    silent = {"compute_path_to_pose": lambda goal: GoalOutcome(GoalEnd.TIMED_OUT)}
    result = await recover("clear_costmaps", ScriptedRobot(actions=silent), parameters=HERE)
    assert result.outcome is StrategyOutcome.NEXT
    assert "no service local_costmap" in result.reason


async def test_a_navigator_without_costmaps_and_planner_is_asked_once_more_itself():
    result = await recover("clear_costmaps", ScriptedRobot(), parameters=HERE)
    assert result.outcome is StrategyOutcome.RETRY
    assert "there is no planner to ask" in result.reason


@pytest.mark.parametrize(("name", "action"), [("back_up", "backup"), ("spin", "spin")])
async def test_base_motions_retry_only_when_the_base_moved(name, action):
    moved = await recover(name, ScriptedRobot(actions={action: lambda goal: SUCCEEDED}))
    stuck = await recover(name, ScriptedRobot(actions={action: lambda goal: FAILED}))
    assert moved.outcome is StrategyOutcome.RETRY
    assert stuck.outcome is StrategyOutcome.NEXT
    assert "collision ahead" in stuck.reason


async def test_looking_again_turns_to_each_angle_once():
    robot = ScriptedRobot(actions={"spin": lambda goal: SUCCEEDED})
    settings = {"angles": [0.3, -0.6]}
    outcomes = [
        (await recover("look_again", robot, settings=settings, run=run)).outcome for run in range(3)
    ]
    assert outcomes == [StrategyOutcome.RETRY, StrategyOutcome.RETRY, StrategyOutcome.NEXT]
    assert [goal["target_yaw"] for _, goal, _, _ in robot.goals] == [0.3, -0.6]


def planner(reachable):
    """ComputePathToPose that finds a straight path wherever `reachable` says so."""

    def answer(goal):
        position = goal["goal"]["pose"]["position"]
        if not reachable(position["x"], position["y"]):
            return GoalOutcome(GoalEnd.ABORTED, {"error_code": 208})
        poses = [
            {"pose": {"position": {"x": x, "y": y}}}
            for x, y in ((0.0, 0.0), (position["x"], position["y"]))
        ]
        return GoalOutcome(GoalEnd.SUCCEEDED, {"error_code": 0, "path": {"poses": poses}})

    return answer


async def test_an_alternative_goal_is_the_nearest_ring_and_shortest_path():
    def reachable(x, y):
        return math.dist((x, y), (4.0, 0.0)) > 0.4

    robot = ScriptedRobot(actions={"compute_path_to_pose": planner(reachable)})
    target = {"x": 4.0, "y": 0.0, "yaw": 1.0}
    result = await recover(
        "alternative_goal", robot, parameters={"target_location": target, "tolerance": 1.0}
    )
    chosen = result.parameters["target_location"]
    assert result.outcome is StrategyOutcome.RETRY
    assert math.dist((chosen["x"], chosen["y"]), (4.0, 0.0)) == pytest.approx(0.5)
    assert chosen["x"] == pytest.approx(3.5)
    assert chosen["yaw"] == pytest.approx(1.0)


@pytest.mark.parametrize("tolerance", [{"tolerance": 0.3}, {}])
async def test_an_alternative_goal_stays_within_the_tolerance_and_needs_one(tolerance):
    robot = ScriptedRobot(
        actions={"compute_path_to_pose": planner(lambda x, y: math.dist((x, y), (4.0, 0.0)) > 0.4)}
    )
    parameters = {"target_location": {"x": 4.0, "y": 0.0}, **tolerance}
    result = await recover("alternative_goal", robot, parameters=parameters)
    assert result.outcome is StrategyOutcome.NEXT
    assert ("names no tolerance" in result.reason) is not bool(tolerance)


@pytest.mark.parametrize(
    ("strategy", "parameters"),
    [
        ("alternative_goal", {"target_location": {"x": 4.0, "y": 0.0}, "tolerance": 1.0}),
        ("reposition_base", {"pose": {"x": 4.0, "y": 0.0}}),
    ],
)
async def test_a_planner_that_is_not_there_is_asked_once(strategy, parameters):
    asked = []

    def missing(goal):
        asked.append(goal)
        return GoalOutcome(GoalEnd.NO_SERVER, {}, "it is not there")

    robot = ScriptedRobot(actions={"compute_path_to_pose": missing})
    result = await recover(strategy, robot, parameters=parameters)
    assert result.outcome is StrategyOutcome.NEXT
    assert "it is not there" in result.reason
    assert len(asked) == 1


async def test_the_base_is_driven_to_a_place_that_faces_the_object():
    robot = ScriptedRobot(
        actions={
            "compute_path_to_pose": planner(lambda x, y: x < 2.0),
            "navigate_to_pose": lambda goal: SUCCEEDED,
        }
    )
    result = await recover("reposition_base", robot, parameters={"object_id": "cup"})
    assert result.outcome is StrategyOutcome.RETRY
    name, goal, _, _ = robot.goals[-1]
    assert name == "navigate_to_pose"
    place = goal["pose"]["pose"]["position"]
    assert math.dist((place["x"], place["y"]), (2.0, 0.0)) == pytest.approx(0.75)
    assert goal["pose"]["pose"]["orientation"]["w"] == pytest.approx(1.0)


async def test_repositioning_takes_another_place_at_each_run_and_ends():
    robot = ScriptedRobot(
        actions={
            "compute_path_to_pose": planner(lambda x, y: True),
            "navigate_to_pose": lambda goal: SUCCEEDED,
        }
    )
    settings = {"distances": [0.6], "count": 2}
    for run in range(2):
        await recover(
            "reposition_base", robot, parameters={"object_id": "cup"}, settings=settings, run=run
        )
    last = await recover(
        "reposition_base", robot, parameters={"object_id": "cup"}, settings=settings, run=2
    )
    driven = [
        g["pose"]["pose"]["position"]["x"] for n, g, *_ in robot.goals if n == "navigate_to_pose"
    ]
    assert driven == [pytest.approx(1.4), pytest.approx(2.6)]
    assert last.outcome is StrategyOutcome.NEXT


async def test_planners_and_grasps_change_at_each_run_and_end():
    settings = {"planners": [{"planner_id": "A"}, {"pipeline_id": "pilz", "planner_id": "B"}]}
    robot = ScriptedRobot()
    first = await recover("alternative_planner", robot, settings=settings)
    second = await recover("alternative_planner", robot, settings=settings, run=1)
    third = await recover("alternative_planner", robot, settings=settings, run=2)
    assert (first.parameters["planner_id"], second.parameters["pipeline_id"]) == ("A", "pilz")
    assert second.parameters["planning_time"] > first.parameters["planning_time"]
    assert third.outcome is StrategyOutcome.NEXT
    grasp = await recover("alternative_grasp", robot, settings={"grasps": [{"grasp_angle": 1.0}]})
    assert grasp.parameters == {"grasp_angle": 1.0}


async def test_the_gripper_is_really_opened():
    robot = ScriptedRobot(actions={"gripper_controller/gripper_cmd": lambda goal: SUCCEEDED})
    result = await recover("reopen_gripper", robot, settings={"position": 0.07})
    assert result.outcome is StrategyOutcome.RETRY
    assert robot.goals[0][1]["command"]["position"] == 0.07


async def test_waiting_for_a_server_ends_when_it_is_there_or_the_time_is_over():
    back = await recover("wait_for_server", ScriptedRobot(servers={"navigate_to_pose"}))
    gone = await recover("wait_for_server", ScriptedRobot())
    assert (back.outcome, gone.outcome) == (StrategyOutcome.RETRY, StrategyOutcome.NEXT)


async def test_what_is_waited_for_is_the_server_that_the_error_names():
    gripper = {
        "server": "gripper_cmd",
        "kind": "action",
        "interface_type": "control_msgs/action/GripperCommand",
    }
    error = ErrorInfo(
        type=ErrorType.CONNECTIVITY, code="GOAL_LOST", message="gone", context=gripper
    )
    gone = await recover("wait_for_server", ScriptedRobot(servers={"move_action"}), error=error)
    back = await recover("wait_for_server", ScriptedRobot(servers={"gripper_cmd"}), error=error)
    assert (gone.outcome, back.outcome) == (StrategyOutcome.NEXT, StrategyOutcome.RETRY)
    assert "gripper_cmd" in gone.reason


async def test_a_safe_stop_ends_the_execution_and_says_what_is_known_of_the_robot():
    asked = []

    async def stand_still(timeout):
        asked.append(timeout)
        return "the robot still moves (0.42 m/s)"

    result = await recover(
        "safe_stop", ScriptedRobot(), settings={"timeout": 1.0}, stand_still=stand_still
    )
    assert result.outcome is StrategyOutcome.ABORT
    assert (asked, result.reason) == (
        [1.0],
        "the robot was stopped: the robot still moves (0.42 m/s)",
    )


async def test_a_motion_has_an_id_of_its_run():
    robot = ScriptedRobot(actions={"backup": lambda goal: SUCCEEDED})
    for run in ("e/go/1/back_up/0", "e/go/1/back_up/0", "e/go/1/back_up/1"):
        await recover("back_up", robot, error=STUCK, run_id=run)
    identities = [goal_id for _, _, goal_id, _ in robot.goals]
    assert identities[0] == identities[1] != identities[2]


async def test_a_motion_that_may_not_begin_lets_the_next_strategy_try():
    async def refuse(*_, **__):
        return GoalOutcome(GoalEnd.REJECTED, reason="nothing was moved: the execution is paused")

    result = await recover("back_up", ScriptedRobot(), error=STUCK, motion=refuse)
    assert result.outcome is StrategyOutcome.NEXT
    assert "the execution is paused" in result.reason
