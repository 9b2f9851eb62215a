"""`ros2 topic`: topics in the graph."""
