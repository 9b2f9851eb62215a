"""Ends two goals under use_sim_time; prints what is known of each when time stood still or went on."""

import json
import threading
import time

from ros2_embedded import bootstrap

bootstrap.activate()

import rclpy  # noqa: E402
from rclpy.action import ActionClient, ActionServer  # noqa: E402
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor  # noqa: E402
from rclpy.parameter import Parameter  # noqa: E402
from rosgraph_msgs.msg import Clock  # noqa: E402
from test_msgs.action import Fibonacci  # noqa: E402

PATIENCE = 20.0  # seconds
KEPT = 1  # second
STILL = 2.5  # seconds of real time, in which no time goes by


def execute(handle):
    handle.succeed()
    return Fibonacci.Result()


def wait(future):
    deadline = time.monotonic() + PATIENCE
    while not future.done():
        assert time.monotonic() < deadline, "no answer"
        time.sleep(0.01)
    return future.result()


def main():
    rclpy.init()
    node = rclpy.create_node("timed", parameter_overrides=[Parameter("use_sim_time", value=True)])
    ActionServer(node, Fibonacci, "timed", execute, result_timeout=KEPT)
    client = ActionClient(node, Fibonacci, "timed")
    publisher = node.create_publisher(Clock, "/clock", 10)
    executor = SingleThreadedExecutor()
    executor.add_node(node)

    def spin():
        try:
            executor.spin()
        except ExternalShutdownException:
            return

    thread = threading.Thread(target=spin)
    thread.start()

    def it_is(seconds):
        message = Clock()
        message.clock.sec = seconds
        deadline = time.monotonic() + PATIENCE
        while node.get_clock().now().nanoseconds != seconds * 10**9:
            assert time.monotonic() < deadline, "the clock is not heard"
            publisher.publish(message)
            time.sleep(0.05)

    assert client.wait_for_server(PATIENCE)
    found = {}
    it_is(100)
    for name in ("stands still", "goes on"):
        handle = wait(client.send_goal_async(Fibonacci.Goal()))
        wait(handle.get_result_async())
        if name == "goes on":
            it_is(100 + 2 * KEPT + 1)
            time.sleep(0.5)
        else:
            time.sleep(STILL)
        found[name] = wait(handle.get_result_async()).status
    print(json.dumps(found))
    rclpy.try_shutdown()
    thread.join()


if __name__ == "__main__":
    main()
