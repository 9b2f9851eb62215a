"""Results of ended goals keep their details up to a number and a size."""

from execution_orchestrator.action import ExecuteCommand
from execution_orchestrator.msg import ExecutionStatus, ValidationIssue
from execution_orchestrator.ros.interface.kept_results import TOO_OLD, KeptResults


def result(name, issues=3):
    made = ExecuteCommand.Result(execution_id=name, message="done", output='{"x": 1}')
    made.status.value = ExecutionStatus.COMPLETED
    made.issues = [ValidationIssue(message="m" * 100) for _ in range(issues)]
    made.analysis.makespan = 7.0
    return made


def test_the_oldest_lose_their_details_and_keep_their_end():
    kept = KeptResults(most=2, most_bytes=10**9)
    results = [result(f"e{number}") for number in range(4)]
    for one in results:
        kept.add(one)
    for old in results[:2]:
        assert (list(old.issues), old.output, old.analysis.makespan) == ([], "", 0.0)
        assert old.status.value == ExecutionStatus.COMPLETED
        assert old.message == f"done ({TOO_OLD})"
    for new in results[2:]:
        assert (len(new.issues), new.message, new.analysis.makespan) == (3, "done", 7.0)


def test_their_bytes_are_bounded_too_but_the_newest_is_whole():
    kept = KeptResults(most=1000, most_bytes=5_000)
    results = [result(f"e{number}", issues=10) for number in range(20)]
    for one in results:
        kept.add(one)
        assert kept.bytes <= 5_000
    huge = result("huge", issues=1000)
    kept.add(huge)
    assert len(huge.issues) == 1000
    assert all(not one.issues for one in results)
