"""A time in which the journal cannot be written: what waits for it to come back."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine.events import Event
from execution_orchestrator.engine.inputs import GoalProgress, Input, WorldChanged

MAX_HELD = 10_000  # inputs that may wait; each running goal and each timer has one or two
NOTES_KEPT = 1000
FIRST_RETRY = 0.5  # seconds
LONGEST_RETRY = 15.0  # seconds; the time to the next try doubles up to it
# What follows again from the world as it is when the journal is back.
_SUPERSEDED = (GoalProgress, WorldChanged)
_BEGINNINGS = (fx.Dispatch, fx.RunStrategy, fx.AnswerMotion, fx.Prepare, fx.Replan)


@dataclass
class Outage:
    """What was under way when the journal failed; ``since`` is Unix seconds."""

    reason: str
    since: float
    # A database that goes away while it commits may have them all the same, or not.
    events: Sequence[Event] = ()
    effects: Sequence[fx.Effect] = ()
    again: Sequence[Event] = ()  # events that are written once more if they are not there
    notes: deque[Event] = field(default_factory=lambda: deque(maxlen=NOTES_KEPT))
    settled: bool = False  # it is known whether the events are written
    first: int = 0  # their position if they are
    noted: int = 0  # position of the note of the end
    emergency: bool = False  # there was an emergency stop meanwhile

    def waits_for(self, incoming: Input) -> bool:
        """Say whether something has to be decided later."""
        return not isinstance(incoming, _SUPERSEDED)

    def may_happen(self, effect: fx.Effect) -> bool:
        """Say whether an effect stops something that runs: nothing else happens unwritten."""
        if isinstance(effect, fx.CancelGoal):
            return effect.goal_id not in self._begun()
        return isinstance(effect, fx.SafeStop | fx.AbandonStrategy | fx.StopBelow)

    def open_effects(self) -> Iterator[fx.Effect]:
        """Yield the effects that are performed once their events are known to be written."""
        for effect in self.effects if self.first else ():
            if not (self.emergency and isinstance(effect, _BEGINNINGS)):
                yield effect

    def withheld(self) -> Iterator[str]:
        """Yield the goals that were written and not sent, because everything was stopped."""
        if self.first and self.emergency:
            yield from self._begun()

    def _begun(self) -> list[str]:
        return [effect.goal_id for effect in self.effects if isinstance(effect, fx.Dispatch)]
