"""Decides, when Python starts, whether this runtime serves `import rclpy` or steps aside.

A real rclpy anywhere on the path means a real ROS 2: then nothing of this runtime is reachable,
neither its packages nor its interfaces, so that the two are never mixed.

Every interpreter of the environment runs this, whether it wants ROS or not: hence os.path.
"""

from __future__ import annotations

import os.path
import sys
from importlib.machinery import PathFinder

_HERE = os.path.dirname(__file__)  # noqa: PTH120
SITE = os.path.join(_HERE, "site")  # noqa: PTH118
CLIENT_LIBRARY = os.path.join(_HERE, "client_library")  # noqa: PTH118


def real_rclpy() -> str:
    """Return the file of an rclpy that is not ours, or an empty string."""
    others = [entry for entry in sys.path if entry not in (SITE, CLIENT_LIBRARY)]
    spec = PathFinder.find_spec("rclpy", others)
    return spec.origin or "" if spec is not None else ""


def activate() -> bool:
    """Put our packages on the path, unless there is a real rclpy; say whether it was done."""
    if SITE in sys.path:
        return True
    if real_rclpy():
        return False
    from ros2_embedded.finder import install  # noqa: PLC0415

    sys.path += [CLIENT_LIBRARY, SITE]
    install()
    return True
