"""Decides, when Python starts, whether this runtime serves `import rclpy` or steps aside.

A real rclpy anywhere on the path means a real ROS 2: then nothing of this runtime is reachable,
neither its packages nor its interfaces, so that the two are never mixed.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from pathlib import Path

SITE = Path(__file__).parent / "site"
CLIENT_LIBRARY = Path(__file__).parent / "client_library"


def real_rclpy() -> str:
    """Return the file of an rclpy that is not ours, or an empty string."""
    ours = (SITE, CLIENT_LIBRARY)
    others = [entry for entry in sys.path if Path(entry or ".") not in ours]
    spec = PathFinder.find_spec("rclpy", others)
    return spec.origin or "" if spec is not None else ""


def activate() -> bool:
    """Put our packages on the path, unless there is a real rclpy; say whether it was done."""
    if str(SITE) in sys.path:
        return True
    if real_rclpy():
        return False
    from ros2_embedded.idl.hook import install  # noqa: PLC0415

    sys.path += [str(CLIENT_LIBRARY), str(SITE)]
    install()
    return True
