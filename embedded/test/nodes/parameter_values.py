"""What texts are as values of parameters, on this runtime or on a real ROS 2.

Run as a program it reads a list of texts as JSON from its input and prints, for each, what it is behind
`-p` and in a parameter file: a list with the value's `repr`, or null where it is refused.
"""

import json
import sys
import tempfile
from pathlib import Path

import rclpy
from rclpy.node import Node


def as_file(text):
    """Return a parameter file with the text as the value of the parameter `value`."""
    return f"/reader:\n  ros__parameters:\n    value: {text}\n"


def _read(arguments):
    context = rclpy.Context()
    try:
        rclpy.init(args=["reader", "--ros-args", *arguments], context=context)
        node = Node("reader", context=context, start_parameter_services=False, enable_rosout=False)
    except Exception:
        return None
    try:
        value = node.declare_parameter("value", descriptor=_any_type()).value
    finally:
        node.destroy_node()
        rclpy.shutdown(context=context)
    return [repr(value.tolist() if hasattr(value, "tolist") else value)]


def _any_type():
    from rcl_interfaces.msg import ParameterDescriptor

    return ParameterDescriptor(dynamic_typing=True)


def read_on_nodes(texts):
    """Return what each text is behind `-p` and in a file."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "parameters.yaml"
        for text in texts:
            path.write_text(as_file(text), encoding="utf-8")
            found.append([_read(["-p", f"value:={text}"]), _read(["--params-file", str(path)])])
    return found


if __name__ == "__main__":
    print(json.dumps(read_on_nodes(json.load(sys.stdin))))
