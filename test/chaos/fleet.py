"""``python -m test.chaos.fleet --missions 100``: missions of every kind while processes are killed.

Each robot is an orchestrator with its action servers and its agent, in a domain of its own; the
Temporal server keeps its state in a file. ``kill -9`` of agents, orchestrators, action servers and
of the Temporal server at random moments, and networks of robots that fall silent. What the action
servers wrote down is compared with what the missions say: nothing may be lost, nothing done twice,
nothing run on after the end.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from execution_orchestrator.fleet.connection import Connection
from execution_orchestrator.fleet.missions import MissionError, Missions
from execution_orchestrator.fleet.orders import Answer, MissionState, Signal
from execution_orchestrator.fleet.validation import read_mission
from test import temporal
from test.integration.fleet.robots import Robot
from test.silent_proxy import SilentProxy

SERVERS = ("work", "patient_work")  # a killed one may do the second again: it is idempotent
AT_ONCE = 5  # missions
BETWEEN = (2.0, 6.0)  # seconds from one kill to the next
AWAY = (0.2, 5.0)  # seconds until a killed Temporal server is started again
SILENT = (2.0, 25.0)  # seconds in which nothing comes through between a robot and Temporal
LONGEST = 400.0  # seconds that a mission may take with all that is killed on the way
EVENTS = 40  # of a run's history, after which a mission goes on in a new one, as a long one would
OVER = 120.0  # seconds for the robots to end what no mission wants any more
FIRST = 200  # milliseconds of the first task; each has a length of its own, which is its name


@dataclass
class Tasks:
    """What the servers are asked for by one mission; a length of work is asked for once."""

    number: int
    kind: str
    rng: random.Random
    lengths: Callable[[], int]
    once: set[str] = field(default_factory=set)  # done, if the mission was done
    undone: set[str] = field(default_factory=set)  # done, if it was not
    again: set[str] = field(default_factory=set)  # idempotent: may be begun again
    tries: dict[str, int] = field(default_factory=dict)  # those that fail, how often
    acts: Callable[[Missions, str], Awaitable[None]] | None = None
    status: tuple[str, ...] = ("COMPLETED",)

    def work(self, *, patient: bool = False) -> str:
        """Return a plan that works for a while and is done if the mission is."""
        length = str(self.lengths())
        (self.again if patient else self.once).add(length)
        return _plan("patient_work" if patient else "work", length)

    def undo(self) -> str:
        """Return a plan of a compensation."""
        length = str(self.lengths())
        self.undone.add(length)
        return _plan("work", length)

    def failing(self, tries: int) -> str:
        """Return a plan whose time is over before its work is done."""
        length = str(10_000 + self.lengths())
        self.tries[length] = tries
        return f"{_plan('work', length)}, timeout: 0.5"


def _plan(kind: str, length: str) -> str:
    action = f"{{id: a, action_type: {kind}, parameters: {{milliseconds: {length}}}}}"
    return f"{{actions: [{action}]}}"


def _parallel(tasks: Tasks) -> str:
    lengths = [str(tasks.lengths()) for _ in range(3)]
    tasks.once.update(lengths)
    work = '{actions: [{id: a, action_type: work, parameters: {milliseconds: "{{ input.time }}"}}]}'
    return f"""
    - id: each
      for_each: [{", ".join(lengths)}]
      plan: {work}
      context: {{time: "{{{{ item }}}}"}}
    """


def _chain(tasks: Tasks) -> str:
    return f"""
    - {{id: a, plan: {tasks.work()}}}
    - {{id: b, plan: {tasks.work()}, robot: "{{{{ tasks.a.robot }}}}", depends_on: [a]}}
    - {{id: c, plan: {tasks.work(patient=True)}, depends_on: [b]}}
    """


def _saga(tasks: Tasks) -> str:
    tasks.status = ("FAILED",)
    done = [_plan("work", str(tasks.lengths())) for _ in range(2)]
    return f"""
    - {{id: a, plan: {done[0]}, compensation: {{plan: {tasks.undo()}}}}}
    - {{id: b, plan: {done[1]}, compensation: {{plan: {tasks.undo()}}}, depends_on: [a]}}
    - {{id: c, plan: {tasks.failing(1)}, depends_on: [b]}}
    """


def _retried(tasks: Tasks) -> str:
    tasks.status = ("PARTIALLY_COMPLETED",)
    return f"""
    - {{id: a, plan: {tasks.failing(2)}, retry: {{max_attempts: 2, initial_delay: 0.2}}, on_failure: continue}}
    - {{id: b, plan: {tasks.work()}, depends_on: [a]}}
    """


def _shared(tasks: Tasks) -> str:
    return f"""
    - {{id: a, plan: {tasks.work()}, shared: [lift]}}
    - {{id: b, plan: {tasks.work(patient=True)}, shared: [lift]}}
    """


def _people(tasks: Tasks) -> str:
    async def answer(missions: Missions, mission: str) -> None:
        await _asked(lambda: missions.confirm(mission, Answer("ask")))
        await _asked(lambda: missions.send(mission, Signal("door", "open")))

    tasks.acts = answer
    return f"""
    - {{id: ask, require_confirmation: "Begin?"}}
    - {{id: a, plan: {tasks.work()}, depends_on: [ask]}}
    - {{id: door, wait_for_signal: door, depends_on: [ask]}}
    - {{id: b, plan: {tasks.work()}, depends_on: [a, door]}}
    """


def _paused(tasks: Tasks) -> str:
    async def pause(missions: Missions, mission: str) -> None:
        await asyncio.sleep(tasks.rng.uniform(0.0, 5.0))
        await _asked(lambda: missions.pause(mission, "chaos"), ended_is_fine=True)
        await asyncio.sleep(tasks.rng.uniform(0.0, 3.0))
        await _asked(lambda: missions.resume(mission), ended_is_fine=True)

    tasks.acts = pause
    return f"""
    - {{id: a, plan: {tasks.work()}}}
    - {{id: b, plan: {tasks.work()}, depends_on: [a]}}
    """


def _cancelled(tasks: Tasks) -> str:
    tasks.status = ("COMPLETED", "CANCELLED")
    from_temporal = tasks.rng.random() < 0.5

    async def cancel(missions: Missions, mission: str) -> None:
        await asyncio.sleep(tasks.rng.uniform(0.0, 6.0))
        if from_temporal:
            handle = missions._client.get_workflow_handle(mission)
            await _asked(handle.cancel, ended_is_fine=True)
        else:
            request = lambda: missions.cancel(mission, "chaos", compensate=True)  # noqa: E731
            await _asked(request, ended_is_fine=True)

    tasks.acts = cancel
    return f"""
    - {{id: a, plan: {tasks.work()}, compensation: {{plan: {_plan("work", str(tasks.lengths()))}}}}}
    - {{id: b, plan: {tasks.work()}, depends_on: [a]}}
    - {{id: c, plan: {tasks.work(patient=True)}, depends_on: [a]}}
    """


KINDS = {
    "parallel": _parallel,
    "chain": _chain,
    "saga": _saga,
    "retried": _retried,
    "shared": _shared,
    "people": _people,
    "paused": _paused,
    "cancelled": _cancelled,
}


async def _asked(request: Callable[[], Awaitable[Any]], *, ended_is_fine: bool = False) -> None:
    """Ask again and again, as a person would, until it is answered or the mission has ended."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        try:
            await request()
        except Exception as failure:
            if ended_is_fine and ("has ended" in str(failure) or "completed" in str(failure)):
                return
            await asyncio.sleep(0.5)
        else:
            return


class Chaos:
    """The fleet, its missions, and who kills it."""

    def __init__(self, folder: Path, robots: int, seed: int) -> None:
        self._rng = random.Random(seed)
        self.server = temporal.Server(folder)
        self.server.start()
        self._networks = [SilentProxy(self.server.address) for _ in range(robots)]
        self.robots = [
            Robot(f"r{number}", folder / f"r{number}", network.__enter__().address, "patient_work")
            for number, network in enumerate(self._networks, 1)
        ]
        self.killed: Counter[str] = Counter()
        self.server_kills = 0
        self.ends: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._length = FIRST
        self._silent: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        for robot in self.robots:
            robot.world.close()
        for network in self._networks:
            network.__exit__()
        self.server.stop()

    def _next(self) -> int:
        self._length += 1
        return self._length

    async def run(self, count: int) -> list[tuple[Tasks, MissionState | None]]:
        """Run the missions, some at once, while things are killed; returns how each ended."""
        client = await Connection(address=self.server.address).wait()
        missions = Missions(client, most_events=EVENTS)
        places = asyncio.Semaphore(AT_ONCE)
        killer = asyncio.create_task(self._kill())
        kinds = list(KINDS)

        async def one(number: int) -> tuple[Tasks, MissionState | None]:
            async with places:
                kind = kinds[number % len(kinds)]
                tasks = Tasks(number, kind, random.Random(self._rng.random()), self._next)
                state = await self._mission(missions, tasks)
                status = state.status if state is not None else "no end"
                self.ends[f"{kind} {status}"] += 1
                print(f"{number} {kind}: {status} {state.reason if state else ''}", flush=True)
                return tasks, state

        try:
            return await asyncio.gather(*(one(number) for number in range(count)))
        finally:
            killer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await killer
            for silent in self._silent:
                silent.cancel()

    async def _mission(self, missions: Missions, tasks: Tasks) -> MissionState | None:
        text = f"name: {tasks.kind}\n"
        body = KINDS[tasks.kind](tasks)
        if tasks.kind == "shared":
            text += "shared: {lift: {lease: 120}}\n"
        if tasks.kind == "people":
            text += "signals: {door: {type: string}}\n"
        read = read_mission(f"{text}tasks:{body}", now=time.time())
        assert read.mission is not None, (text, body, read.issues)
        mission = f"{tasks.kind}-{tasks.number}"
        document = read.mission

        async def submit() -> None:
            try:
                await missions.submit(document, mission_id=mission)
            except MissionError as failure:
                if "already" not in str(failure):  # the answer to the first one got lost
                    raise

        await _asked(submit)
        acts = asyncio.create_task(tasks.acts(missions, mission)) if tasks.acts else None
        try:
            async with asyncio.timeout(LONGEST):
                while True:
                    with contextlib.suppress(MissionError):
                        return await missions.result(mission)
                    await asyncio.sleep(0.5)
        except TimeoutError:
            with contextlib.suppress(MissionError):
                shown = await missions.show(mission)
                self.wrong.append(f"{mission} did not end: {shown.state}")
            return None
        finally:
            if acts is not None:
                acts.cancel()

    async def _kill(self) -> None:
        while True:
            await asyncio.sleep(self._rng.uniform(*BETWEEN))
            robot = self._rng.choice(self.robots)
            what = self._rng.choice(
                ("agent", "agent", "orchestrator", "orchestrator", "server", "temporal", "network")
            )
            self.killed[what] += 1
            if what == "network":
                silent = asyncio.create_task(self._fall_silent(robot))
                self._silent.add(silent)
                silent.add_done_callback(self._silent.discard)
                continue
            print(f"  kill -9 {what} {robot.name if what != 'temporal' else ''}", flush=True)
            if what == "agent":
                robot.kill_agent()
            elif what == "orchestrator":
                robot.kill_node()
            elif what == "server":
                await asyncio.to_thread(robot.kill_server, "patient_work")
            else:
                self.server.kill()
                await asyncio.sleep(self._rng.uniform(*AWAY))
                await asyncio.to_thread(self.server.start)

    async def _fall_silent(self, robot: Robot) -> None:
        network, seconds = self._networks[self.robots.index(robot)], self._rng.uniform(*SILENT)
        print(f"  {robot.name} is cut off for {seconds:.0f} s", flush=True)
        network.cut()
        try:
            await asyncio.sleep(seconds)
        finally:
            network.mend()

    # ------------------------------------------------------------------ what the servers say

    def counts(self, what: str, server: str) -> Counter[str]:
        found: Counter[str] = Counter()
        for robot in self.robots:
            found += robot.count(what, server)
        return found

    async def quiet(self) -> None:
        """Wait until the servers have ended everything that they began."""
        deadline = time.monotonic() + OVER
        while self._open() and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.5)

    def _open(self) -> Counter[str]:
        began = self.counts("began", "work")
        return began - self.counts("ended", "work") - self.counts("cancelled", "work")

    def judge(self, ends: list[tuple[Tasks, MissionState | None]]) -> dict[str, int]:
        """Compare what the servers counted with what the missions say."""
        began, ended = self.counts("began", "work"), self.counts("ended", "work")
        patient = self.counts("ended", "patient_work")
        lost: set[str] = set()
        for tasks, state in ends:
            if state is None:
                continue
            if state.status not in tasks.status:
                self.wrong.append(
                    f"{state.mission} is {state.status}: {state.reason}; {state.tasks}"
                )
            if state.status in ("COMPLETED", "PARTIALLY_COMPLETED"):
                lost |= {length for length in tasks.once if not ended[length]}
                lost |= {length for length in tasks.again if not patient[length]}
            elif state.status == "FAILED":
                lost |= {length for length in tasks.undone if not ended[length]}
        tries = {length: most for tasks, _ in ends for length, most in tasks.tries.items()}
        twice = {length for length, count in began.items() if count > tries.get(length, 1)} | {
            length for length, count in ended.items() if count > 1
        }
        again = {length for length, count in patient.items() if count > 1}
        if len(again) > self.killed["server"]:
            self.wrong.append(f"idempotent work was done again without need: {sorted(again)}")
        left = self._open()
        for name, found in (("lost", lost), ("twice", twice), ("never ended", set(left))):
            if found:
                self.wrong.append(f"{name}: {sorted(found)}")
        return {"lost": len(lost), "twice": len(twice), "never ended": len(left)}


async def _run(chaos: Chaos, missions: int) -> dict[str, int]:
    ends = await chaos.run(missions)
    await chaos.quiet()
    return chaos.judge(ends)


def main() -> int:
    """Run it; 1 if something was lost, done twice, or went on."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--missions", type=int, default=100)
    words.add_argument("--robots", type=int, default=3)
    words.add_argument("--seed", type=int, default=0)
    options = words.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="chaos-fleet-"))
    print(f"files: {folder}", flush=True)
    began = time.monotonic()
    chaos = Chaos(folder, options.robots, options.seed)
    try:
        counts = asyncio.run(_run(chaos, options.missions))
    finally:
        chaos.close()
    for line in chaos.wrong:
        print(f"WRONG {line}")
    print(
        f"{options.missions} missions in {time.monotonic() - began:.0f} s: {dict(chaos.ends)}; "
        f"killed or cut off: {dict(chaos.killed)}; by the servers' own counts: {counts}"
    )
    return 1 if chaos.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
