"""What Temporal's UI shows of a mission."""

from execution_orchestrator.fleet.details import details
from execution_orchestrator.fleet.orders import MissionState, TaskState


def test_a_task_is_one_row_whatever_its_reason_says():
    task = TaskState("t", "t", "FAILED", "no way | blocked\nby a door", "r1", report="http://r1/x")
    shown = details(MissionState("m", "m", "FAILED", "t failed"), [task], 3)
    assert "| t | FAILED | r1 | no way / blocked by a door [report](http://r1/x) |" in shown
    assert shown.startswith("**FAILED** t failed\n")
    assert shown.endswith("and 2 more tasks")
