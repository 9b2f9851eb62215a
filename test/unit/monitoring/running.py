"""A whole orchestrator without ROS: engine, journal, monitoring; the test is the action servers."""

import asyncio
import threading
from functools import cache
from pathlib import Path

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.engine import inputs as st
from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.engine.recovery.policy import load_recovery_policy
from execution_orchestrator.engine.recovery.strategies import StrategyOutcome, StrategyResult
from execution_orchestrator.monitoring.alerts import AlertMonitor
from execution_orchestrator.monitoring.live_monitor import LiveMonitor
from execution_orchestrator.monitoring.paced import PacedObserver
from execution_orchestrator.monitoring.web.desk import Receipt
from execution_orchestrator.monitoring.web.live_source import LiveSource
from execution_orchestrator.monitoring.web.plan_editing import PlanEditing
from execution_orchestrator.observation import Observation
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.planning.selection import AsyncGrammarPlanner, Planners
from execution_orchestrator.planning.vocabulary import Vocabulary
from execution_orchestrator.runtime.intake import Intake
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.runtime.plan_folder import PlanFolder
from execution_orchestrator.runtime.planning import Planning
from execution_orchestrator.storage.database import open_database
from execution_orchestrator.storage.sql_journal import open_journal

ROOT = Path(__file__).parents[3]
ERRAND = """\
version: 1
command: bring me the red cup
actions:
  - {id: go, action_type: navigate_to, parameters: {target_location: {x: 4.0, y: 2.0}}, estimated_duration: 8}
  - {id: announce, action_type: speak, parameters: {text: I am coming}, depends_on: []}
  - {id: arm_ready, action_type: move_arm, parameters: {named_state: ready}, depends_on: []}
  - {id: look, action_type: detect_objects, depends_on: [go]}
  - {id: pick, action_type: pick_up_object, parameters: {object_id: red_cup}, depends_on: [look, arm_ready]}
  - {id: back, action_type: navigate_to, parameters: {target_location: {x: 1.0, y: 1.0}}, depends_on: [pick]}
"""
ASKING = """\
version: 1
command: throw it away
actions:
  - {id: say, action_type: speak, parameters: {text: sure?}, require_confirmation: true}
"""
TIMEOUT = 10.0  # seconds until something that has to happen counts as missing
CLEAR = [{"strategies": [{"strategy": "clear_costmaps"}, "abort"]}]
RECOVERY = {"version": 1, "tables": {"navigation": CLEAR, "default": CLEAR}}


class Servers:
    """Holds every goal until the test says what becomes of it; cancels are confirmed at once."""

    def __init__(self):
        self.goals = {}
        self.changed = threading.Condition()
        self.at_once = False

    def dispatch(self, effect, report):
        report(st.GoalAccepted(goal_id=effect.goal_id))
        if self.at_once:
            report(st.GoalSucceeded(goal_id=effect.goal_id, output={}))
            return
        with self.changed:
            self.goals[effect.key] = (effect.goal_id, report)
            self.changed.notify_all()

    def reattach(self, effect, report):
        report(st.GoalLost(goal_id=effect.goal_id, never_seen=True))

    def cancel(self, goal_id):
        for key, (known, report) in list(self.goals.items()):
            if known == goal_id:
                del self.goals[key]
                report(st.GoalCancelled(goal_id=goal_id))

    def _goal(self, key):
        with self.changed:
            assert self.changed.wait_for(lambda: key in self.goals, TIMEOUT), f"{key} never ran"
            return self.goals.pop(key)

    def wait_for(self, key):
        with self.changed:
            assert self.changed.wait_for(lambda: key in self.goals, TIMEOUT), f"{key} never ran"

    def succeed(self, key, **output):
        goal_id, report = self._goal(key)
        report(st.GoalSucceeded(goal_id=goal_id, output=output))

    def tell(self, key, **feedback):
        self.wait_for(key)
        goal_id, report = self.goals[key]
        report(st.GoalProgress(goal_id=goal_id, **feedback))

    def fail(self, key, code="NO_VALID_PATH"):
        goal_id, report = self._goal(key)
        error = ErrorInfo(type=ErrorType.NAVIGATION, code=code, message="no way there")
        report(st.GoalFailed(goal_id=goal_id, error=error))


class Clearing:
    """A recovery strategy that lets the action be tried again."""

    name = "clear_costmaps"

    async def run(self, effect):
        return StrategyResult(StrategyOutcome.RETRY, "the map is empty again")


@cache
def robot_model():
    return load_robot([ROOT / "config" / "capabilities.yaml"]).model


class Desk:
    """Hands orders to the engine; the node's own also has limits (test/unit/ros)."""

    def __init__(self, running):
        self.running = running
        self.orders = []

    async def run(self, order):
        self.orders.append(order)
        name = f"ordered-{len(self.orders)}"
        goal = st.RawGoal(
            command=order.command, plan=order.plan, conversation_id=order.conversation_id
        )
        self.running.orchestrator.handle(st.Request(execution_id=name, goal=goal))
        return Receipt(name)

    async def go_on(self, execution_id, caller):
        asked = st.RestoreCheckpoint(execution_id=execution_id, by=caller)
        return self.running.orchestrator.handle(asked).refusal


class Rehearser:
    """Foretells that the base touches something on its way."""

    def __init__(self):
        self.rehearsed = []

    async def rehearse(self, prepared):
        self.rehearsed.append(prepared.plan)
        action = {"action_type": "navigate_to", "attempts": 1, "supposed": False, "reason": ""}
        stuck = {
            "type": "NAVIGATION",
            "code": "NAV2_NO_PROGRESS",
            "message": "something stands in the way",
        }
        return {
            "status": "FAILED",
            "message": "go failed: something stands in the way",
            "would_succeed": False,
            "certain": True,
            "seconds": 4.0,
            "actions": [
                {
                    **action,
                    "action": "go",
                    "status": "FAILED",
                    "start": 0.1,
                    "duration": 3.9,
                    "error": stuck,
                },
                {
                    **action,
                    "action": "look",
                    "status": "SKIPPED",
                    "start": None,
                    "duration": None,
                    "error": None,
                },
            ],
            "recoveries": [
                {
                    "action": "go",
                    "strategy": "clear_costmaps",
                    "error": "NAV2_NO_PROGRESS",
                    "reason": "cleared",
                }
            ],
            "collisions": [{"time": 3.1, "robot": "", "x": 1.2, "y": 0.4}],
            "trajectories": {"": [[0.0, 0.0, 0.0, 0.0], [3.1, 1.2, 0.4, 0.0]]},
            "unknown": ["people: nothing moves but the robot"],
        }


class Running:
    """Starts everything on a loop in a thread of its own."""

    def __init__(
        self, directory, *, alerts=(), floor=None, eyes=None, checkpoint_every=0, closed=""
    ):
        robot = robot_model()
        self.intake = Intake(robot)
        self.servers = Servers()
        self.database = open_database(directory)
        self.journal = open_journal(self.database)
        self.observation = Observation()
        self.monitor = LiveMonitor(
            self.observation,
            AlertMonitor(alerts),
            capacities={name: spec.capacity for name, spec in robot.resources.items()},
        )
        self.paced = PacedObserver(
            self.monitor, lambda after, limit: self.journal.read(after=after, limit=limit)
        )
        vocabulary = Vocabulary.load(ROOT / "config" / "places.yaml")
        planning = Planning(
            Planners(grammar=AsyncGrammarPlanner(vocabulary)),
            self.intake,
            lambda: {},
        )
        self.orchestrator = Orchestrator(
            machine=Machine(
                EngineConfig(
                    resources=robot.resources,
                    recovery=load_recovery_policy(RECOVERY),
                    checkpoint_every=checkpoint_every,
                )
            ),
            journal=self.journal,
            driver=self.servers,
            strategies=[Clearing()],
            planner=planning,
        )
        self.orchestrator.add_observer(self.observation)
        self.orchestrator.add_observer(self.paced)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.on_loop(self.orchestrator.start())
        self.paced.start()
        self.desk = Desk(self)
        self.rehearser = Rehearser()
        self.plans = directory / "plans"
        self.plans.mkdir(exist_ok=True)
        self.source = LiveSource(
            orchestrator=self.orchestrator,
            monitor=self.monitor,
            planning=planning,
            loop=self.loop,
            resources=robot.resources,
            desk=self.desk,
            rehearser=self.rehearser,
            editing=PlanEditing(robot, PlanFolder(self.plans, 300_000, closed=closed)),
            floor=floor,
            eyes=eyes,
        )

    def on_loop(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(TIMEOUT)

    def submit(self, plan=ERRAND, execution_id="e1", **fields):
        prepared = self.intake.prepare("", plan, "")
        assert prepared.plan is not None, prepared.issues
        command = prepared.plan["command"] or ""
        self.orchestrator.post(
            st.Submit(execution_id=execution_id, plan=prepared.plan, command=command, **fields)
        )

    def note(self, *events):
        async def write():
            self.orchestrator.note(events)

        self.on_loop(write())

    def ended(self, execution_id="e1"):
        self.on_loop(self.orchestrator.ended(execution_id))

    def stop(self):
        self.on_loop(self.orchestrator.stop())
        self.paced.stop()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(TIMEOUT)
        self.loop.close()
        self.journal.close()
        self.database.close()
