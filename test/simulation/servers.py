"""Action servers in virtual time, with faults. They survive the crashes of the orchestrator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType

_LAST = (s.GoalSucceeded, s.GoalFailed, s.GoalRejected, s.GoalCancelled, s.GoalLost)
Later = Callable[[float, Callable[[], None]], None]


class TwoAtOnceError(AssertionError):
    """Servers were given more at once than what they move with can do."""


@dataclass
class Goal:
    """A goal on a server; ``word`` is its last word, that of what became of it.

    It moves what is in ``uses`` (amounts of resources) from its arrival until it has ended.
    """

    effect: fx.Dispatch
    uses: dict[str, float]
    state: str = "sent"  # sent, active, ended
    word: s.Input | None = None
    told: s.Input | None = None  # in place of it, if its server knows that no more
    unreliable: bool = False  # hangs, or ends without telling: cancelled goals may run on
    cancel_wanted: bool = False
    begun: bool = False  # its server has worked on it


@dataclass
class Servers:
    """All servers. ``report`` is replaced at every restart of the orchestrator."""

    rng: Random
    later: Later
    report: Callable[[s.Input], None]
    faults: Counter[str]
    fault_rate: float
    goals: dict[str, Goal] = field(default_factory=dict)
    starts: Counter[str] = field(default_factory=Counter)
    down: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    capacities: dict[str, float] = field(default_factory=dict)
    hindered: dict[str, ErrorInfo] = field(default_factory=dict)
    most: Counter[str] = field(default_factory=Counter)  # at once, by resource
    # A source of its own leaves the rest of what a seed stands for as it is.
    stubborn: Random = field(default_factory=Random)
    restarts: Random = field(default_factory=Random)
    noise: Random = field(default_factory=Random)
    noise_rate: float = 0.0
    forgets: Random = field(default_factory=Random)
    forget_rate: float = 0.0
    mute: Random = field(default_factory=Random)
    mute_rate: float = 0.0

    def _say(self, word: s.Input) -> None:
        """Tell a word of a server: perhaps late, twice, or followed by one that contradicts it."""
        noise, draw = self.noise_rate, self.noise
        if isinstance(word, s.GoalAccepted | s.GoalProgress) and draw.random() < noise:
            self.faults["acceptance or feedback late"] += 1
            self.later(draw.choice((0.1, 2.0, 9.0)), lambda: self.report(word))
        else:
            self.report(word)
        if draw.random() < noise:
            self.faults["a word comes twice"] += 1
            self.later(draw.choice((0.0, 0.6, 6.0)), lambda: self.report(word))
        ended = isinstance(word, _LAST) and not _may_run(word) and word.goal_id in self.goals
        if ended and draw.random() < noise:
            self.faults["another last word"] += 1
            goal_id: str = word.goal_id
            other = draw.choice(
                (
                    s.GoalSucceeded(goal_id=goal_id, output={"good": True}),
                    s.GoalCancelled(goal_id=goal_id),
                    s.GoalLost(goal_id=goal_id, reason="silent after its end", may_run=True),
                    s.GoalProgress(goal_id=goal_id, progress=0.1, reached=0.9),
                )
            )
            # It follows the true one: an orchestrator that was killed before it took that one in
            # hears the true one first when it asks again.
            report = self.report
            self.later(draw.choice((0.0, 0.6, 6.0)), lambda: report(other))

    def dispatch(self, effect: fx.Dispatch, uses: dict[str, float]) -> None:
        """Take a goal; each one physically starts here, so it is counted here."""
        goal_id = effect.goal_id
        self.starts[goal_id] += 1
        if self.starts[goal_id] > 1:
            raise AssertionError(f"goal {goal_id} of {effect.key} was sent twice")
        goal = Goal(effect, uses)
        self.goals[goal_id] = goal
        if effect.server in self.down:
            goal.uses = {}
            self._end(goal, s.GoalFailed(goal_id=goal_id, error=_error("CONNECTIVITY")), 1.0)
            return
        if effect.server in self.hindered:
            # The orchestrator has not heard of it yet, or not again after a crash.
            goal.uses = {}
            error = self.hindered[effect.server]
            self._end(goal, s.GoalRejected(goal_id=goal_id, error=error), 0.3)
            return
        fault = self._fault()
        if fault == "reject":
            goal.uses = {}
            self._end(goal, s.GoalRejected(goal_id=goal_id), 0.1)
        elif self.stubborn.random() < self.fault_rate / 8.0:
            # Whoever sends it again, under the same id, was not at hand.
            self.faults["request lost"] += 1
            goal.uses = {}
            never = s.GoalLost(goal_id=goal_id, reason="it never arrived", never_seen=True)
            self._end(goal, never, 2.0)
        elif fault == "silent":
            goal.unreliable = True
        else:
            self.later(self.rng.choice((0.0, 0.1, 0.5)), lambda: self._accept(goal, fault))
        self._count(effect)
        self._perhaps_started_again(goal, "after the request")

    def _count(self, effect: fx.Dispatch) -> None:
        """Check that nothing is moved by more goals at once than it can serve."""
        moving: Counter[str] = Counter()
        for goal in self.goals.values():
            if goal.state != "ended":
                moving.update(goal.uses)
        for name, amount in moving.items():
            self.most[name] = max(self.most[name], amount)
            if amount > self.capacities[name] + 1e-6:
                raise TwoAtOnceError(f"{name} is moved by {amount:g} goals since {effect.key}")

    def _fault(self) -> str:
        if self.rng.random() >= self.fault_rate:
            return ""
        fault = self.rng.choice(
            ("reject", "silent", "hang", "abort", "lost", "foreign_cancel", "slow", "invalid")
        )
        self.faults[fault] += 1
        return fault

    def _accept(self, goal: Goal, fault: str) -> None:
        if goal.state != "sent" or self._perhaps_started_again(goal, "before the answer"):
            return
        goal.state = "active"
        goal.begun = True
        goal_id = goal.effect.goal_id
        if self.stubborn.random() < self.fault_rate / 4.0:
            self.faults["answer lost"] += 1
        else:
            self._say(s.GoalAccepted(goal_id=goal_id))
        if self._perhaps_started_again(goal, "after the answer"):
            return
        if self.mute.random() < self.mute_rate:
            self.faults["no feedback"] += 1
        else:
            told = {"gone": 0.4} if goal.effect.feedback else None
            self._say(
                s.GoalProgress(
                    goal_id=goal_id, progress=0.5, phase="working", reached=0.4, feedback=told
                )
            )
        rng = self.rng
        if self._perhaps_started_again(goal, "after feedback"):
            return
        if goal.cancel_wanted:
            self._stop(goal)
            return
        takes = rng.choice((0.0, 0.5, 1.0, 3.0))
        if fault == "hang":
            goal.unreliable = True
        elif fault == "abort":
            kind = rng.choice(("NAVIGATION", "MANIPULATION", "TIMEOUT", "CONNECTIVITY"))
            self._end(goal, s.GoalFailed(goal_id=goal_id, error=_error(kind)), takes)
        elif fault == "invalid":
            error = _error("VALIDATION", recoverable=False)
            self._end(goal, s.GoalFailed(goal_id=goal_id, error=error), takes)
        elif fault == "lost":
            goal.unreliable = True
            self._fall_silent(goal, takes)
        elif fault == "foreign_cancel":
            self._end(goal, s.GoalCancelled(goal_id=goal_id), takes)
        else:
            self._end(goal, self._success(goal_id), 30.0 if fault == "slow" else takes)

    def _success(self, goal_id: str) -> s.Input:
        good = self.rng.random() > 0.2
        output = {"good": good, "enough": self.rng.random() < 0.1}
        return s.GoalSucceeded(goal_id=goal_id, output=output)

    def _fall_silent(self, goal: Goal, delay: float) -> None:
        """Let a server die, or be silent for a while or for ever: nobody can say which."""
        goal_id = goal.effect.goal_id
        dead = s.GoalLost(goal_id=goal_id, reason="the server died")
        draw = self.stubborn.random()
        if draw < 0.4:
            self._end(goal, dead, delay)
            return
        self.faults["server silent"] += 1
        silence = s.GoalLost(goal_id=goal_id, reason="it is silent", may_run=True)

        def fall_silent() -> None:
            if goal.state != "ended":
                self._say(silence)

        self.later(delay, fall_silent)
        if draw < 0.6:
            self._end(goal, dead, delay + 6.0)
        elif draw < 0.9:
            self._end(goal, self._success(goal_id), delay + 12.0)

    def _end(self, goal: Goal, word: s.Input, delay: float) -> None:
        def end(left: int = 60) -> None:
            if left and goal.effect.capability in self.held and isinstance(word, s.GoalSucceeded):
                self.later(1.0, lambda: end(left - 1))
            elif goal.state != "ended" and not self._perhaps_started_again(goal, "at its end"):
                goal.state = "ended"
                goal.word = word
                self._perhaps_forget(goal)
                if goal.told is None:
                    self._say(word)

        self.later(delay, end)

    def _perhaps_forget(self, goal: Goal) -> None:
        """Lose the result of a goal on its way, and what the server's status says of it as well."""
        if not goal.begun or self.forgets.random() >= self.forget_rate:
            return
        self.faults["result lost and status forgotten"] += 1
        goal.told = s.GoalLost(goal_id=goal.effect.goal_id, reason="its server forgot it")
        self.later(5.0, lambda told=goal.told: self._say(told))

    def hinder(self, server: str, error: ErrorInfo) -> None:
        """Let somebody else take a server over, pause it, or kill what it needs."""
        self.hindered[server] = error
        for goal in self.goals.values():
            if goal.effect.server == server and goal.state == "active" and not goal.unreliable:
                self._end(goal, s.GoalFailed(goal_id=goal.effect.goal_id, error=error), 0.05)

    def cancel(self, goal_id: str) -> None:
        """Answer a wish to cancel: do it, refuse it, be late, or say nothing."""
        goal = self.goals.get(goal_id)
        if goal is None:
            return
        self._perhaps_started_again(goal, "at a cancel")
        if goal.state == "ended":
            # The word may have been lost with an earlier life of the orchestrator.
            if goal.word is not None:
                self._say(goal.told or goal.word)
        elif goal.state == "sent":
            goal.cancel_wanted = True
        else:
            self._stop(goal)

    def _stop(self, goal: Goal) -> None:
        goal_id = goal.effect.goal_id
        draw = self.rng.random()
        if draw < 0.08:
            self.faults["cancel refused"] += 1
            self._say(s.CancelRefused(goal_id=goal_id, reason="no"))
            self._drive_on(goal)
        elif draw < 0.16:
            self.faults["cancel unheard"] += 1
            self._drive_on(goal)
        elif self.stubborn.random() < self.fault_rate / 4.0:
            self.faults["cancelled much later"] += 1
            self._end(goal, s.GoalCancelled(goal_id=goal_id), 40.0)
        elif draw < 0.26:
            self.faults["result after cancel"] += 1
            self._end(goal, self._success(goal_id), 0.5)
        else:
            self._end(goal, s.GoalCancelled(goal_id=goal_id), self.rng.choice((0.0, 0.3, 5.0)))

    def _drive_on(self, goal: Goal) -> None:
        """Go on as if nobody had asked: to the end, or for ever."""
        goal.unreliable = True
        if self.stubborn.random() < 0.6:
            self.faults["driven to its end"] += 1
            self._end(goal, self._success(goal.effect.goal_id), 15.0)

    def may_be_done(self, goal_id: str) -> bool:
        """Say whether a goal was reached, or may be: its server works on it or died over it."""
        goal = self.goals.get(goal_id)
        if goal is None or not goal.begun:
            return False
        return goal.state != "ended" or isinstance(goal.word, s.GoalSucceeded | s.GoalLost)

    def person_stops(self, goal_id: str) -> None:
        """Let somebody at the robot end a goal by hand; its server says nothing."""
        goal = self.goals.get(goal_id)
        if goal is not None:
            goal.state = "ended"

    def hold(self, effect: fx.HoldGoal) -> None:
        """Stand still or go on; a server may not do so."""
        if self.rng.random() < self.fault_rate:
            self.faults["no hold" if effect.hold else "not let go"] += 1
            answer = s.HoldFailed(goal_id=effect.goal_id, hold=effect.hold, reason="stuck")
            self.later(0.5, lambda: self._say(answer))
        elif effect.hold:
            self.held.add(effect.capability)
        else:
            self.held.discard(effect.capability)

    def reattach(self, effect: fx.Reattach) -> None:
        """Answer who asks for a goal of an earlier life."""
        goal = self.goals.get(effect.goal_id)
        goal_id = effect.goal_id
        if goal is None:
            self.later(0.1, lambda: self._say(s.GoalLost(goal_id=goal_id, never_seen=True)))
        elif goal.state == "ended" and goal.word is not None:
            word = goal.told or goal.word
            self.later(0.1, lambda: self._say(word))
        elif goal.state == "active":
            self._say(s.GoalAccepted(goal_id=goal_id))
            if effect.cancel:
                self._stop(goal)
            elif goal.unreliable:
                self._no_answer(goal)
        elif effect.cancel:
            goal.cancel_wanted = True
        elif goal.unreliable:
            self._no_answer(goal)

    def _no_answer(self, goal: Goal) -> None:
        goal_id = goal.effect.goal_id
        silence = s.GoalLost(goal_id=goal_id, reason="no answer", may_run=True)
        report = self.report
        self.later(2.0, lambda: report(silence))

    def _perhaps_started_again(self, goal: Goal, moment: str) -> bool:
        """Kill the server of a goal and start it at once; say whether that took the goal along.

        Nothing moves any more, and the new process knows none of the goals. The orchestrator hears
        that later, and may not see in the graph that the server was away.
        """
        if goal.state == "ended" or self.restarts.random() >= self.fault_rate / 20.0:
            return False
        self.faults[f"server restarted {moment}"] += 1
        server = goal.effect.server
        for one in self.goals.values():
            if one.effect.server == server and one.state != "ended":
                never = one.state == "sent"
                one.word = s.GoalLost(
                    goal_id=one.effect.goal_id,
                    reason="another one of its name does not know it",
                    never_seen=never,
                )
                one.state = "ended"
                self.later(2.0, lambda word=one.word: self._say(word))
        if self.restarts.random() < 0.5:
            self.report(s.ServerDown(server=server, reason="it left the graph"))
            self.later(0.5, lambda: self.report(s.ServerUp(server=server)))
        return True

    def bring_down(self, server: str) -> None:
        """Kill a server with all its goals."""
        self.faults["server down"] += 1
        self.down.add(server)
        self.report(s.ServerDown(server=server, reason="it died"))
        for goal_id, goal in self.goals.items():
            if goal.effect.server == server and goal.state != "ended":
                goal.state = "ended"
                goal.word = s.GoalLost(goal_id=goal_id, reason="its server died")
                self._say(goal.word)

    def bring_up(self, server: str) -> None:
        """Start a server again."""
        self.down.discard(server)
        self.report(s.ServerUp(server=server))


def _may_run(word: s.Input) -> bool:
    return isinstance(word, s.GoalLost) and word.may_run


def _error(kind: str, *, recoverable: bool = True) -> ErrorInfo:
    return ErrorInfo(
        type=ErrorType(kind), code=f"{kind}_FAILED", message="a fault", recoverable=recoverable
    )


def silent_for_ever(goal: Goal) -> bool:
    """Say whether nothing will ever be heard of a goal without a timeout."""
    return goal.state != "ended" and goal.unreliable and goal.effect.timeout is None


def world(battery: float, clear: bool) -> dict[str, Any]:
    """Return a picture of the world; ``clear`` is what guards look at."""
    return {"robot": {"battery": battery, "clear": clear}, "objects": []}
