"""Puts together why a goal failed, and which servers cannot be used now."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from msgspec import structs

from execution_orchestrator.capabilities.error_codes import ErrorCodeTables
from execution_orchestrator.capabilities.error_codes.table import said_once
from execution_orchestrator.engine.effects import Dispatch
from execution_orchestrator.engine.hindrances import CODES
from execution_orchestrator.engine.inputs import GoalNoticed, Input, ServerHindered
from execution_orchestrator.engine.resources import JUST_FOUND, SERVED_TWICE, TAKEN_OVER
from execution_orchestrator.monitoring import health
from execution_orchestrator.plan.capability import RobotModel
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.endpoints import UNNAMED
from execution_orchestrator.ros.goals import ClientPool
from execution_orchestrator.ros.listening import Listener
from execution_orchestrator.ros.surroundings.foreign_goals import (
    JUST_NOW,
    LISTENING,
    OWN_GRACE,
    ForeignGoals,
)
from execution_orchestrator.ros.surroundings.managed_nodes import (
    ANSWER_TIMEOUT,
    ManagedNodes,
    clock,
)
from execution_orchestrator.ros.surroundings.other_orchestrators import OtherOrchestrators
from execution_orchestrator.ros.surroundings.server_logs import ServerLogs
from execution_orchestrator.ros.surroundings.targets import Target, held_alone, targets_of
from execution_orchestrator.ros.surroundings.twins import Twins

log = logging.getLogger(__name__)
PERIOD = 0.25  # seconds between two looks while something runs
IDLE_PERIOD = 1.0
STARTING = 10.0  # seconds after the start in which servers are found one after the other
SOON = 0.01  # seconds
GRAPH_PERIOD = 1.0  # seconds between two looks at the graph
OTHERS_PERIOD = 5.0
WORDS_BEFORE = 5.0  # seconds before a failure in which a word may explain it
WORDS_AFTER = 0.1  # seconds that a word may come later than the result
STATUS_AFTER = 0.3  # seconds that another client's goal may show later than the result
JUST_CHANGED = 3.0  # seconds before a failure in which a node's change of state explains it
SURVIVED = 60.0  # seconds after which what was wrong during an attempt no longer explains its end
UNEXPLAINED = frozenset({"GOAL_ABORTED", "GOAL_REJECTED", "NOT_SUCCESSFUL"})
# Of one of several steps: what a server that is gone looks like to it.
UNREACHED = frozenset({"GOAL_LOST", "SERVER_UNAVAILABLE", "SERVICE_CALL_FAILED", "STEP_TIMED_OUT"})
UNANSWERED = 2.0  # seconds without an answer after which a server is reported as silent
ENDS_ITSELF = 6.0  # seconds in which Nav2 gives up a goal that it cannot work on any more
LASTS = 1.0  # seconds for which a new reason of a server has to last before it is reported
LOOK_AGAIN = 0.05  # seconds between two looks at the graph while a goal waits for what they show
INCOMPLETE = "RESULT_INCOMPLETE"
OF_THE_GOAL = frozenset({ErrorType.VALIDATION, ErrorType.TRANSFORMATION, ErrorType.ROUTING})
# What Nav2's servers log of every failure, behind the line that says why, and on a busy machine.
_NOTHING = re.compile(
    r"\[ActionServer\]|: (goal|\w+) failed\.?$|missed its desired rate|tick rate .* exceeded",
    re.IGNORECASE,
)
ALREADY_MEANT = 300  # characters of what was said in a message; all of it is in the context


@dataclass(frozen=True, slots=True)
class Running:
    """A goal of this node that runs."""

    goal_id: str
    capability: str
    robot: str


class Surroundings:
    """Watches nodes, foreign goals and words. Used on the loop's thread only.

    ``post`` gives the engine an input; ``busy`` says whether executions go on, ``running`` which
    goals do, and ``phase_of`` how far one is, by its feedback; ``tables`` name errors by what
    servers log; ``without_position`` says since when nobody knows where a robot is, if so.
    """

    def __init__(
        self,
        node: Any,
        listener: Listener,
        bridge: Bridge,
        pool: ClientPool,
        model: RobotModel,
        tables: ErrorCodeTables,
        *,
        post: Callable[[Input], None],
        busy: Callable[[], bool],
        running: Callable[[], Iterable[Running]],
        phase_of: Callable[[str], str],
        without_position: Callable[[str], str],
    ) -> None:
        self._node = node
        self._bridge = bridge
        self._post = post
        self._busy = busy
        self._running = running
        self._phase_of = phase_of
        self._works = pool.works
        self._without_position = without_position
        self._robots = ("", *model.robots)
        self._tables = {
            name: tables[spec.result.error_table]
            for name, spec in model.capabilities.items()
            if spec.result.error_table
        }
        self._noticed: dict[str, str] = {}
        self._unanswered = pool.unanswered
        self._give_up = pool.give_up
        self._without: dict[str, float] = {}  # goals, and since when a node they need is missing
        self._silences: dict[str, str] = {}  # goals whose server is silent, and since when it is
        self._bases = {
            name for name, resource in model.resources.items() if resource.type == "mobile_base"
        }
        self._drives = {
            name
            for name, spec in model.capabilities.items()
            if self._bases.intersection(held_alone(spec, model.resources))
        }
        self._targets = targets_of(model, node.get_namespace())
        self._nodes = ManagedNodes(node, bridge, self._changed)
        self._nodes.watch(name for target in self._targets.by_key.values() for name in target.nodes)
        self._foreign = ForeignGoals(
            node,
            bridge,
            self._targets.servers,
            ours=pool.sent,
            works=self._sends_goals,
            parents=self._targets.parents,
            in_turn=self._targets.in_turn,
            changed=self._changed,
            lives=pool.lives,
        )
        self._logs = ServerLogs(
            listener,
            {part for spec in model.capabilities.values() for part in spec.result.done_if_said},
        )
        self.others = OtherOrchestrators(node, self._targets.servers)
        self._twins = Twins(
            node, self._targets.all_servers, lives=pool.lives, now=self._bridge.loop.time
        )
        self._reported: dict[str, tuple[str, str]] = {}
        self._other: dict[str, tuple[tuple[str, str], float]] = {}
        self._heard: set[str] = set()  # servers whose goals from before they were found are known
        self._met: dict[str, float] = {}  # servers, and when a goal was for them first
        self._looked = 0.0
        self._wake = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._explaining: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to watch."""
        self._nodes.look(busy=True)
        self._find()
        self._twins.look()
        self._watching = self._bridge.loop.create_task(self._watch(), name="surroundings")

    async def stop(self) -> None:
        """Stop watching and remove all endpoints."""
        tasks = [*self._explaining, *([self._watching] if self._watching is not None else [])]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._nodes.close()
        self._foreign.close()
        self._logs.close()

    # ------------------------------------------------------------------ why a goal failed

    def explain(
        self,
        dispatch: Dispatch,
        error: ErrorInfo,
        tell: Callable[[ErrorInfo], None],
        *,
        since: float,
    ) -> None:
        """Find out why a goal ended with an error; ``tell`` is called with the error and its cause.

        ``since`` is when the goal began, in seconds of the monotonic clock.
        """
        task = self._bridge.loop.create_task(self._explain(dispatch, error, tell, since))
        self._explaining.add(task)
        task.add_done_callback(self._explaining.discard)

    def look_first(self, dispatch: Dispatch, then: Callable[[], None]) -> None:
        """Call ``then`` when it is known whether the nodes that a goal depends on are alive."""
        task = self._bridge.loop.create_task(self._look_first(dispatch, then))
        self._explaining.add(task)
        task.add_done_callback(self._explaining.discard)

    async def _look_first(self, dispatch: Dispatch, then: Callable[[], None]) -> None:
        try:
            target = self._targets.by_capability.get((dispatch.robot, dispatch.capability))
            if target is not None and target.nodes:
                self._nodes.look(busy=True)
                await self._nodes.ask(target.nodes)
                self._tell_all()
        except Exception:
            log.exception("who is behind %s could not be asked", dispatch.key)
        then()

    async def _explain(
        self,
        dispatch: Dispatch,
        error: ErrorInfo,
        tell: Callable[[ErrorInfo], None],
        since: float,
    ) -> None:
        failed, steady = self._bridge.loop.time(), time.monotonic()
        ran = steady - since
        explained = error
        try:
            target = self._targets.by_capability.get((dispatch.robot, dispatch.capability))
            if target is not None:
                table = self._tables.get(dispatch.capability)
                unexplained = error.code in UNEXPLAINED or error.code in UNREACHED
                if unexplained or (table is not None and error.server_code in table.unexplained):
                    explained = await self._cause(target, error, failed, ran)
                else:
                    explained = await self._used_meanwhile(target, error, failed, ran)
                late = WORDS_AFTER - (self._bridge.loop.time() - failed)
                await asyncio.sleep(max(0.0, late))
                served = str(error.context.get("server", "")) or target.server
                # A part of the work may have been given up long before the end.
                before = ran if error.code == INCOMPLETE else WORDS_BEFORE
                said = self._logs.said(self._concerned(target, served), steady - before)
                named = table.find_logged(said) if table and error.code in UNEXPLAINED else None
                # What no attempt changes is the cause, whatever else was wrong around that time.
                if named and (explained.code in UNEXPLAINED or not named.recoverable):
                    context = {**error.context, "was": error.code}
                    explained, unexplained = structs.replace(named, context=context), False
                explained = with_server_logs(explained, said, unexplained=unexplained)
        except Exception:
            log.exception("why %s failed could not be found out", dispatch.key)
        tell(explained)

    async def _cause(
        self, target: Target, error: ErrorInfo, failed: float, ran: float
    ) -> ErrorInfo:
        """Return the cause of an abort without a code, or of a rejection."""
        self._nodes.look(busy=True)
        asking = asyncio.ensure_future(self._nodes.ask(target.nodes))
        taken = ""
        try:
            until = failed + (STATUS_AFTER if target.shared else 0.0)
            while not taken:
                self._foreign.look()
                # Who had ended before our goal was sent did not take it over.
                taken = self._foreign.since(target.shared, failed - min(ran, JUST_NOW))
                if taken or self._bridge.loop.time() >= until:
                    break
                await asyncio.sleep(0.02)
            if not taken:
                await asking
                # One with a number of its own may have left its last goal a moment to end.
                if error.code in UNEXPLAINED or error.code in UNREACHED:
                    taken = self._foreign.outlives(target.shared)
        finally:
            asking.cancel()
        trouble = self._nodes.trouble(target.nodes)
        if taken and trouble is None:
            trouble = (TAKEN_OVER, self._who(taken))
        if trouble is None:
            trouble = self._served_twice(target)
        if trouble is None:
            during = min(max(ran, JUST_CHANGED), SURVIVED)
            trouble = self._nodes.trouble_since(target.nodes, failed - during)
        if trouble is None:
            return error
        code, reason = trouble
        self._tell_all()
        return ErrorInfo(
            type=CODES[code],
            code=code,
            message=reason,
            context={**error.context, "was": error.code},
        )

    async def _used_meanwhile(
        self, target: Target, error: ErrorInfo, failed: float, ran: float
    ) -> ErrorInfo:
        """Return an error that has a reason of its own, with who used the robot in between.

        A goal that a server gave up because of another client's goal is waited for; the part of a
        list that was not done is named in the error.
        """
        self._foreign.look()
        if error.code == INCOMPLETE:
            taken = self._foreign.since(target.shared, failed - ran)
            if taken:
                return _with_message(error, f"{error.message}; {self._who(taken)}")
            trouble = await self._hindered_since(target, failed - ran)
            if trouble is None:
                return error
            self._tell_all()
            code, why = trouble
            return _with_message(error, f"{error.message}; {why}", missing=code)
        taken = self._foreign.since(target.shared, failed - min(ran, JUST_NOW))
        if not taken or error.type in OF_THE_GOAL:
            return error
        self._tell_all()
        return ErrorInfo(
            type=CODES[TAKEN_OVER],
            code=TAKEN_OVER,
            message=f"{self._who(taken)} ({error.message})",
            server_code=error.server_code,
            context={**error.context, "was": error.code},
        )

    async def _hindered_since(self, target: Target, when: float) -> tuple[str, str] | None:
        """Return code and reason of a node that could not do its part since ``when``, if any."""
        self._nodes.look(busy=True)
        await self._nodes.ask(target.nodes)
        return self._nodes.trouble(target.nodes) or self._nodes.trouble_since(target.nodes, when)

    def _concerned(self, target: Target, server: str) -> set[str]:
        """Full names of the nodes whose words may explain a failure: the server's, and these."""
        topic = self._node.resolve_topic_name(f"{server}/_action/status")
        owners = self._node.get_publishers_info_by_topic(topic)
        return {
            *target.nodes,
            *(f"{info.node_namespace.rstrip('/')}/{info.node_name}" for info in owners),
        }

    def left_behind(self, robot: str, capability: str) -> str:
        """Return a server that still runs a goal which a server of ours, which ended, had sent."""
        target = self._targets.by_capability.get((robot, capability))
        self._foreign.look()
        if target is None or self._foreign.active(target.shared):
            return ""
        # A server that is being paused may have its next part begun when it has given its goal up.
        paused = self._nodes.trouble(target.nodes) is not None
        return self._foreign.outlives(target.shared, grace=OWN_GRACE if paused else 0.0)

    # ------------------------------------------------------------------ what cannot be used

    def fit(self, server: str) -> bool | None:
        """Say whether a goal may be sent to a server; None: it is not known yet.

        A server that this node has just found may work for another client, and a stack may be
        paused, or not started up yet. The graph tells of a server's endpoints before the names of
        their nodes, and of its services after.
        """
        now = self._bridge.loop.time()
        met = self._met.setdefault(server, now)
        if self._twins.look_at(server):
            return None
        alone = self._targets.shared_with.get(server, ())
        if alone and self._twins.of([server]):
            self._tell_all()
            return False
        if self._foreign.stirs((server, *alone)):
            self._find()
        if server not in self._heard:
            self._find()
            missing = not self._foreign.is_found(server) and now - met < ANSWER_TIMEOUT
            if missing or self._foreign.just_found(alone):
                return None
            self._heard.add(server)
            self._foreign.look()
            if self._foreign.active(alone):
                self._tell_all()
                return False
        nodes = self._targets.nodes_behind.get(server, ())
        if self._nodes.all_active(nodes):
            return True
        if now - self._looked >= LOOK_AGAIN:
            self._looked = now
            self._nodes.look(busy=False)
        if self._nodes.state_unknown(nodes) or (
            now - met < ANSWER_TIMEOUT and self._nameless(server)
        ):
            return None
        if self._nodes.trouble(nodes) is None:
            return True
        self._tell_all()
        return False

    def _find(self) -> None:
        came, gone = self._foreign.find()
        if came:
            self._tell_all()
            self._bridge.loop.call_later(LISTENING + SOON, self._changed)
        if gone:
            shared_with = self._targets.shared_with
            self._heard = {
                one for one in self._heard if gone.isdisjoint((one, *shared_with.get(one, ())))
            }

    def _nameless(self, server: str) -> bool:
        """Whether the node that has a server is not known by its name yet."""
        topic = self._node.resolve_topic_name(f"{server}/_action/status")
        owners = self._node.get_publishers_info_by_topic(topic)
        return not owners or any(UNNAMED in info.node_name for info in owners)

    def not_to_move(self, robot: str, resources: Iterable[str], capability: str) -> str:
        """Return why no recovery may move these resources of a robot now, empty if it may."""
        resources = tuple(resources)
        lost = self._without_position(robot) if self._bases.intersection(resources) else ""
        if lost:
            return lost
        taken = self.taken(robot, resources)
        if taken:
            return taken
        target = self._targets.by_capability.get((robot, capability))
        if target is None:
            return ""
        trouble = self._nodes.trouble(target.nodes) or self._served_twice(target)
        return trouble[1] if trouble is not None else ""

    def taken(self, robot: str, resources: Iterable[str]) -> str:
        """Name the other client that moves these resources of a robot now, if there is one."""
        for resource in resources:
            name = f"{robot}/{resource}" if robot else resource
            taken = self._foreign.active(self._targets.movers.get(name, ()))
            if taken:
                return self._who(taken)
        return ""

    async def before_moving(self, robot: str, capability: str) -> None:
        """Ask the nodes that a motion depends on for their states."""
        target = self._targets.by_capability.get((robot, capability))
        if target is not None:
            await self._nodes.ask(target.nodes)
            self._foreign.look()

    def health(self) -> health.Health:
        """Say whether anything keeps a server from being used, and who else is about."""
        values: Mapping[str, object] = {
            key: reason
            for key, (code, reason) in sorted(self._reported.items())
            if code not in ("", JUST_FOUND)
        }
        reasons = list(dict.fromkeys(str(reason) for reason in values.values()))
        reasons += [one for one in self._twins.found if one not in reasons]
        lost = [self._without_position(robot) for robot in self._robots]
        reasons += [*self.others.found, *filter(None, lost)]
        reasons += dict.fromkeys(self._silences.values())
        if not reasons:
            return health.Health("shared robot", health.Level.OK, "nobody else, nothing missing")
        return health.Health("shared robot", health.Level.WARN, "; ".join(reasons), values)

    def _who(self, server: str) -> str:
        parent = self._foreign.left_by(server)
        if parent:
            return f"{server} works on a goal that {parent} seems to have left behind"
        return f"somebody else uses {server}"

    def _served_twice(self, target: Target) -> tuple[str, str] | None:
        """Return code and reason if several servers would move the robot for one goal."""
        twins = self._twins.of(target.at_work(self._targets.parents))
        return (SERVED_TWICE, twins) if twins else None

    def _sends_goals(self, server: str) -> bool:
        """Whether a server works on a goal of this node, and may send goals of its own for it."""
        if not self._works(server):
            return False
        phases = self._targets.uses_during.get(server)
        if phases is None:
            return True
        reports = [
            self._phase_of(goal.goal_id)
            for goal in self._running()
            if (target := self._targets.by_capability.get((goal.robot, goal.capability)))
            and target.server == server
        ]
        return not reports or any(not phase or phase in phases for phase in reports)

    def _changed(self) -> None:
        self._wake.set()

    async def _watch(self) -> None:
        began = graph = others = now = self._bridge.loop.time()
        while True:
            busy = self._busy()
            often = busy or now - began < STARTING
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), PERIOD if often else IDLE_PERIOD)
            self._wake.clear()
            now = self._bridge.loop.time()
            try:
                self._find()
                self._foreign.look()
                if now - graph >= GRAPH_PERIOD:
                    graph = now
                    self._nodes.look(busy=busy)
                    self._twins.look()
                if now - others >= OTHERS_PERIOD:
                    others = now
                    self.others.look()
                self._tell_all()
                self._notice()
            except Exception:
                log.exception("a look at the surroundings failed")

    def _notice(self) -> None:
        """Tell about running goals who else moves the robot, or that its position is not known."""
        noticed: dict[str, str] = {}
        silences: dict[str, str] = {}
        for goal in self._running():
            target = self._targets.by_capability.get((goal.robot, goal.capability))
            self._give_up_without(goal, target)
            taken = self._foreign.active(target.shared) if target is not None else ""
            reasons = [self._who(taken)] if taken else []
            twins = self._served_twice(target) if target is not None else None
            reasons += [twins[1]] if twins is not None else []
            reasons += filter(None, [self._missing(goal.goal_id, target)])
            if goal.capability in self._drives:
                reasons += filter(None, [self._without_position(goal.robot)])
            silence = self._silence(goal.goal_id, target)
            if silence:
                silences[goal.goal_id] = silence
                reasons.append(silence)
            noticed[goal.goal_id] = "; ".join(reasons)
        for goal_id, reason in noticed.items():
            if self._noticed.get(goal_id, "") != reason:
                self._post(GoalNoticed(goal_id=goal_id, notice=reason))
        self._noticed, self._silences = noticed, silences
        self._without = {goal: since for goal, since in self._without.items() if goal in noticed}

    def _give_up_without(self, goal: Running, target: Target | None) -> None:
        """Give up a goal if a server between its own and what moves the robot died."""
        died = self._foreign.died_below(target.server) if target is not None else ""
        if target is not None and died:
            self._give_up(UUID(goal.goal_id), f"{died} died, which worked for {target.server}")

    def _missing(self, goal_id: str, target: Target | None) -> str:
        """Name a node that a goal needs and that is paused or gone, if its server goes on."""
        trouble = self._nodes.trouble(target.nodes) if target is not None else None
        if trouble is None:
            self._without.pop(goal_id, None)
            return ""
        now = self._bridge.loop.time()
        return trouble[1] if now - self._without.setdefault(goal_id, now) >= ENDS_ITSELF else ""

    def _silence(self, goal_id: str, target: Target | None) -> str:
        """Say since when the server of a goal has not answered, '' while it does."""
        silence = self._unanswered(UUID(goal_id)) if target is not None else 0.0
        if target is None or silence < UNANSWERED:
            return ""
        # The time of its last message is worked out once: a second time it may be a second off.
        return self._silences.get(goal_id) or (
            f"{target.server} has not answered since {clock(time.time() - silence)}"
        )

    def _tell_all(self) -> None:
        """Tell the engine what changed."""
        for key, target in self._targets.by_key.items():
            trouble = self._nodes.trouble(target.nodes) or self._served_twice(target)
            if trouble is None:
                taken = self._foreign.active(target.shared)
                trouble = (TAKEN_OVER, self._who(taken)) if taken else ("", "")
            if not trouble[0] and self._foreign.just_found(target.shared):
                trouble = (JUST_FOUND, f"{target.server} was just found: does somebody use it?")
            before = self._reported.get(key, ("", ""))
            if before == trouble:
                self._other.pop(key, None)
            elif before[0] in ("", JUST_FOUND) or not trouble[0] or self._lasts(key, trouble):
                self._reported[key] = trouble
                self._other.pop(key, None)
                self._post(ServerHindered(server=key, code=trouble[0], reason=trouble[1]))

    def _lasts(self, key: str, trouble: tuple[str, str]) -> bool:
        """Whether a server has had another hindrance than the reported one for a while.

        On its way from gone to active a stack has half a dozen states within a second.
        """
        now = self._bridge.loop.time()
        other, since = self._other.get(key, (("", ""), 0.0))
        if other != trouble:
            self._other[key] = (trouble, now)
            return False
        return now - since >= LASTS


def with_server_logs(error: ErrorInfo, said: list[str], *, unexplained: bool) -> ErrorInfo:
    """Add log messages of servers to an error; to its message, if that is empty."""
    if not said:
        return error
    last = next((line for line in reversed(said) if not _NOTHING.search(line)), "")
    if not last and unexplained:
        last = said[-1]
    message = error.message
    # Behind a colon is what a server logs about itself, but also the error of a failed step.
    explained = ": " in message.removeprefix(f"{error.context.get('step', '')}: ")
    words = last.partition(": ")[2] or last
    if last and words not in message and (unexplained or not explained):
        message = said_once(message, last[:ALREADY_MEANT], "; ")
    return _with_message(error, message, said=said)


def _with_message(error: ErrorInfo, message: str, **context: Any) -> ErrorInfo:
    return structs.replace(error, message=message, context={**error.context, **context})
