"""The statuses that expressions are checked against are those of the engine."""

from execution_orchestrator.engine.status import ActionStatus
from execution_orchestrator.plan.validation.scope import STATUSES


def test_the_validator_knows_every_status():
    assert tuple(STATUSES) == tuple(ActionStatus)
