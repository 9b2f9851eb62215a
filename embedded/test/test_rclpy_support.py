"""Every statement of the support table in the README."""

import asyncio
import re
import resource
import threading
import time
import uuid
from pathlib import Path

import pytest
import rclpy
from action_msgs.msg import GoalStatus
from example_interfaces.action import Fibonacci
from example_interfaces.srv import AddTwoInts
from lifecycle_msgs.srv import ChangeState, GetState
from rcl_interfaces.msg import Log
from rclpy.action import ActionClient, ActionServer, CancelResponse, GoalResponse
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.clock import Clock, ROSClock
from rclpy.duration import Duration
from rclpy.event_handler import (
    PublisherEventCallbacks,
    SubscriptionEventCallbacks,
)
from rclpy.executors import SingleThreadedExecutor
from rclpy.lifecycle import LifecycleNode
from rclpy.logging import LoggingSeverity
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.serialization import deserialize_message, serialize_message
from rclpy.time import Time
from rclpy.waitable import Waitable
from rosgraph_msgs.msg import Clock as ClockMessage
from std_msgs.msg import Bool, String
from type_description_interfaces.srv import GetTypeDescription
from unique_identifier_msgs.msg import UUID

from ros2_embedded.idl import type_sources

PATIENCE = 20  # seconds


def finished(future):
    """Wait for a future that other threads complete."""
    event = threading.Event()
    future.add_done_callback(lambda _: event.set())
    assert future.done() or event.wait(PATIENCE)
    return future.result()


def test_the_readme_names_what_is_refused():
    text = (Path(__file__).parents[1] / "README.md").read_text()
    table = re.findall(r"^\| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    refused = {name for name, state in table if state.startswith("`NotImplementedError`")}
    assert refused == {"own `Waitable` classes"}
    with pytest.raises(NotImplementedError, match="own Waitable classes"):
        Waitable(ReentrantCallbackGroup()).conditions()


@pytest.mark.parametrize("sources", [True, False])
def test_a_node_describes_its_types(context, spinning, sources):
    node = spinning("described")
    client = node.create_client(GetTypeDescription, "/described/get_type_description")
    assert client.wait_for_service(PATIENCE)
    request = GetTypeDescription.Request(
        type_name="geometry_msgs/msg/Point32", include_type_sources=sources
    )
    answer = client.call(request, timeout_sec=PATIENCE)
    assert answer.successful
    described = answer.type_description.type_description
    assert [field.name for field in described.fields] == ["x", "y", "z"]
    found = [(one.type_name, one.encoding) for one in answer.type_sources]
    assert found == ([("geometry_msgs/msg/Point32", "msg")] if sources else [])
    assert all("float32 x" in one.raw_file_contents for one in answer.type_sources)
    request.type_hash = "RIHS01_" + "0" * 64
    assert not client.call(request, timeout_sec=PATIENCE).successful


def test_parts_of_a_service_have_no_source_of_their_own():
    sources = type_sources("example_interfaces/srv/AddTwoInts_Request")
    assert [(one.encoding, one.raw_file_contents) for one in sources] == [("implicit", "")]


def test_the_profile_of_rosout_may_be_a_depth(context):
    node = rclpy.create_node("quiet", context=context, rosout_qos_profile=5)
    (publisher,) = node.get_publishers_info_by_topic("/rosout")
    assert publisher.qos_profile.depth == 5
    assert publisher == node.get_publishers_info_by_topic("/rosout")[0]
    assert str(publisher.topic_type_hash).startswith("RIHS01_")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "NOT_SET"),
        (True, "BOOL"),
        (1, "INTEGER"),
        (1.0, "DOUBLE"),
        ("1", "STRING"),
        ([b"1"], "BYTE_ARRAY"),
        ([], "BYTE_ARRAY"),
        ([True], "BOOL_ARRAY"),
        ([True, 1], "INTEGER_ARRAY"),
        ((1, 2), "INTEGER_ARRAY"),
        ([1.0], "DOUBLE_ARRAY"),
        (["1"], "STRING_ARRAY"),
        ([1, 1.0], None),
        ({}, None),
    ],
)
def test_the_type_of_a_parameter_is_that_rclpy_gives_it(value, kind):
    if kind is None:
        with pytest.raises(TypeError):
            Parameter("one", value=value)
        return
    parameter = Parameter("one", value=value)
    assert parameter.type_.name == kind
    told = Parameter.from_parameter_msg(parameter.to_parameter_msg())
    assert told.type_ is parameter.type_
    assert told.value == (list(value) if isinstance(value, tuple) else value)


def test_both_sides_are_told_of_an_incompatible_type(context):
    node = rclpy.create_node("types", context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    told = {"publisher": [], "early": [], "late": []}

    def subscription(kind, name):
        events = SubscriptionEventCallbacks(incompatible_type=told[name].append)
        return node.create_subscription(kind, "/types", print, 10, event_callbacks=events)

    subscription(Bool, "early")
    executor.spin_once(timeout_sec=0)
    events = PublisherEventCallbacks(incompatible_type=told["publisher"].append)
    node.create_publisher(String, "/types", 10, event_callbacks=events)
    subscription(String, "late")
    deadline = time.monotonic() + PATIENCE
    while not (told["publisher"] and told["early"]) and time.monotonic() < deadline:
        executor.spin_once(timeout_sec=0.1)
    for name in ("publisher", "early"):
        assert [(one.total_count, one.total_count_change) for one in told[name]] == [(1, 1)]
    # The same type is no event; the other subscription is none to a subscription.
    executor.spin_once(timeout_sec=0.1)
    assert told["late"] == []
    node.destroy_node()
    executor.shutdown()


def test_raw_subscription_and_message_information(context, spinning):
    node = spinning("raw")
    arrived = threading.Event()
    got = []

    def keep(data, information):
        got.append((data, information))
        arrived.set()

    node.create_subscription(String, "/raw", keep, 10, raw=True)
    node.create_publisher(String, "/raw", 10).publish(String(data="abc"))
    assert arrived.wait(PATIENCE)
    data, information = got[0]
    assert deserialize_message(data, String) == String(data="abc")
    assert data[: len(serialize_message(String(data="abc")))] == serialize_message(
        String(data="abc")
    )
    assert 0 < information["source_timestamp"] <= information["received_timestamp"]


def test_incompatible_qos_is_reported(context, spinning):
    node = spinning("events")
    seen = threading.Event()
    node.create_publisher(
        String, "/q", QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
    )
    node.create_subscription(
        String,
        "/q",
        lambda message: None,
        QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE),
        event_callbacks=SubscriptionEventCallbacks(incompatible_qos=lambda event: seen.set()),
    )
    assert seen.wait(PATIENCE)


def test_a_service_called_from_a_callback_with_await(context, spinning):
    node = spinning("awaiting")
    group = ReentrantCallbackGroup()

    def add(request, response):
        response.sum = request.a + request.b
        return response

    node.create_service(AddTwoInts, "/add", add, callback_group=group)
    client = node.create_client(AddTwoInts, "/add", callback_group=group)
    assert client.wait_for_service(PATIENCE)
    sums = []
    done = threading.Event()

    async def ask():
        timer.cancel()
        sums.append((await client.call_async(AddTwoInts.Request(a=1, b=2))).sum)
        done.set()

    timer = node.create_timer(0.01, ask, callback_group=group, autostart=False)
    timer.reset()
    assert done.wait(PATIENCE)
    assert sums == [3]
    assert client.call(AddTwoInts.Request(a=4, b=5), timeout_sec=PATIENCE).sum == 9


def test_callbacks_that_wait_for_services_do_not_starve_the_answers(context, spinning):
    node = spinning("busy")
    server = SingleThreadedExecutor(context=context)
    serving = rclpy.create_node("serving", context=context)

    def add(request, response):
        response.sum = request.a + request.b
        return response

    serving.create_service(AddTwoInts, "/slow_add", add)
    server.add_node(serving)
    group = ReentrantCallbackGroup()
    client = node.create_client(AddTwoInts, "/slow_add", callback_group=group)
    assert client.wait_for_service(PATIENCE)
    sums, done = [], threading.Semaphore(0)

    def ask():
        sums.append(client.call(AddTwoInts.Request(a=1, b=1), timeout_sec=PATIENCE).sum)
        done.release()

    # As many callbacks as the executor has threads, all blocked in a call.
    for _ in range(4):
        node.executor.create_task(ask)
    thread = threading.Thread(target=lambda: [server.spin_once(PATIENCE) for _ in range(4)])
    thread.start()
    assert all(done.acquire(timeout=PATIENCE) for _ in range(4))
    thread.join(timeout=PATIENCE)
    assert sums == [2] * 4
    server.shutdown()


def test_timers_follow_the_simulated_clock(context, spinning):
    node = spinning("simulated", parameter_overrides=[Parameter("use_sim_time", value=True)])
    ticks = threading.Semaphore(0)
    source = spinning("source").create_publisher(ClockMessage, "/clock", 1)
    assert node.get_clock().ros_time_is_active
    node.create_timer(1.0, ticks.release)
    heartbeat = Clock()

    def advance_until(seconds):
        message = ClockMessage()
        message.clock.sec = seconds
        while node.get_clock().now().nanoseconds < seconds * 10**9:
            source.publish(message)
            heartbeat.sleep_for(Duration(seconds=0.02), context)

    advance_until(100)
    advance_until(102)
    assert ticks.acquire(timeout=PATIENCE)


def test_names_and_parameters_from_the_command_line(context):
    arguments = (
        "--ros-args -r __node:=other -r __ns:=/space -r a:=/b -p speed:=2.5 -p /space/other:n:=3"
    )
    node = rclpy.create_node(
        "one",
        context=context,
        cli_args=arguments.split(),
        automatically_declare_parameters_from_overrides=True,
    )
    assert node.get_fully_qualified_name() == "/space/other"
    assert node.resolve_topic_name("a") == "/b"
    assert node.get_parameter("speed").value == 2.5
    assert node.get_parameter("n").value == 3


class Server:
    """A Fibonacci server whose goals run until they are told to end."""

    def __init__(self, node):
        self.go = threading.Event()
        self.accepted = []
        self.server = ActionServer(
            node,
            Fibonacci,
            "/fibonacci",
            self.execute,
            callback_group=ReentrantCallbackGroup(),
            goal_callback=lambda goal: (
                GoalResponse.ACCEPT if goal.order >= 0 else GoalResponse.REJECT
            ),
            cancel_callback=lambda handle: CancelResponse.ACCEPT,
        )

    def execute(self, handle):
        handle.publish_feedback(Fibonacci.Feedback(sequence=[0]))
        while not self.go.wait(0.01):
            if handle.is_cancel_requested:
                handle.canceled()
                return Fibonacci.Result()
        handle.succeed()
        return Fibonacci.Result(sequence=[0, 1])


@pytest.fixture
def action(context, spinning):
    server = Server(spinning("action_server"))
    client = ActionClient(spinning("action_client"), Fibonacci, "/fibonacci")
    assert client.wait_for_server(PATIENCE)
    yield server, client
    server.go.set()


def test_an_action_with_feedback_and_a_chosen_goal_id(action):
    server, client = action
    told = threading.Event()
    chosen = UUID(uuid=list(uuid.uuid4().bytes))
    handle = finished(
        client.send_goal_async(
            Fibonacci.Goal(order=1), feedback_callback=lambda _: told.set(), goal_uuid=chosen
        )
    )
    assert handle.accepted
    assert bytes(handle.goal_id.uuid) == bytes(chosen.uuid)
    assert told.wait(PATIENCE)
    server.go.set()
    answer = finished(handle.get_result_async())
    assert answer.status == GoalStatus.STATUS_SUCCEEDED
    assert list(answer.result.sequence) == [0, 1]


def test_an_action_that_is_cancelled_or_refused(action):
    _, client = action
    handle = finished(client.send_goal_async(Fibonacci.Goal(order=1)))
    answer = finished(handle.cancel_goal_async())
    assert len(answer.goals_canceling) == 1
    assert finished(handle.get_result_async()).status == GoalStatus.STATUS_CANCELED
    assert not finished(client.send_goal_async(Fibonacci.Goal(order=-1))).accepted


def test_a_managed_node_over_its_services(context, spinning):
    class Managed(LifecycleNode):
        pass

    managed = Managed("managed", context=context)
    client_node = spinning("manager")
    client_node.executor.add_node(managed)
    change = client_node.create_client(ChangeState, "/managed/change_state")
    state = client_node.create_client(GetState, "/managed/get_state")
    assert change.wait_for_service(PATIENCE)
    assert state.wait_for_service(PATIENCE)
    request = ChangeState.Request()
    request.transition.id = 1
    assert change.call(request, timeout_sec=PATIENCE).success
    assert state.call(GetState.Request(), timeout_sec=PATIENCE).current_state.label == "inactive"
    # The same transition again does not exist in that state.
    assert not change.call(request, timeout_sec=PATIENCE).success


def test_logging_is_filtered_and_published(context, spinning, capfd):
    node = spinning("talkative")
    heard = []
    arrived = threading.Event()

    def keep(log):
        heard.append((log.name, log.level, log.msg))
        arrived.set()

    node.create_subscription(Log, "/rosout", keep, 10)
    for _ in range(3):
        node.get_logger().warning("only once", once=True)
    assert arrived.wait(PATIENCE)
    assert ("talkative", 30, "only once") in heard
    errors = capfd.readouterr().err
    assert re.search(r"\[WARN\] \[\d+\.\d{9}\] \[talkative\]: only once\n", errors)
    assert errors.count("only once") == 1


def test_options_of_a_place_that_logs(context):
    logger = rclpy.create_node("options", context=context).get_logger()
    clock = ROSClock()
    clock._set_ros_time_is_active(True)

    def throttled():
        options = {"throttle_duration_sec": 1.0, "throttle_time_source_type": clock}
        return logger.warning("at most once a second", **options)

    told = []
    for second in (10.0, 10.5, 11.0):
        clock.set_ros_time_override(Time(seconds=second))
        told.append(throttled())
    assert told == [True, False, True]
    assert [logger.warning("not at first", skip_first=True) for _ in range(3)] == [
        False,
        True,
        True,
    ]
    with pytest.raises(TypeError, match="no logging option"):
        logger.warning("x", trottle_duration_sec=1.0)
    with pytest.raises(TypeError, match="needs"):
        logger.warning("x", throttle_time_source_type=clock)
    with pytest.raises(ValueError, match="severity cannot be changed"):
        [logger.log("x", severity) for severity in (LoggingSeverity.WARN, LoggingSeverity.ERROR)]


def test_an_idle_executor_sleeps(context):
    node = rclpy.create_node("idle", context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    woken = []
    wait = executor._waitset.wait
    executor._waitset.wait = lambda limit: woken.append(limit) or wait(limit)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    executor.spin_once(timeout_sec=0.5)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 0.25
    assert len(woken) < 5
    executor.shutdown()


def test_a_future_can_be_awaited_in_asyncio_while_the_same_thread_spins(context):
    async def spin(executor, done):
        while not done.is_set():
            executor.spin_once(timeout_sec=0)
            await asyncio.sleep(0.001)

    async def call():
        node = rclpy.create_node("in_asyncio", context=context)
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(node)

        async def add(request, response):
            # This coroutine is the executor's, though asyncio runs below it in the same thread.
            ticked = rclpy.task.Future(executor=executor)
            timer = node.create_timer(
                0.01,
                lambda: ticked.done() or ticked.set_result(1),
                callback_group=ReentrantCallbackGroup(),
            )
            response.sum = request.a + request.b + await ticked
            timer.cancel()
            return response

        node.create_service(AddTwoInts, "add", add)
        client = node.create_client(AddTwoInts, "add")
        done = asyncio.Event()
        spinning = asyncio.create_task(spin(executor, done))
        try:
            request = AddTwoInts.Request(a=1, b=2)
            answers = await asyncio.wait_for(
                asyncio.gather(*(answer_of(client.call_async(request)) for _ in range(3))), PATIENCE
            )
        finally:
            done.set()
            await spinning
            node.destroy_node()
            executor.shutdown()
        return [answer.sum for answer in answers]

    async def answer_of(future):
        return await future

    assert asyncio.run(call()) == [4, 4, 4]
