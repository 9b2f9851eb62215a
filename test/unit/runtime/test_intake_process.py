"""Large documents are validated in a process that is killed when it takes too much."""

import asyncio
import json
import os
import struct
import subprocess
import sys
import threading
import time
from multiprocessing import Pipe
from pathlib import Path

import pytest

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.plan.optimise.estimates import Distance
from execution_orchestrator.planning.selection import Planners
from execution_orchestrator.runtime import intake_process, intake_worker
from execution_orchestrator.runtime import planning as planning_module
from execution_orchestrator.runtime.intake import Intake
from execution_orchestrator.runtime.plan_folder import PlanFolder
from execution_orchestrator.runtime.planning import SMALL, SMALL_FILE, Planning

ROBOT = load_robot([Path(__file__).parents[3] / "config" / "capabilities.yaml"]).model


def document(count=300, **more):
    place = {"target_location": {"x": 1.0, "y": 2.0}}
    actions = [
        {"id": f"a{n}", "action_type": "navigate_to", "parameters": place} for n in range(count)
    ]
    return json.dumps({"version": 1, "actions": actions, **more})


def planning(**more):
    return Planning(Planners(), Intake(ROBOT, **more), lambda: {"robot": {}, "objects": []})


async def until(happened):
    for _ in range(500):
        if happened():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it did not happen")


@pytest.fixture
def started(monkeypatch):
    """Count the processes."""
    made = []
    popen = intake_process.subprocess.Popen

    def counted(*arguments, **options):
        made.append(popen(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(intake_process.subprocess, "Popen", counted)
    yield made
    assert all(one.poll() is not None for one in made), "a process is left"


async def test_a_small_document_needs_no_process_and_large_ones_share_one(started):
    made = planning()
    small = await made.prepare("", document(3), "")
    assert (small.plan is not None, started) == (True, [])
    assert len(document()) > SMALL
    first = await made.prepare("", document(), "", optimise="all")
    second = await made.prepare("", document(speed="fast"), "")
    assert first.plan == Intake(ROBOT).prepare("", document(), "", optimise="all").plan
    assert [issue.code for issue in second.issues] == ["PLAN_FIELD_UNKNOWN"]
    assert len(started) == 1
    made.close()


async def test_the_process_asks_the_node_what_only_it_knows(started):
    here = threading.current_thread()
    asked = []

    def measure(start, goal):
        asked.append((start, goal, threading.current_thread() is here))
        return Distance(8.0, "planned path")

    def trial(plan):
        wrong = f"{len(plan.actions)} actions cannot be reached"
        return [Issue("TARGET_UNREACHABLE", wrong, severity=Severity.WARNING)]

    made = planning(measure=measure, trial=trial)
    prepared = await made.prepare("", document(), "", optimise="estimates")
    assert [issue.message for issue in prepared.issues] == ["300 actions cannot be reached"]
    assert asked
    assert not any(on_the_loop for *_, on_the_loop in asked)
    made.close()


async def test_a_validation_that_takes_too_long_is_killed(started, monkeypatch):
    monkeypatch.setattr(planning_module, "VALIDATION_TIMEOUT", 1.0)
    forever = threading.Event()
    made = planning(trial=lambda _: forever.wait(5.0) or [])
    began = time.monotonic()
    prepared = await made.prepare("", document(), "")
    assert time.monotonic() - began < 4.0
    assert [issue.code for issue in prepared.issues] == ["PLAN_TOO_COMPLEX"]
    assert "longer than 1 s" in prepared.issues[0].message
    started[0].wait(2.0)
    forever.set()
    assert (await planning().prepare("", document(2), "")).plan is not None
    made.close()


async def test_a_stopped_execution_ends_the_process_of_its_document(started):
    made = planning(trial=lambda _: time.sleep(1.0) or [])
    checking = asyncio.ensure_future(made.prepare("", document(), ""))
    await until(lambda: started)
    checking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await checking
    started[0].wait(2.0)
    made.close()


@pytest.mark.parametrize("limit", ["memory", "processor"])
async def test_a_validation_that_takes_too_much_is_told_as_such(started, monkeypatch, limit):
    # The system says no: what a hostile document would take is taken by the process itself.
    taking = (
        "x = [bytearray(1 << 24) for _ in range(200)]" if limit == "memory" else "while 1: pass"
    )
    code = (
        "import os, sys; from execution_orchestrator.runtime import intake_worker as w\n"
        f"w.PROCESSOR_TIME, w.MEMORY = {1 if limit == 'processor' else 60}, 1 << 28\n"
        "class Hungry:\n"
        "    def __init__(self, **more): pass\n"
        "    def prepare(self, **arguments):\n"
        f"        {taking}\n"
        "w.Intake = Hungry\n"
        "w.main()\n"
    )
    popen = intake_process.subprocess.Popen
    monkeypatch.setattr(
        intake_process.subprocess,
        "Popen",
        lambda words, **more: popen([words[0], "-c", code, words[-1]], **more),
    )
    made = planning()
    prepared = await made.prepare("", document(), "")
    (issue,) = prepared.issues
    assert issue.code == "PLAN_TOO_COMPLEX"
    expected = f"more than {intake_worker.MEMORY >> 20} MiB" if limit == "memory" else "processor"
    assert expected in issue.message
    made.close()


async def test_a_large_file_of_a_subplan_makes_a_document_large(started, tmp_path):
    (tmp_path / "small.yaml").write_text("actions: [{action_type: undock}]")
    large = "actions: [{action_type: undock, description: " + "x" * SMALL_FILE + "}]"
    (tmp_path / "large.yaml").write_text(large)
    made = planning(library=PlanFolder(tmp_path, 1_000_000))

    def naming(file):
        return json.dumps({"version": 1, "actions": [{"action_type": "subplan", "file": file}]})

    assert (await made.prepare("", naming("small.yaml"), "")).plan is not None
    assert not started
    assert (await made.prepare("", naming("large.yaml"), "")).issues
    assert len(started) == 1
    made.close()


def test_a_node_that_dies_in_the_middle_of_a_document_leaves_a_process_that_ends_in_silence():
    ours, theirs = Pipe()
    with theirs:
        worker = subprocess.Popen(
            [sys.executable, "-m", intake_worker.__name__, str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
            stderr=subprocess.PIPE,
        )
    length = struct.pack("!i", 1000)
    os.write(ours.fileno(), length + b"the first half of it")
    ours.close()
    _, said = worker.communicate(timeout=60.0)
    assert (worker.returncode, said) == (0, b"")


async def test_a_process_that_died_in_between_is_replaced(started):
    made = planning()
    assert (await made.prepare("", document(), "")).plan is not None
    started[0].kill()
    started[0].wait()
    assert (await made.prepare("", document(), "")).plan is not None
    assert len(started) == 2
    made.close()


async def test_a_process_without_work_ends_and_close_ends_one_that_works(started, monkeypatch):
    monkeypatch.setattr(intake_process, "IDLE", 0.2)
    made = planning(trial=lambda plan: time.sleep(0.5) or [])
    assert (await made.prepare("", document(), "")).plan is not None
    await asyncio.to_thread(started[0].wait, 5.0)
    checking = asyncio.ensure_future(made.prepare("", document(), ""))
    await until(lambda: len(started) == 2)
    made.close()
    assert [issue.code for issue in (await checking).issues] == ["PLAN_TOO_COMPLEX"]
