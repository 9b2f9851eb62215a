"""Missions that this and earlier releases ran decide the same when they are replayed by today's code.

A change that breaks one needs `workflow.patched`; RECORD_MISSIONS in test/integration/fleet records more.
"""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from execution_orchestrator.fleet.converter import CONVERTER
from execution_orchestrator.fleet.mission import MissionWorkflow
from execution_orchestrator.fleet.shared import SharedThing

RECORDED = sorted((Path(__file__).parents[2] / "data" / "missions").glob("*.json"))


def test_there_are_some():
    assert len(RECORDED) >= 5


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.stem)
async def test_a_recorded_mission_is_replayed(file):
    recorded = json.loads(file.read_text())
    # Executions are named after the workflow.
    begun = recorded["events"][0]["workflowExecutionStartedEventAttributes"]
    history = WorkflowHistory.from_json(begun["workflowId"], recorded)
    await Replayer(
        workflows=[MissionWorkflow, SharedThing], data_converter=CONVERTER
    ).replay_workflow(history)
