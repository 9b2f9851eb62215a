"""Sensor messages as numpy arrays."""
