"""ROS 2 without ROS 2: rclpy, launch and the ros2 command over the real wire protocol."""

__version__ = "0.1.0"
