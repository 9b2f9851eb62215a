"""Capabilities that take several goals on the robot: each step is adopted again after a crash."""
