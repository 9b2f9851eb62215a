"""`ros2 multicast`: whether multicast works between machines."""
