"""What workflows decide differently than earlier releases did, by its name in their histories.

A workflow that began under an earlier release has to decide as that did whenever Temporal replays
it. So each such change asks ``workflow.patched`` with one of these names, where it matters. A name
is never used for anything else; it may go when no history without it is replayed any more.
"""

# Missions.
ACTIVITIES_HAVE_NAMES = "activities-have-names"  # an activity's id is the task's key
REFUSALS = "refusals"  # what a robot could not begin is offered to others
CANCELLED_IN_TEMPORAL = "cancelled-in-temporal"  # a person's cancel waits for Temporal's own
BOUNDED = "bounded"  # tasks are asked for in turn, and a long mission continues in a new run
BRISK = "brisk"  # smaller steps, and no wait for what holds already
LEASE_FIRST = "lease-first"  # nothing is begun without the shared things that it needs
KEPT_WHERE_UNCONFIRMED = "kept-where-unconfirmed"  # a shared thing where a robot may still be
CANCELLED_IS_NOT_RETRIED = "cancelled-is-not-retried"  # what was cancelled on its robot
ROBOT_IS_LOOKED_AT = "robot-is-looked-at"  # that an expression gives
CANCEL_IS_SENT = "cancel-is-sent"  # to robots, which would hear of it with a heartbeat only

# Both.
KEPT_WHILE_INSIDE = "kept-while-inside"  # a shared thing whose lease ends while a robot is there

# Shared things.
ASKS_THE_ROBOT = "asks-the-robot"  # whether it has left, when its task has ended
