"""Real processes that are killed at random instants while the robot runs its errand."""
