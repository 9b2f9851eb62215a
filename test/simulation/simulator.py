"""One seeded run in virtual time: random plans, people, faults, crashes and clock jumps."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.apply import apply, fold
from execution_orchestrator.engine.codec import encode_event
from execution_orchestrator.engine.events import Event, TaskStarted
from execution_orchestrator.engine.hindrances import CODES
from execution_orchestrator.engine.machine import Machine, Step
from execution_orchestrator.engine.resources import resting
from execution_orchestrator.engine.state import ActionState, OrchestratorState
from execution_orchestrator.engine.turn import WALL_OFFSET
from execution_orchestrator.plan.errors import ErrorInfo
from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.plan.timetable import Timetable
from execution_orchestrator.plan.timing import UNTIMED, Timing
from execution_orchestrator.runtime.clock import ExecutionClock, Known
from execution_orchestrator.runtime.outage import Outage
from test.decoding import decode_event
from test.simulation import commands, invariants, time_watch
from test.simulation.aimed import Aimed, is_aimed
from test.simulation.crossings import Crossings, Hands
from test.simulation.displays import Displays
from test.simulation.fixed import BEFORE_MUTES, BEFORE_NOISE, CROSSED
from test.simulation.fleet import ROBOTS, Whereabouts, has_robots, on_robots
from test.simulation.mischief import Mischief
from test.simulation.plans import MOVING, RESOURCES, PlanMaker, amended, config
from test.simulation.servers import Servers, silent_for_ever, world
from test.simulation.strategies import Strategies
from test.snapshot import snapshot

START = 1_700_000_000.0
MAX_INPUTS = 20_000
ENDED = (e.TaskCompleted, e.TaskFailed, e.TaskCancelled, e.TaskSkipped)
COUNTED = (
    e.BreakerHalfOpened, e.BreakerOpened, e.CheckpointRestored, e.CompensationStarted,
    e.ConfirmationGiven, e.GoalQuarantined, e.QuarantineEnded, e.BreakpointPassed, e.DeadLetterChanged, e.EmergencyStopped,
    e.ExecutionReplanned, e.RateLimitPassed, e.TaskHeld, e.TaskPreempted,
    e.TaskRequeued, e.TaskRetryScheduled, e.ScheduleFired, e.ScheduleSkipped, e.ScheduleMoved,
    e.ExecutionDue, e.GuardFailed, e.GuardPassed, e.SignalReceived, e.PlanAmended,
)  # fmt: skip
ACTS = (
    "pause", "pause", "cancel", "stop", "down", "clock", "checkpoint", "restore",
    "lease", "letter", "breakpoints", "again", "crash", "release",
)  # fmt: skip


# Who asks for these is refused while the journal is away.
_ASKED = (
    s.Request, s.Submit, s.Pause, s.Resume, s.Confirm, s.SetBreakpoints, s.Step, s.ResetEmergencyStop,
    s.CheckpointRequested, s.RestoreCheckpoint, s.AllocateLease, s.ReleaseLease, s.RetryDeadLetter,
    s.ReleaseQuarantine, s.SignalSent, s.SetSchedule, s.PauseSchedule, s.ResumeSchedule, s.RemoveSchedule,
)  # fmt: skip


class Simulator:
    """Everything outside the engine, and the engine in it."""

    def __init__(
        self, seed: int, *, trace: bool = False, crash_at: int | None = None, crossed: bool = False
    ) -> None:
        self.rng = Random(seed)
        self.crash_at = crash_at
        self.trace = trace
        self.config = config(self.rng)
        self.machine = Machine(self.config)
        self.shadow = OrchestratorState()
        self.journal: list[Event] = []
        self.watcher = invariants.Watcher(self.config.max_concurrent_actions)
        self.displays = Displays(self.watcher.checked)
        self._plan_time = time_watch.PlanTime(self.watcher.checked)
        self.counts: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.clock = 0.0  # monotonic
        self.skew = 0.0  # of the wall clock
        self._boots = Random(f"boots {seed}")
        self._boot = 0
        self._others = Random(f"others {seed}")
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = 0
        self._life = 0
        self._timers: dict[str, int] = {}
        self._wall_timers: dict[str, float] = {}
        self._times = Random(f"times {seed}")
        self._battery = 1.0
        self._clear = True
        self._guards = Random(f"guards {seed}")
        self._robots = Random(f"robots {seed}") if has_robots(seed) else None
        self._whereabouts = Whereabouts()
        self._aimed = None
        if is_aimed(seed) and crash_at is None:
            draw = Random(f"aimed {seed}")
            self._aimed = Aimed(draw, self.later, self._act, self._crash)
        self._noise = Random(f"noise {seed}")
        noisy = seed not in BEFORE_NOISE
        new = seed not in (*BEFORE_MUTES, *CROSSED)
        self._restarts_again = self._noise.choice((0.0, 0.2)) if noisy else 0.0
        self._answers_twice = self._noise.choice((0.0, 0.3)) if noisy else 0.0
        self._mischief = Mischief(self._noise, self.later, self._acts()) if noisy else None
        self._crossings = Crossings(Random(f"crossings {seed}"), self._hands()) if crossed else None
        self._forgets = Random(f"forgets {seed}")
        self._planning: set[str] = set()
        self._told_hindered: set[str] = set()  # this life of the process, of servers
        self._stopped_below: set[str] = set()
        self.crash_rate = self.rng.choice((0.0, 0.0, 0.02, 0.1))
        # A source of its own leaves the rest of what a seed stands for as it is.
        self._disk = Random(f"disk {seed}")
        self._outage: Outage | None = None
        self._held: list[s.Input] = []
        self._early: list[fx.Effect] = []
        self._disk_full = False
        self.outage_rate = self._disk.choice((0.0, 0.0, 0.02, 0.1))
        if crash_at is not None:
            self.crash_rate = self.outage_rate = 0.0
        self.servers = Servers(
            self.rng,
            self.later,
            lambda _: None,
            self.faults,
            self.rng.choice((0.0, 0.05, 0.2, 0.4)),
            capacities={name: spec.capacity for name, spec in RESOURCES.items()},
            stubborn=Random(f"stubborn {seed}"),
            restarts=Random(f"restarts {seed}"),
            noise=Random(f"words {seed}"),
            noise_rate=self._noise.choice((0.0, 0.05, 0.3)) if noisy else 0.0,
            forgets=self._forgets,
            forget_rate=self._forgets.choice((0.0, 0.0, 0.05)) if crossed else 0.0,
            mute=Random(f"mute {seed}"),
            mute_rate=Random(f"mutes {seed}").choice((0.0, 0.0, 0.3)) if new else 0.0,
        )
        self.strategies = Strategies(
            self.rng, self.later, self.servers, self.faults, self.watcher.checked
        )
        self.watcher.may_be_done = self.servers.may_be_done
        self.watcher.fleet.hindered = lambda server: resting(self.machine.state, server)
        self._connect()
        self._start_clock()

    # ------------------------------------------------------------------ time
    def now(self) -> float:
        """Return the execution time of this moment."""
        return self._execution_clock.now()

    def _wall(self) -> float:
        """Return what the wall clock of this moment shows."""
        return self._execution_clock.wall()

    def _start_clock(self) -> None:
        """Let a new process find out what time it is, as the orchestrator does."""
        self._execution_clock = ExecutionClock(
            steady=lambda: self.clock,
            wall=lambda: START + self.clock + self.skew,
            boot_id=f"boot {self._boot}",
        )
        anchors = (event for event in reversed(self.journal) if isinstance(event, e.ClockAnchored))
        known = Known(
            anchor=next(anchors, None),
            newest=self.journal[-1] if self.journal else None,
            running=any(not timer.wall for timer in self.machine.state.timers.values()),
        )
        anchor = self._execution_clock.resume(known)
        self.machine.replay(anchor)
        self._write([anchor])

    def later(self, delay: float, what: Callable[[], None]) -> None:
        """Do something after a delay."""
        self._order += 1
        heapq.heappush(self._heap, (self.clock + delay, self._order, what))

    def _connect(self) -> None:
        """Let servers and strategies report to this life of the process."""
        report = self._reporter()
        self.strategies.begin(report)

        def heard(incoming: s.Input) -> None:
            if isinstance(incoming, s.GoalSucceeded):
                sent = self.servers.goals[incoming.goal_id].effect
                self._whereabouts.drove(sent.robot, sent.parameters)
            if not self.strategies.heard(incoming):
                report(incoming)

        self.servers.report = heard

    def _reporter(self) -> Callable[[s.Input], None]:
        """Return the way to the orchestrator of this life; it leads nowhere after a crash."""
        life = self._life

        def report(incoming: s.Input) -> None:
            def arrive() -> None:
                if life == self._life:
                    self.feed(incoming)

            self.later(0.0, arrive)

        return report

    # ------------------------------------------------------------------ the engine
    def feed(self, incoming: s.Input) -> Step:
        """Hand an input in, check what comes out, do what is wished for."""
        self.counts["inputs"] += 1
        if isinstance(incoming, s.GoalProgress):
            # As the orchestrator does: it is for displays, and the engine takes only how far it is.
            self.displays.on_feedback(incoming)
            if incoming.reached is None:
                return Step([], [])
        if self.trace:
            print(f"[{self.clock:8.2f}] <- {incoming}")
        if self._outage is not None:
            self._hold(self._outage, incoming)
            return Step([], [], "the journal cannot be written", ())
        step = self._handle(incoming)
        if step.events and (self._disk.random() < self.outage_rate or self._disk_full):
            self._disk_full = False
            self._lose_storage(incoming, step)
            return step
        self._take(step)
        # As the orchestrator does, whatever became of the goals meanwhile.
        started = [(e.execution_id, e.key) for e in step.events if isinstance(e, TaskStarted)]
        self.machine.prestage(started, world=world(self._battery, self._clear))
        return step

    def _handle(self, incoming: s.Input) -> Step:
        """Let the machine decide, as the orchestrator does: who sets the clock is heard first."""
        jump = self._execution_clock.look()
        before: list[Event] = []
        if jump:
            jumped = e.ClockJumped(time=self.now(), jump=jump)
            self.machine.replay(jumped)
            moved = self.machine.handle(s.WallClockSet(), now=self.now(), world=self._picture())
            before = [jumped, *moved.events]
            self._early = list(moved.effects)
            state = self.machine.state
            fired = {*self.watcher.fired, *state.executions, *state.forgotten}
            wall = self._execution_clock.wall()
            time_watch.moments_in_turn(state, wall, fired, self.watcher.checked)
        if isinstance(incoming, s.ServerHindered):
            (self._told_hindered.add if incoming.code else self._told_hindered.discard)(
                incoming.server
            )
        timer_id = getattr(incoming, "timer_id", "")
        timer = self.machine.state.timers.get(timer_id)
        due = timer is not None and not timer.wall and timer.at <= self.now()
        was = commands.before(self.machine.state, incoming)
        over = invariants.is_over(self.machine.state, incoming)
        step = self.machine.handle(incoming, now=self.now(), world=self._picture())
        if over:
            invariants.nothing_comes_of(incoming, step, self.watcher.checked)
        commands.after(self.machine.state, incoming, was, step, self.watcher.checked)
        self._query(step)
        if due:
            time_watch.timer_handled(self.machine.state, timer, timer_id, self.watcher.checked)
        invariants.answered(self.machine.state, incoming)
        invariants.cancelled_when_found(self.machine.state, incoming, step)
        invariants.cancelled_again(step, self.watcher.checked)
        effects = [*self._early, *step.effects]
        self._early = []
        return Step([*before, *step.events], effects, step.refusal, step.ids)

    def _query(self, step: Step) -> None:
        """Ask as a client does what the status of an action is that has just ended."""
        picture, now, executions = self._picture(), self.now(), self.machine.state.executions
        for event in step.events:
            execution = executions.get(event.execution_id)
            action = execution.actions.get(event.key) if execution is not None else None
            if action is None or not isinstance(event, ENDED):
                continue
            text = f"actions.{action.node.id}.status"
            said = self.machine.evaluate(
                event.execution_id, event.key, text, now=now, world=picture
            )
            if said != action.status.value:
                raise invariants.Violation(f"{text} of {event.key} is {said}, not {action.status}")
            self.watcher.checked["a query has the status of an action that ended"] += 1

    def _picture(self) -> dict[str, Any]:
        picture = {**world(self._battery, self._clear), WALL_OFFSET: self._execution_clock.offset}
        if self._robots is not None:
            picture["distance"] = self._whereabouts.distance
        return picture

    def _plan(self, draw: Random, size: int) -> dict[str, Any]:
        plan = PlanMaker(draw, size).plan()
        if self._crossings is not None and len(plan["actions"]) % 2:
            plan["deadline"] = "wall"
        return plan if self._robots is None else on_robots(plan, self._robots)

    def _take(self, step: Step) -> None:
        whole = len(step.events)
        if self.crash_at is not None and whole and self.crash_at <= len(self.journal) + whole:
            # It dies when the journal is exactly that long, and does nothing more.
            self._write(step.events[: self.crash_at - len(self.journal)])
            self.crash_at = None
            self._crash()
            return
        if self.rng.random() < self.crash_rate:
            # The process dies: maybe with the batch half written, maybe half of it done.
            written = self.rng.randint(0, whole) if self.rng.random() < 0.5 else whole
            self._write(step.events[:written])
            done = self.rng.randint(0, len(step.effects)) if written == whole else 0
            for effect in step.effects[:done]:
                self._perform(effect)
            self._crash()
            return
        self._write(step.events)
        for effect in step.effects:
            self._perform(effect)

    # ------------------------------------------------------------------ the journal is away
    def _lose_storage(self, incoming: s.Input, step: Step) -> None:
        """Let the journal fail, perhaps after it has written; what the node does is its own rule."""
        self.faults["storage lost"] += 1
        outage = self._outage = Outage("disk full", self.clock, step.events, step.effects)
        if self._disk.random() < 0.2:
            self.faults["storage lost, written all the same"] += 1
            outage.first = 1
            self._write(step.events)
        elif isinstance(incoming, _ASKED):
            self.later(1.0, lambda: self._act(incoming))
        elif not isinstance(incoming, s.Cancel | s.EmergencyStop):
            self._held.append(incoming)
        if isinstance(incoming, s.Cancel | s.EmergencyStop):
            self._stop(outage, incoming, step)
        if self.trace:
            print("             -------- the journal is away")
        self.later(self._disk.choice((0.1, 2.0, 20.0)), lambda: self._storage_back(outage))

    def _hold(self, outage: Outage, incoming: s.Input) -> None:
        if isinstance(incoming, s.Cancel | s.EmergencyStop):
            step = self.machine.handle(incoming, now=self.now(), world=self._picture())
            self._stop(outage, incoming, step)
        elif outage.waits_for(incoming):
            self._held.append(incoming)

    def _stop(self, outage: Outage, incoming: s.Input, step: Step) -> None:
        self._held.insert(0, incoming)
        outage.emergency |= isinstance(incoming, s.EmergencyStop)
        for effect in step.effects:
            if outage.may_happen(effect):
                self._perform(effect)

    def _storage_back(self, outage: Outage) -> None:
        if self._outage is not outage:  # the node died meanwhile
            return
        if self.trace:
            print("             -------- the journal is back")
        self._outage = None
        self._write([e.StorageRestored(time=self.now(), since=0.0, reason=outage.reason)])
        self.machine.start_over()
        for event in self.journal:
            self.machine.replay(event)
        # As the orchestrator does: what timers did on the way does not matter.
        self.machine.state.timer_changes.clear()
        for effect in outage.open_effects():
            # The world may have changed since it was decided; what follows is told of it next.
            self._perform(effect, late=True)
        for goal_id in outage.withheld():
            self._held.append(s.GoalLost(goal_id=goal_id, never_seen=True))
        held, self._held = self._held, []
        life = self._life
        for index, incoming in enumerate([*held, s.WorldChanged()]):
            if self._outage is not None:
                self._held += held[index:]
                return
            if self._life != life:
                return  # it died over one of them, and nobody is left to hear the others
            self.feed(incoming)

    def _write(self, events: list[Event]) -> None:
        for event in events:
            written = decode_event(encode_event(event))
            if self.trace:
                print(f"             {event}")
            self.journal.append(written)
            apply(self.shadow, written)
            self.watcher.look(self.shadow, written)
            self._plan_time.look(self.shadow, written)
            self.displays.look(self.shadow, written)
            self.counts["events"] += 1
            self._count(written)
            if self._aimed is not None:
                self._aimed.look(written)
            if self._mischief is not None:
                self._mischief.look(written)
            if self._crossings is not None:
                self._crossings.look(written)

    def _count(self, event: Event) -> None:
        """Count what a run came across: a kind of control flow that never ran proves nothing."""
        if isinstance(event, e.BlockEntered) and event.key:
            action = self.shadow.executions[event.execution_id].actions[event.key]
            self.counts[f"kind: {action.node.kind} ({event.block.partition('[')[0]})"] += 1
        elif isinstance(event, e.TaskWaiting):
            self.counts[f"kind: {event.kind}"] += 1
        elif isinstance(event, COUNTED):
            self.counts[f"event: {event.type}"] += 1

    def _crash(self) -> None:
        self.counts["crashes"] += 1
        if self.trace:
            print("             -------- crash")
        self._life += 1
        self._outage = None
        self._held = []
        self._told_hindered.clear()
        self._timers.clear()
        self._wall_timers.clear()
        self._connect()
        self.machine = Machine(self.config, fold(self.journal))
        self.clock += self.rng.choice((0.0, 1.0, 20.0))
        if self._boots.random() < 0.3:
            self.faults["machine started again"] += 1
            self._boot += 1
        for server in self.servers.hindered:
            self.later(0.5, lambda server=server: self._tell_hindrance(server))
        self._start_clock()
        step = self.machine.resume(now=self.now(), world=self._picture())
        commands.begun_again(self.machine.state, step, self.watcher.checked)
        if self._noise.random() < self._restarts_again:
            self.faults["killed again while it starts"] += 1
            written = self._noise.randint(0, len(step.events))
            self._write(step.events[:written])
            whole = written == len(step.events)
            for effect in step.effects[: self._noise.randint(0, len(step.effects)) if whole else 0]:
                self._perform(effect)
            self._crash()
            return
        self._write(step.events)
        for effect in step.effects:
            self._perform(effect)

    def compare(self) -> None:
        """Check that the state is what the journal says, with every event applied again."""
        if self._outage is not None:
            return
        self.watcher.checked["fold of the journal = live state"] += 1
        live, folded = snapshot(self.machine.state), snapshot(self.shadow)
        if live != folded:
            wrong = [key for key in live if live[key] != folded[key]]
            raise invariants.Violation(f"fold differs from the live state in {wrong}")
        invariants.recovering(self.machine.state)
        invariants.in_line(self.machine.state)

    # ------------------------------------------------------------------ effects
    def _perform(self, effect: fx.Effect, *, late: bool = False) -> None:
        if self.trace:
            print(f"             -> {effect}")
        if isinstance(effect, fx.Reattach):
            self.counts["reattached goals"] += 1
            self.servers.reattach(effect)
        elif isinstance(effect, fx.Dispatch):
            self.counts["dispatched goals"] += 1
            self.watcher.checked["nothing is sent to a server that cannot be used"] += 1
            self.watcher.sent(self.shadow, effect)
            if effect.server in self._told_hindered and self._outage is None:
                raise invariants.Violation(f"{effect.key} is sent to {effect.server} all the same")
            if not self._clear and not late:
                invariants.guards_hold(self.machine.state, effect, self.watcher.checked)
            self.servers.dispatch(effect, self._uses(effect))
        elif isinstance(effect, fx.CancelGoal):
            self.servers.cancel(effect.goal_id)
            self._stops_below(effect.goal_id)
        elif isinstance(effect, fx.StopBelow):
            self.counts["goals stopped below their servers"] += 1
            self._stopped_below.add(effect.goal_id)
        elif isinstance(effect, fx.HoldGoal):
            self.counts["goals held" if effect.hold else "goals let go"] += 1
            self.servers.hold(effect)
        elif isinstance(effect, fx.SetTimer):
            self._set_timer(effect)
        elif isinstance(effect, fx.ClearTimer):
            self._timers.pop(effect.timer_id, None)
            self._wall_timers.pop(effect.timer_id, None)
        elif isinstance(effect, fx.RunStrategy):
            self.strategies.run(effect)
        elif isinstance(effect, fx.AnswerMotion):
            self._answer_motion(effect)
        elif isinstance(effect, fx.AbandonStrategy):
            self.strategies.abandon(effect.run_id)
            recovering = self.shadow.runs.get(effect.run_id)
            if recovering is not None and recovering.motion is not None:
                self._stops_below(recovering.motion.goal_id)
        elif isinstance(effect, fx.Prepare):
            self._prepare(effect)
        elif isinstance(effect, fx.Replan):
            self._replan(effect)
        elif isinstance(effect, fx.AbandonReplan | fx.AbandonPreparation):
            self._planning.discard(effect.run_id)
        elif isinstance(effect, fx.NotifyConfirmationNeeded):
            self._person(effect)

    def _stops_below(self, goal_id: str) -> None:
        """Check that what drives on after its cancel is stopped below its server, and soon.

        A crash and a journal that is away may come in between; what follows then, a person or the
        end of the goal's quarantine has to see to.
        """
        if self._outage is not None:
            return
        undisturbed = (self._life, self.faults["storage lost"])

        def look() -> None:
            state = self.machine.state
            action = state.goals.get(goal_id) or state.motions.get(goal_id)
            if action is None or (self._life, self.faults["storage lost"]) != undisturbed:
                return
            self.watcher.checked["what drives on after a cancel is stopped below"] += 1
            alone = [
                name
                for name in (state.leases[one].lease.resource for one in action.leases)
                if RESOURCES[name].moves and set(state.resources[name].leases) <= set(action.leases)
            ]
            if alone and goal_id not in self._stopped_below:
                raise invariants.Violation(f"{action.key} drives on with {alone}")

        self.later(self.config.cancel_patience + 0.05, look)

    def _answer_motion(self, effect: fx.AnswerMotion) -> None:
        action = self.shadow.runs.get(effect.run_id)
        if action is not None and not effect.refusal and self._outage is None:
            self.watcher.checked["a recovery moves nothing in a pause or an emergency"] += 1
            if self.shadow.emergency or action.execution.paused:
                raise invariants.Violation(f"the recovery of {action.key} moves all the same")
        # What it moves, whatever it holds.
        names = MOVING.get(action.recovery, ()) if action is not None else ()
        robot = f"{action.robot}/" if action is not None and action.robot else ""
        self.strategies.answer(effect, {robot + name: 1.0 for name in names})

    def _uses(self, effect: fx.Dispatch) -> dict[str, float]:
        """Return what a goal moves: what its action holds."""
        execution = self.shadow.executions.get(effect.execution_id)
        action = execution.actions.get(effect.key) if execution is not None else None
        return self._uses_of(action) if action is not None else {}

    def _uses_of(self, action: ActionState) -> dict[str, float]:
        uses: Counter[str] = Counter()
        for name in action.leases:
            lease = self.shadow.leases[name].lease
            uses[lease.resource] += lease.amount
        return dict(uses)

    def _set_timer(self, effect: fx.SetTimer) -> None:
        if effect.wall:
            self._wall_timers[effect.timer_id] = effect.at
            # Never at once: what else was decided is done before anything else is heard.
            self.later(0.0, lambda: self._look_at_clock(effect.timer_id, effect.at))
            return
        self._order += 1
        mark = self._order
        self._timers[effect.timer_id] = mark

        def fire() -> None:
            if self._timers.get(effect.timer_id) == mark:
                del self._timers[effect.timer_id]
                self.feed(s.TimerFired(timer_id=effect.timer_id))

        self.later(max(0.0, effect.at - self.now()), fire)

    def _look_at_clock(self, timer_id: str, at: float) -> None:
        """Look every while whether the wall clock shows a time; somebody may set it."""
        if self._wall_timers.get(timer_id) != at:
            return
        left = at - self._execution_clock.wall()
        if left > 0.0:
            self.later(min(left, 60.0), lambda: self._look_at_clock(timer_id, at))
            return
        del self._wall_timers[timer_id]
        self.feed(s.TimerFired(timer_id=timer_id))

    def _prepare(self, effect: fx.Prepare) -> None:
        """Make the plan of a request, or fail to; how it goes is part of the request."""
        draw = Random(effect.run_id + effect.goal.plan)
        if draw.random() < 0.1:
            self.faults["planner hangs"] += 1
            return
        plan = json.loads(effect.goal.plan)
        wrong = draw.random() < 0.1
        self.faults["plan is invalid"] += wrong
        answer = s.PreparationFinished(
            execution_id=effect.execution_id,
            run_id=effect.run_id,
            plan=None if wrong else plan,
            input={"flag": True, "things": ["x", "y"]},
            issues=(Issue("PLAN_INVALID", "it is wrong"),) if wrong else (),
            confirm=draw.random() < 0.1,
            planning=s.PlanningReport(planner="grammar") if draw.random() < 0.3 else None,
            timing=UNTIMED if effect.fired else self._timing(draw),
        )
        # Some planners cannot be stopped: their answers come although nobody waits for them.
        stubborn = draw.random() < 0.5
        self._planning.add(effect.run_id)
        report = self._reporter()

        def tell() -> None:
            if stubborn or effect.run_id in self._planning:
                report(answer)
                self._perhaps_again(report, answer)

        self.later(draw.choice((0.0, 0.1, 2.0, 9.0)), tell)

    def _timing(self, draw: Random) -> Timing:
        """Say when a request runs: mostly at once."""
        wall = self._execution_clock.wall()
        what = draw.choice(("", "", "", "start", "until", "schedule"))
        if what == "start":
            self.counts["starts at a moment"] += 1
            return Timing(start=wall + draw.choice((-5.0, 3.0, 30.0)))
        if what == "until":
            return Timing(until=wall + draw.choice((10.0, 100.0)))
        return Timing(timetable=self._timetable(draw, wall)) if what == "schedule" else UNTIMED

    def _timetable(self, draw: Random, wall: float) -> Timetable:
        self.counts["schedules"] += 1
        overlap, catch_up = draw.choice(
            (
                ("skip", "none"),
                ("skip", "last"),
                ("replace", "none"),
                ("replace", "last"),
                ("queue", "none"),
                ("queue", "last"),
                ("queue", "all"),
            )  # fmt: skip
        )
        every = draw.choice((2.0, 10.0, 600.0))
        # With a start the moments are those of the clock; a source of its own leaves the rest as it is.
        by_clock = Random(f"starts {wall}").random() < 0.5
        return Timetable(
            time_zone="UTC",
            every=every,
            anchor=wall,
            starts=wall + 0.001 if by_clock else None,
            ends=wall + every * draw.choice((1.5, 4.0, 12.0)),
            overlap=overlap,
            catch_up=catch_up,
            most_waiting=draw.choice((1, 3, 10)),
        )

    def _schedule(self) -> None:
        """Let somebody set a schedule, and perhaps pause, resume, replace or remove it."""
        draw = self._times
        name = draw.choice(("round", "watch"))
        plan = self._plan(draw, draw.choice((1, 3)))
        timetable = self._timetable(draw, self._execution_clock.wall())
        goal = s.RawGoal(command="look around", plan=json.dumps(plan))
        self._act(
            s.SetSchedule(
                schedule_id=name,
                timetable=timetable,
                goal=goal,
                timeout=draw.choice((None, 20.0)),
            )
        )
        acts: list[s.Input] = [
            s.PauseSchedule(schedule_id=name),
            s.ResumeSchedule(schedule_id=name),
            s.RemoveSchedule(schedule_id=name),
        ]
        for act in acts[: draw.choice((0, 2, 2, 3))]:
            self.later(draw.uniform(0.0, 30.0), lambda act=act: self._act(act))
        # Nobody has to remember a schedule for ever.
        self.later(2000.0, lambda: self._act(s.RemoveSchedule(schedule_id=name)))

    def _replan(self, effect: fx.Replan) -> None:
        draw = self.rng.random()
        if draw < 0.1:
            self.faults["planner hangs"] += 1
            return
        plan: dict[str, Any] | None = None
        if draw < 0.4:
            plan = self._plan(self.rng, 6)
        elif draw < 0.6:
            plan = effect.plan
        elif draw < 0.8:
            plan = amended(self.rng, effect.plan)
        confirm = plan is not None and self.rng.random() < 0.2
        planning = s.PlanningReport(planner="llm", confidence=0.4, prompt_tokens=100)
        self.counts["other plans"] += plan is not None
        report = self._reporter()
        answer = s.ReplanFinished(
            execution_id=effect.execution_id,
            run_id=effect.run_id,
            plan=plan,
            confirm=confirm,
            planning=planning if confirm else None,
        )
        self._planning.add(effect.run_id)
        # A source of its own leaves the rest of what a seed stands for as it is.
        if plan is not None and Random(effect.run_id).random() < 0.3:
            end = s.Cancel(execution_id=effect.execution_id, compensate=True)
            self.later(6.0, lambda: self._act(end))

        def tell() -> None:
            # A planner that nobody waits for any more says nothing.
            if effect.run_id in self._planning:
                report(answer)
                self._perhaps_again(report, answer)

        self.later(1.0, tell)

    def _perhaps_again(self, report: Callable[[s.Input], None], answer: s.Input) -> None:
        """Let a planner answer a second time, with what it said first."""
        if self._noise.random() < self._answers_twice:
            self.faults["a planner answers twice"] += 1
            self.later(self._noise.choice((0.0, 1.0, 5.0)), lambda: report(answer))

    def _person(self, effect: fx.NotifyConfirmationNeeded) -> None:
        if self.rng.random() < 0.2 and self.config.confirmation_timeout is not None:
            self.faults["nobody answers"] += 1
            return
        approve = self.rng.random() < 0.8
        answer = s.Confirm(execution_id=effect.execution_id, key=effect.key, approve=approve)
        self.later(2.0, lambda: self._act(answer))

    def _act(self, incoming: s.Input) -> None:
        if self._outage is not None and isinstance(incoming, _ASKED):
            # Who is refused because the journal is away tries again.
            self.later(1.0, lambda: self._act(incoming))
        else:
            self.feed(incoming)

    # ------------------------------------------------------------------ people and mishaps
    def _scenario(self) -> None:
        rng = self.rng
        names = [f"e{index}" for index in range(rng.randint(1, 5))]
        for name in names:
            self.later(rng.choice((0.0, 0.0, 3.0)), lambda name=name: self._submit(name))
        for _ in range(rng.randint(0, 6)):
            self.later(rng.uniform(0.0, 30.0), lambda: self._somebody_acts(rng.choice(names)))
        for _ in range(self._times.choice((0, 1, 3))):
            self.later(self._times.uniform(0.0, 25.0), lambda: self._amend(names))
        for _ in range(self._times.choice((0, 3, 8, 20))):
            self.later(self._times.uniform(0.0, 40.0), lambda: self._send_signal(names))
        for at in (10.0, 20.0, 40.0):
            self.later(at, self._battery_drops)
        for _ in range(self._times.choice((0, 0, 0, 1, 2))):
            self.later(self._times.uniform(0.0, 20.0), self._schedule)
        for _ in range(self._others.choice((0, 0, 1, 3))):
            self.later(self._others.uniform(0.0, 20.0), self._hinder_one)
        for _ in range(self._guards.choice((0, 0, 1, 3, 6))):
            self.later(self._guards.uniform(0.0, 40.0), self._obstruct)
        if self._robots is not None:
            for _ in range(self._robots.choice((0, 1, 3))):
                self.later(self._robots.uniform(0.0, 20.0), self._robot_fails)

    def _acts(self) -> dict[str, Callable[[str], None]]:
        """Return what comes at the worst moment; each act is given an execution, or none."""
        draw, later, act = self._noise, self.later, self._act

        def stops_in_a_pause(name: str) -> None:
            act(s.Pause(execution_id=name))
            later(draw.choice((0.0, 0.5)), lambda: act(s.EmergencyStop(reason="in a pause")))
            moments = draw.sample((0.6, 0.7, 2.0, 6.0), 3)
            later(moments[0], lambda: act(s.Resume(execution_id=name)))
            later(moments[1], lambda: act(s.ResetEmergencyStop()))
            later(moments[2], lambda: act(s.EmergencyStop(reason="and again")))
            later(12.0, self._reset)

        def pauses_again_and_again(name: str) -> None:
            for number in range(6):
                command = s.Resume if number % 2 else s.Pause
                later(number * 0.004, lambda command=command: act(command(execution_id=name)))

        def pauses_long(name: str) -> None:
            act(s.Pause(execution_id=name))
            later(100.0, lambda: act(s.Resume(execution_id=name)))

        def sets_the_clock(_: str) -> None:
            self.faults["wall clock set"] += 1
            self.skew += draw.choice((-3600.0, -5.0, 5.0, 3600.0))

        def flaps(_: str) -> None:
            self.faults["guards flap"] += 1
            for number in range(8):
                later(number * 0.003, lambda clear=bool(number % 2): self._let_be_clear(clear))

        def sends_signals(name: str) -> None:
            for value in (1, 2):
                act(s.SignalSent(execution_id=name, name="go", value=value))

        def cancels_all(_: str) -> None:
            act(s.Cancel(compensate=draw.random() < 0.5))

        return {
            "stops in a pause": stops_in_a_pause,
            "pauses again and again": pauses_again_and_again,
            "pauses long": pauses_long,
            "sets the clock": sets_the_clock,
            "flaps": flaps,
            "amends": lambda name: self._amend([name]),
            "sends signals": sends_signals,
            "cancels all": cancels_all,
            "asks again": lambda name: self._submit(name or "e0"),
            "dies": lambda _: self._crash(),
        }

    def _submit(self, name: str) -> None:
        rng = self.rng
        plan = self._plan(rng, rng.choice((3, 8, 20)))
        self.counts["plans"] += 1
        options = s.SubmitOptions(
            start_paused=rng.random() < 0.1,
            compensate_on_cancel=rng.random() < 0.5,
            compensate_on_failure=rng.random() < 0.8,
            breakpoints=("a2",) if rng.random() < 0.1 else (),
            confirm_plan=rng.random() < 0.1,
        )
        if Random(f"{name} {self._order}").random() < 0.3:
            # A source of its own leaves the rest of what a seed stands for as it is.
            self._request(name, plan, options)
            return
        submit = s.Submit(
            execution_id=name,
            plan=plan,
            input={"flag": True, "things": ["x", "y"]},
            priority=rng.choice((-10, 0, 0, 10)),
            deadline=self.now() + 60.0 if rng.random() < 0.1 else None,
            options=options,
            planning=s.PlanningReport(planner="grammar") if rng.random() < 0.3 else None,
        )
        step = self.feed(submit)
        self.counts["refused executions" if step.refusal else "executions"] += 1
        if options.start_paused:
            self.later(5.0, lambda: self._act(s.Resume(execution_id=name)))

    def _request(self, name: str, plan: dict[str, Any], options: s.SubmitOptions) -> None:
        draw = Random(f"{name} {self._order} request")
        request = s.Request(
            execution_id=name,
            goal=s.RawGoal(command="tidy up", plan=json.dumps(plan)),
            priority=draw.choice((-10, 0, 0, 10)),
            timeout=draw.choice((1.0, 60.0)) if draw.random() < 0.1 else None,
            options=msgspec.structs.replace(options, plan_again=draw.random() < 0.7),
            anew=Random(f"{name} {self._order} anew").random() < 0.5,
        )
        known = self.machine.state.executions.get(name)
        step = self.feed(request)
        begun = self.machine.state.executions.get(name)
        self.counts["begun anew"] += known is not None and begun is not known
        self.counts["refused executions" if step.refusal else "requested executions"] += 1
        # People are quick to change their minds.
        change = draw.choice((None,) * 6 + (s.Cancel, s.Pause, s.Pause, s.EmergencyStop))
        after = draw.choice((0.0, 0.05, 1.0))
        if change is s.EmergencyStop:
            self.later(after, lambda: self._act(s.EmergencyStop(reason="red button")))
            self.later(after + 1.0, lambda: self._act(s.ResetEmergencyStop()))
        elif change is not None:
            act = change(execution_id=name)
            self.later(after, lambda: self._act(act))
        if options.start_paused or change is s.Pause:
            self.later(5.0, lambda: self._act(s.Resume(execution_id=name)))

    def _somebody_acts(self, name: str) -> None:
        rng = self.rng
        act = rng.choice(ACTS)
        self.counts[f"act: {act}"] += 1
        if act == "pause":
            self._act(s.Pause(execution_id=name))
            self.later(rng.choice((0.5, 10.0)), lambda: self._act(s.Resume(execution_id=name)))
        elif act == "cancel":
            self._act(s.Cancel(execution_id=name, compensate=rng.random() < 0.5))
            if rng.random() < 0.3:
                self.later(rng.choice((0.5, 4.0)), lambda: self._cancel_again(name))
        elif act == "stop" and rng.random() < 0.3:
            self._act(s.EmergencyStop(reason="red button"))
            self.later(10.0, self._reset)
        elif act == "down":
            server = rng.choice(("nav", "arm"))
            if self._others.random() < 0.3:
                self._node_dies(("nav", "arm"))
                return
            self.servers.bring_down(server)
            self.later(8.0, lambda: self.servers.bring_up(server))
        elif act == "clock":
            self.faults["wall clock set"] += 1
            self.skew += rng.choice((-3600.0, -5.0, 5.0, 3600.0))
        elif act == "checkpoint":
            self._act(s.CheckpointRequested(execution_id=name))
        elif act == "restore":
            self._act(s.RestoreCheckpoint(execution_id=name))
        elif act == "lease":
            demands = (s.LeaseDemand(resource=rng.choice(("base", "gripper"))),)
            self._act(
                s.AllocateLease(
                    request_id=f"r{self._order}",
                    demands=demands,
                    holder="a person",
                    timeout=rng.choice((0.0, 20.0)),
                    duration=5.0,
                )
            )
        elif act == "letter" and self.machine.state.dead_letters:
            letter = rng.choice(sorted(self.machine.state.dead_letters))
            self._act(s.RetryDeadLetter(dead_letter_id=letter, discard=rng.random() < 0.3))
        elif act == "release":
            self._look_at_the_robot()
        elif act == "breakpoints":
            self._act(s.SetBreakpoints(execution_id=name, keys=("a1", "a3")))
        elif act == "again":
            self._submit(name)
        elif act == "crash":
            self._crash()

    def _amend(self, names: list[str]) -> None:
        """Give an execution another plan for what has not begun, where that is possible."""
        execution = self.machine.state.executions.get(self._times.choice(names))
        if execution is None or execution.goal is not None:
            return
        plan = dict(execution.program.data)
        for _ in range(self._times.choice((1, 2))):
            plan = amended(self._times, plan)
        act = s.AmendPlan(execution_id=execution.execution_id, plan=plan)
        if self._outage is None:
            step = self.feed(act)
            self.counts["amendments refused" if step.refusal else "amendments"] += 1

    def _send_signal(self, names: list[str]) -> None:
        """Send a value to an execution, or one that nobody declared."""
        sent = s.SignalSent(
            execution_id=self._times.choice(names),
            name=self._times.choice(("go", "go", "go", "stop")),
            value=self._times.choice((1, 2, 3, "no number")),
        )
        self._act(sent)

    def _cancel_again(self, name: str) -> None:
        """Stop also what a first cancel left running, or pause it for a while."""
        if self.rng.random() < 0.5:
            self._act(s.Cancel(execution_id=name))
        else:
            self._act(s.Pause(execution_id=name))
            self.later(6.0, lambda: self._act(s.Resume(execution_id=name)))

    def _hands(self) -> Hands:
        return Hands(
            later=self.later,
            act=self._act,
            reset=self._reset,
            crash=self._crash,
            fill_disk=self._fill_disk,
            take_over=self._take_over,
            wall=self._wall,
        )

    def _fill_disk(self) -> None:
        """Let the next event find a full disk."""
        self.faults["disk full just then"] += 1
        self._disk_full = self._outage is None

    def _take_over(self, seconds: float) -> None:
        """Let another orchestrator drive for a while."""
        self.faults["another orchestrator takes the base"] += 1
        self._hinder_by("GOAL_TAKEN_OVER", "nav", seconds)

    def _hinder_one(self) -> None:
        self._hinder(self._others.choice(("nav", "arm")), self._others)

    def _hinder(self, server: str, draw: Random) -> None:
        """Let a server be taken over, paused, or without a node it needs, for a while."""
        code = draw.choice(sorted(CODES))
        self._hinder_by(code, server, draw.choice((1.0, 5.0, 20.0, 400.0)))

    def _hinder_by(self, code: str, server: str, seconds: float) -> None:
        self.faults[f"hindrance {code}"] += 1
        error = ErrorInfo(type=CODES[code], code=code, message=f"{server} cannot be used")
        self.servers.hinder(server, error)
        self._tell_hindrance(server)
        self.later(seconds, lambda: self._free(server))

    def _node_dies(self, servers: tuple[str, ...]) -> None:
        """Let a node die with all its servers and goals; what is known of it comes in any order."""
        self.faults["a node dies with all its servers"] += 1
        told_first = self._others.random() < 0.5
        for server in servers:
            gone = ErrorInfo(
                type=CODES["DEPENDENCY_GONE"],
                code="DEPENDENCY_GONE",
                message=f"the node of {server} is gone",
            )
            self.servers.hindered[server] = gone
            if told_first:
                self._tell_hindrance(server)
        for server in servers:
            self.servers.bring_down(server)
            self._tell_hindrance(server)

        def back() -> None:
            for server in servers:
                self.servers.bring_up(server)
                self._free(server)

        self.later(self._others.choice((0.5, 8.0, 60.0)), back)

    def _tell_hindrance(self, server: str) -> None:
        error = self.servers.hindered.get(server)
        code, reason = (error.code, error.message) if error is not None else ("", "")
        self._act(s.ServerHindered(server=server, code=code, reason=reason))

    def _robot_fails(self) -> None:
        """Let a server of one of several robots die, or be used by others, for a while."""
        assert self._robots is not None
        server = f"{self._robots.choice(ROBOTS)}/{self._robots.choice(('nav', 'arm'))}"
        if self._robots.random() < 0.5:
            self.servers.bring_down(server)
            self.later(8.0, lambda: self.servers.bring_up(server))
        else:
            self._hinder(server, self._robots)

    def _free(self, server: str) -> None:
        self.servers.hindered.pop(server, None)
        self._tell_hindrance(server)

    def _reset(self) -> None:
        """Take the emergency stop back; whatever may still move is looked at first."""
        self._act(s.ResetEmergencyStop())
        if self.machine.state.emergency:
            self._look_at_the_robot()
            self.later(5.0, self._reset)

    def _look_at_the_robot(self) -> bool:
        """Let a person stop what is in quarantine and say so; say whether there was something."""
        quarantined = list(self.machine.state.quarantined)
        for goal_id in quarantined:
            self.counts["released by a person"] += 1
            self.servers.person_stops(goal_id)
            self._act(s.ReleaseQuarantine(goal_id=goal_id, who="somebody at the robot"))
        return bool(quarantined)

    def _battery_drops(self) -> None:
        self._battery -= 0.3
        self._act(s.WorldChanged())

    def _obstruct(self) -> None:
        """Let the guards not hold for a while."""
        self.faults["guards do not hold"] += 1
        self._let_be_clear(False)
        self.later(self._guards.choice((0.05, 1.0, 4.0, 15.0)), lambda: self._let_be_clear(True))

    def _let_be_clear(self, clear: bool) -> None:
        self._clear = clear
        self._act(s.WorldChanged())
        if not clear and self._outage is None:
            invariants.guards_stop(self.machine.state, self.watcher.checked)

    def _step_over(self) -> bool:
        """Let everything go that waits for a person whose word got lost in a crash."""
        for execution in list(self.machine.state.executions.values()):
            if execution.paused:
                self._act(s.Resume(execution_id=execution.execution_id))
                return True
            if execution.waiting_at_breakpoint and not execution.paused:
                more = self.rng.random() < 0.5
                step = s.Step(execution_id=execution.execution_id, run_to_next_breakpoint=more)
                self._act(step)
                return True
        return False

    # ------------------------------------------------------------------ the run
    def run(self) -> None:
        """Run until nothing is left to happen, then look at what is left."""
        self._scenario()
        self._drain()
        state = self.machine.state
        stuck = [one.execution_id for one in state.executions.values() if not one.is_final]
        hung = [
            goal
            for goal in self.servers.goals.values()
            if silent_for_ever(goal) and goal.effect.goal_id in state.goals
        ]
        self.watcher.checked["every execution ends"] += len(state.executions)
        if stuck and not hung:
            raise invariants.Violation(f"{stuck} do not end")
        if stuck:
            # A goal without a timeout on a server that never answers: a person ends it.
            self.counts["ended by a person"] += len(stuck)
            self.crash_rate = self.outage_rate = 0.0
            self._crossings = None
            self._act(s.Cancel())
            self._drain()
            # A finally or a compensation may hang in the same way; an emergency stop ends it.
            self._act(s.EmergencyStop(reason="it hangs"))
            self._drain()
            left = self.machine.state.executions.values()
            still = [one.execution_id for one in left if not one.is_final]
            if still:
                raise invariants.Violation(f"{still} do not end although they were cancelled")
        invariants.at_rest(self.machine.state)
        self.compare()
        self.displays.as_history(self.journal)
        for execution in self.machine.state.executions.values():
            self.counts[f"ended {execution.status.value}"] += 1

    def _drain(self) -> None:
        while self._heap or self._step_over() or self._look_at_the_robot():
            if not self._heap:
                continue
            at, _, what = heapq.heappop(self._heap)
            self.clock = max(self.clock, at)
            what()
            if self.counts["inputs"] % 8 == 0:
                self.compare()
            if self.counts["inputs"] > MAX_INPUTS:
                raise invariants.Violation("this never ends")
