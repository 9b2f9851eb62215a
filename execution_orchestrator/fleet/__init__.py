"""Missions of a fleet: tasks for many robots, on Temporal (docs/fleet.md).

A mission document becomes one workflow; each of its tasks is an activity that the agent on a robot
runs. A single robot without missions needs nothing of this folder.
"""
