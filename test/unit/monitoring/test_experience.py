"""Every rule speaks at its threshold, with its numbers, and keeps quiet below."""

import pytest

from execution_orchestrator.monitoring.experience import Experience
from execution_orchestrator.observation import (
    ActionRecord,
    AttemptRecord,
    ExecutionRecord,
    LeaseRecord,
    RecoveryRecord,
)


def run(number, *actions, length=100.0, leases=(), recoveries=()):
    start = 1000.0 * number
    record = ExecutionRecord(f"e{number}", accepted=start, ended=start + length)
    for key, kind, seconds, fields in actions:
        attempt = AttemptRecord(1, start, ended=start + seconds, outcome="succeeded")
        attempt.server = fields.get("server", f"/{kind}")
        if "code" in fields:
            attempt.outcome, attempt.error_code = "failed", fields["code"]
        record.actions[key] = ActionRecord(
            key, kind, estimated_duration=fields.get("estimate", 0.0), attempts=[attempt]
        )
    for index, (resource, waited) in enumerate(leases):
        record.leases[f"l{index}"] = LeaseRecord(
            f"l{index}", resource, "a", 1.0, start + waited, start + length, wanted=start
        )
    record.recoveries = [
        RecoveryRecord("a", strategy, start, start + seconds, "", code, "", "", True, helped)
        for strategy, code, seconds, helped in recoveries
    ]
    return record


def advice(runs):
    experience = Experience()
    for one in runs:
        experience.add(one)
    assert experience.runs == len(runs)
    return {(one.rule, one.subject): one for one in experience.advice()}


def moves(count, seconds, **fields):
    return [run(number, ("a", "move", seconds, fields)) for number in range(count)]


@pytest.mark.parametrize(("seconds", "word"), [(7.5, "longer"), (1.0, "less")])
def test_an_estimate_that_is_always_wrong_is_told(seconds, word):
    (found,) = advice(moves(5, seconds, estimate=5.0)).values()
    assert (found.rule, found.subject) == ("estimate_wrong", "move")
    assert found.evidence == (
        f"5 of 5 attempts took {word} than estimated; median {seconds:.1f} s, estimate 5.0 s"
    )
    assert f"about {seconds:.1f} s" in found.advice


@pytest.mark.parametrize(
    ("count", "seconds", "estimate"), [(4, 9.0, 5.0), (5, 7.4, 5.0), (5, 0.4, 0.1)]
)
def test_few_attempts_or_a_small_difference_say_nothing_of_an_estimate(count, seconds, estimate):
    assert not advice(moves(count, seconds, estimate=estimate))


def test_failures_at_one_of_several_servers_are_told():
    runs = [
        run(n, ("a", "move", 1.0, {"code": "NO_PATH"} if n < 3 else {}), ("b", "look", 1.0, {}))
        for n in range(6)
    ]
    runs.append(run(9, ("b", "look", 1.0, {"code": "DARK"})))
    found = advice(runs)["failures_at_one_server", "/move"]
    assert found.evidence == "3 of 4 failed attempts are its own, with 6 of 13 attempts"


def test_failures_that_are_spread_or_of_the_only_server_are_no_finding():
    spread = [
        run(n, ("a", "move", 1.0, {"code": "X"}), ("b", "look", 1.0, {"code": "X"}))
        for n in range(4)
    ]
    assert not advice(spread)
    assert not advice(moves(6, 1.0, code="X"))


def test_time_lost_waiting_for_a_resource_is_told():
    runs = [run(n, leases=[("base", 15.0 * (n < 2))], length=50.0) for n in range(4)]
    (found,) = advice(runs).values()
    assert (found.rule, found.subject) == ("time_lost_waiting", "base")
    assert found.evidence == "30.0 s waited for it in 2 of 4 runs, which took 200.0 s"
    assert not advice([run(n, leases=[("base", 7.0)], length=50.0) for n in range(4)])


def test_a_recovery_that_never_helps_is_told_with_what_it_took():
    runs = [run(n, recoveries=[("spin", "NO_PATH", 2.0, False)]) for n in range(3)]
    (found,) = advice(runs).values()
    assert (found.rule, found.subject) == ("recovery_never_helps", "spin")
    assert found.evidence == "it ran 3 times and never helped; that took 6.0 s"
    assert not advice([*runs, run(7, recoveries=[("spin", "NO_PATH", 2.0, True)])])
    assert not advice(runs[:2])


def test_attempts_that_are_stuck_are_told_with_a_better_timeout():
    runs = [*moves(5, 2.0), *(run(n, ("a", "move", 30.0, {"code": "TIMEOUT"})) for n in (7, 8))]
    found = advice(runs)["attempts_stuck", "move"]
    assert found.evidence == (
        "2 failed attempts took 30.0 s (median) before they ended; 5 that succeeded took 2.0 s, "
        "the longest 2.0 s"
    )
    assert "about 3.0 s" in found.advice
    quick = [*moves(5, 2.0), *(run(n, ("a", "move", 5.0, {"code": "NO_PATH"})) for n in (7, 8))]
    assert ("attempts_stuck", "move") not in advice(quick)


@pytest.mark.parametrize(("late", "word"), [(5.0, "slower"), (3.0, "faster")])
def test_durations_that_drift_are_told(late, word):
    early = [run(n, ("a", "move", 4.0, {})) for n in range(10)]
    newer = [run(n, ("a", "move", late, {})) for n in range(10, 20)]
    (found,) = advice([*newer, *early]).values()  # in any order
    assert (found.rule, found.subject) == ("durations_drift", "move")
    assert word in found.advice
    assert found.evidence == (
        f"the newest 10 took {late:.1f} s (median), the 10 before 4.0 s; 10 of 10 lie on that side"
    )
    assert not advice([*newer, *early[:9]])


def test_a_few_slow_attempts_are_no_drift():
    early = [run(n, ("a", "move", 4.0, {})) for n in range(10)]
    newer = [run(n, ("a", "move", 9.0 if n % 2 else 3.9, {})) for n in range(10, 20)]
    assert not advice([*early, *newer])


def test_what_was_cancelled_or_still_runs_counts_for_nothing():
    record = run(1, ("a", "move", 50.0, {"estimate": 1.0}))
    for outcome in ("cancelled", ""):
        record.actions["a"].attempts[0].outcome = outcome
        assert not advice([record] * 6)
