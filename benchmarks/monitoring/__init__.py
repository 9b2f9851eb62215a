"""What watching costs, and how fast it is."""
