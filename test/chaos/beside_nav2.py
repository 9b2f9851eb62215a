"""Drives beside a scripted Nav2 that other people use, too, and whose servers die."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import rclpy
from nav2_msgs.action import NavigateToPose
from nav2_msgs.srv import ManageLifecycleNodes
from rclpy.executors import SingleThreadedExecutor
from std_msgs.msg import String

from execution_orchestrator.engine import events as ev
from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.action_client import SafeActionClient
from execution_orchestrator.ros.client import OrchestratorClient, OrchestratorUnavailableError
from execution_orchestrator.ros.spinning import spinning
from execution_orchestrator.srv import (
    Cancel,
    EmergencyStop,
    GetExecution,
    Pause,
    ResetEmergencyStop,
    Resume,
)
from execution_orchestrator.storage.database import open_database
from execution_orchestrator.storage.sql_journal import open_journal
from test.chaos.errand import FINAL, Outcome
from test.chaos.processes import ROOT, Supervised
from test.faketime import LIBRARIES, WallClock
from test.scripted_nav2.log import moves, open_goals, read

NAME = "round"
TARGETS = ((2.0, 0.0), (2.0, 2.0), (-1.0, 1.0))
WAYPOINTS = 0.3  # share of the rounds that are one goal of the waypoint follower
WINDOW = 18.0  # seconds in which the round would be done without any disturbance
LONGEST = 240.0  # seconds from the goal to its end: a goal that is lost behind its server times out
REST = 40.0  # seconds after the end until nothing moves
START = 60.0
SILENCE = 1.5  # seconds without a move of the base that count as rest
REST_PARTS = (
    *("base", "velocity_smoother", "planner_server", "behavior_server", "waypoint_follower"),
    *("docking_server", "lifecycle_manager"),
)
DONE_TO_IT = ("pause", "foreign", "takes over", "lifecycle", "stop", "cancel", "deaf", "clock")
KILLED = ("orchestrator", "bt_navigator", "controller_server")
DEAF = ("ignored", "refused", "unanswered")  # what a server does with a cancel
JUMPS = (-3600, -30, -2, 2, 30, 3600)  # seconds by which the wall clock is set


class Site:
    """The processes, and a person with a program of their own."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder = folder
        self.log = folder / "nav2.jsonl"
        self.state = folder / "state"
        self.processes: dict[str, Supervised] = {}
        for name, parts in (
            ("rest", REST_PARTS),
            ("controller_server", ("controller_server",)),
            ("bt_navigator", ("bt_navigator",)),
        ):
            command = [sys.executable, "-m", "test.scripted_nav2", "--log", str(self.log)]
            self._add(name, [*command, "--parts", ",".join(parts)], env)
        node = [sys.executable, str(ROOT / "scripts" / "orchestrator"), "--ros-args"]
        self.clock = WallClock(folder) if LIBRARIES else None
        self._add(
            "orchestrator",
            [*node, "-p", f"state_directory:={self.state}", "-p", "web_port:=0"],
            env | (self.clock.env if self.clock is not None else {}),
        )
        self.killed: list[str] = []

    def _add(self, name: str, command: list[str], env: dict[str, str]) -> None:
        self.processes[name] = Supervised(name, command, env, self.folder / f"{name}.log")

    def kill(self, name: str) -> None:
        self.killed.append(name)
        self.processes[name].kill()

    def close(self) -> None:
        try:
            for process in reversed(self.processes.values()):
                process.stop()
        finally:
            for process in self.processes.values():
                process.end()


class Somebody:
    """Another client of Nav2, and an operator at RViz."""

    def __init__(self, node: Any) -> None:
        self._drive = SafeActionClient(node, NavigateToPose, "navigate_to_pose")
        self._faults = node.create_publisher(String, "scripted_nav2/fault", 10)
        self._manage = node.create_client(
            ManageLifecycleNodes, "lifecycle_manager_navigation/manage_nodes"
        )

    def drive(self, x: float, y: float) -> None:
        goal = NavigateToPose.Goal()
        goal.pose.header.frame_id = "map"
        goal.pose.pose.position.x, goal.pose.pose.position.y = x, y
        goal.pose.pose.orientation.w = 1.0
        if self._drive.wait_for_server(1.0):
            self._drive.send_goal_async(goal)

    def harm(self, fault: str) -> None:
        self._faults.publish(String(data=fault))

    def manage(self, command: int) -> None:
        if self._manage.wait_for_service(1.0):
            self._manage.call_async(ManageLifecycleNodes.Request(command=command))


def schedule(rng: Random) -> list[tuple[float, str]]:
    """Return what happens when; what is stopped is let go of again."""
    happens: list[tuple[float, str]] = []
    for _ in range(rng.randint(1, 4)):
        at = rng.uniform(0.5, WINDOW)
        what = rng.choice((*DONE_TO_IT, *KILLED))
        happens.append((at, what))
        if what == "pause":
            happens.append((at + rng.uniform(0.5, 4.0), "resume"))
        elif what == "lifecycle":
            happens.append((at + rng.uniform(1.0, 5.0), "lifecycle resume"))
        elif what == "deaf":
            # Somebody wants it to stop, or takes its place, while it does not listen.
            more = rng.choice(("pause", "cancel", "stop", "foreign"))
            happens.append((at + rng.uniform(0.2, 2.0), more))
            happens.append((at + rng.uniform(4.0, 9.0), "hears"))
            if more in ("pause", "stop"):
                happens.append((at + 9.5, {"pause": "resume", "stop": "reset"}[more]))
        elif what == "takes over":
            happens += [(at + 1.5 * again, "foreign") for again in (1, 2)]
        elif what == "stop":
            happens.append((at + rng.uniform(3.0, 5.0), "reset"))
    return sorted(happens)


def run(seed: int, folder: Path, env: dict[str, str]) -> Outcome:
    """Run one round in fresh processes."""
    outcome = Outcome(seed)
    site = Site(folder, env)
    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.create_node("somebody", context=context, start_parameter_services=False)
    try:
        with (
            spinning(node, SingleThreadedExecutor(context=context)),
            OrchestratorClient() as client,
        ):
            _round(site, client, Somebody(node), Random(seed), outcome)
            _rest(site, client, outcome)
    except (OrchestratorUnavailableError, TimeoutError) as failure:
        outcome.wrong.append(str(failure))
    finally:
        site.close()
    outcome.wrong += [text for one in site.processes.values() for text in one.wrong]
    outcome.wrong += [
        f"{one.name} wrote a traceback: {one.log}"
        for one in site.processes.values()
        if "Traceback" in one.said()
    ]
    _compare(site, outcome)
    return outcome


def _until(condition: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.05)


def _call(client: OrchestratorClient, service: str, kind: Any, **fields: Any) -> Any:
    try:
        return client.call(service, kind, timeout=5.0, **fields)
    except OrchestratorUnavailableError:
        return None  # it is dead at the moment


def _round(
    site: Site, client: OrchestratorClient, somebody: Somebody, rng: Random, outcome: Outcome
) -> None:
    client.wait_ready(START)
    _until(
        lambda: sum(line["what"] == "ready" for line in read(site.log)) >= 3, START, "the servers"
    )
    places = [{"x": x, "y": y} for x, y in TARGETS]
    if rng.random() < WAYPOINTS:
        outcome.done.append("waypoints")
        actions = [{"id": "go", "action_type": "follow_waypoints", "parameters": {"poses": places}}]
    else:
        actions = [
            {"id": f"go{n}", "action_type": "navigate_to", "parameters": {"target_location": place}}
            for n, place in enumerate(places)
        ]
    goal = {"plan": json.dumps({"version": 1, "actions": actions}), "execution_id": NAME}
    _until(lambda: _taken(client, goal), START, "the goal to be taken")
    began = time.monotonic()
    for at, what in schedule(rng):
        time.sleep(max(0.0, began + at - time.monotonic()))
        outcome.done.append(f"{what} at {at:.1f}")
        _do(site, client, somebody, what, rng)
    while time.monotonic() < began + LONGEST:
        answer = _call(client, "get_execution", GetExecution, execution_id=NAME)
        status = answer.state.status.value if answer is not None and answer.success else -1
        if status in FINAL:
            outcome.status, outcome.message = FINAL[status], answer.state.reason
            break
        if status == ExecutionStatus.PAUSED:
            _call(client, "resume", Resume)
        # A stop, or a pause of Nav2, that was lost with a process is taken back by people.
        _call(client, "reset_emergency_stop", ResetEmergencyStop, operator_name="chaos")
        somebody.manage(ManageLifecycleNodes.Request.RESUME)
        time.sleep(1.0)
    else:
        outcome.wrong.append(f"it did not end within {LONGEST:.0f} s")
    outcome.seconds = time.monotonic() - began


def _taken(client: OrchestratorClient, goal: dict[str, str]) -> bool:
    """Send the goal; say whether the node has it: a busy one may reject what comes too early."""
    session = client.send(**goal)
    _until(lambda: session.accepted or session.done.is_set(), START, "an answer to the goal")
    known = _call(client, "get_execution", GetExecution, execution_id=NAME)
    return session.accepted or (known is not None and known.success)


def _do(site: Site, client: OrchestratorClient, somebody: Somebody, what: str, rng: Random) -> None:
    if what in KILLED:
        site.kill(what)
    elif what == "deaf":
        somebody.harm(f"cancel navigate_to_pose {rng.choice(DEAF)}")
    elif what == "hears":
        somebody.harm("cancel navigate_to_pose works")
    elif what == "clock":
        if site.clock is not None:
            site.clock.set(rng.choice(JUMPS))
    elif what in ("foreign", "takes over"):
        somebody.drive(rng.uniform(-2.0, 2.0), rng.uniform(-1.0, 2.0))
    elif what == "lifecycle":
        somebody.manage(ManageLifecycleNodes.Request.PAUSE)
    elif what == "lifecycle resume":
        somebody.manage(ManageLifecycleNodes.Request.RESUME)
    else:
        service, kind = {
            "pause": ("pause", Pause),
            "resume": ("resume", Resume),
            "cancel": ("cancel", Cancel),
            "stop": ("emergency_stop", EmergencyStop),
            "reset": ("reset_emergency_stop", ResetEmergencyStop),
        }[what]
        _call(client, service, kind)


def _rest(site: Site, client: OrchestratorClient, outcome: Outcome) -> None:
    """After the end, and the ends of others' goals, nothing moves and nothing is held."""
    calm = [time.monotonic()]

    def rests() -> bool:
        lines = read(site.log)
        if moves(lines) or open_goals(lines):
            calm[0] = time.monotonic()
        return time.monotonic() - calm[0] > SILENCE

    try:
        _until(rests, REST, "rest")
    except TimeoutError:
        lines = read(site.log)
        left = [goal["action"] for goal in open_goals(lines)]
        outcome.wrong.append(f"no rest: moves: {moves(lines)}, goals: {left}")
    try:
        _until(
            lambda: (
                client.state is not None and all(not one.leases for one in client.state.resources)
            ),
            REST,
            "free resources",
        )
    except TimeoutError:
        held = [one.resource for one in client.state.resources if one.leases]
        outcome.wrong.append(f"still held: {held}")


def _compare(site: Site, outcome: Outcome) -> None:
    """What the journal says of each goal is what the server's own log says."""
    ends = {line["id"]: line["status"] for line in read(site.log) if line["what"] == "end"}
    database = open_database(site.state)
    journal = open_journal(database)
    goals: dict[str, str] = {}
    for event in (entry.event for entry in journal.read()):
        if isinstance(event, ev.TaskStarted):
            goals[event.key] = event.goal_id.replace("-", "")
        elif isinstance(event, ev.TaskCompleted) and event.key in goals:
            said = ends.get(goals[event.key])
            if said != "succeeded":
                outcome.wrong.append(f"{event.key} is said to be done, its server says {said}")
        elif (
            isinstance(event, ev.TaskAttemptFailed)
            and event.key in goals
            and ends.get(goals[event.key]) == "succeeded"
            # It is somewhere else, or nobody knew at that time.
            and not (
                event.outcome == "unknown"
                or event.error.code in ("NAV_NOT_AT_TARGET", "NAV_NOT_PASSED")
            )
        ):
            outcome.wrong.append(f"{event.key} failed ({event.outcome}), its server: succeeded")
    journal.close()
    database.close()
