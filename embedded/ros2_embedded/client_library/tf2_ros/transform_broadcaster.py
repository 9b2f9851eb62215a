"""Sends transforms that change."""

from tf2_msgs.msg import TFMessage

from rclpy.qos import QoSProfile


class TransformBroadcaster:
    """A publisher of /tf."""

    def __init__(self, node, qos=None):
        self.pub_tf = node.create_publisher(
            TFMessage, "/tf", QoSProfile(depth=100) if qos is None else qos
        )

    def sendTransform(self, transform):  # noqa: N802
        """Send one TransformStamped or a list of them."""
        transforms = list(transform) if hasattr(transform, "__iter__") else [transform]
        self.pub_tf.publish(TFMessage(transforms=transforms))
