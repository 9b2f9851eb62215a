"""What `ros2 service` knows, for programs."""
