import asyncio
import threading

import pytest

from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.capabilities.robot_port import GoalEnd, GoalOutcome
from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.paths import PLANNER, PathLengths
from test.unit.capabilities.scripted_robot import ScriptedRobot


@pytest.fixture
def bridge():
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield Bridge(loop)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def around_the_corner(goal):
    """Find a path along the axes."""
    x, y = (goal["goal"]["pose"]["position"][axis] for axis in "xy")
    poses = [
        {"pose": {"position": {"x": a, "y": b, "z": 0.0}}} for a, b in ((0, 0), (x, 0), (x, y))
    ]
    return GoalOutcome(GoalEnd.SUCCEEDED, {"error_code": 0, "path": {"poses": poses}})


def lengths(bridge, robot, timeout=1.0, pose=None):
    context = ConversionContext(places={"kitchen": {"x": 3.0, "y": 4.0}})
    robot.known_world = {"robot": {"pose": pose} if pose else {}, "objects": []}
    return PathLengths(bridge, robot, robot.world, lambda: context, timeout=timeout)


def test_the_planner_measures_the_way(bridge):
    robot = ScriptedRobot(actions={PLANNER: around_the_corner}, servers={PLANNER})
    measure = lengths(bridge, robot)
    found = measure({"x": 0.0, "y": 0.0}, "kitchen")
    assert (found.metres, found.source) == (7.0, "planned path")
    assert robot.goals[0][1]["use_start"]
    assert measure(None, "kitchen").metres == 7.0
    assert robot.goals[1][1]["use_start"] is False


def test_without_a_planner_the_straight_line_is_used_and_it_is_not_waited_for_again(bridge):
    robot = ScriptedRobot()
    waited = []

    async def wait_for_server(*_, timeout):
        waited.append(timeout)
        return False

    robot.wait_for_server = wait_for_server
    measure = lengths(bridge, robot, pose={"x": 0.0, "y": 0.0})
    for _ in range(3):
        found = measure(None, "kitchen")
        assert (found.metres, found.source) == (5.0, "straight line")
    assert waited == [1.0, 0.0, 0.0]


def test_a_planner_that_appears_is_asked_at_once(bridge):
    robot = ScriptedRobot(actions={PLANNER: around_the_corner})
    measure = lengths(bridge, robot, pose={"x": 0.0, "y": 0.0})
    assert measure(None, "kitchen").source == "straight line"
    robot.servers = {PLANNER}
    for x in (1.0, 2.0, 3.0):
        assert measure({"x": x, "y": 0.0}, "kitchen").source == "planned path"


def test_a_planner_that_did_not_answer_once_is_asked_again_but_not_for_ever(bridge, monkeypatch):
    asked = []

    def silent_at_first(goal):
        asked.append(goal)
        if len(asked) == 1:
            return GoalOutcome(GoalEnd.TIMED_OUT, reason="it did not finish")
        return around_the_corner(goal)

    robot = ScriptedRobot(actions={PLANNER: silent_at_first}, servers={PLANNER})
    measure = lengths(bridge, robot, pose={"x": 0.0, "y": 0.0})
    assert measure(None, "kitchen").source == "straight line"
    assert measure(None, "kitchen").source == "planned path"
    monkeypatch.setattr("execution_orchestrator.ros.paths.MOST_TIME", 0.0)
    assert measure({"x": 1.0, "y": 0.0}, "kitchen").source == "planned path"
    assert measure({"x": 2.0, "y": 0.0}, "kitchen").source == "straight line"


def test_where_there_is_no_path_the_planner_goes_on_being_asked(bridge):
    robot = ScriptedRobot(
        actions={PLANNER: lambda goal: GoalOutcome(GoalEnd.ABORTED, {"error_code": 308})},
        servers={PLANNER},
    )
    measure = lengths(bridge, robot)
    for x in (0.0, 1.0):
        assert measure({"x": x, "y": 0.0}, "kitchen").source == "straight line"
    assert len(robot.goals) == 2


def test_a_way_that_is_not_there_is_told_and_asked_for_once(bridge):
    robot = ScriptedRobot(
        actions={PLANNER: lambda goal: GoalOutcome(GoalEnd.ABORTED, {"error_code": 208})},
        servers={PLANNER},
    )
    measure = lengths(bridge, robot)
    assert measure.no_way(None, "kitchen") == "cannot be reached: no path"
    assert measure(None, "kitchen") is None
    assert len(robot.goals) == 1
    assert measure.no_way(None, "nowhere") == ""
    # No planner says nothing of the target.
    assert lengths(bridge, ScriptedRobot()).no_way(None, "kitchen") == ""


def test_a_planner_may_be_left_out_and_unknown_places_have_no_distance(bridge):
    robot = ScriptedRobot(actions={PLANNER: around_the_corner}, servers={PLANNER})
    measure = lengths(bridge, robot, timeout=0.0)
    assert measure({"x": 0.0, "y": 0.0}, "kitchen").source == "straight line"
    assert measure(None, "kitchen") is None
    assert measure({"x": 0.0, "y": 0.0}, "nowhere") is None
    assert measure({"x": 0.0, "y": 0.0, "frame": "odom"}, "kitchen") is None
