"""`ros2 node`: nodes in the graph."""
