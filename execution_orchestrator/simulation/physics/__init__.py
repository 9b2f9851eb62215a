"""The simulation's physics: pure, seeded, stepped by a time step; no ROS, no clock."""
