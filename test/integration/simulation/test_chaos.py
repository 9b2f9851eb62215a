"""A few errands with kill -9 of orchestrator and servers at seeded instants (`make chaos`: more)."""

from __future__ import annotations

from pathlib import Path

import pytest

from test.chaos.errand import run

SEEDS = (100, 102)  # kills of servers and a pause; kills of the orchestrator and two servers
pytestmark = pytest.mark.timeout(400)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_errand_ends_well_whoever_is_killed(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ROS_DOMAIN_ID", "ROS_AUTOMATIC_DISCOVERY_RANGE", "ROS_HOME"):
        monkeypatch.setenv(name, "")  # the errand has its own; this puts back what was there
    outcome = run(seed, tmp_path)
    print(outcome.line())
    assert not outcome.wrong, outcome.line()
    assert outcome.status in ("COMPLETED", "PARTIALLY_COMPLETED", "FAILED"), outcome.line()
