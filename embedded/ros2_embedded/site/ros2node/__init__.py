"""What `ros2 node` knows, for programs."""
