"""What would make the next run faster or safer: rules, each with its evidence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from execution_orchestrator.monitoring.metrics.figures import ExecutionFigures
from execution_orchestrator.observation.record import ExecutionRecord
from execution_orchestrator.plan.counted import counted

SLOW_RATIO = 1.5  # measured / estimated duration from which an action counts as slow
SLOW_SECONDS = 1.0  # and by at least so much
HUNG_RATIO = 3.0  # time until it failed / usual duration from which an attempt counts as hung
HUNG_SECONDS = 3.0  # and at least so long
WAITING_SHARE = 0.15  # share of the total duration spent waiting for one resource
IDLE_SHARE = 0.25  # share of a lease's time in which its holder did nothing


@dataclass(frozen=True)
class Suggestion:
    """One thing to do, where, and the numbers that say so."""

    rule: str
    subject: str
    advice: str
    evidence: str


def suggest(record: ExecutionRecord, figures: ExecutionFigures) -> tuple[Suggestion, ...]:
    """Apply every rule to a finished or running execution."""
    return (
        *_slower_than_estimated(record),
        *_attempts_that_hung(record, figures),
        *_flaky_servers(record),
        *_serialised_on_a_resource(record, figures),
        *_resources_held_idle(figures),
        *_recoveries_that_never_help(record),
    )


def _slower_than_estimated(record: ExecutionRecord) -> Iterator[Suggestion]:
    for action in record.actions.values():
        good = [
            a.ended - a.dispatched
            for a in action.attempts
            if a.outcome == "succeeded" and a.ended is not None
        ]
        if not good or action.estimated_duration <= 0:
            continue
        measured = good[-1]
        over = measured - action.estimated_duration
        if over >= SLOW_SECONDS and measured >= SLOW_RATIO * action.estimated_duration:
            yield Suggestion(
                "slow_versus_estimate",
                action.key,
                f"raise estimated_duration of {action.key} (and check its timeout), "
                "or find out why it is slow",
                f"took {measured:.1f} s, estimated {action.estimated_duration:.1f} s",
            )


def _attempts_that_hung(record: ExecutionRecord, figures: ExecutionFigures) -> Iterator[Suggestion]:
    """Find attempts that failed long after they would have been done."""
    for action in record.actions.values():
        good = [
            a.ended - a.dispatched
            for a in action.attempts
            if a.outcome == "succeeded" and a.ended is not None
        ]
        usual = good[-1] if good else action.estimated_duration
        for attempt in action.attempts:
            if attempt.ended is None or attempt.outcome in ("", "succeeded", "cancelled"):
                continue
            took = attempt.ended - attempt.dispatched
            if usual <= 0.0 or took < HUNG_RATIO * usual or took < HUNG_SECONDS:
                continue
            known = "it took" if good else "estimated are"
            yield Suggestion(
                "attempt_hung",
                action.key,
                f"give {action.key} a shorter timeout, so that a server that hangs is given up "
                f"earlier; look why {attempt.server or action.action_type} hung",
                f"attempt {attempt.number} took {took:.1f} of {figures.total_duration:.1f} s until "
                f"it failed ({attempt.error_code or attempt.outcome}); {known} {usual:.1f} s",
            )


def _flaky_servers(record: ExecutionRecord) -> Iterator[Suggestion]:
    attempts: Counter[str] = Counter()
    failures: dict[str, Counter[str]] = defaultdict(Counter)
    for action in record.actions.values():
        for attempt in action.attempts:
            server = attempt.server or action.action_type
            attempts[server] += 1
            if attempt.outcome not in ("", "succeeded", "cancelled"):
                failures[server][attempt.error_code or attempt.error_type or "UNKNOWN"] += 1
    for server, codes in failures.items():
        failed = codes.total()
        if failed >= 2:
            message = ", ".join(f"{code} x{count}" for code, count in codes.most_common(3))
            yield Suggestion(
                "flaky_server",
                server,
                f"look at the log of {server}; its failures cost time even when they are recovered",
                f"{failed} of {counted(attempts[server], 'attempt')} failed: {message}",
            )


def _serialised_on_a_resource(
    record: ExecutionRecord, figures: ExecutionFigures
) -> Iterator[Suggestion]:
    waited: dict[str, float] = defaultdict(float)
    waiting: dict[str, set[str]] = defaultdict(set)
    for lease in record.leases.values():
        if lease.waited > 0:
            waited[lease.resource] += lease.waited
            waiting[lease.resource].add(lease.key)
    for resource, time in waited.items():
        if figures.total_duration > 0 and time >= WAITING_SHARE * figures.total_duration:
            yield Suggestion(
                "serialised_on_resource",
                resource,
                f"actions queue for {resource}: give it more capacity, share it where that is "
                "safe, or order the plan so that other work fills the gap",
                f"{', '.join(sorted(waiting[resource])[:5])} waited {time:.1f} s for it in "
                f"{figures.total_duration:.1f} s",
            )


def _resources_held_idle(figures: ExecutionFigures) -> Iterator[Suggestion]:
    held: dict[str, float] = defaultdict(float)
    idle: dict[str, float] = defaultdict(float)
    for use in figures.resource_uses:
        held[use.resource] += use.duration
        idle[use.resource] += use.duration - use.effective
    for resource, time in idle.items():
        if time >= SLOW_SECONDS and time >= IDLE_SHARE * held[resource]:
            yield Suggestion(
                "resource_held_idle",
                resource,
                f"{resource} was held while its holder did nothing: shorten retry delays and "
                "recoveries, or let the action give it up meanwhile",
                f"{time:.1f} s of {held[resource]:.1f} s held",
            )


def _recoveries_that_never_help(record: ExecutionRecord) -> Iterator[Suggestion]:
    runs: Counter[tuple[str, str]] = Counter()
    failed: Counter[tuple[str, str]] = Counter()
    for recovery in record.recoveries:
        if recovery.helped is None:
            continue
        key = (recovery.strategy, recovery.error_code or recovery.error_type)
        runs[key] += 1
        failed[key] += not recovery.helped
    for (strategy, code), count in failed.items():
        if count >= 2 and count == runs[strategy, code]:
            yield Suggestion(
                "recovery_never_helps",
                strategy,
                f"take {strategy} off the list for {code} in config/recovery.yaml",
                f"it did not help {count} times out of {count}",
            )
