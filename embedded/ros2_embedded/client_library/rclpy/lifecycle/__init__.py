"""Managed nodes."""

from rclpy.lifecycle.node import LifecycleNode, LifecycleState, TransitionCallbackReturn

Node = LifecycleNode
State = LifecycleState

__all__ = ["LifecycleNode", "LifecycleState", "TransitionCallbackReturn"]
