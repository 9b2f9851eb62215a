"""Sends transforms that change."""

from typing import Any

from tf2_msgs.msg import TFMessage

from rclpy.qos import QoSProfile


class TransformBroadcaster:
    """A publisher of /tf."""

    def __init__(self, node: Any, qos: QoSProfile | int | None = None) -> None:
        self.pub_tf = node.create_publisher(
            TFMessage, "/tf", QoSProfile(depth=100) if qos is None else qos
        )

    def sendTransform(self, transform: Any) -> None:  # noqa: N802
        """Send one TransformStamped or several."""
        transforms = list(transform) if hasattr(transform, "__iter__") else [transform]
        self.pub_tf.publish(TFMessage(transforms=transforms))
