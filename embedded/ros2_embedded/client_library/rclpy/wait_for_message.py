"""Wait for one message."""

from __future__ import annotations

from typing import Any

from ros2_embedded.wire.waitset import Guard, WaitSet

from rclpy.utilities import timeout_sec_to_nsec


def wait_for_message(
    msg_type: Any, node: Any, topic: str, *, qos_profile: Any = 1, time_to_wait: float = -1
) -> tuple[bool, Any]:
    """Return (True, message), or (False, None) after the time in seconds or at shutdown."""
    context = node.context
    subscription = node.create_subscription(msg_type, topic, lambda _: None, qos_profile)
    guard = Guard(context.participant.entity)
    waitset = WaitSet(context.participant.entity)
    stop = context._on_end(guard.trigger)
    try:
        waitset.attach(guard.condition, None)
        waitset.attach(subscription.condition, subscription)
        nanoseconds = timeout_sec_to_nsec(time_to_wait)
        ready = waitset.wait(None if nanoseconds < 0 else nanoseconds)
        if subscription in ready and context.ok():
            received = subscription._receive()
            if received is not None:
                return True, received[0]
    finally:
        stop()
        waitset.close()
        guard.close()
        node.destroy_subscription(subscription)
    return False, None
