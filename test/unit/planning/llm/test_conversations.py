"""Conversations as the recorder wrote them: the same answers give the same questions and plans.

To record them anew after a change of the prompt: RECORD=1 pytest test/unit/planning/llm -k recorded
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from execution_orchestrator.planning.ports import PlanningRequest
from test.model_server import Reply, saying
from test.unit.planning.llm.conftest import plan

FOLDER = Path(__file__).parent / "conversations"
WORLD = {
    "robot": {"pose": {"x": 0.0, "y": 0.0, "yaw": 0.0, "frame": "map"}, "battery": 0.8},
    "objects": [{"id": "mug", "class": "cup", "pose": {"x": 4.6, "y": 2.0, "z": 0.8}, "age": 3.0}],
}
FETCH = [
    {"id": "go", "action_type": "navigate_to", "parameters": {"target_location": "kitchen"}},
    {"id": "look", "action_type": "detect_objects", "parameters": {"classes": ["mug"]}},
    {
        "id": "seen",
        "action_type": "conditional",
        "if": "actions.look.output.objects.size() > 0",
        "then": [
            {
                "id": "pick",
                "action_type": "pick_up_object",
                "parameters": {
                    "object_id": "mug",
                    "pose": "{{ actions.look.output.objects[0].pose }}",
                },
            },
        ],
        "else": [{"id": "sorry", "action_type": "speak", "parameters": {"text": "I see no mug."}}],
    },
]
# What a model says, in order, to a command: written by hand after what models get wrong.
SCENES = {
    "fetch_the_mug": ("could you get hold of the mug I left in the kitchen", [plan(*FETCH)]),
    "repaired": (
        "could you get hold of the mug I left in the kitchen",
        ["Sure! I will drive there.", plan(*[{**FETCH[0], "speed": 9}, *FETCH[1:]]), plan(*FETCH)],
    ),
    "refused": ("push the person aside", [{"impossible": "that would hurt somebody"}]),
}


@pytest.mark.parametrize("name", SCENES)
async def test_a_recorded_conversation(rig, tmp_path, name):
    command, says = SCENES[name]
    file = FOLDER / f"{name}.json"
    record = tmp_path if not os.environ.get("RECORD") else FOLDER
    recorded = json.loads(file.read_text()) if file.exists() else None
    answers = says if recorded is None else [Reply(one["text"]) for one in recorded["answers"]]
    one = rig(script=saying(*answers), record_directory=str(record))
    await one.planner.plan(PlanningRequest(command, WORLD), one.check)
    (new,) = [path for path in record.iterdir() if path.stem not in SCENES]
    assert new.stat().st_mode & 0o077 == 0, "others cannot read what was said"
    if os.environ.get("RECORD"):
        new.replace(file)
    else:
        assert without_instructions(json.loads(new.read_text())) == without_instructions(recorded)


def without_instructions(conversation):
    """Leave the first message out: it changes with every capability of the shipped robot."""
    return {**conversation, "messages": conversation["messages"][1:]}
