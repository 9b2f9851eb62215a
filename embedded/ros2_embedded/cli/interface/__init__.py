"""`ros2 interface`: interface definitions."""
