"""What Temporal's lists are told of a mission has to fit."""

import json

from execution_orchestrator.fleet.mission.books import MOST_SEARCHABLE, that_fit


def test_few_values_are_all_told_in_order():
    assert that_fit({"r2", "r1"}) == ["r1", "r2"]


def test_of_many_as_many_as_fit():
    names = {f"robot_{number:03}" for number in range(400)}
    told = that_fit(names)
    assert told == sorted(names)[: len(told)]
    assert (
        MOST_SEARCHABLE - 20 < len(json.dumps(told, separators=(",", ":"))) <= MOST_SEARCHABLE + 1
    )
