"""One errand with kills at seeded instants, and what must hold afterwards."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from execution_orchestrator.engine.apply import fold
from execution_orchestrator.engine.events import TaskCompleted, TaskStarted
from execution_orchestrator.msg import ExecutionStatus
from execution_orchestrator.ros.client import OrchestratorClient
from execution_orchestrator.ros.client.orchestrator_client import OrchestratorUnavailableError
from execution_orchestrator.srv import Cancel, GetExecution, Pause, Resume
from execution_orchestrator.storage import open_database, open_journal
from test.chaos.observer import Observer
from test.chaos.processes import ROOT, SERVERS, Robot
from test.integration.ros.processes import environment

PLAN = (ROOT / "plans" / "fetch_red_cup.yaml").read_text(encoding="utf-8")
NAME = "errand"
GOAL = {"plan": PLAN, "execution_id": NAME, "compensate_on_cancel": True}
SILENT, UNKNOWN = -1, -2  # beside the values of ExecutionStatus
START_TIMEOUT = 60.0  # seconds
LONGEST = 240.0  # seconds from the goal to its end, with all that is killed on the way
WINDOW = 8.0  # seconds in which the errand would be done without any kill
PLACE = (1.5, 1.0, 0.5)  # where the cup goes, metres in the map
FINAL = {
    ExecutionStatus.COMPLETED: "COMPLETED",
    ExecutionStatus.PARTIALLY_COMPLETED: "PARTIALLY_COMPLETED",
    ExecutionStatus.FAILED: "FAILED",
    ExecutionStatus.CANCELLED: "CANCELLED",
}


@dataclass
class Outcome:
    """How an errand ended, what was done to it, and what is wrong with that."""

    seed: int
    done: list[str] = field(default_factory=list)
    status: str = ""
    message: str = ""
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Return one line for a person."""
        verdict = "; ".join(self.wrong) or "fine"
        told = f" ({self.message})" if self.status not in ("COMPLETED", "") else ""
        return (
            f"SEED={self.seed} {self.status or 'no end'}{told} after {self.seconds:.0f} s, "
            f"{', '.join(self.done)}: {verdict}"
        )


def schedule(rng: Random) -> list[tuple[float, str]]:
    """Return what happens when: kills, often of the orchestrator, and now and then a person."""
    happens: list[tuple[float, str]] = []
    for _ in range(rng.randint(1, 4)):
        at = rng.uniform(0.0, WINDOW)
        happens.append((at, rng.choice(("orchestrator", "orchestrator", *SERVERS))))
        if rng.random() < 0.2:
            # Two at once, as when a machine runs out of memory.
            happens.append((at, rng.choice(("orchestrator", *SERVERS))))
    if rng.random() < 0.2:
        at = rng.uniform(0.0, WINDOW)
        happens += [(at, "pause"), (at + rng.uniform(0.5, 4.0), "resume")]
    if rng.random() < 0.1:
        happens.append((rng.uniform(2.0, WINDOW), "cancel"))
    return sorted(happens)


def run(seed: int, folder: Path) -> Outcome:
    """Run one errand in fresh processes."""
    outcome = Outcome(seed)
    env = environment(folder)
    os.environ.update({name: env[name] for name in env if name.startswith("ROS_")})
    robot = Robot(folder, env)
    try:
        with Observer() as observer:
            try:
                _errand(robot, observer, Random(seed), outcome)
                _look(robot, observer, outcome)
            except (OrchestratorUnavailableError, TimeoutError) as failure:
                outcome.wrong.append(str(failure))
    finally:
        robot.close()
    outcome.wrong += robot.wrong()
    _look_at_logs(robot, outcome)
    _look_at_journal(robot.state, outcome)
    return outcome


def _errand(robot: Robot, observer: Observer, rng: Random, outcome: Outcome) -> None:
    # A server that is killed before it was ever there is another test.
    with OrchestratorClient() as client:
        client.wait_ready(START_TIMEOUT)
        _until(observer.sees_all, START_TIMEOUT, "the servers to be there")
        session = client.send(**GOAL)
        began = time.monotonic()
        _until(lambda: session.accepted, START_TIMEOUT, "the goal to be taken")
        for at, what in schedule(rng):
            time.sleep(max(0.0, began + at - time.monotonic()))
            outcome.done.append(f"{what} at {at:.1f}")
            _do(robot, client, what)
        # Whoever was killed last may be the orchestrator: people and programs ask again.
        end = began + LONGEST
        while time.monotonic() < end:
            status, message = _status(client)
            if status in FINAL:
                outcome.status, outcome.message = FINAL[status], message
                break
            if status == ExecutionStatus.PAUSED:
                _call(client, "resume", Resume)
            elif status == UNKNOWN:
                # Taken, but not yet in the journal: the same goal is sent again.
                client.send(**GOAL)
            time.sleep(0.3)
        else:
            outcome.wrong.append(f"it did not end within {LONGEST:.0f} s: {_waiting(client)}")
        outcome.seconds = time.monotonic() - began


def _do(robot: Robot, client: OrchestratorClient, what: str) -> None:
    if what == "pause":
        _call(client, "pause", Pause)
    elif what == "resume":
        _call(client, "resume", Resume)
    elif what == "cancel":
        _call(client, "cancel", Cancel)
    else:
        robot.processes[what].kill()


def _call(client: OrchestratorClient, service: str, kind: Any) -> Any:
    """Call a service of a node that may be dead at the moment."""
    with suppress(OrchestratorUnavailableError):
        return client.call(service, kind, timeout=3.0, execution_id=NAME)
    return None


def _status(client: OrchestratorClient) -> tuple[int, str]:
    answer = _call(client, "get_execution", GetExecution)
    if answer is None:
        return SILENT, ""
    if not answer.success:
        return UNKNOWN, ""
    return answer.state.status.value, answer.state.reason


def _waiting(client: OrchestratorClient) -> str:
    answer = _call(client, "get_execution", GetExecution)
    if answer is None:
        return "the node does not answer"
    open_ones = [one for one in answer.state.actions if one.status.value < 10]
    return "; ".join(f"{one.action_id}: {one.reason}" for one in open_ones)


def _until(condition: Any, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.05)


def _look(robot: Robot, observer: Observer, outcome: Outcome) -> None:
    """Look at the robot from outside."""
    outcome.wrong += observer.taken_twice()
    if outcome.status in ("COMPLETED", "PARTIALLY_COMPLETED"):
        time.sleep(1.0)  # poses come once a second
        found = observer.places.get("red_cup", (0.0, 0.0, 0.0))
        if max(abs(a - b) for a, b in zip(found, PLACE, strict=True)) > 0.1:
            outcome.wrong.append(f"the cup is at {found}")


def _look_at_logs(robot: Robot, outcome: Outcome) -> None:
    for process in robot.processes.values():
        said = process.said()
        if "Traceback" in said:
            outcome.wrong.append(f"{process.name} wrote a traceback: {process.log}")


def _look_at_journal(state: Path, outcome: Outcome) -> None:
    """Look at what the journal says: everything ended, nothing was begun twice under one name."""
    database = open_database(state)
    journal = open_journal(database)
    events = [entry.event for entry in journal.read()]
    journal.close()
    database.close()
    folded = fold(events)
    left = {
        "goals": [action.key for action in folded.goals.values()],
        # What a goal in quarantine holds stays with it when all is over, and is told.
        "leases": [
            name
            for name, held in folded.leases.items()
            if held.execution_id and not held.quarantine
        ],
        "executions": [one.execution_id for one in folded.executions.values() if not one.is_final],
    }
    if outcome.status and any(left.values()):
        outcome.wrong.append(f"the journal leaves open: {left}")
    goals = [event.goal_id for event in events if isinstance(event, TaskStarted)]
    if len(goals) != len(set(goals)):
        outcome.wrong.append("a goal's name was used twice")
    done = [event.key for event in events if isinstance(event, TaskCompleted)]
    if len(done) != len(set(done)):
        outcome.wrong.append(f"done twice: {sorted(done)}")
    if outcome.status == "COMPLETED" and any("cancel" in what for what in outcome.done):
        outcome.done.append("(the cancel got lost with the node, or came too late)")
