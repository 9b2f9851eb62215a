"""Which goal a fault happens to, and that the server heals."""

from __future__ import annotations

from pathlib import Path

import pytest

from execution_orchestrator.simulation.servers.faults import FaultMode, Faults


def test_one_goal_then_healed() -> None:
    faults = Faults()
    assert not faults.configure({"fault.mode": "abort", "fault.error_code": 207})
    assert faults.take("spin", rejecting=True) is None
    fault = faults.take("spin", rejecting=False)
    assert fault is not None
    assert (fault.mode, fault.error_code) == (FaultMode.ABORT, 207)
    assert faults.take("spin", rejecting=False) is None


def test_rejections_happen_before_the_goal_is_accepted() -> None:
    faults = Faults()
    faults.configure({"fault.mode": "reject", "fault.count": 2})
    assert faults.take("spin", rejecting=False) is None
    assert [faults.take("spin", rejecting=True) is not None for _ in range(3)] == [
        True,
        True,
        False,
    ]


def test_count_0_is_for_ever_and_an_action_can_be_chosen() -> None:
    faults = Faults()
    faults.configure({"fault.mode": "hang", "fault.count": 0, "fault.action": "spin"})
    assert faults.take("wait", rejecting=False) is None
    assert all(faults.take("spin", rejecting=False) for _ in range(50))


def test_questions_are_hit_only_by_name() -> None:
    faults = Faults()
    faults.configure({"fault.mode": "abort"})
    assert faults.take("compute_path_to_pose", rejecting=False) is None
    faults.configure({"fault.mode": "abort", "fault.action": "compute_path_to_pose"})
    assert faults.take("compute_path_to_pose", rejecting=False) is not None


def test_it_is_remembered_beyond_death(tmp_path: Path) -> None:
    record = tmp_path / "below" / "record.json"
    faults = Faults(record)
    faults.configure({"fault.mode": "die"}, restart=False)
    assert faults.take("spin", rejecting=False) is not None
    again = Faults(record)
    again.configure({"fault.mode": "die"}, restart=False)
    assert again.take("spin", rejecting=False) is None
    again.configure({"fault.mode": "die"})  # asked for anew
    assert again.take("spin", rejecting=False) is not None


def test_a_damaged_record_counts_as_none(tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    record.write_text("{")
    faults = Faults(record)
    faults.configure({"fault.mode": "die"}, restart=False)
    assert faults.take("spin", rejecting=False) is not None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fault.mode": "explode"}, "known: none, reject"),
        ({"fault.mode": "slow", "fault.delay": -1.0}, "fault.delay"),
        ({"fault.mode": "slow", "fault.count": -1}, "fault.count"),
        ({"fault.color": 1}, "unknown: fault.color"),
    ],
)
def test_bad_settings_are_named(changes: dict[str, object], words: str) -> None:
    assert words in Faults().configure(changes)
