"""Serves example_interfaces/action/Fibonacci on `fibonacci`."""

import contextlib
import time

import rclpy
from example_interfaces.action import Fibonacci
from rclpy.action import ActionServer
from rclpy.executors import ExternalShutdownException


def execute(goal_handle):
    """Compute the sequence, one feedback message per number."""
    sequence = [0, 1]
    for _ in range(1, goal_handle.request.order):
        sequence.append(sequence[-1] + sequence[-2])
        feedback = Fibonacci.Feedback()
        feedback.sequence = sequence
        goal_handle.publish_feedback(feedback)
        # Feedback and result travel apart; a goal that takes no time may end before its feedback.
        time.sleep(0.05)
    goal_handle.succeed()
    result = Fibonacci.Result()
    result.sequence = sequence
    return result


def main() -> None:
    """Run until interrupted."""
    rclpy.init()
    node = rclpy.create_node("fib_server")
    server = ActionServer(node, Fibonacci, "fibonacci", execute)
    with contextlib.suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.spin(node)
    server.destroy()


if __name__ == "__main__":
    main()
