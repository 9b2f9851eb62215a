"""`ros2 daemon`: there is none, and none is needed."""
