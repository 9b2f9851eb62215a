"""`ros2 doctor`: checks what this runtime needs."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import shutil
import socket
import tempfile

from ros2_embedded import bootstrap


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("-r", "--report", action="store_true", help="Print all reports.")


def run(args: argparse.Namespace) -> int:
    """Run every check; fail if one does."""
    checks = {
        "dds": _check_dds,
        "loopback": _check_loopback,
        "domain": _check_domain,
        "temporary directory": _check_temporary_directory,
    }
    failed = [name for name, check in checks.items() if not _passes(name, check())]
    if args.report:
        _print_report()
    if failed:
        print(f"\n{len(failed)}/{len(checks)} check(s) failed\n")
        print("Failed modules:", *failed)
        return 1
    print(f"\nAll {len(checks)} checks passed\n")
    return 0


def _passes(name: str, problem: str | None) -> bool:
    """Print a problem; tell whether there is none."""
    if problem is not None:
        print(f"UserWarning: ERROR: {name}: {problem}")
    return problem is None


def _check_dds() -> str | None:
    """Tell what is wrong with the DDS library; a real rclpy has its own."""
    if bootstrap.is_real("rclpy"):
        return None
    try:
        importlib.import_module("cyclonedds")
    except ImportError as error:
        return f"{error}. Install it with: pip install cyclonedds"
    return None


def _check_loopback() -> str | None:
    """Tell what is wrong with the loopback interface."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
    except OSError as error:
        return f"cannot bind to 127.0.0.1 ({error}). Bring the interface 'lo' up"
    return None


def _check_domain() -> str | None:
    """Tell what is wrong with ROS_DOMAIN_ID."""
    text = os.environ.get("ROS_DOMAIN_ID", "0") or "0"
    if not text.isdigit() or int(text) > 232:
        return f"ROS_DOMAIN_ID is '{text}'. Set it to a number from 0 to 232"
    return None


def _check_temporary_directory() -> str | None:
    """Tell what is wrong with the place of parameter files."""
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if free < 1_000_000:
        return f"{tempfile.gettempdir()} is full. Free some space"
    return None


def _print_report() -> None:
    """Print what a bug report needs."""
    import rclpy

    own = "" if bootstrap.is_real("rclpy") else " (embedded)"
    rows = {
        "system": platform.platform(),
        "python": platform.python_version(),
        "middleware name": rclpy.get_rmw_implementation_identifier() + own,
    }
    names = ("ROS_DOMAIN_ID", "ROS_AUTOMATIC_DISCOVERY_RANGE", "ROS_STATIC_PEERS", "CYCLONEDDS_URI")
    rows.update({name: os.environ.get(name, "not set") for name in names})
    print("\n   PLATFORM AND MIDDLEWARE")
    width = max(map(len, rows))
    for name, value in rows.items():
        print(f"{name:<{width}} : {value}")
