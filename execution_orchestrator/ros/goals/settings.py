"""How long the client pool waits for what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """Times in seconds.

    ``server_timeout``: how long a goal waits for its server to appear. ``adopt_timeout``: the same
    for a goal of an earlier process, which may be running on a server that is found late.
    ``answer_timeout``: how
    long a server may take at most to accept or reject before it is asked whether it knows the goal;
    one that used to be quick is asked earlier.
    ``watch_period``: how often running goals' servers are looked at. ``cancel_timeout``: after
    which a cancel request that is not answered, or refused, is sent again, twice as long after each
    further one and at most ``longest_cancel_wait``, until the goal has ended.
    ``liveness_timeout``: of silence after which a server that used to answer while it worked counts
    as dead at the latest, although the graph still shows it; 0.0: only the graph counts.
    ``discovery_period``: how often a missing server is looked for while a goal waits for it, and
    one that owes an answer is judged.
    """

    server_timeout: float = 5.0
    adopt_timeout: float = 15.0
    answer_timeout: float = 5.0
    watch_period: float = 0.5
    cancel_timeout: float = 1.0
    longest_cancel_wait: float = 15.0
    liveness_timeout: float = 4.0
    discovery_period: float = 0.05
