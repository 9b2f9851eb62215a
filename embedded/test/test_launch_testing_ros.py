"""launch_testing_ros spins, republishes and filters for tests of nodes."""

import time

import launch_testing.test_runner
import pytest
import rclpy
from launch_testing_ros import DataRepublisher, LaunchTestRunner, MessagePump, WaitForTopics
from launch_testing_ros.tools import basic_output_filter
from launch_testing_ros.tools.output import get_rmw_output_filter
from std_msgs.msg import Int32


def wait_for(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def test_a_pump_runs_callbacks_between_start_and_stop(context):
    node = rclpy.create_node("pumped", context=context)
    fired = []
    node.create_timer(0.01, lambda: fired.append(1))
    pump = MessagePump(node, context=context)
    pump.start()
    wait_for(lambda: len(fired) > 2)
    pump.stop()
    count = len(fired)
    time.sleep(0.1)
    assert len(fired) == count


def test_messages_are_changed_or_dropped_on_their_way(spinning):
    node = spinning("between")
    # Zero is dropped.
    double = DataRepublisher(
        node, "in", "out", Int32, lambda m: Int32(data=2 * m.data) if m.data else None
    )
    received = []
    node.create_subscription(Int32, "out", lambda message: received.append(message.data), 10)
    publisher = node.create_publisher(Int32, "in", 10)
    wait_for(lambda: publisher.get_subscription_count() and node.count_publishers("out"))
    for number in (1, 0, 2):
        publisher.publish(Int32(data=number))
    wait_for(lambda: double.get_num_received() == 3 and len(received) == 2)
    assert received == [2, 4]
    assert double.get_num_republished() == 2
    assert [message.data for message in double.get_republished()] == [1, 2]
    double.shutdown()
    wait_for(lambda: publisher.get_subscription_count() == 0)


def test_silent_topics_are_named(spinning):
    node = spinning("source")
    publisher = node.create_publisher(Int32, "loud", 10)
    node.create_timer(0.02, lambda: publisher.publish(Int32(data=1)))
    waiting = WaitForTopics([("loud", Int32), ("silent", Int32)], timeout=2.0)
    assert not waiting.wait()
    assert (waiting.topics_received(), waiting.topics_not_received()) == ({"loud"}, {"silent"})
    waiting.shutdown()
    with pytest.raises(RuntimeError, match="silent"), WaitForTopics([("silent", Int32)], 0.1):
        pass


def test_what_a_middleware_writes_is_filtered(tmp_path, monkeypatch):
    index = tmp_path / "share" / "ament_index" / "resource_index"
    for kind, text in (("prefixes", "[dds]\n"), ("patterns", ".*noise\n")):
        (index / f"rmw_output_{kind}").mkdir(parents=True)
        (index / f"rmw_output_{kind}" / "rmw_loud").write_text(text)
    monkeypatch.setenv("AMENT_PREFIX_PATH", str(tmp_path))
    assert get_rmw_output_filter("rmw_loud", "prefixes") == ["[dds]"]
    assert get_rmw_output_filter("rmw_quiet", "prefixes") == []
    with pytest.raises(TypeError, match="'prefixes' or 'patterns'"):
        get_rmw_output_filter("rmw_loud", "others")
    text = "pid 1\n[dds] up\nsome noise\nkept\n"
    assert basic_output_filter(filtered_rmw_implementation="rmw_loud")(text) == "kept\n"


def test_the_runner_is_launch_testings():
    assert issubclass(LaunchTestRunner, launch_testing.test_runner.LaunchTestRunner)
