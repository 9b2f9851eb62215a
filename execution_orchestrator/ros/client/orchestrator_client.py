"""Talks to a running orchestrator node: goals, services and the topics worth watching."""

from __future__ import annotations

import getpass
import os
import platform
import threading
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import rclpy
from action_msgs.msg import GoalStatus
from rclpy.clock import Clock, ClockType
from rclpy.qos import (
    DurabilityPolicy,
    QoSProfile,
    ReliabilityPolicy,
    qos_profile_action_status_default,
)
from rclpy.serialization import deserialize_message

from execution_orchestrator.action import ExecuteCommand
from execution_orchestrator.msg import Alert, OrchestratorState, RecoveryEvent
from execution_orchestrator.ros.action_client import SafeActionClient
from execution_orchestrator.ros.client.goal_session import GoalSession
from execution_orchestrator.ros.service_quality import BURST
from execution_orchestrator.ros.spinning import DirectExecutor, spinning

KEPT_RECOVERIES = 200
KEPT_ALERTS = 100
ANSWER_TIMEOUT = 15.0  # seconds for a service of a node whose machine may be busy
WATCH_PERIOD = 1.0  # seconds between two looks at goals without an answer
LATCHED = QoSProfile(
    depth=1,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)
ALERTS = QoSProfile(
    depth=KEPT_ALERTS,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)
RELIABLE = QoSProfile(depth=100, reliability=ReliabilityPolicy.RELIABLE)


def at_terminal() -> str:
    """Return who types here, as they are called on this machine."""
    try:
        return f"{getpass.getuser()}@{platform.node()} at a terminal"
    except (OSError, KeyError):  # a container may know its user only by number
        return f"somebody at a terminal of {platform.node()}"


class OrchestratorUnavailableError(RuntimeError):
    """The node did not show up, or did not answer, within the time allowed."""


class OrchestratorClient:
    """A context manager with an rclpy context and a spin thread of its own.

    The newest ``OrchestratorState`` and the recovery events and alerts seen so far are
    attributes; ``changed`` is set whenever one of them changes, so that a display can wait
    instead of polling. ``on_change`` is called then, too, and when a goal gets on, on the spin
    thread. ``requester`` says who asks, for requests that do not say it.
    """

    def __init__(
        self,
        *,
        name: str = "/execution_orchestrator",
        on_change: Callable[[], None] = lambda: None,
        requester: Callable[[], str] = at_terminal,
    ) -> None:
        self._on_change = on_change
        self._requester = requester
        self.name = "/" + name.strip("/")
        self.state: Any = None
        self.recoveries: deque[Any] = deque(maxlen=KEPT_RECOVERIES)
        self.alerts: deque[Any] = deque(maxlen=KEPT_ALERTS)
        self.changed = threading.Event()
        self._context = rclpy.Context()
        self._clients: dict[str, Any] = {}
        self._open: dict[bytes, GoalSession] = {}
        self._unread_status = b""
        self._statuses: dict[bytes, int] = {}

    def __enter__(self) -> Self:
        """Create the node and start to listen."""
        rclpy.init(context=self._context)
        # Hidden and with the process's number, as the nodes of the ros2 command: any number of
        # commands run at once, and none of them is a part of the robot.
        self._node = rclpy.create_node(
            f"_orchestrator_client_{os.getpid()}",
            context=self._context,
            start_parameter_services=False,
        )
        self._actions = SafeActionClient(
            self._node,
            ExecuteCommand,
            f"{self.name}/execute_command",
            goal_service_qos_profile=BURST,
            result_service_qos_profile=BURST,
            cancel_service_qos_profile=BURST,
        )
        self._node.create_subscription(
            OrchestratorState, f"{self.name}/state", self._on_state, LATCHED
        )
        self._node.create_subscription(
            RecoveryEvent, f"{self.name}/recovery_events", self._on_recovery, RELIABLE
        )
        self._node.create_subscription(Alert, f"{self.name}/alerts", self._on_alert, ALERTS)
        self._node.create_subscription(
            ExecuteCommand.Impl.GoalStatusMessage,
            f"{self.name}/execute_command/_action/status",
            self._on_status,
            qos_profile_action_status_default,
            raw=True,
        )
        self._node.create_timer(
            WATCH_PERIOD, self._watch, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )
        self._spinning = spinning(self._node, DirectExecutor(context=self._context))
        self._spinning.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening and leave the graph."""
        self._spinning.__exit__(kind, error, trace)

    @property
    def ready(self) -> bool:
        """Whether the node's action server is there."""
        return bool(self._actions.server_is_ready())

    def wait_ready(self, timeout: float) -> None:
        """Wait until the node's action server is there.

        Raises:
            OrchestratorUnavailableError: it was not there within ``timeout`` seconds.

        """
        deadline = time.monotonic() + timeout
        while not self._actions.server_is_ready():
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise OrchestratorUnavailableError(
                    f"no action server {self.name}/execute_command after {timeout:.0f} s; "
                    "start it with: ros2 launch execution_orchestrator orchestrator.launch.py"
                )
            self._actions.wait_for_server(timeout_sec=min(remaining, 1.0))

    def send(self, **fields: Any) -> GoalSession:
        """Send an ExecuteCommand goal with these fields and return at once."""
        fields.setdefault("requester", self._requester())
        # Chosen here, a request that is repeated is for the same execution.
        fields["execution_id"] = fields.get("execution_id") or uuid4().hex[:12]
        goal = ExecuteCommand.Goal(**fields)
        session = GoalSession(self._actions, goal, lambda: self.state, self._on_change)
        self._open[session.goal_id] = session
        return session

    def call(
        self, service: str, service_type: Any, /, *, timeout: float = ANSWER_TIMEOUT, **fields: Any
    ) -> Any:
        """Call ``~/service`` of the node and return its response message.

        Raises:
            OrchestratorUnavailableError: the service is not there or does not answer within
                ``timeout`` seconds.

        """
        if "requester" in service_type.Request.get_fields_and_field_types():
            fields.setdefault("requester", self._requester())
        return self.call_any(f"{self.name}/{service}", service_type, timeout=timeout, **fields)

    def call_any(
        self, name: str, service_type: Any, /, *, timeout: float = ANSWER_TIMEOUT, **fields: Any
    ) -> Any:
        """Call a service of any node by its full name and return its response message.

        Raises:
            OrchestratorUnavailableError: as for ``call``.

        """
        client = self._clients.get(name)
        if client is None:
            client = self._node.create_client(service_type, name)
            self._clients[name] = client
        if not client.wait_for_service(timeout_sec=timeout):
            raise OrchestratorUnavailableError(f"no service {name}")
        answered = threading.Event()
        future = client.call_async(service_type.Request(**fields))
        future.add_done_callback(lambda _: answered.set())
        if not answered.wait(timeout):
            client.remove_pending_request(future)
            raise OrchestratorUnavailableError(f"{name} did not answer within {timeout:.0f} s")
        return future.result()

    def _on_state(self, message: Any) -> None:
        self.state = message
        self._changed()

    def _on_status(self, data: bytes) -> None:
        # Of all goals the node remembers, at every change of one: read when it is looked at.
        self._unread_status = data

    def _watch(self) -> None:
        """Look after goals and results that were not answered."""
        if not self._open or not self.ready:
            return
        self._read_statuses()
        for identity, session in list(self._open.items()):
            session.watch(self._statuses.get(identity, GoalStatus.STATUS_UNKNOWN))
            if session.done.is_set():
                del self._open[identity]

    def _read_statuses(self) -> None:
        data, self._unread_status = self._unread_status, b""
        if data:
            message = deserialize_message(data, ExecuteCommand.Impl.GoalStatusMessage)
            self._statuses = {
                bytes(one.goal_info.goal_id.uuid): one.status for one in message.status_list
            }

    def _on_recovery(self, message: Any) -> None:
        self.recoveries.append(message)
        self._changed()

    def _on_alert(self, message: Any) -> None:
        self.alerts.append(message)
        self._changed()

    def _changed(self) -> None:
        self.changed.set()
        self._on_change()
