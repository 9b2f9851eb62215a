"""Missions of a fleet: tasks for many robots, on Temporal (docs/fleet.md).

A mission document becomes one workflow; each of its tasks is an activity that the agent beside a
robot's orchestrator runs. Nothing of a single robot needs this folder.
"""
