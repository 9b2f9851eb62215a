"""Turns a command or a plan into a dependable robot execution."""
