"""The workflow of a mission: deterministic, so that Temporal can replay it from its history.

Each task is a coroutine that waits for those it depends on. What a robot does is an activity. The
robot that takes it asks with the update ``claim`` before anything physical begins: from the answer
on, the task belongs to that robot, and if robot, agent or connection is lost, the activity is begun
again on the queue of this robot alone. An unclaimed task may go to any other robot.

Temporal bounds the length of a workflow's history, the number of open activities, and the time that
a step may compute. So activities are begun in turn and in portions, and a long mission continues in
a new run, which begins the activities of running tasks again.

``workflow`` has the run, queries, updates and signals of the workflow. Each of the other modules is
one thing that it does; all share ``books`` (what is known) and ``course`` (running, paused, being
cancelled).
"""

from execution_orchestrator.fleet.mission.books import ATTRIBUTES, MORE, NEEDS
from execution_orchestrator.fleet.mission.workflow import BEGAN, MissionWorkflow

__all__ = ["ATTRIBUTES", "BEGAN", "MORE", "NEEDS", "MissionWorkflow"]
