"""Parameters from outside that the node does not have are told."""

from __future__ import annotations

import rclpy
from rclpy.parameter import Parameter

from execution_orchestrator.ros.parameters import ENTRIES, declare, unknown_overrides


def test_a_misspelt_parameter_is_told_with_the_nearest_name():
    context = rclpy.Context()
    rclpy.init(context=context)
    try:
        node = rclpy.create_node(
            "told",
            context=context,
            parameter_overrides=[
                Parameter("queue_capcity", value=3),
                Parameter("max_replans", value=1),
                Parameter("qos_overrides./x.publisher.depth", value=5),
            ],
        )
        values = declare(node)
        assert values["max_replans"] == 1
        assert values.keys() == {entry.name for entry in ENTRIES}
        assert unknown_overrides(node) == [
            "this node has no parameter 'queue_capcity', its value does nothing; "
            "did you mean queue_capacity?"
        ]
        node.destroy_node()
    finally:
        context.try_shutdown()
