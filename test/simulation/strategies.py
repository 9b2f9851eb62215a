"""Recovery strategies in virtual time: some move the robot with goals of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.scheduler import goal_uuid
from test.simulation.plans import CHANGED, MOVING
from test.simulation.servers import Later, Servers

CANCEL_WORD = 2.0  # seconds for a server to confirm that what it moved has ended
_OUTCOMES = (
    "RETRY", "RETRY", "NEXT", "SKIP", "FALLBACK", "ABORT", "REPLAN", "CHECKPOINT_RESTORE",
)  # fmt: skip
_LAST = (s.GoalSucceeded, s.GoalFailed, s.GoalRejected, s.GoalCancelled, s.GoalLost)


@dataclass
class Run:
    """A strategy at work; ``told``: the engine knows that its goal may still run."""

    effect: fx.RunStrategy
    outcome: str
    moves: bool = False
    abandoned: bool = False
    told: bool = False
    over: bool = False


class Strategies:
    """What the shell does for the engine's strategies; a crash takes it along."""

    def __init__(
        self,
        rng: Random,
        later: Later,
        servers: Servers,
        faults: Counter[str],
        checked: Counter[str],
    ) -> None:
        self._rng = rng
        self._later = later
        self._servers = servers
        self._faults = faults
        self._checked = checked
        self._report: Callable[[s.Input], None] = lambda _: None
        self._runs: dict[str, Run] = {}
        self._goals: dict[str, Run] = {}

    def begin(self, report: Callable[[s.Input], None]) -> None:
        """Start in a new life of the process: of the earlier one nothing is left."""
        self._report = report
        self._runs.clear()
        self._goals.clear()

    def run(self, effect: fx.RunStrategy) -> None:
        """Begin with a strategy, or go on with it after a crash."""
        # How it goes is part of the run, whatever happens beside it.
        draw = Random(effect.run_id)
        hangs = self._rng.random() < 0.1
        run = self._runs[effect.run_id] = Run(effect, self._rng.choice(_OUTCOMES))
        delay = self._rng.choice((0.0, 1.0))
        if effect.strategy not in MOVING:
            if hangs:
                self._faults["strategy hangs"] += 1
            else:
                self._later(delay, lambda: self._done(run, run.outcome))
            return
        wanted = s.MotionWanted(
            run_id=effect.run_id,
            goal_id=goal_uuid(effect.run_id, "motion", 0),
            interface="nav2_msgs/action/BackUp",
            server="behaviours",
            goal={"speed": 0.1},
        )
        report = self._report
        self._later(draw.choice((0.0, 0.5)), lambda: report(wanted))

    def answer(self, effect: fx.AnswerMotion, uses: dict[str, float]) -> None:
        """Send the goal of a strategy, or find that of an earlier life."""
        run = self._runs.get(effect.run_id)
        if run is None or run.over:
            return
        if effect.refusal:
            self._faults["a strategy may not move"] += 1
            self._done(run, "NEXT")
            return
        run.moves = True
        goal_id = goal_uuid(effect.run_id, "motion", 0)
        self._goals[goal_id] = run
        goal = fx.Reattach(
            execution_id=run.effect.execution_id,
            key=run.effect.key,
            attempt=run.effect.attempt,
            goal_id=goal_id,
            capability=run.effect.strategy,
            parameters={},
            timeout=8.0,
            server="behaviours",
        )
        if goal_id in self._servers.goals:
            self._checked["a motion of an earlier life is found again"] += 1
            self._servers.reattach(goal)
        else:
            self._checked["a recovery moves the robot once"] += 1
            self._servers.dispatch(goal, uses)

    def abandon(self, run_id: str) -> None:
        """Stop a strategy and what it moves."""
        run = self._runs.get(run_id)
        if run is None:
            return
        if not run.moves:
            self._done(run, "STOPPED")
        elif not run.abandoned:
            run.abandoned = True
            self._faults["motion stopped"] += 1
            goal_id = goal_uuid(run_id, "motion", 0)
            self._servers.cancel(goal_id)
            self._later(CANCEL_WORD, lambda: self._doubt(run, goal_id))

    def _doubt(self, run: Run, goal_id: str) -> None:
        if not run.over and self._goals.get(goal_id) is run:
            run.told = True
            self._report(s.GoalLost(goal_id=goal_id, reason="not confirmed", may_run=True))

    def heard(self, incoming: s.Input) -> bool:
        """Take what a server says about the goal of a strategy; False if it is of an action."""
        goal_id = getattr(incoming, "goal_id", "")
        run = self._goals.get(goal_id)
        if run is None:
            return False
        if isinstance(incoming, s.GoalLost) and incoming.may_run:
            run.told = True
            self._report(incoming)
        elif isinstance(incoming, _LAST) and not run.over:
            if run.told:
                run.over = True
                self._report(incoming)
            elif run.abandoned:
                self._done(run, "STOPPED")
            else:
                went_well = isinstance(incoming, s.GoalSucceeded)
                self._done(run, run.outcome if went_well else "NEXT")
        return True

    def _done(self, run: Run, outcome: str) -> None:
        if not run.over:
            run.over = True
            # What it changes is part of the run, too, and so is the name of what it changes.
            draw = Random(f"changes {run.effect.run_id}")
            changed: dict[str, Any] = {}
            if outcome == "RETRY" and draw.random() < 0.5:
                changed = {f"{CHANGED}{draw.choice('ab')}": draw.randrange(1000)}
            answer = s.StrategyFinished(
                run_id=run.effect.run_id,
                outcome=outcome,
                reason="because",
                parameters=changed,
                unseen=run.effect.again and not run.moves,
            )
            self._report(answer)
