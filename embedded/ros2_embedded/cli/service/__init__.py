"""`ros2 service`: services in the graph."""
