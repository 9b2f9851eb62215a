"""What `ros2 topic` knows, for programs."""
