"""The `ros2` command's nodes, for programs that look at the graph as it does."""
