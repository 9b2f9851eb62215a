"""How a plan runs: a deterministic state machine without ROS, clock or I/O.

It reads from the top in seven layers, each of which imports only those below it
(an import contract in pyproject.toml checks that):

7. ``machine``: takes one input and returns events and effects.
6. What each input and each due timer does: ``timers``, ``steering`` (operators' commands, signals,
   changes of the world), ``resuming`` (after a restart), ``amending`` (a running plan is changed),
   ``replanning``, ``intake``, ``schedule_firings``, ``outcomes`` (results of goals), ``scheduler``,
   ``starting``, ``control_flow``.
5. ``guards``: conditions that have to hold while an action runs.
4. How executions and actions end or are delayed: ``ending``, ``cancellation``, ``hindrances``
   (servers that cannot be used now), ``recovery.decisions``, and ``waiting_reasons``, why an
   action waits.
3. One concept each: ``attempts``, ``quarantine``, ``stopping_below`` (what is cancelled when a
   server ignores a cancel), ``checkpoints``, ``external_leases``, ``pruning``,
   ``recovery.breaker``, ``recovery.built_in``, ``recovery.dead_letters``, ``recovery.motions``.
2. ``apply``, the fold of events into the state; ``turn``, the time and the world state of one
   input with the events and effects it leads to; and queries of the state: ``scope``,
   ``resources``, ``adaptive_timeouts``, ``prestaging``, ``commands``.
1. The data: ``state``, ``events``, ``effects``, ``inputs``, ``codec``,
   ``upcasting`` (events of earlier releases), ``logic`` (rules that changed between releases),
   ``program`` (an accepted plan), ``ready_queue``, ``line``, ``status``, ``config``, ``weight``,
   ``recovery.policy``, ``recovery.strategies``.
"""
