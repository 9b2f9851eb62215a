"""Sends transforms that never change."""

from typing import Any

from tf2_msgs.msg import TFMessage

from rclpy.qos import DurabilityPolicy, QoSProfile


class StaticTransformBroadcaster:
    """A publisher of /tf_static, which late listeners get too."""

    def __init__(self, node: Any, qos: QoSProfile | int | None = None) -> None:
        if qos is None:
            qos = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.pub_tf = node.create_publisher(TFMessage, "/tf_static", qos)
        self._sent: dict[str, Any] = {}  # by child frame: one message has to hold all

    def sendTransform(self, transform: Any) -> None:  # noqa: N802
        """Send one TransformStamped or several, together with those sent before."""
        for one in transform if hasattr(transform, "__iter__") else [transform]:
            self._sent[one.child_frame_id] = one
        self.pub_tf.publish(TFMessage(transforms=list(self._sent.values())))
