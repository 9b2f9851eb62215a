"""A node with one of everything the `ros2` command looks at."""

import contextlib
import time

import rclpy
from example_interfaces.action import Fibonacci
from geometry_msgs.msg import PoseStamped
from rcl_interfaces.msg import FloatingPointRange, ParameterDescriptor
from rclpy.action import ActionServer, CancelResponse
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import ExternalShutdownException, MultiThreadedExecutor
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import String
from std_srvs.srv import SetBool


def execute(goal_handle):
    """Take as many twentieths of a second as the order says, unless cancelled."""
    result = Fibonacci.Result()
    for number in range(goal_handle.request.order):
        if goal_handle.is_cancel_requested:
            goal_handle.canceled()
            return result
        feedback = Fibonacci.Feedback()
        feedback.sequence = [number]
        goal_handle.publish_feedback(feedback)
        time.sleep(0.05)
    goal_handle.succeed()
    return result


def switch(request, response):
    """Answer with what was asked."""
    response.success = request.data
    response.message = "switched"
    return response


def main() -> None:
    """Run until interrupted."""
    rclpy.init()
    node = rclpy.create_node("exhibit", namespace="/hall")
    speed = ParameterDescriptor(
        description="in m/s",
        floating_point_range=[FloatingPointRange(from_value=0.0, to_value=2.0)],
    )
    node.declare_parameter("speed", 0.5, speed)
    node.declare_parameter("arm.joints", ["shoulder", "elbow"])
    node.declare_parameter("gains", [1.0, 2.5])
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    banner = node.create_publisher(String, "/banner", latched)
    banner.publish(String(data="welcome"))
    poses = node.create_publisher(PoseStamped, "/pose", 10)

    def publish() -> None:
        pose = PoseStamped()
        pose.header.stamp = node.get_clock().now().to_msg()
        pose.header.frame_id = "map"
        pose.pose.position.x = 1.5
        poses.publish(pose)

    node.create_timer(0.05, publish)
    node.create_service(SetBool, "/switch", switch)
    group = ReentrantCallbackGroup()
    ActionServer(
        node,
        Fibonacci,
        "/count",
        execute,
        cancel_callback=lambda _: CancelResponse.ACCEPT,
        callback_group=group,
    )
    executor = MultiThreadedExecutor(num_threads=3)
    executor.add_node(node)
    with contextlib.suppress(KeyboardInterrupt, ExternalShutdownException):
        executor.spin()


if __name__ == "__main__":
    main()
