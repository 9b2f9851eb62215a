"""Action clients."""

import threading
import uuid
import weakref

from ros2_embedded.idl import DeserializationError, deserialize, serialize

from action_msgs.msg import GoalStatus
from action_msgs.srv import CancelGoal
from builtin_interfaces.msg import Time
from rclpy.action.status_codec import unpack_statuses
from rclpy.client import wait_until
from rclpy.exceptions import RCLError
from rclpy.impl.wire_policies import to_wire
from rclpy.qos import QoSProfile, qos_profile_action_status_default, qos_profile_services_default
from rclpy.task import Future
from rclpy.type_support import check_is_valid_action_type
from rclpy.waitable import Waitable
from unique_identifier_msgs.msg import UUID

_BATCH = 16


class ClientGoalHandle:
    """A goal as its client sees it."""

    def __init__(self, action_client, goal_id, goal_response):
        self._action_client = action_client
        self._goal_id = goal_id
        self._goal_response = goal_response
        self._status = GoalStatus.STATUS_UNKNOWN

    def __eq__(self, other):
        return self._goal_id == other.goal_id

    def __ne__(self, other):
        return not self.__eq__(other)

    def __repr__(self):
        return f"ClientGoalHandle <id={list(self.goal_id.uuid)}, accepted={self.accepted}, status={self.status}>"

    @property
    def goal_id(self):
        return self._goal_id

    @property
    def stamp(self):
        return self._goal_response.stamp

    @property
    def accepted(self):
        return self._goal_response.accepted

    @property
    def status(self):
        return self._status

    def cancel_goal_async(self):
        return self._action_client._cancel_goal_async(self)

    def get_result_async(self):
        return self._action_client._get_result_async(self)


class ActionClient(Waitable):
    """Sends goals to an action server."""

    def __init__(
        self, node, action_type, action_name, *, callback_group=None,
        goal_service_qos_profile=qos_profile_services_default,
        result_service_qos_profile=qos_profile_services_default,
        cancel_service_qos_profile=qos_profile_services_default,
        feedback_sub_qos_profile=QoSProfile(depth=10),
        status_sub_qos_profile=qos_profile_action_status_default,
    ):  # fmt: skip
        super().__init__(callback_group or node.default_callback_group)
        check_is_valid_action_type(action_type)
        self._node = node
        self._action_type = action_type
        self._action_name = node.resolve_service_name(action_name)
        participant = node._participant
        base = f"{self._action_name}/_action"
        kinds = action_type.Impl
        self._feedback_reader = participant.subscription(
            f"{base}/feedback", kinds.FeedbackMessage, to_wire(feedback_sub_qos_profile)
        )
        self._status_reader = participant.subscription(
            f"{base}/status", kinds.GoalStatusMessage, to_wire(status_sub_qos_profile)
        )
        self._services = {}
        for name, kind, qos in (
            ("send_goal", kinds.SendGoalService, goal_service_qos_profile),
            ("cancel_goal", CancelGoal, cancel_service_qos_profile),
            ("get_result", kinds.GetResultService, result_service_qos_profile),
        ):
            endpoint = participant.service_client(f"{base}/{name}", kind, to_wire(qos))
            endpoint.strangers.report_to(node.get_logger().warning)
            self._services[name] = (endpoint, kind)
        self._pending = {name: {} for name in self._services}
        self._goal_handles = {}
        self._feedback_callbacks = {}
        self._lock = threading.Lock()
        self._closed = False
        node.add_waitable(self)

    # ------------------------------------------------------------------ waitable
    def wire_endpoints(self):
        """Return the readers, writers and services for the graph."""
        return (
            {self._feedback_reader.guid, self._status_reader.guid},
            set(),
            [endpoint for endpoint, _ in self._services.values()],
        )

    def conditions(self):
        if self._closed:
            return []
        found = [self._feedback_reader.condition, self._status_reader.condition]
        return found + [endpoint.reader.condition for endpoint, _ in self._services.values()]

    def take_data(self):
        """Take everything there is, replies first, so that no feedback comes before the acceptance."""
        if self._closed:
            return {}
        taken = {}
        for name, (endpoint, kind) in self._services.items():
            replies = endpoint.take(_BATCH)
            if replies:
                taken[name] = [(number, data, kind.Response) for number, data in replies]
        feedback = self._feedback_reader.take(_BATCH)
        if feedback:
            taken["feedback"] = [data for data, _, _ in feedback]
        status = self._status_reader.take(_BATCH)
        if status:
            taken["status"] = [data for data, _, _ in status]
        return taken

    async def execute(self, taken_data):
        for name in ("send_goal", "cancel_goal", "get_result"):
            for number, data, kind in taken_data.get(name, ()):
                with self._lock:
                    entry = self._pending[name].pop(number, None)
                if entry is None:
                    continue
                future, goal_id = entry
                try:
                    response = deserialize(data, kind)
                except DeserializationError as failure:
                    future.set_exception(failure)
                    continue
                self._answer(name, future, goal_id, response)
        for data in taken_data.get("status", ()):
            self._on_status(data)
        for data in taken_data.get("feedback", ()):
            self._on_feedback(data)

    def _answer(self, name, future, goal_id, response):
        if name != "send_goal":
            future.set_result(response)
            return
        handle = ClientGoalHandle(self, goal_id, response)
        key = bytes(goal_id.uuid)
        if handle.accepted:
            with self._lock:
                self._goal_handles[key] = weakref.ref(handle)
        future.set_result(handle)

    def _on_status(self, data):
        try:
            statuses = unpack_statuses(data)
        except ValueError as failure:
            self._node.get_logger().error(f"a damaged status was dropped: {failure}")
            return
        known = self._goal_handles
        for key, status in statuses:
            reference = known.get(key)
            if reference is None:
                continue
            handle = reference()
            if handle is not None:
                handle._status = status
            if handle is None or status >= GoalStatus.STATUS_SUCCEEDED:
                self._goal_handles.pop(key, None)
                if handle is None:
                    self._feedback_callbacks.pop(key, None)

    def _on_feedback(self, data):
        try:
            message = deserialize(data, self._action_type.Impl.FeedbackMessage)
        except DeserializationError as failure:
            self._node.get_logger().error(f"damaged feedback was dropped: {failure}")
            return
        callback = self._feedback_callbacks.get(bytes(message.goal_id.uuid))
        if callback is not None:
            callback(message)

    # ------------------------------------------------------------------ requests
    def _request(self, name, request, goal_id):
        endpoint, _ = self._services[name]
        future = Future()
        executor = self._node.executor
        if executor is not None:
            future._set_executor(executor)
        obstacle = endpoint.obstacle()
        if obstacle:
            future.set_exception(RCLError(obstacle))
            return future
        data = serialize(request)
        with self._lock:
            number = endpoint.send(data)
            self._pending[name][number] = (future, goal_id)
        future.add_done_callback(lambda f: self._forget(name, f))
        self.add_future(future)
        return future

    def _forget(self, name, future):
        with self._lock:
            for number, (pending, _) in list(self._pending[name].items()):
                if pending is future:
                    del self._pending[name][number]
        self.remove_future(future)

    def _generate_random_uuid(self):
        return UUID(uuid=list(uuid.uuid4().bytes))

    def send_goal_async(self, goal, feedback_callback=None, goal_uuid=None):
        """Send a goal; the future gives its ClientGoalHandle."""
        if not isinstance(goal, self._action_type.Goal):
            raise TypeError("Expected {}, got {}".format(self._action_type.Goal, type(goal)))
        goal_id = goal_uuid or self._generate_random_uuid()
        if feedback_callback is not None:
            self._feedback_callbacks[bytes(goal_id.uuid)] = feedback_callback
        request = self._action_type.Impl.SendGoalService.Request(goal_id=goal_id, goal=goal)
        return self._request("send_goal", request, goal_id)

    def _cancel_goal_async(self, goal_handle):
        if not isinstance(goal_handle, ClientGoalHandle):
            raise TypeError(f"Expected type ClientGoalHandle but received {type(goal_handle)}")
        request = CancelGoal.Request()
        request.goal_info.goal_id = goal_handle.goal_id
        request.goal_info.stamp = Time()
        return self._request("cancel_goal", request, goal_handle.goal_id)

    def _get_result_async(self, goal_handle):
        if not isinstance(goal_handle, ClientGoalHandle):
            raise TypeError(f"Expected type ClientGoalHandle but received {type(goal_handle)}")
        key = bytes(goal_handle.goal_id.uuid)
        request = self._action_type.Impl.GetResultService.Request(goal_id=goal_handle.goal_id)
        future = self._request("get_result", request, goal_handle.goal_id)

        def finished(done):
            self._feedback_callbacks.pop(key, None)
            if not done.cancelled() and done.exception() is None:
                goal_handle._status = done.result().status

        future.add_done_callback(finished)
        return future

    # ------------------------------------------------------------------ server
    def server_is_ready(self):
        """Say whether a server is there with all its services and topics."""
        return (
            all(endpoint.is_ready() for endpoint, _ in self._services.values())
            and self._feedback_reader.matched_count() > 0
            and self._status_reader.matched_count() > 0
        )

    def wait_for_server(self, timeout_sec=None):
        """Wait until a server is there; woken by the graph.

        False after the timeout in seconds or the end of the context. Without a timeout it is False, too,
        if the only server there is belongs to another vendor's DDS: it can never answer.
        """

        def over():
            return self.server_is_ready() or (timeout_sec is None and self._in_vain())

        return wait_until(self._node.context, over, timeout_sec) and self.server_is_ready()

    def _in_vain(self):
        return any(endpoint.obstacle() for endpoint, _ in self._services.values())

    def destroy(self):
        """Remove the client from its node."""
        self._node.remove_waitable(self)
        self._close()

    def _close(self):
        if self._closed:
            return
        self._closed = True
        self._feedback_reader.close()
        self._status_reader.close()
        for endpoint, _ in self._services.values():
            endpoint.close()
