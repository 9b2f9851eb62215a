"""Which activity is the most urgent: classic rules, smallest number first."""

from __future__ import annotations

from collections.abc import Callable

from execution_orchestrator.plan.optimise.project import Project

Rule = Callable[[Project], tuple[float, ...]]


def latest_finish(project: Project) -> tuple[float, ...]:
    """LFT: the moment an activity has to have ended so as not to prolong the longest chain."""
    whole = max(project.tails, default=0)
    return tuple(
        float(whole - tail + activity.duration)
        for tail, activity in zip(project.tails, project.activities, strict=True)
    )


def latest_start(project: Project) -> tuple[float, ...]:
    """LST: the moment it has to have started; the same as the longest path to the end first."""
    whole = max(project.tails, default=0)
    return tuple(float(whole - tail) for tail in project.tails)


def most_successors(project: Project) -> tuple[float, ...]:
    """MTS: how many activities wait for it, directly or not; the most first."""
    below: list[int] = [0] * len(project.activities)  # sets of indices as bits
    for index in reversed(project.order):
        for follower in project.followers[index]:
            below[index] |= below[follower] | (1 << follower)
    return tuple(-float(bits.bit_count()) for bits in below)


def positional_weight(project: Project) -> tuple[float, ...]:
    """GRPW: its duration and that of the activities directly after it; the longest first."""
    activities = project.activities
    return tuple(
        -float(activity.duration + sum(activities[f].duration for f in project.followers[index]))
        for index, activity in enumerate(activities)
    )


RULES: dict[str, Rule] = {
    "LFT": latest_finish,
    "LST": latest_start,
    "MTS": most_successors,
    "GRPW": positional_weight,
}
