"""How a plan runs: a deterministic state machine without ROS, clock or I/O.

It reads from the top in nine layers, each of which imports only those below it
(an import contract in pyproject.toml checks that):

9. ``machine``: one input goes in, events and effects come out.
8. What each input and each due timer does: ``timers``, ``steering`` (operators' commands),
   ``resuming`` (after a restart), ``amending`` (a running plan is changed), ``replanning``,
   ``intake``, ``schedule_firings``, ``outcomes`` (results of goals), ``scheduler``, ``starting``,
   ``control_flow``; and below them ``signal_delivery``, from a signal to the action that waits.
7. ``guards``: conditions that have to hold while an action runs.
6. How executions and actions end or are delayed: ``ending``, ``cancellation``, ``hindrances``
   (servers that cannot be used now), ``recovery.decisions``, and ``waiting_reasons``, why an
   action waits.
5. One concept each: ``attempts``, ``quarantine``, ``checkpoints``, ``external_leases``,
   ``pruning``, ``recovery.breaker``, ``recovery.built_in``, ``recovery.dead_letters``,
   ``recovery.motions``.
4. ``stopping_below``: cancels the servers below one that goes on after its goal was cancelled.
3. ``turn``: the time and the world state of one input, and the events and effects it leads to.
2. ``apply``, the fold of events into the state; and queries of the state: ``scope``,
   ``resources``, ``adaptive_timeouts``, ``prestaging``, ``snapshot``.
1. The data: ``state``, ``events``, ``effects``, ``inputs``, ``codec``,
   ``upcasting`` (events of earlier releases), ``logic`` (rules that changed between releases),
   ``program`` (an accepted plan), ``ready_queue``, ``line``, ``status``, ``config``, ``weight``,
   ``recovery.policy``, ``recovery.strategies``.
"""
