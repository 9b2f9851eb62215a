"""Start it, or some of its servers, until SIGINT."""

from __future__ import annotations

import argparse
import contextlib
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rclpy
from rclpy.exceptions import InvalidHandle
from rclpy.executors import (
    ExternalShutdownException,
    MultiThreadedExecutor,
    SingleThreadedExecutor,
)
from rclpy.signals import SignalHandlerOptions

from execution_orchestrator.ros.spinning import STOP_TIMEOUT, SpinThread
from test.scripted_nav2.base import Base, Localised, Smoother
from test.scripted_nav2.log import Log
from test.scripted_nav2.managed import Faults, ManagedServer
from test.scripted_nav2.manager import Manager
from test.scripted_nav2.navigators import Docking, Navigator, WaypointFollower
from test.scripted_nav2.servers import Behaviours, Controller, Planner

THREADS = 32
LONGEST_WAIT = 0.2  # seconds until a signal is noticed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log", type=Path, help="file for what the robot truly did")
    parser.add_argument("--parts", default="", help="servers, with commas; default: all")
    parser.add_argument("--stamped", action="store_true", help="velocities are TwistStamped")
    parser.add_argument("--fault", action="append", default=[], help="see managed.Faults")
    parser.add_argument(
        "--activate-after", type=float, default=0.0, help="seconds until the servers are active"
    )
    known, ros = parser.parse_known_args()
    log, faults = Log(known.log), Faults(known.fault)
    # rclpy's handler takes the context away from the threads that spin.
    rclpy.init(args=ros, signal_handler_options=SignalHandlerOptions.NO)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    place = Localised()
    makers: dict[str, Callable[[], Any]] = {
        "base": lambda: Base(log, faults, known.stamped),
        "velocity_smoother": lambda: Smoother(known.stamped),
        "controller_server": lambda: Controller(log, faults, place, known.stamped),
        "planner_server": lambda: Planner(log, faults, place),
        "behavior_server": lambda: Behaviours(log, faults, place, known.stamped),
        "bt_navigator": lambda: Navigator(log, faults, place),
        "waypoint_follower": lambda: WaypointFollower(log, faults),
        "docking_server": lambda: Docking(log, faults),
        "lifecycle_manager": lambda: Manager(log),
    }
    chosen = [part for part in known.parts.split(",") if part] or list(makers)
    # What comes fifty times in a second is kept from the servers, whose executor looks through all
    # that they wait for whenever something comes: that took two thirds of a core.
    often, executor = SingleThreadedExecutor(), MultiThreadedExecutor(num_threads=THREADS)
    spinning = SpinThread(place, often)
    nodes = [makers[part]() for part in chosen]
    for node in nodes:
        (often if isinstance(node, Base | Smoother) else executor).add_node(node)
    servers = [node for node in nodes if isinstance(node, ManagedServer)]
    if servers and "base" not in chosen:
        faults.listen(servers[0])
    for server in servers:
        server.trigger_configure()

    def activate() -> None:
        for server in servers:
            server.trigger_activate()
        log.write("scripted_nav2", "ready", parts=chosen)

    waiting = threading.Timer(known.activate_after, activate)
    waiting.daemon = True
    waiting.start()
    try:
        while rclpy.ok():
            # A goal or a transition, on a thread of its own, may destroy what is just about to be
            # waited for; upstream lets that end the process.
            try:
                with contextlib.suppress(InvalidHandle):
                    executor.spin_once(LONGEST_WAIT)
            except RuntimeError as failure:
                # The manager was late with what this process did itself. rclcpp refuses that.
                if "Transition is not registered" not in str(failure):
                    raise
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    finally:
        spinning.stop(STOP_TIMEOUT)
        rclpy.try_shutdown()


if __name__ == "__main__":
    main()
