"""ROS 2 without ROS 2: rclpy, launch and the ros2 command over the real wire protocol.

Imported before pytest can rewrite assertions, which it need not try: PYTEST_DONT_REWRITE.
"""

__version__ = "0.1.0"
