"""The servers together: look, grasp, carry; pictures, sweeps, speech."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from action_msgs.msg import GoalStatus
from control_msgs.action import GripperCommand
from moveit_msgs.action import MoveGroup
from moveit_msgs.msg import (
    AttachedCollisionObject,
    CollisionObject,
    MoveItErrorCodes,
    PlanningScene,
)
from moveit_msgs.srv import ApplyPlanningScene, GetPlanningScene
from nav2_msgs.action import NavigateToPose
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from sensor_msgs.msg import BatteryState, JointState
from shape_msgs.msg import SolidPrimitive
from std_msgs.msg import String
from std_srvs.srv import Trigger
from tf2_msgs.msg import TFMessage

from execution_orchestrator.action import (
    CaptureImage,
    DetectObjects,
    Listen,
    RecordAudio,
    RecordVideo,
    ScanEnvironment,
    Speak,
)
from execution_orchestrator.srv import SimChange
from test.integration.simulation.conftest import Robot
from test.integration.simulation.goals import drive_to, tool_at

DONE = GoalStatus.STATUS_SUCCEEDED


def jaws(robot: Robot, opening: float) -> Any:
    goal = GripperCommand.Goal()
    goal.command.position, goal.command.max_effort = opening, 40.0
    status, result = robot.do(GripperCommand, "gripper_controller/gripper_cmd", goal)
    assert status == DONE
    return result


def attached(place: Any, operation: bytes) -> PlanningScene:
    """The change of the scene that attaches the red cup, or detaches it."""
    cup = CollisionObject(id="red_cup", operation=operation)
    cup.header.frame_id = "map"
    cup.pose.position = place
    cup.primitives = [SolidPrimitive(type=SolidPrimitive.BOX, dimensions=[0.06, 0.06, 0.1])]
    scene = PlanningScene(is_diff=True)
    scene.robot_state.is_diff = True
    scene.robot_state.attached_collision_objects = [
        AttachedCollisionObject(link_name="gripper_link", object=cup)
    ]
    return scene


def held_in(robot: Robot, change: PlanningScene) -> tuple[list[str], list[Any]]:
    """Change the scene; what is attached then, and what is in the world."""
    applied = ApplyPlanningScene.Request(scene=change)
    assert robot.call(ApplyPlanningScene, "apply_planning_scene", applied).success
    scene = robot.call(GetPlanningScene, "get_planning_scene", GetPlanningScene.Request()).scene
    held = [each.object.id for each in scene.robot_state.attached_collision_objects]
    return held, list(scene.world.collision_objects)


def test_the_red_cup_is_fetched(robots: Callable[[str], Robot]) -> None:
    robot = robots("apartment")
    for server in ("world", "navigation", "move_group", "gripper", "camera"):
        robot.start(server)
    told: list[Any] = []
    status, result = robot.do(
        NavigateToPose, "navigate_to_pose", drive_to(4.0, 2.0), lambda m: told.append(m.feedback)
    )
    assert (status, result.error_code) == (DONE, 0)
    assert told[0].distance_remaining > told[-1].distance_remaining
    status, result = robot.do(DetectObjects, "detect_objects", DetectObjects.Goal())
    assert status == DONE
    seen = {found.object_id: found for found in result.objects}
    cup = seen["red_cup"].pose.pose.position
    assert (seen["red_cup"].class_id, seen["red_cup"].pose.header.frame_id) == ("cup", "map")
    assert abs(cup.x - 4.65) < 0.01

    def arm(x: float, y: float, z: float) -> None:
        status, result = robot.do(MoveGroup, "move_action", tool_at(x, y, z))
        assert status == DONE, robot.logs()
        assert result.error_code.val == MoveItErrorCodes.SUCCESS

    jaws(robot, 0.08)
    arm(cup.x, cup.y, cup.z + 0.12)
    arm(cup.x, cup.y, cup.z)
    gripped = jaws(robot, 0.065)
    assert gripped.stalled
    assert not gripped.reached_goal
    assert held_in(robot, attached(cup, CollisionObject.ADD)) == (["red_cup"], [])
    arm(cup.x, cup.y, cup.z + 0.15)
    assert robot.do(NavigateToPose, "navigate_to_pose", drive_to(1.0, 1.0))[0] == DONE
    arm(1.5, 1.0, 0.62)
    arm(1.5, 1.0, 0.5)
    # As in MoveIt: what is detached stays in the world, where it is now.
    held, [left] = held_in(robot, attached(cup, CollisionObject.REMOVE))
    assert (held, left.id, left.header.frame_id) == ([], "red_cup", "map")
    assert abs(left.pose.position.x - 1.5) < 0.02
    gone = PlanningScene(is_diff=True)
    gone.world.collision_objects = [CollisionObject(id="red_cup", operation=CollisionObject.REMOVE)]
    assert held_in(robot, gone) == ([], [])
    assert jaws(robot, 0.08).reached_goal
    poses = robot.newest(TFMessage, "/sim/object_poses").transforms
    where = next(each for each in poses if each.child_frame_id == "red_cup").transform.translation
    assert abs(where.x - 1.5) < 0.02
    assert abs(where.y - 1.0) < 0.02
    assert abs(where.z - 0.5) < 0.02
    assert set(robot.close().values()) == {0}


def test_camera_and_sensors(robots: Callable[[str], Robot], tmp_path: Path) -> None:
    robot = robots("tabletop")
    robot.start("world")
    robot.start("camera", f"output_directory:={tmp_path}")
    status, result = robot.do(
        CaptureImage, "capture_image", CaptureImage.Goal(file_name="table.ppm")
    )
    assert status == DONE
    assert len(result.image.data) == result.image.step * result.image.height
    assert Path(result.file_name) == tmp_path / "table.ppm"
    assert Path(result.file_name).read_bytes().startswith(b"P6 320 240 255\n")
    status, result = robot.do(
        CaptureImage, "capture_image", CaptureImage.Goal(file_name="../x.ppm")
    )
    assert (status, result.error_code) == (GoalStatus.STATUS_ABORTED, 603)
    status, result = robot.do(
        CaptureImage, "capture_image", CaptureImage.Goal(camera_frame="no_camera")
    )
    assert (status, result.error_code) == (GoalStatus.STATUS_ABORTED, 601)

    status, result = robot.do(DetectObjects, "detect_objects", DetectObjects.Goal(classes=["cup"]))
    assert {each.class_id for each in result.objects} == {"cup"}
    region = DetectObjects.Goal(use_roi=True)
    region.roi_center.header.frame_id = "base_link"
    region.roi_center.point.x, region.roi_center.point.y = 0.65, 0.15
    region.roi_size.x = region.roi_size.y = 0.1
    status, result = robot.do(DetectObjects, "detect_objects", region)
    assert [each.object_id for each in result.objects] == ["red_cup"]

    region.roi_center.point.x = -3.0
    status, result = robot.do(DetectObjects, "detect_objects", region)
    assert (status, result.error_code) == (GoalStatus.STATUS_ABORTED, 614)

    sweep = ScanEnvironment.Goal(pan_min=-1.0, pan_max=1.0, steps=3)
    status, result = robot.do(ScanEnvironment, "scan_environment", sweep)
    assert status == DONE
    found = [each.object_id for each in result.objects]
    assert len(found) == len(set(found))
    assert {"red_cup", "green_cup"} <= set(found)

    video = RecordVideo.Goal(duration=0.5, frame_rate=4.0, file_name="v.avi")
    status, result = robot.do(RecordVideo, "record_video", video)
    assert (status, result.frames) == (DONE, 2)
    assert Path(result.file_name).stat().st_size > 2 * 160 * 120 * 3

    assert 0.9 < robot.newest(BatteryState, "/battery_state").percentage <= 1.0
    joints = robot.newest(JointState, "/joint_states")
    assert {"shoulder_pan_joint", "left_finger_joint", "head_pan_joint"} <= set(joints.name)


def test_the_world_is_changed_while_it_runs(robots: Callable[[str], Robot]) -> None:
    robot = robots("apartment")
    robot.start("world", "battery_charge:=0.5")
    robot.start("camera")
    assert robot.newest(BatteryState, "/battery_state").percentage == pytest.approx(0.5, abs=0.02)

    def set_charge(value: float) -> SetParameters.Response:
        name = Parameter("battery_charge", value=value).to_parameter_msg()
        request = SetParameters.Request(parameters=[name])
        return robot.call(SetParameters, "/sim_world/set_parameters", request).results[0]

    assert set_charge(0.1).successful
    refused = set_charge(1.5)
    assert (refused.successful, refused.reason) == (False, "battery_charge is from 0 to 1")

    def seen() -> set[str]:
        status, result = robot.do(DetectObjects, "detect_objects", DetectObjects.Goal())
        assert status == DONE
        return {each.object_id for each in result.objects}

    beside = {"x": 1.5, "y": 0.0, "z": 0.5}
    assert robot.call(
        SimChange, "/sim_world/change", SimChange.Request(name="red_cup", **beside)
    ).success
    robot.until(lambda: "red_cup" in seen(), "the cup is seen")
    lost = SimChange.Request(name="red_cup", remove=True)
    assert robot.call(SimChange, "/sim_world/change", lost).message == "red_cup is gone"
    robot.until(lambda: "red_cup" not in seen(), "the cup is seen no more")
    assert robot.call(Trigger, "/sim_world/reset", Trigger.Request()).success
    robot.until(
        lambda: robot.newest(BatteryState, "/battery_state").percentage > 0.9, "a full battery"
    )


def test_speech(robots: Callable[[str], Robot], tmp_path: Path) -> None:
    robot = robots("tabletop")
    robot.start("speech", f"output_directory:={tmp_path}")
    said: list[str] = []
    robot.node.create_subscription(String, "speech/said", lambda m: said.append(m.data), 10)
    robot.until(lambda: robot.node.count_publishers("/speech/said"), "speech is up")
    assert robot.do(Speak, "speak", Speak.Goal(text="good morning"))[0] == DONE
    robot.until(lambda: said == ["good morning"], "it is said")
    status, result = robot.do(Speak, "speak", Speak.Goal(text=" "))
    assert (status, result.error_code) == (GoalStatus.STATUS_ABORTED, 642)

    person = robot.node.create_publisher(String, "speech/heard", 10)
    robot.until(person.get_subscription_count, "somebody listens")
    phases: list[str] = []
    handle = robot.begin(
        Listen,
        "listen",
        Listen.Goal(timeout=100.0, expected=["yes", "no thanks"]),
        lambda m: phases.append(m.feedback.phase),
    )
    robot.until(lambda: "listening" in phases, "it listens")
    person.publish(String(data="No, thanks!"))
    status, result = robot.end(handle)
    assert (status, result.text) == (DONE, "no thanks")
    status, result = robot.do(Listen, "listen", Listen.Goal(timeout=1.0))
    assert (status, result.error_code) == (GoalStatus.STATUS_ABORTED, 652)

    status, result = robot.do(
        RecordAudio, "record_audio", RecordAudio.Goal(duration=1.0, sample_rate=8000)
    )
    assert status == DONE
    assert Path(result.file_name).stat().st_size == 16_044
