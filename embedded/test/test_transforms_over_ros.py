"""Transforms between processes: the frames of a buffer, the executables of tf2_ros."""

import subprocess
import sys
from pathlib import Path

import pytest
from geometry_msgs.msg import TransformStamped
from rclpy.duration import Duration
from rclpy.time import Time
from tf2_ros import (
    Buffer,
    TransformListener,
)
from tf2_ros.static_transform_publisher import parse
from tf2_ros.tf2_echo import lines

from ros2_embedded.executables import find_executables

PATIENCE = Duration(seconds=20)


def shifted(child, metres):
    message = TransformStamped(child_frame_id=child)
    message.header.frame_id = "map"
    message.header.stamp.sec = 1
    message.transform.translation.x = metres
    return message


def test_a_static_transform_is_published_from_the_command_line(spinning, tmp_path):
    executable = find_executables("tf2_ros")["static_transform_publisher"]
    log = tmp_path / "log"
    with log.open("w") as output:
        publisher = subprocess.Popen(
            [executable, "--frame-id", "map", "--child-frame-id", "shelf", "--y", "-1.5"],
            stderr=output,
        )
    try:
        buffer = Buffer()
        TransformListener(buffer, spinning("listener"))
        found = buffer.lookup_transform("map", "shelf", Time(), timeout=PATIENCE)
    finally:
        publisher.terminate()
        assert publisher.wait(timeout=20) == 0
    assert found.transform.translation.y == -1.5
    assert "from 'map' to 'shelf'" in log.read_text()


def test_the_command_line_of_a_static_transform():
    flags = ["--frame-id", "a", "--child-frame-id", "b"]
    assert parse([*flags, "--x", "-1e-3"]).translation == (-0.001, 0.0, 0.0)
    assert parse([*flags, "--yaw", "3.141592653589793"]).rotation == pytest.approx((0, 0, 1, 0))
    assert parse([*flags, "--qx", "1", "--qw", "0"]).rotation == (1.0, 0.0, 0.0, 0.0)
    old = parse(["1", "2", "3", "0", "0", "0", "a", "b"])
    assert (old.frame_id, old.child_frame_id, old.translation) == ("a", "b", (1.0, 2.0, 3.0))
    assert parse(["1", "2", "3", "0", "0", "1", "0", "a", "b"]).rotation == (0.0, 0.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "Not enough arguments to parse"),
        (["--x"], "Not enough arguments for --x"),
        (["--frame-id", "a"], "Child frame id must not be empty"),
        (["--x", "one"], "Failed to parse --x"),
        (["--roll", "1", "--qx", "1"], "both quaternion and Euler"),
        (["odd"], "Extra unparsed arguments"),
    ],
)
def test_a_wrong_command_line_of_a_static_transform_is_told(words, told):
    with pytest.raises(ValueError, match=told):
        parse(words)


def test_two_equal_frames_end_the_publisher():
    ended = subprocess.run(
        [sys.executable, "-c", "import tf2_ros.static_transform_publisher as p; exit(p.main())",
         "--frame-id", "a", "--child-frame-id", "a"],
        capture_output=True, text=True, timeout=60, check=False, cwd=Path(__file__).parent,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "cannot publish static transform from 'a' to 'a'" in ended.stderr


def test_a_transform_is_echoed_with_its_angles_and_matrix():
    message = shifted("base", 1.0)
    message.transform.rotation.z, message.transform.rotation.w = 0.5**0.5, 0.5**0.5
    assert lines(message)[1:5] == [
        "- Translation: [1.000, 0.000, 0.000]",
        "- Rotation: in Quaternion [0.000, 0.000, 0.707, 0.707]",
        "- Rotation: in RPY (radian) [0.000, 0.000, 1.571]",
        "- Rotation: in RPY (degree) [0.000, 0.000, 90.000]",
    ]
    assert lines(message)[6] == "  0.000 -1.000  0.000  1.000"
