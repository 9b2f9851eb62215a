"""What every simulated action server has: jobs, faults, a log of goals, simulated time."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from threading import Condition
from typing import Any
from uuid import UUID

import rclpy
from ament_index_python.packages import get_package_share_directory
from rcl_interfaces.msg import ParameterDescriptor, SetParametersResult
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.exceptions import ParameterException
from rclpy.executors import MultiThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from std_srvs.srv import Trigger

from execution_orchestrator.ros.listening import Listener, reading
from execution_orchestrator.ros.spinning import SpinThread, destroy, part_of
from execution_orchestrator.simulation.servers.faults import (
    DEFAULTS,
    DESCRIPTIONS,
    FaultMode,
    Faults,
)
from execution_orchestrator.simulation.servers.jobs import ServerJob
from execution_orchestrator.simulation.work.host import Answer, Log, Work
from execution_orchestrator.simulation.work.jobs import (
    JobCancelled,
    JobError,
    JobNotNeeded,
    JobPreempted,
    JobStopped,
    with_error,
)
from execution_orchestrator.simulation.work.keeping import folder, kept_path, write
from execution_orchestrator.simulation.world.finding import load_world
from execution_orchestrator.simulation.world.sdf import WorldError
from execution_orchestrator.simulation.world.simulated_world import World

PACKAGE = "execution_orchestrator"
LOGGED_GOALS = 10_000
THREADS = 12  # goals that can be at work at once, and callbacks beside them
END_TIMEOUT = 4.0  # seconds for each step of an orderly end, none of which takes long by itself
DIED = 70  # exit status of a process that a fault ended


class SimServer(Node):  # type: ignore[misc]
    """A node with action servers that can be told to fail; the host of their work."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.group = ReentrantCallbackGroup()
        self.changed = Condition()
        self.rate = float(self._declared("real_time_factor", 1.0, "simulated seconds per second"))
        if self.rate <= 0.0:
            raise ValueError(f"real_time_factor is {self.rate}; it has to be greater than 0")
        self._world_name = str(self._declared("world", "apartment", "world of worlds/ or a file"))
        record = str(self._declared("fault.record", "", "file that remembers faults done"))
        self.faults = Faults(Path(record) if record else None)
        given = {n: self._declared(n, value, DESCRIPTIONS[n]) for n, value in DEFAULTS.items()}
        wrong = self.faults.configure(given, restart=False)
        if wrong:
            raise ValueError(wrong)
        self.add_on_set_parameters_callback(self._parameters_set)
        self._goals: deque[dict[str, str]] = deque(maxlen=LOGGED_GOALS)
        self._jobs: dict[str, ServerJob] = {}
        self._at_work = 0
        self._ending = False
        self._servers: list[Any] = []
        self._listening = contextlib.ExitStack()
        self.create_service(Trigger, "~/goal_log", self._goal_log, callback_group=self.group)
        self.create_service(Trigger, "~/heal", self._heal, callback_group=self.group)

    def world(self) -> World:
        """Read the world this server is in.

        Raises:
            WorldError: there is no such world, or it cannot be used.

        """
        return load_world(self._world_name, Path(get_package_share_directory(PACKAGE)))

    def listener(self) -> Listener:
        """Return what subscribes to topics that come often, of which only the newest is needed.

        They are on a node that `ros2 node list` hides: this one's executor would look at all its
        entities for each of their messages, a hundred times a second while nothing happens.
        """
        hidden = part_of(self, f"_{self.get_name()}_listener", enable_rosout=False)
        self._listening.enter_context(reading(hidden))
        return Listener(self, hidden)

    def destroy_node(self) -> None:
        """Leave the graph."""
        self._listening.close()
        super().destroy_node()

    def notify(self) -> None:
        """Wake every job up: something changed."""
        with self.changed:
            self.changed.notify_all()

    def end_jobs(self, timeout: float) -> None:
        """Abort what is at work, so that its clients hear of it; at most ``timeout`` seconds."""
        with self.changed:
            self._ending = True
            self.changed.notify_all()
            self.changed.wait_for(lambda: not self._at_work, timeout)

    def ready(self) -> bool:
        """Whether goals are taken at all; a server with lifecycle states overrides it."""
        return True

    @property
    def log(self) -> Log:
        """The node's log."""
        log: Log = self.get_logger()
        return log

    def now(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    def stamp(self) -> Any:
        """Time of the node's clock."""
        return self.get_clock().now().to_msg()

    def offer(self, service_type: Any, name: str, answer: Answer) -> None:
        """Offer a service."""
        self.create_service(service_type, name, answer, callback_group=self.group)

    def serve(
        self,
        action_type: Any,
        name: str,
        work: Work,
        *,
        failure: int,
        preempts: bool = False,
        stop: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Offer an action; see `Host`."""
        self._servers.append(
            ActionServer(
                self,
                action_type,
                name,
                execute_callback=lambda handle: self._execute(
                    handle, action_type, name, work, failure, stop
                ),
                goal_callback=lambda _request: self._asked(name),
                handle_accepted_callback=lambda handle: self._accepted(handle, name, preempts),
                cancel_callback=self._cancel_asked,
                callback_group=self.group,
            )
        )

    def keeper(self, what: str, default: str) -> Callable[[str, bytes], str]:
        """Return what writes files below the parameter ``output_directory``, whole or not at all.

        What it returns gives the file's path, or raises KeepError.
        """
        words = f"folder of {what}; empty: ROS_HOME"
        given = str(self._declared("output_directory", "", words))
        root = Path(given) if given else folder(default)
        return lambda name, data: str(write(kept_path(root, name), data))

    def _asked(self, name: str) -> GoalResponse:
        fault = self.faults.take(name, rejecting=True)
        if fault is not None or self._ending or not self.ready():
            self.get_logger().warn(f"{name}: goal rejected{' by a fault' if fault else ''}")
            return GoalResponse.REJECT
        return GoalResponse.ACCEPT

    def _accepted(self, handle: Any, name: str, preempts: bool) -> None:
        goal_id = str(UUID(bytes=bytes(handle.goal_id.uuid)))
        job = ServerJob(handle, self.changed, self.rate, lambda: not self._ending and self.ready())
        with self.changed:
            self._goals.append({"goal_id": goal_id, "action": name})
            earlier = self._jobs.get(name)
            if preempts and earlier is not None:
                earlier.preempted = True
            self._jobs[name] = job
            self.changed.notify_all()
        handle.job = job
        handle.execute()

    def _cancel_asked(self, _handle: Any) -> CancelResponse:
        self.notify()
        return CancelResponse.ACCEPT

    def _execute(
        self,
        handle: Any,
        action_type: Any,
        name: str,
        work: Work,
        failure: int,
        stop: Callable[[str], None],
    ) -> Any:
        job: ServerJob = handle.job
        empty = action_type.Result()
        with self.changed:
            self._at_work += 1
        try:
            self._apply_fault(job, name, failure)
            result = work(job)
            if job.dying:
                os._exit(DIED)
            if job.silent:
                job.wait_for(lambda: False, None)
        except JobCancelled:
            stop(name)
            self.get_logger().info(f"{name}: cancelled")
            handle.canceled()
            return empty
        except JobPreempted:
            self.get_logger().info(f"{name}: a newer goal takes over")
            handle.abort()
            return with_error(empty, 0, "preempted by a newer goal")
        except JobStopped:
            stop(name)
            handle.abort()
            return with_error(empty, failure, "the server was deactivated or shut down")
        except JobNotNeeded as reason:
            self.get_logger().info(f"{name}: {reason}")
            handle.abort()
            return empty
        except JobError as error:
            stop(name)
            self.get_logger().warn(f"{name}: aborted: {error} (code {error.code})")
            handle.abort()
            return with_error(empty, error.code, str(error))
        except Exception as error:
            # A goal must end even when the simulation has a fault of its own.
            self.get_logger().error(f"{name}: {type(error).__name__}: {error}")
            stop(name)
            handle.abort()
            return with_error(empty, failure, f"{type(error).__name__}: {error}")
        else:
            handle.succeed()
            return result
        finally:
            with self.changed:
                if self._jobs.get(name) is job:
                    del self._jobs[name]
                self._at_work -= 1
                self.changed.notify_all()

    def _apply_fault(self, job: ServerJob, name: str, failure: int) -> None:
        fault = self.faults.take(name, rejecting=False)
        if fault is None:
            return
        self.get_logger().warn(f"{name}: fault {fault.mode.value} happens to this goal")
        job.silent = fault.mode is FaultMode.DROP
        job.dying = fault.mode is FaultMode.DIE
        if job.dying:
            # The work goes on until then, and what it set in motion goes on even longer.
            threading.Timer(fault.delay / self.rate, os._exit, (DIED,)).start()
            return
        job.pause(fault.delay)
        if fault.mode is FaultMode.ABORT:
            raise JobError(fault.error_code or failure, "a fault was injected")
        if fault.mode is FaultMode.HANG:
            job.wait_for(lambda: False, None)

    def _goal_log(self, _request: Any, response: Any) -> Any:
        with self.changed:
            response.message = json.dumps(list(self._goals))
        response.success = True
        return response

    def _heal(self, _request: Any, response: Any) -> Any:
        response.message = self.faults.configure({"fault.mode": "none"})
        response.success = not response.message
        return response

    def _parameters_set(self, parameters: list[Any]) -> SetParametersResult:
        changes = {p.name: p.value for p in parameters if p.name in DEFAULTS}
        wrong = self.faults.configure(changes) if changes else ""
        return SetParametersResult(successful=not wrong, reason=wrong)

    def _declared(self, name: str, default: Any, description: str) -> Any:
        words = ParameterDescriptor(description=description)
        return self.declare_parameter(name, default, words).value


def run(make: Callable[[], Node], args: list[str] | None = None) -> int:
    """Spin a node until the process is told to end, and end it; return 1 if it cannot start."""
    # Our own handlers: rclpy's would take the context away from under goals that are at work.
    rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    # An event may be set while this thread holds the event's lock, to wait for it: for ever then.
    asked: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: asked.put(number))
    try:
        node = make()
    except (WorldError, ValueError, ParameterException) as failure:
        rclpy.logging.get_logger("simulation").fatal(str(failure))
        rclpy.try_shutdown()
        return 1
    spinning = SpinThread(node, MultiThreadedExecutor(num_threads=THREADS))
    asked.get()
    if isinstance(node, SimServer):
        node.end_jobs(END_TIMEOUT)
    spinning.stop(END_TIMEOUT)
    destroy(node)
    rclpy.try_shutdown()
    # It has left the graph. To take the interpreter down as well costs five times as much as all of
    # this; a robot's six servers would do it at once, and launch gives them five seconds.
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)
