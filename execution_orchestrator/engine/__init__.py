"""How a plan runs: a deterministic state machine without ROS, clock or I/O.

It reads from the top in eight floors, each of which imports only the floors below it
(an import contract in pyproject.toml holds them):

8. ``machine``: one input goes in, events and effects come out.
7. What each input and each due timer does: ``timers``, ``steering`` (operators' commands),
   ``resuming`` (after a restart), ``replanning``, ``intake``, ``outcomes`` (what servers say),
   ``scheduler``, ``starting``, ``control_flow``.
6. ``guards``: what has to hold while something runs.
5. How things end or are held up: ``ending``, ``cancellation``, ``hindrances``,
   ``recovery.decisions``, and ``reasons``, why something waits.
4. One thing each: ``attempts``, ``quarantine``, ``checkpoints``, ``external_leases``, ``history``,
   ``recovery.breaker``, ``recovery.dead_letters``.
3. ``turn``: the moment, the world, and the events and effects that come of them.
2. ``apply``, the fold of events into the state; and questions to the state: ``scope``,
   ``resources``, ``adaptive_timeouts``, ``prestaging``, ``snapshot``.
1. What there is: ``state``, ``events``, ``effects``, ``inputs``, ``codec``,
   ``upcasting`` (events of earlier releases), ``logic`` (rules that changed between releases),
   ``program`` (an accepted plan), ``ready_queue``, ``status``, ``config``, ``recovery.policy``.
"""
