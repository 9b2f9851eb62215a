import math

import pytest
from geometry_msgs.msg import PoseStamped
from moveit_msgs.msg import CollisionObject, MotionPlanRequest
from nav2_msgs.action import NavigateThroughPoses, Spin
from sensor_msgs.msg import Image, JointState

from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.capabilities.moveit_request import motion_plan_request
from execution_orchestrator.ros.messages.from_fields import MessageFieldError, message_from_fields
from execution_orchestrator.ros.messages.installed import (
    InstalledInterfaces,
    InterfaceNotFoundError,
    interface_class,
)
from execution_orchestrator.ros.messages.to_fields import fields_of_message


def test_nested_fields_are_set_and_the_rest_keeps_its_default():
    message = message_from_fields(
        PoseStamped, {"header": {"frame_id": "map"}, "pose": {"position": {"x": 1}}}
    )
    assert message.header.frame_id == "map"
    assert message.pose.position.x == 1.0
    assert message.pose.orientation.w == 1.0


def test_lists_of_messages_and_octets():
    goal = message_from_fields(
        NavigateThroughPoses.Goal, {"poses": [{"pose": {"position": {"y": 2.0}}}, {}]}
    )
    assert [stamped.pose.position.y for stamped in goal.poses] == [2.0, 0.0]
    removed = message_from_fields(CollisionObject, {"id": "cup", "operation": 1})
    assert removed.operation == b"\x01"


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"target_yav": 1.0}, "target_yav"),
        ({"target_yaw": "round"}, "target_yaw"),
        ({"time_allowance": 3}, "time_allowance"),
        ({"time_allowance": {"sec": 1.5}}, "time_allowance.sec"),
        ({"time_allowance": {"sec": math.inf}}, "time_allowance.sec"),
        ({"time_allowance": {"sec": 2**40}}, "time_allowance.sec"),
        ({"target_yaw": [1.0]}, "target_yaw"),
        ({"time_allowance": {"nanosec": -1}}, "time_allowance.nanosec"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(fields, place):
    with pytest.raises(MessageFieldError, match=f"^{place}"):
        message_from_fields(Spin.Goal, fields)


def test_fields_and_message_are_each_others_inverse():
    request = motion_plan_request(
        {"pose": {"x": 0.4, "y": 0.1, "z": 0.9, "yaw": 0.3}, "link": "tool", "group": "arm"},
        ConversionContext(),
    )
    message = message_from_fields(MotionPlanRequest, request)
    again = message_from_fields(MotionPlanRequest, fields_of_message(message))
    assert again == message
    assert message.goal_constraints[0].position_constraints[0].link_name == "tool"


def test_pictures_are_told_by_their_size_and_nan_by_none():
    picture = Image(width=100, height=100, step=300, encoding="rgb8", data=bytes(30000))
    assert fields_of_message(picture)["data"] == {"items": 30000}
    state = JointState(name=["a"], position=[math.nan])
    assert fields_of_message(state)["position"] == [None]
    assert fields_of_message(JointState(position=[0.5, 1.0]))["position"] == [0.5, 1.0]


def test_the_catalogue_knows_what_is_installed():
    catalogue = InstalledInterfaces()
    assert "target_yaw" in catalogue.fields("nav2_msgs/action/Spin_Goal")
    assert catalogue.fields("no_such_msgs/msg/Thing") is None
    assert catalogue.fields("nav2_msgs/action/NoSuch_Goal") is None


@pytest.mark.parametrize("name", ["Spin", "nav2_msgs/Spin", "nav2_msgs/actions/Spin", "os/msg/x"])
def test_other_names_are_no_interfaces(name):
    with pytest.raises(InterfaceNotFoundError):
        interface_class(name)
