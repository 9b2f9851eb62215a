"""A lifecycle node that says what it does."""

import contextlib

import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.lifecycle import LifecycleNode, TransitionCallbackReturn


class Managed(LifecycleNode):
    """Refuses to be configured if its parameter says so."""

    def __init__(self) -> None:
        super().__init__("managed")
        self.declare_parameter("refuse", False)

    def on_configure(self, _):
        if self.get_parameter("refuse").value:
            return TransitionCallbackReturn.FAILURE
        return TransitionCallbackReturn.SUCCESS


def main() -> None:
    """Run until interrupted."""
    rclpy.init()
    with contextlib.suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.spin(Managed())


if __name__ == "__main__":
    main()
