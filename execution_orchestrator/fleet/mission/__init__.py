"""The workflow of a mission: deterministic, so that Temporal can replay it from its history.

Each task is a coroutine that waits for those it depends on. What a robot does is an activity. The
robot that takes it asks with the update ``claim`` before anything physical begins: from the answer
on, the task belongs to that robot, and if robot, agent or connection is lost, it is asked again on
the queue of this robot alone. A task that nobody has claimed may go to any other robot.

Temporal bounds how long a workflow's history may be, what may be open at once, and how long a step
may compute. So tasks are asked for in turn and in portions, and a long mission goes on in a new
run, which asks again for what robots have begun.

``workflow`` is the mission as others see it: its run, and what may be asked of it. Each of the
other modules is one thing that it does; all share ``books`` (what is known) and ``course`` (whether
it goes on).
"""

from execution_orchestrator.fleet.mission.books import ATTRIBUTES, MORE, NEEDS
from execution_orchestrator.fleet.mission.workflow import BEGAN, MissionWorkflow

__all__ = ["ATTRIBUTES", "BEGAN", "MORE", "NEEDS", "MissionWorkflow"]
