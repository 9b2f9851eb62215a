"""Timeouts that are learned, and that a restart learns the same from the journal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.adaptive_timeouts import KEPT, learned_timeout
from execution_orchestrator.engine.state import OrchestratorState
from execution_orchestrator.plan.capability import (
    AdaptiveTimeout,
    CapabilitySpec,
    InterfaceSpec,
    RobotModel,
)
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.resolve import resolve
from test.unit.engine.driving import Rig, action

SETTINGS = {
    "percentile": 0.9, "factor": 2.0, "min_samples": 3, "minimum": 1.0, "maximum": 50.0,
}  # fmt: skip
LEARNS = {"timeout": 60.0, "adaptive_timeout": SETTINGS}


@pytest.fixture
def rig():
    return Rig()


def takes(rig, name, seconds, **more):
    rig.submit(name, action("a", **{**LEARNS, **more}))
    rig.wait(seconds)
    rig.succeed("a")


def given_timeout(rig, name="next", **more):
    rig.submit(name, action("a", **{**LEARNS, **more}))
    return rig.action("a", name).timeout


def test_until_enough_is_known_the_capability_decides(rig):
    takes(rig, "one", 4.0)
    takes(rig, "two", 4.0)
    assert given_timeout(rig) == 60.0


def test_then_it_is_learned_and_journalled(rig):
    for name, seconds in (("one", 4.0), ("two", 5.0), ("three", 6.0)):
        takes(rig, name, seconds)
    assert given_timeout(rig) == 12.0
    assert rig.journal[-1].timeout == 12.0
    rig.check()


def test_a_restart_learns_the_same(rig):
    for name in ("one", "two", "three"):
        takes(rig, name, 5.0)
    rig.restart()
    assert given_timeout(rig) == 10.0


def test_who_does_not_want_it_is_resting_but_counts(rig):
    for name in ("one", "two", "three"):
        takes(rig, name, 5.0, adaptive_timeout=None)
    assert given_timeout(rig, "plain", adaptive_timeout=None) == 60.0
    assert given_timeout(rig, "learned") == 10.0


def test_failures_do_not_count(rig):
    for name in ("one", "two", "three"):
        rig.submit(name, action("a", **LEARNS))
        rig.fail("a")
    assert given_timeout(rig) == 60.0


def test_a_pause_makes_a_duration_worthless(rig):
    for name in ("one", "two", "three"):
        rig.submit(name, action("a", pausable="hold", **LEARNS))
        rig.feed(s.Pause(execution_id=name))
        rig.wait(9.0)
        rig.feed(s.Resume(execution_id=name))
        rig.succeed("a")
    assert given_timeout(rig) == 60.0


def test_a_timeout_that_is_too_short_grows(rig):
    for number in range(3):
        takes(rig, f"quick{number}", 1.0)
    given = []
    for number in range(8):
        given.append(given_timeout(rig, f"slow{number}"))
        rig.wait(given[-1])
        rig.feed(s.GoalCancelled(goal_id=rig.goal("a")))
    assert given[0] == 2.0
    assert given == sorted(given)
    assert given[-1] == 50.0


@given(st.lists(st.floats(0.0, 1000.0), max_size=300))
def test_it_stays_between_its_limits(durations):
    state = OrchestratorState()
    state.durations["work"] = durations[-KEPT:]
    learned = learned_timeout(state, "work", SETTINGS)
    if len(durations) < 3:
        assert learned is None
    else:
        assert 1.0 <= learned <= 50.0


def resolved(capability=None, **fields):
    spec = CapabilitySpec(
        name="work",
        description="Work",
        interface=InterfaceSpec(name="work"),
        timeout=30.0,
        adaptive_timeout=capability,
    )
    plan = Plan.model_validate({"actions": [{"action_type": "work", **fields}]})
    robot = RobotModel(capabilities={"work": spec}, resources={})
    return resolve(plan, robot)["actions"][0]["adaptive_timeout"]


def test_the_capability_and_the_action_opt_in_or_out():
    learns = AdaptiveTimeout(min_samples=7, maximum=100.0)
    assert resolved() is None
    assert resolved(adaptive_timeout=True)["maximum"] == 30.0
    assert resolved(learns)["maximum"] == 100.0
    assert resolved(learns, adaptive_timeout=False) is None
    assert resolved(learns, timeout=5.0) is None
