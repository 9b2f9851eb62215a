"""How long a mission waits for what, and how much of what Temporal takes."""

from __future__ import annotations

from datetime import timedelta

HEARTBEAT = timedelta(seconds=15)  # of silence, after which a robot counts as lost
LONGEST = timedelta(days=30)  # an activity may last; the mission's own limits come first
CONTROL = timedelta(seconds=20)  # for a robot to do what is asked about a running task
WORD = timedelta(seconds=60)  # for a robot that is away to come and say that it has stopped
FOLLOWS = timedelta(seconds=5)  # from a person's cancel to that of the workflow
HAND_BACK_PAUSE = 0.2  # seconds before a task that was handed back is offered again
LONGEST_PAUSE = 5.0  # seconds, when it is handed back again and again
ANOTHER = 60.0  # seconds for another robot to take what one has said that it cannot do
MOST_ROWS = 50  # tasks that Temporal's UI shows
# Tasks that robots are asked for; Temporal ends a workflow with 2,000 open ones.
MOST_AT_ONCE = 1500
MOST_UNTAKEN = 100  # of them in one queue, which no robot has taken yet
MOST_NOTIFIED = 100  # robots that are asked at once to end the tasks of a cancelled mission
MOST_IN_LINE = 100  # tasks of one mission that ask for one shared thing
PORTION = 50  # tasks that are begun in one step, which may not compute for longer than 2 s
PORTION_OF_ITEMS = 500  # of a for_each in the missions of earlier releases
BREATH = 0.01  # seconds between two such steps
MOST_BYTES = 10_000_000  # of one run's history; Temporal ends a workflow with five times as many
MOST_CLAIMS = 1500  # that one run answers; Temporal takes 2,000
# A new run begins after so long without news from robots, because news that arrive meanwhile make
# Temporal repeat the step. LONGEST_QUIET is how long (seconds) to wait for such a moment.
QUIET = timedelta(seconds=0.3)
LONGEST_QUIET = 60.0
MOST_REFUSALS = 16  # robots that say so, after which it is not asked of more
