"""Carries out a plan in the engine: every goal succeeds or fails as soon as it is sent."""

from __future__ import annotations

import pytest

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.runtime.intake import Intake
from test.unit.engine.driving import Rig
from test.unit.plan.conftest import ROOT


@pytest.fixture(scope="module")
def intake() -> Intake:
    return Intake(load_robot([ROOT / "config" / "capabilities.yaml"]).model)


def carry_out(intake: Intake, document: str, fails: set[int]) -> Rig:
    """Return the engine at the end of a document; ``fails`` are goals, counted from 1."""
    prepared = intake.prepare("", document, '{"yes": true, "no": false}', optimise="none")
    assert prepared.plan is not None, prepared.issues
    rig = Rig()
    rig.feed(s.Submit(execution_id="e", plan=prepared.plan, input=prepared.input))
    answered = 0
    while not rig.execution().is_final:
        if answered == len(rig.sent):
            assert rig.timers, "nothing goes on"
            rig.wait(0.5)
            continue
        key, answered = rig.sent[answered], answered + 1
        if answered in fails:
            rig.fail(key)
        else:
            rig.succeed(key)
    rig.check()
    return rig
