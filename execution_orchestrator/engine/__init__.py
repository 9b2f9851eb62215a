"""How a plan runs: a deterministic state machine without ROS, clock or I/O."""
