"""What of the past is still needed, and what may go."""

from __future__ import annotations

from collections.abc import Iterable

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine.inputs import PruneHistory
from execution_orchestrator.engine.turn import Turn

REFUSALS_KEPT = 1000  # the newest, for people who look up what was refused,
COMMANDS_KEPT = 10_000  # and who asked for what of the node as a whole
# Events of the orchestrator as a whole that mean nothing for what begins later.
PASSING = (
    e.AlertRaised,
    e.AlertCleared,
    e.RateLimitPassed,
    e.HistoryPruned,
    e.StorageRestored,
    e.ClockJumped,
    e.EventsMissing,
)


def on_prune(turn: Turn, incoming: PruneHistory) -> None:
    """Forget executions for good, except those that run or that something came from that is open.

    That is a dead letter, or a goal in quarantine: under the id of its execution, another one would
    send a goal of the same id.
    """
    state = turn.state
    unconfirmed = {goal.owner for goal in state.quarantined.values()}
    letters = {letter.execution_id for letter in state.dead_letters.values()}
    retries = {
        one.execution_id
        for one in state.executions.values()
        if one.retry_of in state.dead_letters and not one.is_final
    }
    going = []
    for name in incoming.execution_ids:
        execution = state.executions.get(name)
        if execution and not execution.is_final:
            continue
        if name in letters or name in retries or name in unconfirmed:
            continue
        if execution is not None:
            turn.emit(e.ExecutionForgotten(time=turn.now, execution_id=name))
        going.append(name)
    turn.ids = tuple(going)
    if going:
        turn.emit(e.HistoryPruned(time=turn.now, execution_ids=turn.ids))


def superseded(events: Iterable[tuple[int, e.Event]]) -> list[int]:
    """Return the positions of events of the orchestrator as a whole that no longer matter.

    Give it all of these events, oldest first: a fold without the ones it names is the same.
    """
    gone: list[int] = []
    availability: dict[str, int] = {}
    breaker: dict[str, list[int]] = {}
    emergencies: list[int] = []
    anchor = 0
    grasps: dict[tuple[str, str], int] = {}
    releases: dict[str, int] = {}
    refusals: list[int] = []
    commands: list[int] = []
    unconfirmed: dict[str, int] = {}  # goals in quarantine
    quarantines: dict[str, list[int]] = {}  # of goals that are over, by execution
    leases = _Leases()
    schedules: dict[str, dict[type[e.Event], int]] = {}  # the newest event of each kind
    for position, event in events:
        match event:
            case e.HistoryPruned(execution_ids=names):
                # They are needed as long as events of the execution name leases that the goal kept.
                gone += [at for name in names for at in quarantines.pop(name, ())]
                gone.append(position)
            case _ if type(event) in PASSING:
                gone.append(position)
            case e.GoalQuarantined(goal_id=goal):
                unconfirmed[goal] = position
            case e.QuarantineEnded(goal_id=goal, owner=owner):
                begun = [unconfirmed.pop(goal)] if goal in unconfirmed else []
                quarantines.setdefault(owner, []).extend([*begun, position])
            case e.ClockAnchored():
                if anchor:
                    gone.append(anchor)
                anchor = position
            case e.ServerAvailability(server=server):
                if server in availability:
                    gone.append(availability[server])
                availability[server] = position
            case e.BreakerClosed(server=server) | e.BreakerCounted(server=server, failures=0):
                gone += [*breaker.pop(server, ()), position]
            case e.BreakerOpened() | e.BreakerHalfOpened() | e.BreakerCounted():
                breaker.setdefault(event.server, []).append(position)
            case e.EmergencyStopReset():
                gone += [*emergencies, position]
                emergencies.clear()
            case e.ObjectGrasped(robot=robot, object_id=name):
                if (robot, name) in grasps:
                    gone.append(grasps[robot, name])
                grasps[robot, name] = position
                if robot in releases:
                    gone.append(releases.pop(robot))
            case e.ObjectReleased(robot=robot, object_id=name):
                if (robot, name) in grasps:
                    gone.append(grasps.pop((robot, name)))
                if robot in releases:
                    gone.append(releases[robot])
                releases[robot] = position
            case e.RequestRefused():
                refusals.append(position)
            case e.CommandGiven():
                commands.append(position)
            case e.EmergencyStopped():
                emergencies.append(position)
            case e.ScheduleSet(schedule_id=name) | e.ScheduleRemoved(schedule_id=name):
                gone += schedules.pop(name, {}).values()
                if isinstance(event, e.ScheduleSet):
                    schedules[name] = {e.ScheduleSet: position}
                else:
                    gone.append(position)
            case _ if isinstance(event, e.SCHEDULING):
                newest = schedules[event.schedule_id]
                if type(event) in newest:
                    gone.append(newest[type(event)])
                newest[type(event)] = position
            case _:
                leases.note(position, event)
    gone += [*refusals[:-REFUSALS_KEPT], *commands[:-COMMANDS_KEPT]]
    return sorted([*gone, *leases.superseded()])


class _Leases:
    """Requests, allocations and releases of outside holders."""

    def __init__(self) -> None:
        self._requests: dict[str, int] = {}
        self._over: list[int] = []
        self._allocation: dict[str, int] = {}  # by lease
        self._held: dict[int, set[str]] = {}  # leases that are not back, by allocation
        self._releases: list[tuple[int, set[int]]] = []  # with the allocations they were part of

    def note(self, position: int, event: e.Event) -> None:
        """Take note of an event, if it is about leases."""
        match event:
            case e.LeaseRequested(request_id=request):
                self._requests[request] = position
            case e.LeaseRequestExpired(request_id=request):
                self._over.append(position)
                self._answered(request)
            case e.ResourceAllocated():
                self._answered(event.request_id)
                names = {lease.lease_id for lease in event.leases}
                self._held[position] = names
                self._allocation |= dict.fromkeys(names, position)
            case e.ResourceReleased(lease_ids=names):
                if all(name in self._allocation for name in names):
                    self._releases.append((position, {self._allocation[name] for name in names}))
                    for name in names:
                        self._held[self._allocation[name]].discard(name)

    def _answered(self, request: str) -> None:
        if request in self._requests:
            self._over.append(self._requests.pop(request))

    def superseded(self) -> list[int]:
        """Return the positions of superseded events; a release is kept with its allocation."""
        ended = {position for position, names in self._held.items() if not names}
        releases = [position for position, of in self._releases if of <= ended]
        return [*self._over, *ended, *releases]
