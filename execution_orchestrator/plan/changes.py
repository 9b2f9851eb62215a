"""The changes that an optimisation made to a plan."""

from __future__ import annotations

import msgspec


class PlanChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change of a plan, or (``applied`` false) why one that was asked for was not made.

    ``before`` and ``after`` are seconds: of the expected duration for estimates, of the makespan
    for the order, otherwise of the time the actions take together; 0.0 where there is none.
    """

    kind: str
    action_ids: tuple[str, ...]
    reason: str
    before: float = 0.0
    after: float = 0.0
    applied: bool = True
