"""Action servers."""

import functools
import inspect
import threading
import traceback
from enum import Enum

from ros2_embedded.idl import DeserializationError, deserialize, serialize

from action_msgs.msg import GoalInfo, GoalStatus, GoalStatusArray
from action_msgs.srv import CancelGoal
from rclpy.action.status_codec import pack_statuses
from rclpy.exceptions import RCLError
from rclpy.executors import await_or_execute
from rclpy.impl.wire_policies import to_wire
from rclpy.qos import QoSProfile, qos_profile_action_status_default, qos_profile_services_default
from rclpy.task import Future
from rclpy.timer import Timer
from rclpy.type_support import check_is_valid_action_type
from rclpy.waitable import Waitable

RESULT_TIMEOUT = 900  # seconds a finished goal is remembered, as in Jazzy's rclpy
_TRANSITIONS = {
    (GoalStatus.STATUS_ACCEPTED, "EXECUTE"): GoalStatus.STATUS_EXECUTING,
    (GoalStatus.STATUS_ACCEPTED, "CANCEL_GOAL"): GoalStatus.STATUS_CANCELING,
    (GoalStatus.STATUS_EXECUTING, "CANCEL_GOAL"): GoalStatus.STATUS_CANCELING,
    (GoalStatus.STATUS_EXECUTING, "SUCCEED"): GoalStatus.STATUS_SUCCEEDED,
    (GoalStatus.STATUS_EXECUTING, "ABORT"): GoalStatus.STATUS_ABORTED,
    (GoalStatus.STATUS_CANCELING, "SUCCEED"): GoalStatus.STATUS_SUCCEEDED,
    (GoalStatus.STATUS_CANCELING, "ABORT"): GoalStatus.STATUS_ABORTED,
    (GoalStatus.STATUS_CANCELING, "CANCELED"): GoalStatus.STATUS_CANCELED,
}
_STATUS_NAMES = (
    "UNKNOWN",
    "ACCEPTED",
    "EXECUTING",
    "CANCELING",
    "SUCCEEDED",
    "CANCELED",
    "ABORTED",
)
_CANCELABLE = (GoalStatus.STATUS_ACCEPTED, GoalStatus.STATUS_EXECUTING)


def _nanoseconds(stamp):
    return stamp.sec * 10**9 + stamp.nanosec


class GoalResponse(Enum):
    """Answers to a goal request."""

    REJECT = 1
    ACCEPT = 2


class CancelResponse(Enum):
    """Answers to a cancel request."""

    REJECT = 1
    ACCEPT = 2


class GoalEvent(Enum):
    """What moves a goal from one status to the next."""

    EXECUTE = 1
    CANCEL_GOAL = 2
    SUCCEED = 3
    ABORT = 4
    CANCELED = 5


class ServerGoalHandle:
    """A goal as its server sees it."""

    def __init__(self, action_server, goal_info, goal_request):
        self._action_server = action_server
        self._goal_info = goal_info
        self._goal_request = goal_request
        self._status = GoalStatus.STATUS_ACCEPTED
        self._cancel_requested = False
        self._lock = threading.Lock()

    def __eq__(self, other):
        return isinstance(other, ServerGoalHandle) and self.goal_id == other.goal_id

    __hash__ = object.__hash__

    @property
    def request(self):
        return self._goal_request

    @property
    def goal_id(self):
        return self._goal_info.goal_id

    @property
    def is_active(self):
        return self._status in (
            GoalStatus.STATUS_ACCEPTED, GoalStatus.STATUS_EXECUTING, GoalStatus.STATUS_CANCELING
        )  # fmt: skip

    @property
    def is_cancel_requested(self):
        return self._status == GoalStatus.STATUS_CANCELING

    @property
    def status(self):
        return self._status

    def _update_state(self, event):
        with self._lock:
            following = _TRANSITIONS.get((self._status, event.name))
            if following is None:
                if not self.is_active:
                    return False
                raise RuntimeError(
                    f"goal_handle cannot {event.name.lower()} from status "
                    f"{_STATUS_NAMES[self._status]}"
                )
            self._status = following
        if not self.is_active:
            self._action_server._notify_goal_done(self)
        self._action_server._publish_status()
        return True

    def execute(self, execute_callback=None):
        """Begin to execute; the server's callback runs as a task of the executor."""
        if not self.is_cancel_requested:
            self._update_state(GoalEvent.EXECUTE)
        self._action_server.notify_execute(self, execute_callback)

    def publish_feedback(self, feedback):
        """Send feedback of this goal."""
        kind = self._action_server.action_type
        if not isinstance(feedback, kind.Feedback):
            raise TypeError()
        if not self._action_server._node.context._ok:
            raise RCLError("Failed to publish feedback with an action server: context is invalid")
        message = kind.Impl.FeedbackMessage(goal_id=self.goal_id, feedback=feedback)
        self._action_server._feedback_writer.write(serialize(message))

    def succeed(self, response=None):
        self._end(GoalEvent.SUCCEED, response)

    def abort(self, response=None):
        self._end(GoalEvent.ABORT, response)

    def canceled(self, response=None):
        self._end(GoalEvent.CANCELED, response)

    def _end(self, event, response):
        self._update_state(event)
        if response is not None:
            self._action_server._set_result(self, response)

    def destroy(self):
        self._action_server._goal_handles.pop(bytes(self.goal_id.uuid), None)


def default_handle_accepted_callback(goal_handle):
    """Execute at once."""
    goal_handle.execute()


def default_goal_callback(goal_request):
    """Accept every goal."""
    return GoalResponse.ACCEPT


def default_cancel_callback(cancel_request):
    """Refuse every cancel request."""
    return CancelResponse.REJECT


class ActionServer(Waitable):
    """Executes goals for clients."""

    def __init__(
        self, node, action_type, action_name, execute_callback, *, callback_group=None,
        goal_callback=default_goal_callback,
        handle_accepted_callback=default_handle_accepted_callback,
        cancel_callback=default_cancel_callback,
        goal_service_qos_profile=qos_profile_services_default,
        result_service_qos_profile=qos_profile_services_default,
        cancel_service_qos_profile=qos_profile_services_default,
        feedback_pub_qos_profile=QoSProfile(depth=10),
        status_pub_qos_profile=qos_profile_action_status_default,
        result_timeout=RESULT_TIMEOUT,
    ):  # fmt: skip
        super().__init__(callback_group or node.default_callback_group)
        check_is_valid_action_type(action_type)
        self._lock = threading.RLock()
        self.register_handle_accepted_callback(handle_accepted_callback)
        self.register_goal_callback(goal_callback)
        self.register_cancel_callback(cancel_callback)
        self.register_execute_callback(execute_callback)
        self._node = node
        self._logger = node.get_logger().get_child("action_server")
        self._action_type = action_type
        self._action_name = node.resolve_service_name(action_name)
        self._result_timeout = result_timeout
        self._goal_handles = {}
        self._result_futures = {}
        self._finished = {}  # goal id -> nanoseconds of the node's clock at its end, as in rcl
        self._closed = False
        participant = node._participant
        base = f"{self._action_name}/_action"
        kinds = action_type.Impl
        self._feedback_writer = participant.publisher(
            f"{base}/feedback", kinds.FeedbackMessage, to_wire(feedback_pub_qos_profile)
        )
        self._status_writer = participant.publisher(
            f"{base}/status", GoalStatusArray, to_wire(status_pub_qos_profile)
        )
        self._services = {}
        for name, kind, qos in (
            ("send_goal", kinds.SendGoalService, goal_service_qos_profile),
            ("cancel_goal", CancelGoal, cancel_service_qos_profile),
            ("get_result", kinds.GetResultService, result_service_qos_profile),
        ):
            endpoint = participant.service_server(f"{base}/{name}", kind, to_wire(qos))
            endpoint.strangers.report_to(self._logger.warning)
            self._services[name] = (endpoint, kind)
        # Wakes up when the oldest finished goal may be forgotten.
        self._expiry = Timer(
            self._expire,
            self.callback_group,
            0,
            node.get_clock(),
            context=node.context,
            autostart=False,
        )
        self.timers = (self._expiry,)
        node.add_waitable(self)

    @property
    def action_type(self):
        return self._action_type

    # ------------------------------------------------------------------ waitable
    def wire_endpoints(self):
        """Return the readers, writers and services for the graph."""
        return (
            set(),
            {self._feedback_writer.guid, self._status_writer.guid},
            [endpoint for endpoint, _ in self._services.values()],
        )

    def conditions(self):
        if self._closed:
            return []
        return [endpoint.reader.condition for endpoint, _ in self._services.values()]

    def take_data(self):
        taken = []
        for name, (endpoint, kind) in self._services.items():
            while not self._closed:
                request = endpoint.take()
                if request is None:
                    break
                header, data, _ = request
                try:
                    taken.append((name, header, deserialize(data, kind.Request)))
                except DeserializationError as failure:
                    self._logger.error(f"a damaged {name} request was dropped: {failure}")
        return taken

    async def execute(self, taken_data):
        handlers = {
            "send_goal": self._execute_goal_request,
            "cancel_goal": self._execute_cancel_request,
            "get_result": self._execute_get_result_request,
        }
        for name, header, request in taken_data:
            await handlers[name](header, request)

    def _reply(self, name, header, response):
        self._services[name][0].send(header, serialize(response))

    async def _execute_goal_request(self, header, request):
        key = bytes(request.goal_id.uuid)
        response = self._action_type.Impl.SendGoalService.Response(accepted=False)
        self._expire()
        known = key in self._goal_handles
        if not known:
            try:
                answer = await await_or_execute(self._goal_callback, request.goal)
                if not isinstance(answer, GoalResponse):
                    self._logger.warning(
                        f"Goal request callback did not return a GoalResponse: {answer!r}; rejected."
                    )
                    answer = GoalResponse.REJECT
                response.accepted = answer == GoalResponse.ACCEPT
            except Exception as failure:
                self._log_failure("Error raised in goal callback", failure)
        handle = None
        if response.accepted:
            now = self._node.get_clock().now
            stamp = now().to_msg()
            # rcl takes the time again: who cancels up to the stamp of an answer spares its goal.
            info = GoalInfo(goal_id=request.goal_id, stamp=now().to_msg())
            with self._lock:
                if key in self._goal_handles:
                    # The same request came again while the callback was deciding.
                    response.accepted = False
                else:
                    response.stamp = stamp
                    handle = ServerGoalHandle(self, info, request.goal)
                    self._goal_handles[key] = handle
                    self._result_futures[key] = Future()
        if handle is not None:
            self.add_future(self._result_futures[key])
        self._reply("send_goal", header, response)
        if handle is not None:
            self._publish_status()
            try:
                await await_or_execute(self._handle_accepted_callback, handle)
            except Exception as failure:
                self._log_failure("Error raised in handle accepted callback", failure)

    async def _execute_goal(self, execute_callback, handle):
        try:
            result = await await_or_execute(execute_callback, handle)
        except Exception as failure:
            self._log_failure("Error raised in execute callback", failure)
            result = None
        if handle.is_active:
            self._logger.warning(
                f"Goal state not set, assuming aborted. Goal ID: {handle.goal_id.uuid}"
            )
            handle.abort()
        if result is None:
            result = self._action_type.Result()
        elif not isinstance(result, self._action_type.Result):
            self._logger.error(
                f"the execute callback returned {type(result).__name__}, not a result"
            )
            result = self._action_type.Result()
        self._set_result(handle, result)

    def _set_result(self, handle, result):
        response = self._action_type.Impl.GetResultService.Response(
            status=handle.status, result=result
        )
        with self._lock:
            future = self._result_futures.get(bytes(handle.goal_id.uuid))
            if future is not None and not future.done():
                future.set_result(response)

    async def _execute_cancel_request(self, header, request):
        response = CancelGoal.Response()
        self._expire()
        response.return_code, chosen = self._to_cancel(request.goal_info)
        for handle in chosen:
            try:
                answer = await await_or_execute(self._cancel_callback, handle)
            except Exception as failure:
                self._log_failure("Error raised in cancel callback", failure)
                continue
            if answer == CancelResponse.ACCEPT:
                try:
                    handle._update_state(GoalEvent.CANCEL_GOAL)
                except RuntimeError:
                    continue  # it ended while the callback was deciding
                response.goals_canceling.append(handle._goal_info)
        self._reply("cancel_goal", header, response)

    def _to_cancel(self, info):
        """Return the answer to a cancel request and the goals it is about, as rcl does.

        An id alone means that goal; a time all goals accepted until then, and that of the id; neither
        of the two means all. Goals that are over or being cancelled are left out, and that nothing is
        left, or that the server refuses, is no error: only an id alone can be unknown or too late.
        """
        key = bytes(info.goal_id.uuid)
        until = _nanoseconds(info.stamp)
        with self._lock:
            goals = list(self._goal_handles.items())
        if any(key) and not until:
            named = [handle for goal, handle in goals if goal == key]
            if not named:
                return CancelGoal.Response.ERROR_UNKNOWN_GOAL_ID, []
            if named[0].status not in _CANCELABLE:
                return CancelGoal.Response.ERROR_GOAL_TERMINATED, []
            return CancelGoal.Response.ERROR_NONE, named
        chosen = [
            handle
            for goal, handle in goals
            if handle.status in _CANCELABLE
            and (not until or goal == key or _nanoseconds(handle._goal_info.stamp) <= until)
        ]
        return CancelGoal.Response.ERROR_NONE, chosen

    async def _execute_get_result_request(self, header, request):
        self._expire()
        key = bytes(request.goal_id.uuid)
        with self._lock:
            future = self._result_futures.get(key)
        if future is None:
            unknown = self._action_type.Impl.GetResultService.Response(
                status=GoalStatus.STATUS_UNKNOWN
            )
            self._reply("get_result", header, unknown)
            return
        executor, future._executor = future._executor, None
        future.add_done_callback(functools.partial(self._send_result, header))
        future._executor = executor

    def _send_result(self, header, future):
        if self._closed:
            return
        self._reply("get_result", header, future.result())

    def _log_failure(self, what, failure):
        text = "".join(traceback.format_exception(failure))
        self._logger.error(f"{what}: {failure}\n{text}")

    # ------------------------------------------------------------------ state
    def _publish_status(self):
        if self._closed:
            return
        with self._lock:
            self._status_writer.write(
                pack_statuses(
                    (key, handle._goal_info.stamp, handle.status)
                    for key, handle in self._goal_handles.items()
                )
            )

    def _notify_goal_done(self, handle):
        with self._lock:
            self._finished[bytes(handle.goal_id.uuid)] = self._node.get_clock().now().nanoseconds
        if self._expiry.is_canceled():
            self._await_expiry()

    def _await_expiry(self):
        """Set the timer to the end of the oldest finished goal."""
        with self._lock:
            oldest = min(self._finished.values(), default=None)
        if oldest is None or self._result_timeout < 0:
            self._expiry.cancel()
            return
        left = oldest + self._result_timeout * 10**9 - self._node.get_clock().now().nanoseconds
        self._expiry.timer_period_ns = max(int(left), 0) + 1_000_000
        self._expiry.reset()

    def _expire(self):
        """Forget the goals that ended longer ago than the result timeout."""
        if self._result_timeout < 0:
            return
        limit = self._node.get_clock().now().nanoseconds - self._result_timeout * 10**9
        with self._lock:
            for key, ended in list(self._finished.items()):
                future = self._result_futures.get(key)
                if ended < limit and (future is None or future.done()):
                    del self._finished[key]
                    self._goal_handles.pop(key, None)
                    forgotten = self._result_futures.pop(key, None)
                    if forgotten is not None:
                        self.remove_future(forgotten)
        self._await_expiry()

    def notify_execute(self, goal_handle, execute_callback=None):
        """Run the execute callback of a goal in the executor."""
        callback = execute_callback or self._execute_callback
        if callback is None:
            return
        executor = self._node.executor
        if executor is None:
            raise RuntimeError("the node of the action server is not in an executor")
        executor.create_task(self._execute_goal, callback, goal_handle)

    # ------------------------------------------------------------------ callbacks
    def register_handle_accepted_callback(self, handle_accepted_callback):
        self._handle_accepted_callback = (
            handle_accepted_callback or default_handle_accepted_callback
        )

    def register_goal_callback(self, goal_callback):
        self._goal_callback = goal_callback or default_goal_callback

    def register_cancel_callback(self, cancel_callback):
        self._cancel_callback = cancel_callback or default_cancel_callback

    def register_execute_callback(self, execute_callback):
        if not callable(execute_callback) and not inspect.iscoroutinefunction(execute_callback):
            raise TypeError("Failed to register goal execution callback: not callable")
        self._execute_callback = execute_callback

    def destroy(self):
        """Remove the server from its node."""
        self._node.remove_waitable(self)
        self._close()

    def _close(self):
        if self._closed:
            return
        self._closed = True
        for endpoint, _ in self._services.values():
            endpoint.close()
        self._feedback_writer.close()
        self._status_writer.close()
