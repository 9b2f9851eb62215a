"""`ros2 lifecycle`: nodes with managed states."""
