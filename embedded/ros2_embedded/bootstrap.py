"""Offers, when Python starts, what no real ROS 2 brings: package by package, in two halves.

The lower half is rclpy with what it stands on (the wire, the message classes): it is there only
where no real rclpy can be imported, so that two of them are never mixed. The upper half (launch,
the ros2 command's packages, rosidl_runtime_py ...) uses rclpy as any program does, and works on
either. Its folder comes last on the path, so that any real package wins; where all of them are
real, it is not on the path at all.

Every interpreter of the environment runs this, whether it wants ROS or not: hence os.path.
"""

from __future__ import annotations

import os
import os.path
import sys
from importlib.machinery import PathFinder

_HERE = os.path.dirname(__file__)  # noqa: PTH120
SITE = os.path.join(_HERE, "site")  # noqa: PTH118
CLIENT_LIBRARY = os.path.join(_HERE, "client_library")  # noqa: PTH118


def is_real(package: str) -> bool:
    """Tell whether a package can be imported that is not one of ours."""
    others = [entry for entry in sys.path if entry not in (SITE, CLIENT_LIBRARY)]
    return PathFinder.find_spec(package, others) is not None


def activate() -> None:
    """Put those halves of ours on the path that are needed."""
    if SITE in sys.path or CLIENT_LIBRARY in sys.path:
        return
    if not is_real("rclpy"):
        from ros2_embedded.finder import install  # noqa: PLC0415

        sys.path += [CLIENT_LIBRARY, SITE]
        install()
    elif not all(map(is_real, os.listdir(SITE))):  # noqa: PTH208
        sys.path.append(SITE)
