"""Puts the node together from its configuration."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import platform
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup, ReentrantCallbackGroup

from execution_orchestrator.capabilities.conversions import (
    ConversionContext,
    ConversionError,
    located,
)
from execution_orchestrator.capabilities.recovery.on_robot import StrategyOnRobot
from execution_orchestrator.capabilities.recovery.shipped import robot_strategies
from execution_orchestrator.capabilities.state_types import state_types
from execution_orchestrator.capabilities.steps.ledger import FileStepLedger
from execution_orchestrator.capabilities.steps.shipped import multi_step_capabilities
from execution_orchestrator.capabilities.stopping import drives, servers_that_move
from execution_orchestrator.capabilities.tools import ToolRunner
from execution_orchestrator.capabilities.trial import GoalTrial
from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.engine.effects import Dispatch, RunStrategy
from execution_orchestrator.engine.events import CommandGiven, RobotSeenAtStop, TaskCompleted
from execution_orchestrator.engine.inputs import (
    Cancel,
    Input,
    MotionWanted,
    RemoveSchedule,
    ServerDown,
    ServerUp,
    SignalSent,
    WorldChanged,
)
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.observation import Observation
from execution_orchestrator.observation.learned import LearnedDurations
from execution_orchestrator.plan.capability import RobotModel, usual_attempts
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.plan.document import Limits
from execution_orchestrator.plan.optimise.options import read_kinds
from execution_orchestrator.plan.robots import KIND, name_on
from execution_orchestrator.plan.units import units_of
from execution_orchestrator.planning.llm import LlmPlanner
from execution_orchestrator.planning.llm.chat import ChatError
from execution_orchestrator.planning.selection import AsyncGrammarPlanner, Planners
from execution_orchestrator.ros.bridge import Bridge
from execution_orchestrator.ros.configuration import Configuration, Parameters
from execution_orchestrator.ros.driver.arrival import ArrivalCheck
from execution_orchestrator.ros.driver.rest import Rest
from execution_orchestrator.ros.driver.robot_driver import DriverParts, RobotDriver
from execution_orchestrator.ros.engine_parameters import engine_config, follow_changes
from execution_orchestrator.ros.goals import ClientPool, PoolSettings
from execution_orchestrator.ros.interface.alerts import Alerts
from execution_orchestrator.ros.interface.backend import Backend
from execution_orchestrator.ros.interface.callers import named
from execution_orchestrator.ros.interface.command_desk import CommandDesk
from execution_orchestrator.ros.interface.commands import Commands
from execution_orchestrator.ros.interface.description import RobotDescription
from execution_orchestrator.ros.interface.diagnostics import Diagnostics
from execution_orchestrator.ros.interface.execute_command import ExecuteCommandServer
from execution_orchestrator.ros.interface.goal_pose import CAPABILITY, GoalPose
from execution_orchestrator.ros.interface.kept_results import KeptResults
from execution_orchestrator.ros.interface.maintain_journal import JournalUpkeep
from execution_orchestrator.ros.interface.markers import Markers
from execution_orchestrator.ros.interface.node_health import NodeHealth
from execution_orchestrator.ros.interface.publishing import Publishing
from execution_orchestrator.ros.interface.recalling import Past
from execution_orchestrator.ros.interface.schedule_services import Schedules
from execution_orchestrator.ros.interface.serving import ServiceHost
from execution_orchestrator.ros.interface.talking import Talking
from execution_orchestrator.ros.listening import Listener
from execution_orchestrator.ros.messages.installed import InstalledInterfaces
from execution_orchestrator.ros.motions import Motions
from execution_orchestrator.ros.parameters import plans_folder, why_not_saved
from execution_orchestrator.ros.paths import PathLengths, find_planner
from execution_orchestrator.ros.reach import ReachTrial
from execution_orchestrator.ros.recording import Recording
from execution_orchestrator.ros.rehearsing import KnownOfRobot, RehearsalsFromHere
from execution_orchestrator.ros.robot_port import RosRobotPort
from execution_orchestrator.ros.simulated_time import simulated_time
from execution_orchestrator.ros.stopping import (
    Aftermath,
    MovingServers,
    Odometer,
    Odometers,
    RobotStop,
    StandStill,
    ZeroVelocity,
)
from execution_orchestrator.ros.stopping.standstill import StandstillSettings
from execution_orchestrator.ros.surroundings import Running, Surroundings
from execution_orchestrator.ros.watching import Watching
from execution_orchestrator.ros.world.known_map import KnownMap
from execution_orchestrator.ros.world.robot_floor import RobotFloor
from execution_orchestrator.ros.world.world_model import TopicWorldModel
from execution_orchestrator.runtime.clock import ExecutionClock
from execution_orchestrator.runtime.conversation import Conversations
from execution_orchestrator.runtime.held_objects import HeldObjects
from execution_orchestrator.runtime.intake import Intake, IntakeSettings, Prepared
from execution_orchestrator.runtime.local_zone import local_zone
from execution_orchestrator.runtime.orchestrator import Orchestrator
from execution_orchestrator.runtime.plan_folder import PlanFolder
from execution_orchestrator.runtime.planning import STOP_PATIENCE, Planning
from execution_orchestrator.runtime.retention import HistoryKeeper, Retention
from execution_orchestrator.storage.database import default_state_directory, open_database
from execution_orchestrator.storage.journal import JournalEntry, StorageError
from execution_orchestrator.storage.refusals import of_folder
from execution_orchestrator.storage.sql_journal import open_journal
from execution_orchestrator.storage.upkeep import Upkeep, repair_if_requested

log = logging.getLogger(__name__)


class Assembly:
    """The running parts of the node, in the order they are made."""

    def __init__(
        self,
        parameters: Parameters,
        configuration: Configuration,
        *,
        node: Any,
        robot_node: Any,
        goals_node: Any,
        listening: Any,
        bridge: Bridge,
    ) -> None:
        self._parameters = dict(parameters)
        self._configuration = configuration
        self._bridge = bridge
        self._node, self._goals_node = node, goals_node
        self._listener = Listener(node, listening)
        self._looks: set[asyncio.Task[None]] = set()
        model = configuration.robot.model
        directory = parameters["state_directory"]
        state_directory = Path(directory).expanduser() if directory else default_state_directory()
        self._state_directory = state_directory
        self._time_zone = parameters["time_zone"] or local_zone()
        repair_if_requested(state_directory, parameters["database_url"])
        self.database = open_database(
            state_directory, url=parameters["database_url"], durability=parameters["durability"]
        )
        self.journal = open_journal(self.database)
        servers = sorted(
            {s.interface.name for s in model.capabilities.values() if s.interface.kind == "action"}
        )
        self.observation = Observation(
            servers,
            kept=parameters["records_kept"],
            kept_actions=parameters["record_actions_kept"],
        )
        self._simulated = simulated_time(node)
        self.clock = ExecutionClock(simulated=self._simulated)
        self.world = TopicWorldModel(
            self._listener,
            bridge,
            configuration.state,
            self.clock.now,
            robots={robot.name: robot.namespace for robot in model.robots.values()},
            located=lambda place: located(place, self.conversion()),
        )
        self.pool = ClientPool(
            robot_node,
            bridge,
            PoolSettings(
                server_timeout=parameters["server_timeout"],
                answer_timeout=parameters["answer_timeout"],
                watch_period=parameters["watch_period"],
                liveness_timeout=parameters["liveness_timeout"],
            ),
            listening=listening,
            on_server=self._on_server,
            fit=self._fit,
        )
        self.moving = MovingServers(
            robot_node, bridge, servers_that_move(model, node.get_namespace())
        )
        self.odometers = self._make_odometers()
        self._velocity = self._make_zero_velocity(node)
        self.stopping = RobotStop(
            self.moving, self._velocity, self.odometers, loop=bridge.loop, note=self._seen_at_stop
        )
        self.aftermath = Aftermath(
            self.moving,
            self.odometers,
            bridge.loop,
            {name for name, resource in model.resources.items() if drives(resource.type)},
        )
        self.port = RosRobotPort(robot_node, bridge, self.pool, self.world.snapshot, self.clock)
        self.surroundings = Surroundings(
            robot_node,
            self._listener,
            bridge,
            self.pool,
            model,
            configuration.robot.tables,
            post=self._post_to_engine,
            busy=lambda: bool(self.orchestrator.state.running),
            running=self._running,
            phase_of=self.observation.phase_of,
            without_position=self.world.without_position,
        )
        self.driver = RobotDriver(
            DriverParts(
                bridge=bridge,
                pool=self.pool,
                port=self.port,
                robot=configuration.robot,
                ledger=_ledger(state_directory / "steps"),
                gripper=self._gripper,
                multi_step=multi_step_capabilities(),
                tools=ToolRunner(configuration.tools.tools, workers=parameters["max_tool_workers"]),
                conversion=self.conversion,
                on_output=self._on_output,
                now=self.clock.now,
                explain=self.surroundings.explain,
                look_first=self.surroundings.look_first,
                frames=self.world.frames,
                left_behind=self.surroundings.left_behind,
                stale_frames=self.world.stale_frames,
                unplaced=self.world.unplaced,
                placed=self.world.placed,
                aftermath=self.aftermath,
                server_memory=parameters["server_memory"],
                odometers=self.odometers,
                rest=Rest(
                    model,
                    lambda robot: self.odometers.of(robot).motion,
                    lambda robot: [one.capability for one in self._running() if one.robot == robot],
                ),
                arrival=ArrivalCheck(
                    bridge.loop,
                    self.world.robot_pose,
                    lambda robot: self.odometers.of(robot).motion,
                ),
            )
        )
        self._planners = self._make_planners()
        self._planning = Planning(
            self._planners,
            self._make_intake(),
            self._world_of_plans,
            on_prepared=self._on_prepared,
            past=Conversations(self.observation, self.clock.now),
            stop=self._stop_execution,
            signal=lambda execution, name: self.orchestrator.handle(
                SignalSent(execution_id=execution, name=name)
            ),
        )
        standing = StandStill(
            self.moving, self._velocity, self.odometers, self._moving_resources(model)
        )
        motions = Motions(
            self.port,
            self.aftermath,
            self._post_to_engine,
            self.clock.now,
            self.surroundings.taken,
            server_memory=parameters["server_memory"],
        )
        self._strategies = robot_strategies()
        self._machine = Machine(self._engine_config())
        follow_changes(node, self._parameters, self._settings_changed)
        self.orchestrator = Orchestrator(
            machine=self._machine,
            journal=self.journal,
            driver=self.driver,
            strategies=[
                StrategyOnRobot(
                    strategy,
                    robot=self.port,
                    capabilities=model.capabilities,
                    conversion=self.conversion,
                    robots=model.robots,
                    motions=motions,
                    may_move=self._may_move,
                    not_to_move=self._not_to_move,
                    stop=standing.stop,
                )
                for strategy in self._strategies.values()
            ],
            planner=self._planning,
            world=self.world,
            safe_stop=self.stopping,
            clock=self.clock,
            prestage=self.driver.prestage if parameters["prestage"] else None,
        )
        self._keeper = HistoryKeeper(
            self.orchestrator,
            self.journal,
            Retention(
                max_age=parameters["history_max_age"],
                max_executions=parameters["history_max_executions"],
            ),
            time.time,
        )
        self._interface(node)

    def _make_planners(self) -> Planners:
        configuration = self._configuration
        vocabulary, model = configuration.vocabulary, configuration.robot.model
        settings, chat = configuration.llm, configuration.chat
        llm = None
        if settings is not None and chat is not None:
            log.info("plans of commands may come from %s at %s", settings.model, settings.base_url)
            llm = LlmPlanner(settings, chat, model, vocabulary)
        return Planners(
            grammar=AsyncGrammarPlanner(vocabulary, tuple(model.robots)) if vocabulary else None,
            llm=llm,
            default=self._parameters["planner"],
        )

    def _make_intake(self) -> Intake:
        parameters, configuration = self._parameters, self._configuration
        model = configuration.robot.model
        paths = PathLengths(
            self._bridge,
            self.port,
            self.world.snapshot,
            self.conversion,
            timeout=parameters["path_timeout"],
        )
        buildable = GoalTrial(
            model,
            configuration.places,
            known_objects=lambda: self.world.object_names,
            frames=self.world.frames,
        )
        self._known_map = KnownMap(self._listener, parameters["map_topic"])
        self._plans = PlanFolder(
            plans_folder(parameters["plans_directory"]),
            parameters["max_document_bytes"],
            closed=why_not_saved(parameters),
        )
        known = self._known_map
        reachable = ReachTrial(
            model, paths.no_way, known.wrong_with, known.outside, self.conversion
        )
        return Intake(
            model,
            unavailable=configuration.robot.unavailable,
            settings=IntakeSettings(
                limits=Limits(max_bytes=parameters["max_document_bytes"]),
                max_actions=parameters["max_actions"],
                min_confidence=parameters["min_confidence"],
                optimise=read_kinds(parameters["optimise"]),
                optimise_budget=parameters["optimise_budget"],
                max_concurrent=parameters["max_concurrent_actions"],
                reserve_after=parameters["reserve_after"],
            ),
            measure=paths,
            learned=LearnedDurations(self.observation),
            places=frozenset(configuration.places),
            library=self._plans,
            trial=lambda plan: [*buildable(plan), *reachable(plan)],
            state=state_types(configuration.state.state, InstalledInterfaces()),
            local_zone=self._time_zone,
        )

    def _engine_config(self) -> EngineConfig:
        return dataclasses.replace(
            engine_config(self._parameters),
            resources=self._configuration.robot.model.resources,
            recovery=self._configuration.recovery,
            repositioning=frozenset(
                name for name, one in self._strategies.items() if "base" in one.resources
            ),
            strategy_resources={
                name: tuple(one.resources) for name, one in self._strategies.items()
            },
            max_replans=self._parameters["max_replans"] if self._planners.any else 0,
            time_zone=self._time_zone,
            replan_written_plans=self._planners.replaces_written_plans,
        )

    def _settings_changed(self, new: Mapping[str, Any]) -> None:
        def take() -> None:
            self._machine.config = self._engine_config()
            about = ", ".join(f"{name} is {value}" for name, value in new.items())
            event = CommandGiven(
                time=self.clock.now(), caller=named(""), command="set parameters", about=about
            )
            with contextlib.suppress(StorageError):  # diagnostics report the storage
                self.orchestrator.note([event])

        self._bridge.loop.call_soon_threadsafe(take)

    def _interface(self, node: Any) -> None:
        parameters, configuration = self._parameters, self._configuration
        self.orchestrator.add_observer(self.observation)
        self.orchestrator.add_observer(self.aftermath)
        self._floor: RobotFloor | None = None
        self._looking: asyncio.Task[None] | None = None
        if parameters["web_port"]:  # the page alone shows it
            self._floor = RobotFloor(
                self._listener,
                self.world,
                self._known_map,
                self.observation,
                places=configuration.places,
                topics=self._on_each_robot,
            )
            self.orchestrator.add_observer(self._floor)
        self._recording = Recording(
            node,
            self._bridge,
            self.orchestrator,
            self.observation,
            self.world,
            self._known_map,
            configuration.robot.model.resources,
            camera_topics=self._on_each_robot(parameters["camera_topic"]),
            parameters=parameters,
            state_directory=self._state_directory,
        )
        past = Past(self.orchestrator, self.observation)
        rehearser = RehearsalsFromHere(
            KnownOfRobot(
                robot=configuration.robot,
                engine=dataclasses.replace(self._engine_config(), max_replans=0),
                places=configuration.places,
                world=self.world,
                map=self._known_map,
                held=lambda: self.orchestrator.state.held,
                world_file=parameters["rehearsal_world"],
            )
        )
        self._backend = Backend(
            self.orchestrator,
            self.observation,
            queue_capacity=parameters["queue_capacity"],
            max_text=parameters["max_document_bytes"],
            checkpoint_every=parameters["checkpoint_every"],
            same_id=parameters["same_id"],
            planning=self._planning,
            rehearser=rehearser,
            prestage=self.driver.prepare,
            past=past,
            units=units_of(self._configuration.robot.model),
            attempts=usual_attempts(self._configuration.robot.model),
        )
        self.watching = Watching(
            parameters,
            self.observation,
            self.orchestrator,
            self._planning,
            configuration.robot.model.resources,
            configuration.alerts,
            notifications=configuration.notifications,
            state_directory=self._state_directory,
            desk=CommandDesk(self._backend, self.orchestrator, past),
            rehearser=rehearser,
            floor=self._floor,
            eyes=self._recording.cameras,
            plans=self._plans,
            robot=configuration.robot.model,
            strategies=configuration.recovery.names(),
            instance=f"{platform.node()}:{node.get_fully_qualified_name()}",
        )
        self.watching.monitor.add_figures(self._planners.figures)
        self.watching.monitor.add_figures(lambda: {"speed_while_stopped": self.stopping.speed})
        self.server: ExecuteCommandServer | None = None
        self._goal_pose: GoalPose | None = None
        self.publishing = Publishing(
            node,
            self.observation,
            configuration.robot.model.resources,
            instance_id=uuid4().hex[:8],
            queue_capacity=parameters["queue_capacity"],
            state_period=parameters["state_period"],
            failure=lambda: self.orchestrator.failure,
            server=lambda: self.server,
            now=self.clock.now,
        )
        self.orchestrator.add_observer(self.publishing)
        self._alerts = Alerts(
            node,
            self.watching.monitor,
            note=self.orchestrator.note,
            wall=self.observation.wall.of,
            tell=self.watching.tell,
        )
        self._markers = Markers(
            node,
            self.observation,
            locate=self._locate,
            objects=lambda: {
                name: one["pose"] for name, one in self.world.objects().items() if one.get("pose")
            },
            robot_pose=lambda: self.world.snapshot()["robot"].get("pose"),
            now=self.clock.now,
        )
        self._diagnostics = Diagnostics(
            node,
            NodeHealth(
                self.orchestrator,
                self.watching.monitor,
                servers=self.pool.available,
                surroundings=self.surroundings.health,
                robot_state=self.world.ages,
                state_directory=self._state_directory,
                queue_capacity=parameters["queue_capacity"],
                period=parameters["diagnostics_period"],
                simulated=self._simulated,
                notifier=self.watching.notifier,
            ),
        )
        self._talking = Talking(
            self.orchestrator, self._planning, past, max_text=parameters["max_document_bytes"]
        )
        self._schedules = Schedules(
            self.orchestrator,
            self.observation,
            self._planning,
            max_text=parameters["max_document_bytes"],
            checkpoint_every=parameters["checkpoint_every"],
        )
        self._description = RobotDescription(
            configuration.robot,
            configuration.vocabulary,
            configuration.places,
            self.world.snapshot,
            note=self.orchestrator.note,
            now=self.clock.now,
        )
        self._commands = Commands(
            self.orchestrator,
            self.observation,
            self._planning,
            past,
            rehearser=rehearser,
            active_goals=lambda: self.driver.active,
            stop=self.stopping,
        )

    def _open(self) -> None:
        """Create the action server and the services, once there is something to answer."""
        group = ReentrantCallbackGroup()
        host = ServiceHost(self._node, self._bridge, group)
        self._commands.serve(host, MutuallyExclusiveCallbackGroup())
        self._schedules.serve(host)
        self._talking.serve(host)
        self._alerts.serve(host)
        upkeep = Upkeep(self._state_directory, self._parameters["database_url"])
        journal = JournalUpkeep(upkeep, note=self.orchestrator.note, now=self.clock.now)
        journal.serve(host, MutuallyExclusiveCallbackGroup())
        self._description.serve(host)
        if CAPABILITY in self._configuration.robot.model.capabilities:
            self._goal_pose = GoalPose(self._node, self._bridge, self._backend, self.orchestrator)
        self.server = ExecuteCommandServer(
            self._goals_node,
            f"{self._node.get_fully_qualified_name()}/execute_command",
            self._bridge,
            self._backend,
            feedback_period=self._parameters["feedback_period"],
            result_timeout=self._parameters["result_timeout"],
            results=KeptResults(
                most=self._parameters["results_kept"],
                most_bytes=self._parameters["results_kept_bytes"],
            ),
            callback_group=ReentrantCallbackGroup(),
        )

    def conversion(self, frame: str = "map") -> ConversionContext:
        """Return what goal templates may look up at this moment."""
        return ConversionContext(
            frame=frame, places=self._configuration.places, objects=self.world.objects()
        )

    def _locate(self, name: str) -> Mapping[str, Any] | None:
        try:
            found = located(name, self.conversion())
        except ConversionError:
            return None
        return found if isinstance(found, Mapping) else None

    async def start(self) -> None:
        """Take up what was running, then open for goals.

        Raises:
            StorageError: the journal cannot be read; `give_up` closes what was opened.

        """
        self.pool.start()
        if self._parameters["path_timeout"] > 0.0:
            await find_planner(self.port)
        self.moving.start(also=self._velocity.look)
        self.watching.begin_after_journal()
        count = await self.orchestrator.start(self._replay)
        if count:
            running = sum(not view.is_final for view in self.observation.executions.values())
            log.info(
                "read %s of the journal; executions that go on: %d",
                counted(count, "event"),
                running,
            )
        self.world.on_change(self._world_changed)
        self.surroundings.start()
        await self._open_model()
        self._open()
        self.publishing.start()
        self.watching.start()
        self._rounds = asyncio.get_running_loop().create_task(self._round(), name="rounds")
        self._keeping = asyncio.get_running_loop().create_task(self._keeper.run(), name="history")
        if self._floor is not None:
            self._looking = asyncio.get_running_loop().create_task(self._floor.run(), name="floor")

    def _replay(self, entry: JournalEntry) -> None:
        self.observation.apply(entry.event)
        if isinstance(entry.event, TaskCompleted) and isinstance(entry.event.output, dict):
            self._learn(entry.event.output, entry.event.time)

    async def _open_model(self) -> None:
        """Load the model's client before the robot moves: it takes half a second of computing."""
        chat = self._configuration.chat
        if chat is not None:
            try:
                await chat.open()
            except ChatError as failure:
                log.warning("no plans from a language model: %s", failure)

    def _fit(self, server: str) -> bool | None:
        return self.surroundings.fit(server)

    async def _round(self) -> None:
        """Look at the alerts and publish the diagnostics, again and again."""
        while True:
            try:
                await self._alerts.look()
                self._markers.look()
                self.orchestrator.look_at_clock()
                self._diagnostics.publish()
            except Exception:
                log.exception("a round of alerts and diagnostics failed")
            await asyncio.sleep(self._parameters["diagnostics_period"])

    async def stop(self) -> None:
        """Cancel what runs (unless it is to be left), then close everything, in bounded time."""
        if self.server is not None:
            self.server.close()
        if self._goal_pose is not None:
            self._goal_pose.close()
        if not self._parameters["leave_goals_on_shutdown"]:
            await self._cancel_everything()
        self._rounds.cancel()
        self._diagnostics.publish_end()
        self._keeping.cancel()
        if self._looking is not None:
            self._looking.cancel()
        await self._recording.stop()
        await self.orchestrator.stop()
        self._planning.close()
        if self._configuration.chat is not None:
            await self._configuration.chat.close()
        if self._parameters["leave_goals_on_shutdown"]:
            self.driver.abandon()
        else:
            await self.driver.stop(self._parameters["cancel_timeout"])
        self.publishing.stop()
        await self.surroundings.stop()
        await self.watching.stop()
        self.stopping.close()
        self.aftermath.close()
        await self.moving.stop()
        await self.pool.stop()
        self.journal.close()
        self.database.close()

    async def give_up(self) -> None:
        """Close what a start that failed has opened; nothing of the robot is touched."""
        self.driver.abandon()
        await self.moving.stop()
        await self.pool.stop()
        self.journal.close()
        self.database.close()

    async def _cancel_everything(self) -> None:
        running = [v for v in self.observation.executions.values() if not v.is_final]
        if not running and not self.driver.active:
            return
        log.info("cancelling %d executions before the end", len(running))
        timeout = self._parameters["cancel_timeout"]
        ends = asyncio.gather(*(self.orchestrator.ended(view.execution_id) for view in running))
        await asyncio.sleep(0)
        self.orchestrator.post(Cancel(execution_id="", reason="the node is being stopped"))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ends, timeout)
        if self.driver.active:
            log.error("%d goals did not end in time", self.driver.active)

    # ------------------------------------------------------------------ what the parts tell

    def _world_changed(self) -> None:
        # Conditions are evaluated again only if an action waits for one.
        if any(not view.is_final for view in self.observation.executions.values()):
            self.orchestrator.post(WorldChanged())

    def _on_server(self, name: str, available: bool) -> None:
        if name in self.observation.servers:
            self.observation.servers[name].available = available
        if available:
            self.orchestrator.post(ServerUp(server=name))
        else:
            self.orchestrator.post(ServerDown(server=name, reason="it left the graph"))

    def _world_of_plans(self) -> Mapping[str, Any]:
        """Return the world as planners see it: with what the grippers hold."""
        by = {robot: list(held) for robot, held in self.orchestrator.state.held.items()}
        held = [name for one in by.values() for name in one]
        names = self._configuration.robot.model.robots
        robots = {name: self.world.robot_pose("map", name) for name in names}
        return {**self.world.snapshot(), "held": held, "held_by": by, "robots": robots}

    async def _stop_execution(self, execution_id: str, reason: str) -> bool:
        """Cancel an execution, or remove the schedule, and say whether it has ended."""
        if execution_id in self.observation.schedules:
            self.orchestrator.handle(RemoveSchedule(schedule_id=execution_id, reason=reason))
            return True
        self.orchestrator.handle(Cancel(execution_id=execution_id, reason=reason))
        record = self.observation.executions.get(execution_id)
        if record is None or record.is_final:
            return True
        try:
            await asyncio.wait_for(self.orchestrator.ended(execution_id), STOP_PATIENCE)
        except TimeoutError:
            return False
        return True

    def _on_prepared(self, execution_id: str, prepared: Prepared) -> None:
        self._backend.prepared(execution_id, prepared)

    def _on_output(self, _: Dispatch, output: Mapping[str, Any]) -> None:
        self._learn(output, self.clock.now())

    def _learn(self, output: Mapping[str, Any], when: float) -> None:
        """Take what an action found out about objects at ``when`` (execution time)."""
        objects = output.get("objects")
        if isinstance(objects, list):
            self.world.saw((found for found in objects if isinstance(found, Mapping)), when)
        if "place_pose" in output and output.get("object_id"):
            self.world.moved(str(output["object_id"]), {"pose": output["place_pose"]})

    def _gripper(self, robot: str, owner: str) -> HeldObjects:
        """Return what the journal knows of a robot's gripper; empty: of the one without a name."""
        return HeldObjects(
            robot,
            owner,
            state=lambda: self.orchestrator.state,
            note=self.orchestrator.note,
            now=self.clock.now,
        )

    def _running(self) -> list[Running]:
        return [
            Running(goal_id, action.node.action_type, action.robot)
            for goal_id, action in self.orchestrator.state.goals.items()
        ]

    async def _may_move(self, wanted: MotionWanted) -> str:
        return await self.orchestrator.may_move(wanted)

    def _post_to_engine(self, incoming: Input) -> None:
        self.orchestrator.post(incoming)

    async def _not_to_move(self, effect: RunStrategy, resources: tuple[str, ...]) -> str:
        await self.surroundings.before_moving(effect.robot, effect.capability)
        return self.surroundings.not_to_move(effect.robot, resources, effect.capability)

    def _on_each_robot(self, topic: str) -> dict[str, str]:
        """Return a topic's name on each robot, by the robot's name."""
        robots = self._configuration.robot.model.robots.values()
        return {robot.name: name_on(robot.namespace, topic) for robot in robots} or {"": topic}

    def _make_odometers(self) -> Odometers:
        parameters = self._parameters
        settings = StandstillSettings(
            speed=parameters["standstill_speed"],
            turn=parameters["standstill_turn"],
            duration=parameters["standstill_time"],
        )
        topics = self._on_each_robot(parameters["odometry_topic"])
        return Odometers(
            {
                name: Odometer(self._listener, topic, settings, robot=name)
                for name, topic in topics.items()
            }
        )

    def _make_zero_velocity(self, node: Any) -> ZeroVelocity:
        topics: dict[str, list[str]] = {}
        for topic in filter(None, self._parameters["stop_topics"]):
            for robot, name in self._on_each_robot(topic).items():
                topics.setdefault(robot, []).append(name)
        return ZeroVelocity(node, topics)

    @staticmethod
    def _moving_resources(model: RobotModel) -> dict[str, list[str]]:
        """Names of the resources that move, by their robot."""
        found: dict[str, list[str]] = {}
        for name, spec in model.resources.items():
            if spec.moves:
                found.setdefault(str(spec.properties.get(KIND, "")), []).append(name)
        return found

    def _seen_at_stop(self, events: list[RobotSeenAtStop]) -> None:
        self.orchestrator.note(events)
        # An alert of a robot that moves does not wait for the next round.
        looking = asyncio.get_running_loop().create_task(self._alerts.look())
        self._looks.add(looking)
        looking.add_done_callback(self._looks.discard)


def _ledger(folder: Path) -> FileStepLedger:
    """Return what keeps the steps of goals with several.

    Raises:
        StorageError: its folder cannot be made.

    """
    try:
        return FileStepLedger(folder)
    except OSError as failure:
        raise of_folder(folder, failure) from failure
