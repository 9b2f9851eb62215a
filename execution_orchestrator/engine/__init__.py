"""How a plan runs: a deterministic state machine without ROS, clock or I/O.

It reads from the top in nine floors, each of which imports only the floors below it
(an import contract in pyproject.toml holds them):

9. ``machine``: one input goes in, events and effects come out.
8. What each input and each due timer does: ``timers``, ``steering`` (operators' commands),
   ``resuming`` (after a restart), ``replanning``, ``intake``, ``outcomes`` (what servers say),
   ``scheduler``, ``starting``, ``control_flow``.
7. ``guards``: what has to hold while something runs.
6. How things end or are held up: ``ending``, ``cancellation``, ``hindrances``,
   ``recovery.decisions``, and ``reasons``, why something waits.
5. One thing each: ``attempts``, ``quarantine``, ``checkpoints``, ``external_leases``, ``history``,
   ``recovery.breaker``, ``recovery.dead_letters``.
4. ``stopping_below``: what is below the server of a goal that goes on after its cancel.
3. ``turn``: the moment, the world, and the events and effects that come of them.
2. ``apply``, the fold of events into the state; and questions to the state: ``scope``,
   ``resources``, ``adaptive_timeouts``, ``prestaging``, ``snapshot``.
1. What there is: ``state``, ``events``, ``effects``, ``inputs``, ``codec``,
   ``upcasting`` (events of earlier releases), ``logic`` (rules that changed between releases),
   ``program`` (an accepted plan), ``ready_queue``, ``status``, ``config``, ``recovery.policy``.
"""
