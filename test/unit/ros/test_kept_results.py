"""Results of ended goals keep their details up to a number and a size."""

import sys

from rclpy.serialization import serialize_message

from execution_orchestrator.action import ExecuteCommand
from execution_orchestrator.msg import ExecutionStatus, ValidationIssue
from execution_orchestrator.ros.interface.kept_results import TOO_OLD, KeptResults, memory_of


def result(name, issues=3):
    made = ExecuteCommand.Result(execution_id=name, message="done", output='{"x": 1}')
    made.status.value = ExecutionStatus.COMPLETED
    made.issues = [ValidationIssue(message=f"{n}{'m' * 100}") for n in range(issues)]
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
    kept = KeptResults(most=1000, most_bytes=20_000)
    results = [result(f"e{number}", issues=10) for number in range(20)]
    for one in results:
        kept.add(one)
        assert kept.bytes <= 20_000
    huge = result("huge", issues=1000)
    kept.add(huge)
    assert len(huge.issues) == 1000
    assert all(not one.issues for one in results)


def test_what_they_take_in_memory_counts_and_not_what_they_take_on_the_wire():
    small, large = result("e", issues=0), result("e", issues=100)
    assert memory_of(large) - memory_of(small) > 100 * 100
    assert memory_of(large) > 1.2 * len(serialize_message(large))


def test_what_is_left_of_those_without_details_is_shared_and_small():
    kept = KeptResults(most=1, most_bytes=10**9)
    results = [result(f"e{number}", issues=100) for number in range(3)]
    results[0].error.type, results[0].error.code, results[0].error.context = (
        "TIMEOUT",
        "X",
        "y" * 999,
    )
    results[1].rollback.state, results[1].rollback.undone = 3, ["a", "b"]
    for one in results:
        kept.add(one)
    assert (results[0].error.code, results[0].error.context) == ("X", "")
    assert (results[1].rollback.state, list(results[1].rollback.undone)) == (3, [])
    assert results[0].analysis is results[1].analysis
    assert all(sys.getsizeof(one.message) < 300 for one in results)
