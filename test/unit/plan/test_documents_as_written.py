"""Whole documents, wrong and odd, against the shipped configuration, as `validate` looks at them."""

from __future__ import annotations

from pathlib import Path

import pytest

from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.capabilities.robot_state_document import read_robot_state
from execution_orchestrator.capabilities.state_types import state_types
from execution_orchestrator.capabilities.trial import GoalTrial
from execution_orchestrator.plan.issues import Severity
from execution_orchestrator.plan.yaml_reader import read_yaml
from execution_orchestrator.planning.vocabulary import Vocabulary
from execution_orchestrator.ros.messages.installed import InstalledInterfaces
from execution_orchestrator.ros.reach import ReachTrial
from execution_orchestrator.runtime.intake import Intake

ROOT = Path(__file__).parents[3]
DOCUMENTS = ROOT / "test" / "data" / "documents"
WRONG = read_yaml((DOCUMENTS / "wrong.yaml").read_text())
RIGHT = read_yaml((DOCUMENTS / "right.yaml").read_text())


@pytest.fixture(scope="module")
def intake():
    config = ROOT / "config"
    installed = InstalledInterfaces()
    files = ("capabilities.yaml", "tools.yaml", "fleet.yaml")
    robot = load_robot([config / name for name in files], installed)
    words = Vocabulary.load(config / "places.yaml").places
    places = {name: place.pose.model_dump(exclude_none=True) for name, place in words.items()}
    frames = ConversionContext("map", places)
    buildable = GoalTrial(robot.model, places)
    reachable = ReachTrial(robot.model, lambda *_: "", lambda *_: "", lambda *_: "", lambda: frames)
    state = read_robot_state(config / "robot_state.yaml").state
    return Intake(
        robot.model,
        unavailable=robot.unavailable,
        places=frozenset(places),
        trial=lambda plan: [*buildable(plan), *reachable(plan)],
        state=state_types(state, installed),
        local_zone="UTC",
    )


def told(intake, document):
    found = intake.prepare("", document, "").issues
    return [issue for issue in found if issue.severity is not Severity.INFO]


@pytest.mark.parametrize("row", WRONG, ids=range(len(WRONG)))
def test_a_wrong_document_has_one_issue_with_place_and_cure(intake, row):
    (issue,) = told(intake, row["document"])
    assert (issue.code, issue.pointer) == (row["code"], row["pointer"])
    assert issue.line > 0
    assert issue.hint
    assert row["cure"].lower() in f"{issue.message} {issue.hint}".lower()


@pytest.mark.parametrize("document", RIGHT, ids=range(len(RIGHT)))
def test_nothing_is_said_against_an_odd_document_that_is_right(intake, document):
    assert told(intake, document) == []
