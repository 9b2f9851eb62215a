"""How fast the ROS 2 runtime of this Python is, between two processes."""
