"""What `ros2 pkg` knows, for programs."""
