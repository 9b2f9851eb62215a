"""`ros2 component`: what containers that run elsewhere have loaded."""
