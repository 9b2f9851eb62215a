"""`ros2 action`: actions in the graph."""
