"""Peers that die and come back, many nodes, many processes, servers that are gone."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import rclpy
from example_interfaces.srv import AddTwoInts
from rclpy._rclpy_pybind11 import InvalidHandle, RCLError
from rclpy.client import wait_until
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from std_msgs.msg import String
from std_srvs.srv import Empty

from test.domains import free_domain

PATIENCE = 20  # seconds
START = "from ros2_embedded import bootstrap; bootstrap.activate(); import rclpy; rclpy.init(); "
PEER = (
    START
    + """
from std_msgs.msg import String
from example_interfaces.srv import AddTwoInts
node = rclpy.create_node("peer")
publisher = node.create_publisher(String, "/alive", 10)
node.create_timer(0.02, lambda: publisher.publish(String(data="here")))
node.create_service(AddTwoInts, "/silent", lambda request, response: time.sleep(60))
import time
rclpy.spin(node)
"""
)
MEMBER = (
    START
    + """
import sys
node = rclpy.create_node("member_" + sys.argv[1])
timer = node.create_timer(0.0, lambda: (timer.cancel(), print("ready", flush=True)))
rclpy.spin(node)
"""
)


def start(code, *arguments, **options):
    return subprocess.Popen([sys.executable, "-c", code, *arguments], **options)


def end(process):
    process.kill()
    process.wait(timeout=PATIENCE)


def test_what_a_context_took_of_the_machine_is_given_back(monkeypatch):
    """Sockets and threads of a domain stayed for ever; a process that began many found no port."""

    def taken():
        process = Path("/proc/self")
        return [len(list((process / what).iterdir())) for what in ("fd", "task")]

    def begin_and_end(domain):
        monkeypatch.setenv("ROS_DOMAIN_ID", str(domain))
        with rclpy.Context() as mine:
            node = rclpy.create_node("short", context=mine)
            node.create_client(AddTwoInts, "/nobody")
            rclpy.spin_once(node, executor=SingleThreadedExecutor(context=mine), timeout_sec=0.01)

    first, *others = [free_domain() for _ in range(4)]
    begin_and_end(first)
    before = taken()
    for domain in others:
        begin_and_end(domain)
    assert taken() == before


def test_a_peer_that_is_killed_comes_back(context, spinning):
    node = spinning("watcher")
    heard = threading.Event()
    node.create_subscription(String, "/alive", lambda message: heard.set(), 10)
    for _ in range(2):
        peer = start(PEER)
        try:
            assert heard.wait(PATIENCE)
            peer.send_signal(signal.SIGKILL)
            peer.wait(timeout=PATIENCE)
            heard.clear()
        finally:
            end(peer)


def test_a_call_whose_server_dies_gets_its_timeout(context, spinning):
    node = spinning("caller")
    client = node.create_client(AddTwoInts, "/silent")
    peer = start(PEER)
    try:
        assert client.wait_for_service(PATIENCE)
        threading.Timer(0.3, peer.kill).start()
        assert client.call(AddTwoInts.Request(a=1, b=2), timeout_sec=1.0) is None
        assert client._pending_requests == {}
    finally:
        end(peer)


def test_a_service_that_never_comes_is_waited_for_no_longer_than_asked(context, spinning):
    client = spinning("caller").create_client(AddTwoInts, "/nowhere")
    assert not client.wait_for_service(0.2)
    assert not client.service_is_ready()


def test_a_hundred_nodes_in_one_process(context):
    executor = SingleThreadedExecutor(context=context)
    heard = []
    nodes = [rclpy.create_node(f"crowd_{number}", context=context) for number in range(100)]
    for node in nodes:
        executor.add_node(node)
        node.create_subscription(String, "/crowd", lambda message: heard.append(message.data), 10)
    publisher = nodes[0].create_publisher(String, "/crowd", 10)
    assert wait_until(context, lambda: publisher.get_subscription_count() == 100, PATIENCE)
    publisher.publish(String(data="all"))
    for _ in range(100):
        executor.spin_once(timeout_sec=PATIENCE)
    assert heard == ["all"] * 100
    assert len(set(nodes[0].get_node_names())) == 100
    executor.shutdown()


def test_thirty_processes_find_each_other(context):
    observer = rclpy.create_node("observer", context=context)
    members = [start(MEMBER, str(number), stdout=subprocess.PIPE) for number in range(30)]
    try:
        expected = {f"member_{number}" for number in range(30)}
        assert wait_until(context, lambda: expected <= set(observer.get_node_names()), 90)
    finally:
        for member in members:
            member.kill()
        for member in members:
            member.wait(timeout=PATIENCE)
            member.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_spinning_process(number):
    member = start(MEMBER, "signalled", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert member.stdout.readline() == b"ready\n"
        os.kill(member.pid, number)
        _, errors = member.communicate(timeout=PATIENCE)
        # It ended by itself: by the exception of spin(), or because spin() saw the end and returned.
        assert member.returncode in (0, 1, 128 + signal.SIGINT, -signal.SIGINT)
        if number == signal.SIGINT:
            assert b"KeyboardInterrupt" in errors
        elif member.returncode:
            assert b"ExternalShutdownException" in errors
    finally:
        end(member)


def test_a_signal_waits_for_nothing_that_the_interrupted_thread_holds(context):
    """A thread that begins to wait for an event holds its lock, and whoever wakes it wants it."""
    held, woken = threading.Lock(), threading.Event()

    def wake():
        with held:
            woken.set()

    context._on_end(wake)
    with held:
        context._shutdown_by_signal()
    assert woken.wait(PATIENCE)


def test_raw_bytes_that_are_no_message_do_not_stop_a_subscription(context):
    node = rclpy.create_node("careful", context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    heard = []
    node.create_subscription(String, "/mixed", lambda message: heard.append(message.data), 10)
    publisher = node.create_publisher(String, "/mixed", 10)
    publisher.publish(b"\x00\x01\x00\x00\xff\xff\xff\x7f")
    publisher.publish(String(data="good"))
    while not heard:
        executor.spin_once(timeout_sec=PATIENCE)
    assert heard == ["good"]
    executor.shutdown()


def test_after_the_end_of_the_context_entities_say_so(context):
    node = Node("ended", context=context)
    publisher = node.create_publisher(String, "words", 1)
    client = node.create_client(Empty, "nothing")
    destroyed = node.create_publisher(String, "other_words", 1)
    node.destroy_publisher(destroyed)
    context.shutdown()
    for use in (
        lambda: publisher.publish(String()),
        publisher.get_subscription_count,
        client.service_is_ready,
        lambda: node.create_publisher(String, "more_words", 1),
    ):
        with pytest.raises(RCLError, match="context"):
            use()
    with pytest.raises(InvalidHandle):
        destroyed.publish(String())
    assert node.get_logger().info("still told") is True


def test_after_a_signal_nothing_is_published(context):
    publisher = Node("interrupted", context=context).create_publisher(String, "words", 1)
    context._shutdown_by_signal()
    with pytest.raises(RCLError, match="Failed to publish: publisher's context is invalid"):
        publisher.publish(String())
