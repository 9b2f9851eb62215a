"""The order in which the actions of an execution are shown."""

from __future__ import annotations

from execution_orchestrator.observation.record import (
    ActionRecord,
    ExecutionRecord,
    in_reading_order,
)


def record(*keys: tuple[str, str]) -> ExecutionRecord:
    actions = {key: ActionRecord(key, parent=parent) for key, parent in keys}
    return ExecutionRecord("e", actions=actions)


def order(*keys: tuple[str, str]) -> list[str]:
    return [one.key for one in in_reading_order(record(*keys))]


def test_what_is_in_a_block_follows_it_though_it_became_known_later() -> None:
    assert order(
        ("rounds", ""),
        ("low", ""),
        ("dock", "low"),
        ("rounds[0]/go", "rounds"),
        ("rounds[1]/go", "rounds"),
        ("rounds[1]/go/again", "rounds[1]/go"),
    ) == ["rounds", "rounds[0]/go", "rounds[1]/go", "rounds[1]/go/again", "low", "dock"]


def test_none_is_lost_whose_block_is_not_known() -> None:
    assert order(("a", ""), ("b", "gone"), ("c", "b")) == ["a", "b", "c"]
