"""Launches ROS nodes."""

from . import actions, descriptions, substitutions
