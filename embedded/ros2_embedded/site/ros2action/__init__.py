"""What `ros2 action` knows, for programs."""
