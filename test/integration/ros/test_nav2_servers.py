"""Beside a Nav2, with its other servers and in namespaces: the same rules as for navigate_to_pose."""

from __future__ import annotations

import json
import time

import pytest
from lifecycle_msgs.msg import Transition
from nav2_msgs.srv import ManageLifecycleNodes

from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.srv import EmergencyStop, ResetEmergencyStop
from test.integration.ros.processes import FOUND_BY, ROOT, wait_for
from test.integration.ros.single_actions import ended, reason, send
from test.scripted_nav2.log import moves, open_goals
from test.scripted_nav2.log import read as read_log

pytestmark = pytest.mark.timeout(360)
CONFIG = ROOT / "config"
# Without the lifecycle manager, which resets the others when one of them is inactive.
SERVERS = (
    *("base", "velocity_smoother", "controller_server", "planner_server", "behavior_server"),
    *("bt_navigator", "waypoint_follower", "docking_server"),
)
FAR = [{"x": 2.0, "y": 0.0}, {"x": 4.0, "y": 0.0}]
IN_THE_ROOM = {"x": 4.6, "y": 4.6}


def start(world, *remappings, files=("capabilities.yaml",), name="/execution_orchestrator"):
    world.node(
        *remappings,
        capability_files=f"[{', '.join(str(CONFIG / file) for file in files)}]",
        recovery_file=CONFIG / "recovery.yaml",
        server_timeout=FOUND_BY,
        web_port=0,
    )
    return OrchestratorClient(name=name)


@pytest.fixture
def client(world):
    with start(world) as made:
        made.wait_ready(90.0)
        yield made


def met(world, client):
    """Have a drive done: then the node has seen whose death it is to name."""
    ended(send(client, "navigate_to", target_location={"x": 0.3, "y": 0.0}))
    wait_for(still(world), 15.0, "a robot that stands")
    client.recoveries.clear()


def told(world, what, *actions):
    return [
        line["action"]
        for line in read_log(world.nav2_log)
        if line["what"] == what and line["action"] in actions
    ]


def ends(world, action):
    return [
        line["status"]
        for line in read_log(world.nav2_log)
        if line["what"] == "end" and line["action"] == action
    ]


def drives(world):
    return lambda: moves(read_log(world.nav2_log))


def still(world):
    return lambda: not moves(read_log(world.nav2_log))


@pytest.mark.parametrize(
    ("action_type", "parameters", "server"),
    [
        ("follow_waypoints", {"poses": FAR}, "follow_waypoints"),
        ("dock", {"dock_id": "home"}, "dock_robot"),
        ("spin", {"angle": 12.0}, "spin"),
    ],
)
def test_a_pause_of_nav2_is_waited_for(world, client, operator, action_type, parameters, server):
    world.nav2()
    session = send(client, action_type, **parameters)
    wait_for(lambda: told(world, "goal", server), 30.0, "our goal")
    wait_for(drives(world), 30.0, "the motion")
    operator.manage(ManageLifecycleNodes.Request.PAUSE)
    wait_for(lambda: "inactive" in reason(client), 30.0, "the reason")
    operator.manage(ManageLifecycleNodes.Request.RESUME)
    ended(session)
    assert not told(world, "refused", server)
    assert not client.recoveries


def test_waypoints_that_a_paused_nav2_goes_on_with_are_stopped(world, client, operator):
    world.nav2()
    poses = [{"x": 5.0, "y": 0.0}, {"x": -5.0, "y": 0.0}, {"x": 5.0, "y": 1.0}]
    session = send(client, "follow_waypoints", poses=poses)
    wait_for(drives(world), 30.0, "the motion")
    operator.manage(ManageLifecycleNodes.Request.PAUSE)
    wait_for(lambda: "inactive" in reason(client), 30.0, "the reason")
    wait_for(still(world), 15.0, "a robot that stands")
    # The navigator was active all the time: it was not its deactivation that ended these.
    assert ends(world, "navigate_to_pose") == ["canceled"] * len(poses)
    session.cancel()
    assert session.done.wait(30.0)


@pytest.mark.parametrize(
    ("dies", "action_type", "parameters"),
    [
        ("waypoint_follower", "follow_waypoints", {"poses": FAR}),
        ("docking_server", "dock", {"dock_pose": {"x": -5.5, "y": 0.0}}),
        ("bt_navigator", "follow_waypoints", {"poses": FAR}),
        ("planner_server", "navigate_through_poses", {"poses": FAR}),
        # A container takes everything along: navigator, controller, planner and all their goals.
        (
            "bt_navigator controller_server planner_server behavior_server",
            "navigate_to",
            {"target_location": FAR[1]},
        ),
    ],
)
def test_a_server_that_dies_is_named_and_waited_for(world, client, dies, action_type, parameters):
    dies = dies.split()
    world.nav2(*(part for part in SERVERS if part not in dies))
    dying = world.nav2(*dies)
    met(world, client)
    session = send(client, action_type, **parameters)
    wait_for(drives(world), 30.0, "the drive")
    dying.kill()
    wait_for(lambda: dies[0] in reason(client), 30.0, "the reason")
    # Whoever is behind the dead server is stopped, too.
    wait_for(still(world), 15.0, "a robot that stands")
    world.nav2(*dies)
    ended(session)
    assert not client.recoveries
    assert not told(world, "goal", "backup")


def test_a_robot_that_stands_for_want_of_a_smoother_says_so(world, client):
    world.nav2(*(part for part in SERVERS if part != "velocity_smoother"))
    smoother = world.nav2("velocity_smoother")
    met(world, client)
    session = send(client, "navigate_to", target_location=FAR[1])
    wait_for(drives(world), 30.0, "the drive")
    smoother.kill()
    wait_for(lambda: "velocity_smoother is gone since" in reason(client), 60.0, "the reason")
    assert not session.done.is_set()
    world.nav2("velocity_smoother")
    ended(session)
    assert not client.recoveries


def test_a_turn_needs_no_controller(world, client):
    world.nav2(*(part for part in SERVERS if part != "controller_server"))
    controller = world.nav2("controller_server")
    met(world, client)
    controller.kill()
    ended(send(client, "spin", angle=1.0))
    assert told(world, "goal", "spin") == ["spin"]
    assert not client.recoveries


@pytest.mark.parametrize("at_once", [False, True])
def test_waypoints_that_were_missed_for_want_of_a_server_are_driven_to_when_it_is_back(
    world, client, at_once
):
    world.nav2(*(part for part in SERVERS if part != "controller_server"))
    controller = world.nav2("controller_server")
    met(world, client)
    session = send(client, "follow_waypoints", poses=FAR)
    wait_for(drives(world), 30.0, "the drive")
    controller.kill()
    if not at_once:
        wait_for(lambda: "controller_server is gone since" in reason(client), 90.0, "the reason")
    world.nav2("controller_server")
    result = ended(session)
    assert json.loads(result.actions[0].output)["missed"] == 0
    wait_for(still(world), 15.0, "a robot that stands")  # it arrives a moment before it stands
    stood = [line for line in read_log(world.nav2_log) if line["what"] == "stands"][-1]
    assert stood["x"] == pytest.approx(4.0, abs=0.3)


def test_a_planner_that_somebody_deactivated_is_waited_for(world, client, operator):
    world.nav2(*SERVERS)
    operator.change("planner_server", Transition.TRANSITION_DEACTIVATE)
    session = send(client, "navigate_through_poses", poses=FAR)
    wait_for(lambda: "planner_server is inactive" in reason(client), 30.0, "the reason")
    operator.change("planner_server", Transition.TRANSITION_ACTIVATE)
    ended(session)
    assert not client.recoveries


def test_a_stack_that_was_paused_before_it_is_seen_gets_no_goal(world, operator):
    world.nav2()
    operator.manage(ManageLifecycleNodes.Request.PAUSE)
    with start(world) as client:
        client.wait_ready(90.0)
        session = send(client, "navigate_to", target_location=FAR[0])
        wait_for(lambda: "inactive" in reason(client), 60.0, "the reason")
        operator.manage(ManageLifecycleNodes.Request.RESUME)
        assert ended(session).actions[0].attempt == 1
    assert not told(world, "refused", "navigate_to_pose")


def test_two_others_are_waited_for(world, client, operator):
    world.nav2()
    operator.drive(1.0, 0.0)
    wait_for(drives(world), 60.0, "their drive")
    operator.spin(6.0)
    session = send(client, "navigate_to", target_location={"x": -1.0, "y": 0.0})
    wait_for(lambda: "somebody else uses" in reason(client), 30.0, "the reason")
    ended(session)
    goals = ("spin", "navigate_to_pose")
    order = [
        (line["what"], line["action"])
        for line in read_log(world.nav2_log)
        if line["what"] in ("goal", "end") and line["action"] in goals
    ]
    assert order[-2:] == [("goal", "navigate_to_pose"), ("end", "navigate_to_pose")]
    assert len(order) == 6


def test_a_turn_of_somebody_else_beside_our_drive_is_told(world, client, operator):
    world.nav2()
    session = send(client, "navigate_to", target_location={"x": 5.0, "y": 0.0})
    wait_for(drives(world), 30.0, "our drive")
    operator.spin(8.0)
    wait_for(lambda: reason(client) == "somebody else uses spin", 30.0, "the reason")
    session.cancel()
    assert session.done.wait(30.0)


@pytest.mark.parametrize("server", ["follow_path", "navigate_through_poses"])
def test_whatever_begins_while_everything_is_stopped_ends(world, client, operator, server):
    world.nav2(options=("--stamped",))
    ended(send(client, "navigate_to", target_location={"x": 0.5, "y": 0.0}))  # all is known
    answer = client.call("emergency_stop", EmergencyStop, reason="test")
    assert answer.success, answer.message
    before = len(ends(world, server))
    if server == "follow_path":
        operator.follow((3.0, 0.0))
    else:
        operator.drive_through((2.0, 0.0), (4.0, 0.0))
    wait_for(lambda: len(ends(world, server)) > before, 30.0, "its end")
    wait_for(lambda: not open_goals(read_log(world.nav2_log)), 30.0, "no goal")
    # What was asked for between the goal's start and its cancel has to brake.
    wait_for(still(world), 15.0, "a robot that stands")
    reset = client.call("reset_emergency_stop", ResetEmergencyStop, operator_name="me")
    assert reset.success, reset.message


def test_a_goal_that_is_accepted_after_the_stop_does_not_drive(world, client, operator):
    world.nav2()
    operator.fault("accept navigate_to_pose slow")
    send(client, "navigate_to", target_location={"x": 4.0, "y": 0.0})
    wait_for(lambda: told(world, "asked", "navigate_to_pose"), 60.0, "our request")
    client.call("emergency_stop", EmergencyStop, reason="test")
    wait_for(lambda: told(world, "end", "navigate_to_pose"), 30.0, "the end of the goal")
    time.sleep(0.5)
    assert still(world)()
    assert not open_goals(read_log(world.nav2_log))
    ways = [line["way"] for line in read_log(world.nav2_log) if line["what"] == "stands"]
    assert sum(ways) < 0.1


@pytest.mark.parametrize("fleet", [False, True])
def test_a_robot_in_a_namespace(world, operator, fleet):
    below = "__ns:=/robot1"
    if fleet:  # several robots under one node
        node, robot = start(world, files=("capabilities.yaml", "fleet.yaml")), "robot1"
    else:
        node, robot = start(world, below, name="/robot1/execution_orchestrator"), ""
    operator.prefix = "/robot1/"
    with node as client:
        client.wait_ready(90.0)
        world.nav2(options=("--ros-args", "-r", below))
        send(client, "navigate_to", robot, target_location={"x": 4.0, "y": 0.0})
        wait_for(drives(world), 30.0, "our drive")
        operator.drive(1.0, 0.0)
        wait_for(lambda: "somebody else uses" in reason(client), 30.0, "the reason")
        operator.manage(ManageLifecycleNodes.Request.PAUSE)
        wait_for(lambda: "inactive: paused by somebody?" in reason(client), 30.0, "the reason")
        operator.manage(ManageLifecycleNodes.Request.RESUME)
        asked = "navigate_to_pose"
        wait_for(lambda: len(told(world, "goal", asked)) >= 3, 30.0, "our drive again")
        wait_for(drives(world), 30.0, "our drive")
        answer = client.call("emergency_stop", EmergencyStop, reason="test")
        assert answer.success
        assert "stand" in answer.message
        wait_for(still(world), 15.0, "a robot that stands, in its log")
        assert not open_goals(read_log(world.nav2_log))


def test_where_one_of_several_robots_is_is_known_by_its_own_tf(world, operator):
    operator.prefix = "/robot1/"
    with start(world, files=("capabilities.yaml", "fleet.yaml")) as client:
        client.wait_ready(90.0)
        world.nav2(options=("--ros-args", "-r", "__ns:=/robot1", "-r", "/tf:=/robot1/tf"))
        far = {"x": 4.0, "y": 0.0}
        session = send(client, "navigate_to", "robot1", target_location=far)
        wait_for(lambda: told(world, "goal", "compute_path_to_pose")[3:], 30.0, "our drive")
        operator.fault("tf off")
        wait_for(lambda: "no position of robot1 since" in reason(client), 30.0, "the reason")
        operator.fault("tf on")
        ended(session)
        strange = {**far, "frame": "moon"}
        session = send(client, "navigate_to", "robot1", target_location=strange)
        result = ended(session, ExecutionStatus.FAILED)
        assert "tf knows no frame moon" in result.message
    assert told(world, "goal", "navigate_to_pose") == ["navigate_to_pose"]


@pytest.mark.parametrize(
    ("action_type", "parameters"),
    [
        ("navigate_through_poses", {"poses": [FAR[0], IN_THE_ROOM]}),
        ("dock", {"dock_pose": IN_THE_ROOM}),
    ],
)
def test_what_cannot_be_reached_is_known_before_anything_moves(
    world, client, action_type, parameters
):
    world.nav2()
    ended(send(client, "navigate_to", target_location={"x": 0.5, "y": 0.0}))  # all is known
    action = {"id": "go", "action_type": action_type, "parameters": parameters}
    session = client.send(plan=json.dumps({"version": 1, "actions": [action]}), strict=True)
    assert session.done.wait(60.0)
    assert "4.6, 4.6 cannot be reached: no path from" in session.result.message
    asked = told(world, "goal", "navigate_to_pose", "navigate_through_poses", "dock_robot")
    assert asked == ["navigate_to_pose"]
