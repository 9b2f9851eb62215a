"""What follows the feedback of an action, over all its attempts."""

from __future__ import annotations

from collections import OrderedDict

from execution_orchestrator.capabilities.adapter import GenericAdapter
from execution_orchestrator.capabilities.feedback_mapping import FeedbackMapper
from execution_orchestrator.engine.effects import Dispatch

KEPT = 256


class Followers:
    """Keeps the mapper of an action whose progress is what is left of a first distance.

    A drive that is sent again half-way begins at 50 %: its progress counts against the distance of
    its first attempt.
    """

    def __init__(self) -> None:
        self._mappers: OrderedDict[tuple[str, str], FeedbackMapper] = OrderedDict()

    def of(self, dispatch: Dispatch, adapter: GenericAdapter) -> FeedbackMapper:
        """Return the mapper for the feedback of an attempt."""
        if not adapter.spec.feedback.remaining:
            return adapter.follow(dispatch.parameters)
        key = (dispatch.execution_id, dispatch.key)
        mapper = self._mappers.get(key) if dispatch.attempt > 1 else None
        if mapper is None:
            mapper = adapter.follow(dispatch.parameters)
        self._mappers[key] = mapper
        self._mappers.move_to_end(key)
        if len(self._mappers) > KEPT:
            self._mappers.popitem(last=False)
        return mapper
