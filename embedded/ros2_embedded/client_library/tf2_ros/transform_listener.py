"""Fills a buffer from /tf and /tf_static."""

import threading

from tf2_msgs.msg import TFMessage

from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, QoSProfile
from tf2_ros.exceptions import InvalidArgumentException


class TransformListener:
    """Two subscriptions of a node; with ``spin_thread`` a thread of its own runs the node."""

    def __init__(
        self, buffer, node, *, spin_thread=False, qos=None, static_qos=None, tf_topic="/tf",
        tf_static_topic="/tf_static",
    ):  # fmt: skip
        if static_qos is None:
            static_qos = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.buffer = buffer
        self.node = node
        self.group = ReentrantCallbackGroup()
        self.tf_sub = node.create_subscription(
            TFMessage,
            tf_topic,
            self.callback,
            QoSProfile(depth=100) if qos is None else qos,
            callback_group=self.group,
        )
        self.tf_static_sub = node.create_subscription(
            TFMessage, tf_static_topic, self.static_callback, static_qos, callback_group=self.group
        )
        self.executor = None
        if spin_thread:
            self.executor = SingleThreadedExecutor(context=node.context)
            self.executor.add_node(node)
            self.dedicated_listener_thread = threading.Thread(target=self._spin, daemon=True)
            self.dedicated_listener_thread.start()

    def _spin(self):
        try:
            self.executor.spin()
        except ExternalShutdownException:
            return

    def unregister(self):
        """Stop listening."""
        if self.executor is not None:
            self.executor.shutdown()
        self.node.destroy_subscription(self.tf_sub)
        self.node.destroy_subscription(self.tf_static_sub)

    def _fill(self, message, set_transform):
        for transform in message.transforms:
            try:
                set_transform(transform, "default_authority")
            except InvalidArgumentException as failure:
                self.node.get_logger().error(str(failure), throttle_duration_sec=5.0)

    def callback(self, data):
        self._fill(data, self.buffer.set_transform)

    def static_callback(self, data):
        self._fill(data, self.buffer.set_transform_static)
