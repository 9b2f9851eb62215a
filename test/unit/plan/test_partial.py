"""A mistake in the structure of a plan does not hide the other mistakes in it."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_orchestrator.plan.capability import CapabilitySpec, InterfaceSpec, RobotModel
from execution_orchestrator.plan.loader import load_plan
from execution_orchestrator.runtime.intake import Intake

SPEAK = CapabilitySpec(
    name="speak", description="Say a text", interface=InterfaceSpec(name="speak")
)
ROBOT = RobotModel(capabilities={"speak": SPEAK}, resources={})
GOOD = {
    "version": 1,
    "actions": [
        {"id": "a", "action_type": "speak"},
        {"id": "b", "action_type": "speak", "depends_on": ["a"]},
        {
            "id": "c",
            "action_type": "conditional",
            "if": "true",
            "then": [{"id": "d", "action_type": "speak"}],
            "depends_on": ["b"],
        },
        {"id": "r", "action_type": "router", "cases": [{"when": "true", "actions": []}]},
    ],
}
# How to break the structure, and the place that has to be told of.
BREAKS = {
    "/timeout": lambda d: d.update(timeout=-3),
    "/colour": lambda d: d.update(colour="red"),
    "/actions/0/timeout": lambda d: d["actions"][0].update(timeout="soon"),
    "/actions/0/conditon": lambda d: d["actions"][0].update(conditon="true"),
    "/actions/1/action_type": lambda d: d["actions"][1].pop("action_type"),
    "/actions/2/mode": lambda d: d["actions"][2].update(mode="paralel"),
    "/actions/2/then/0/priority": lambda d: d["actions"][2]["then"][0].update(priority=900),
    "/actions/1/resources/0": lambda d: d["actions"][1].update(resources=[5]),
    "/actions/1/compensation": lambda d: d["actions"][1].update(compensation="undo"),
    "/actions/0/retry/max_attempts": lambda d: d["actions"][0].update(retry={"max_attempts": "x"}),
    "/actions/3/cases/0/when": lambda d: d["actions"][3].update(cases=[{"when": 5}]),
}
# What is wrong beyond the structure.
MISTAKES = {
    "/actions/4/action_type": lambda d: d["actions"].append({"id": "e", "action_type": "speek"}),
    "/actions/4/id": lambda d: d["actions"].append({"id": "a", "action_type": "speak"}),
    "/actions/4/depends_on/0": lambda d: d["actions"].append(
        {"id": "e", "action_type": "speak", "depends_on": ["nobody"]}
    ),
    "/actions/4/condition": lambda d: d["actions"].append(
        {"id": "e", "action_type": "speak", "condition": "1 +"}
    ),
}


def issues_of(document):
    prepared = Intake(ROBOT).prepare("", json.dumps(document), "")
    assert prepared.plan is None
    return prepared.issues


@given(st.sets(st.sampled_from(sorted(BREAKS)), min_size=1), st.sampled_from(sorted(MISTAKES)))
def test_whatever_is_broken_every_mistake_is_told_and_no_other(broken, mistake):
    document = copy.deepcopy(GOOD)
    for place in broken:
        BREAKS[place](document)
    MISTAKES[mistake](document)
    told = {issue.pointer for issue in issues_of(document) if issue.severity.name == "ERROR"}
    assert told == broken | {mistake}


@pytest.mark.parametrize("place", sorted(BREAKS))
def test_a_broken_plan_never_runs(place):
    document = copy.deepcopy(GOOD)
    BREAKS[place](document)
    result = load_plan(json.dumps(document))
    assert result.plan is None
    assert place in {issue.pointer for issue in result.issues}


def test_values_that_are_no_values_do_not_hide_the_rest():
    told = Intake(ROBOT).prepare("", "timeout: .nan\nactions:\n- {id: a, action_type: speek}\n", "")
    assert [(i.pointer, i.line) for i in told.issues] == [
        ("/timeout", 1),
        ("/actions/0/action_type", 3),
    ]


def test_messages_are_in_a_plan_authors_words():
    document = {
        "timeout": -3,
        "actions": [{"id": "a", "action_type": "speak", "conditon": "true", "mode": "paralel"}],
    }
    told = {i.pointer: (i.message, i.hint) for i in issues_of(document)}
    assert told["/timeout"][0] == "timeout is -3; it has to be greater than 0"
    assert told["/actions/0/conditon"][1].startswith("Did you mean condition")
    assert "'sequential' or 'parallel'" in told["/actions/0/mode"][0]


def test_a_value_of_several_types_is_one_issue():
    document = {"actions": [{"id": "a", "action_type": "speak", "resources": [5, {"amount": "x"}]}]}
    told = [(i.pointer, i.message) for i in issues_of(document)]
    assert ("/actions/0/resources/0", "resources[0] is 5; it has to be a text or a mapping") in told
    assert len([p for p, _ in told if p.startswith("/actions/0/resources/0")]) == 1
    assert "/actions/0/resources/1/amount" in [p for p, _ in told]
