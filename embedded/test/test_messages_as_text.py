"""rosidl_runtime_py writes messages as text and fills them from dictionaries."""

import pytest

from ros2_embedded import bootstrap

bootstrap.activate()

from builtin_interfaces.msg import Time  # noqa: E402
from geometry_msgs.msg import PolygonStamped, PoseWithCovariance, Twist  # noqa: E402
from rosidl_runtime_py import (  # noqa: E402
    get_interface_path,
    get_interfaces,
    message_to_csv,
    message_to_ordereddict,
    message_to_yaml,
    set_message_fields,
)
from rosidl_runtime_py.utilities import (  # noqa: E402
    get_action,
    get_interface,
    get_message,
    get_service,
)
from sensor_msgs.msg import JointState, LaserScan  # noqa: E402
from std_msgs.msg import Header, String, UInt8MultiArray  # noqa: E402


def test_yaml_in_block_and_flow_style():
    assert message_to_yaml(Time(sec=1, nanosec=2)) == "sec: 1\nnanosec: 2\n"
    assert message_to_yaml(Time(sec=1), flow_style=True) == "{sec: 1, nanosec: 0}\n"
    assert message_to_yaml(String(data="grün")) == "data: grün\n"


def test_arrays_are_lists():
    scan = LaserScan(ranges=[1.0, 2.5])
    assert message_to_ordereddict(scan)["ranges"] == [1.0, 2.5]
    assert message_to_ordereddict(PoseWithCovariance())["covariance"] == [0.0] * 36


def test_long_values_are_cut():
    message = JointState(name=["abcdef", "b", "c"], position=[1.0, 2.0, 3.0])
    shown = message_to_ordereddict(message, truncate_length=2)
    assert shown["name"] == ["ab...", "b", "..."]
    assert shown["position"] == [1.0, 2.0, "..."]
    assert shown["header"]["frame_id"] == ""


def test_arrays_and_texts_are_described_on_demand():
    message = JointState(name=["a"], position=[1.0, 2.0])
    message.header.frame_id = "base"
    shown = message_to_ordereddict(message, no_arr=True, no_str=True)
    assert shown["name"] == "<sequence type: string, length: 1>"
    assert shown["position"] == "<sequence type: double, length: 2>"
    assert shown["header"]["frame_id"] == "<string length: <4>>"
    pose = message_to_ordereddict(PoseWithCovariance(), no_arr=True)
    assert pose["covariance"] == "<array type: double[36]>"
    polygon = message_to_ordereddict(PolygonStamped(), no_arr=True)["polygon"]
    assert polygon["points"] == "<sequence type: geometry_msgs/msg/Point32, length: 0>"


def test_comma_separated_values():
    message = JointState(name=["a", "b"], position=[1.0])
    assert message_to_csv(message) == "0,0,,a,b,1.0,,"
    assert message_to_csv(Twist()) == "0.0,0.0,0.0,0.0,0.0,0.0"


def test_nested_messages_and_arrays_of_them_are_filled():
    message = PolygonStamped()
    set_message_fields(
        message,
        {"header": {"frame_id": "map"}, "polygon": {"points": [{"x": 1}, {"y": 2.5}]}},
    )
    assert message.header.frame_id == "map"
    assert [(p.x, p.y) for p in message.polygon.points] == [(1.0, 0.0), (0.0, 2.5)]


def test_primitive_arrays_are_filled():
    joints, raw, pose = JointState(), UInt8MultiArray(), PoseWithCovariance()
    set_message_fields(joints, {"position": [1, 2.5], "name": ["a"]})
    set_message_fields(raw, {"data": [1, 255]})
    set_message_fields(pose, {"covariance": [0.5] * 36})
    assert list(joints.position) == [1.0, 2.5]
    assert list(raw.data) == [1, 255]
    assert list(pose.covariance) == [0.5] * 36


def test_stamps_are_set_later():
    message = PolygonStamped()
    (setter,) = set_message_fields(message, {"header": "auto"}, expand_header_auto=True)
    setter(Time(sec=7))
    assert message.header.stamp.sec == 7
    header = Header()
    (setter,) = set_message_fields(header, {"stamp": "now"}, expand_time_now=True)
    setter(Time(sec=8))
    assert header.stamp.sec == 8


@pytest.mark.parametrize(
    ("values", "error", "place"),
    [
        ({"dat": 1}, AttributeError, "dat"),
        ({"data": {"a": 1}}, (TypeError, AssertionError, ValueError), ""),
        ([1], TypeError, "expected to be a dictionary but is a list"),
    ],
)
def test_values_that_do_not_fit(values, error, place):
    message = Header() if isinstance(values, list) else UInt8MultiArray()
    with pytest.raises(error, match=place or None):
        set_message_fields(message, values)


def test_interfaces_by_name():
    assert get_message("std_msgs/String") is get_interface("std_msgs/msg/String") is String
    assert get_service("std_srvs/Empty").Request is not None
    assert get_action("example_interfaces/action/Fibonacci").Goal is not None
    for getter, name in (
        (get_message, "std_srvs/srv/Empty"),
        (get_service, "std_msgs/msg/String"),
        (get_action, "std_msgs/msg/String"),
        (get_message, "String"),
    ):
        with pytest.raises(ValueError, match=name):
            getter(name)
    with pytest.raises((AttributeError, ModuleNotFoundError)):
        get_message("std_msgs/msg/NoSuch")


def test_interface_files():
    assert get_interface_path("std_msgs/msg/String").endswith("std_msgs/msg/String.msg")
    assert get_interface_path("std_msgs/msg/String.msg").endswith("std_msgs/msg/String.msg")
    assert "srv/Empty" in get_interfaces(["std_srvs"])["std_srvs"]
    for name, error in (("String", ValueError), ("std_msgs/msg/Nope", LookupError)):
        with pytest.raises(error):
            get_interface_path(name)
    with pytest.raises(LookupError, match="no_such_pkg"):
        get_interfaces(["no_such_pkg"])
