"""What many runs together say: rules over attempts, waits and recoveries, each with its numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from execution_orchestrator.monitoring.suggestions import Suggestion
from execution_orchestrator.observation.record import ActionRecord, ExecutionRecord
from execution_orchestrator.plan.counted import counted

ENOUGH = 5  # attempts from which a median means something
WRONG_BY = 1.5  # quotient of measured and estimated duration, or its inverse
LEAST_SECONDS = 0.5  # differences below this are not worth a word
MOST_SHARE = 0.5  # of all failures that one server has
STUCK = 3.0  # times the usual duration from which a failed attempt was stuck
WAITING_SHARE = 0.15  # of the runs' time that was spent waiting for one resource
NEWEST = 10  # attempts that are held against those before them
DRIFT = 1.25  # quotient of the two medians, or its inverse
AGREE = 0.75  # of the newest that lie on that side of the median of before
RUNS_OF_RECOVERY = 3


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What counts of an attempt that ended; seconds."""

    server: str
    began: float
    seconds: float
    succeeded: bool
    code: str  # of its error, '' if it had none
    estimate: float


@dataclass(slots=True)
class _Waiting:
    """Seconds waited for a resource, and how often."""

    seconds: float = 0.0
    runs: int = 0


@dataclass(slots=True)
class _Helping:
    """How often a strategy ran against an error, what that took, and whether it ever helped."""

    runs: int = 0
    helped: int = 0
    seconds: float = 0.0


class Experience:
    """Takes the records of ended runs, in any order, and keeps of each only what the rules need."""

    def __init__(self) -> None:
        self._attempts: dict[str, list[_Attempt]] = defaultdict(list)
        self._waiting: dict[str, _Waiting] = defaultdict(_Waiting)
        self._recoveries: dict[tuple[str, str], _Helping] = defaultdict(_Helping)
        self._runs = 0
        self._seconds = 0.0

    @property
    def runs(self) -> int:
        """How many runs it knows."""
        return self._runs

    def add(self, record: ExecutionRecord) -> None:
        """Take note of a run."""
        self._runs += 1
        self._seconds += record.until() - record.accepted
        for action in record.actions.values():
            self._attempts[action.action_type] += _ended(action)
        waited: dict[str, float] = defaultdict(float)
        for lease in record.leases.values():
            if lease.waited > 0.0:
                waited[lease.resource] += lease.waited
        for resource, seconds in waited.items():
            self._waiting[resource].seconds += seconds
            self._waiting[resource].runs += 1
        for recovery in record.recoveries:
            if recovery.ended is None or recovery.helped is None:
                continue
            code = recovery.error_code or recovery.error_type
            known = self._recoveries[recovery.strategy, code]
            known.runs += 1
            known.helped += recovery.helped
            known.seconds += recovery.ended - recovery.started

    def advice(self) -> tuple[Suggestion, ...]:
        """Apply every rule."""
        found: list[Suggestion] = []
        for capability, attempts in sorted(self._attempts.items()):
            attempts.sort(key=lambda one: one.began)
            found += _wrong_estimates(capability, attempts)
            found += _stuck(capability, attempts)
            found += _drift(capability, attempts)
        found += self._one_server()
        found += self._waiting_for_resources()
        found += self._recoveries_that_never_help()
        return tuple(found)

    def _one_server(self) -> Iterator[Suggestion]:
        """Failures that gather at one of several servers."""
        attempts: Counter[str] = Counter()
        failures: Counter[str] = Counter()
        for one in (one for some in self._attempts.values() for one in some if one.server):
            attempts[one.server] += 1
            failures[one.server] += bool(one.code)
        failed, share = failures.total(), attempts.total()
        for server, count in failures.most_common(1):
            others = share - attempts[server]
            if count < RUNS_OF_RECOVERY or not others or count < MOST_SHARE * failed:
                continue
            if count / attempts[server] <= failed / share:
                continue  # it fails no more often than it is asked
            yield Suggestion(
                "failures_at_one_server",
                server,
                f"look at {server} first: its log, its load, its connection",
                f"{count} of {counted(failed, 'failed attempt')} are its own, with "
                f"{attempts[server]} of {share} attempts",
            )

    def _waiting_for_resources(self) -> Iterator[Suggestion]:
        for resource, waiting in sorted(self._waiting.items()):
            if waiting.seconds < max(LEAST_SECONDS, WAITING_SHARE * self._seconds):
                continue
            yield Suggestion(
                "time_lost_waiting",
                resource,
                f"give {resource} more capacity, or order the plans so that other work fills the "
                "gap",
                f"{waiting.seconds:.1f} s waited for it in {waiting.runs} of "
                f"{counted(self._runs, 'run')}, which took {self._seconds:.1f} s",
            )

    def _recoveries_that_never_help(self) -> Iterator[Suggestion]:
        for (strategy, code), known in sorted(self._recoveries.items()):
            if known.runs >= RUNS_OF_RECOVERY and not known.helped:
                yield Suggestion(
                    "recovery_never_helps",
                    strategy,
                    f"take {strategy} off the list for {code} in config/recovery.yaml",
                    f"it ran {known.runs} times and never helped; that took {known.seconds:.1f} s",
                )


def _ended(action: ActionRecord) -> Iterator[_Attempt]:
    for attempt in action.attempts:
        if attempt.ended is None or attempt.outcome in ("", "cancelled"):
            continue
        succeeded = attempt.outcome == "succeeded"
        yield _Attempt(
            attempt.server or action.server,
            attempt.dispatched,
            max(0.0, attempt.ended - attempt.dispatched),
            succeeded,
            "" if succeeded else attempt.error_code or attempt.error_type or "UNKNOWN",
            action.estimated_duration,
        )


def _wrong_estimates(capability: str, attempts: Sequence[_Attempt]) -> Iterator[Suggestion]:
    """Estimates that are off in the same direction again and again."""
    estimated = [one for one in attempts if one.succeeded and one.estimate > 0.0]
    if len(estimated) < ENOUGH:
        return
    ratio = median(one.seconds / one.estimate for one in estimated)
    took, estimate = (
        median(one.seconds for one in estimated),
        median(one.estimate for one in estimated),
    )
    if 1.0 / WRONG_BY < ratio < WRONG_BY or abs(took - estimate) < LEAST_SECONDS:
        return
    longer = ratio > 1.0
    same = sum((one.seconds > one.estimate) == longer for one in estimated)
    yield Suggestion(
        "estimate_wrong",
        capability,
        f"set duration of {capability} to about {took:.1f} s in config/capabilities.yaml, or its "
        "estimated_duration in the plans",
        f"{same} of {len(estimated)} attempts took {'longer' if longer else 'less'} "
        "than estimated; "
        f"median {took:.1f} s, estimate {estimate:.1f} s",
    )


def _stuck(capability: str, attempts: Sequence[_Attempt]) -> Iterator[Suggestion]:
    """Attempts that failed after a multiple of the usual duration."""
    good = [one.seconds for one in attempts if one.succeeded]
    if len(good) < ENOUGH:
        return
    usual = median(good)
    stuck = [
        one.seconds
        for one in attempts
        if one.code and one.seconds >= max(STUCK * usual, usual + LEAST_SECONDS)
    ]
    if len(stuck) < 2:
        return
    yield Suggestion(
        "attempts_stuck",
        capability,
        f"give {capability} a shorter timeout (about {max(good) * 1.5:.1f} s), so that recovery "
        "begins earlier",
        f"{len(stuck)} failed attempts took {median(stuck):.1f} s (median) before they ended; "
        f"{len(good)} that succeeded took {usual:.1f} s, the longest {max(good):.1f} s",
    )


def _drift(capability: str, attempts: Sequence[_Attempt]) -> Iterator[Suggestion]:
    """Durations of the newest attempts that differ from all before."""
    good = [one.seconds for one in attempts if one.succeeded]
    newest, before = good[-NEWEST:], good[:-NEWEST]
    if len(before) < NEWEST:
        return
    now, then = median(newest), median(before)
    if abs(now - then) < LEAST_SECONDS or max(now, then) < DRIFT * min(now, then):
        return
    slower = now > then
    same = sum((seconds > then) == slower for seconds in newest)
    if same < AGREE * len(newest):
        return
    yield Suggestion(
        "durations_drift",
        capability,
        f"find out what changed: {capability} became {'slower' if slower else 'faster'}",
        f"the newest {len(newest)} took {now:.1f} s (median), the {len(before)} before "
        f"{then:.1f} s; {same} of {len(newest)} lie on that side",
    )
