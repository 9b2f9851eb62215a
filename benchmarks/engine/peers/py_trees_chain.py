"""A py_trees sequence with memory, ticked as fast as it goes."""

from __future__ import annotations

import time

import py_trees
from py_trees.common import Status


class Instant(py_trees.behaviour.Behaviour):
    """Succeeds at once."""

    def update(self) -> Status:
        """Say so."""
        return Status.SUCCESS


class Answered(py_trees.behaviour.Behaviour):
    """Is sent in one tick and has its answer in the next, as a goal of an action server."""

    def initialise(self) -> None:
        """Send it."""
        self._sent = False

    def update(self) -> Status:
        """Say RUNNING once."""
        if self._sent:
            return Status.SUCCESS
        self._sent = True
        return Status.RUNNING


def per_step(kind: type[py_trees.behaviour.Behaviour], steps: int, repeat: int = 3) -> float:
    """Return milliseconds of CPU per step, the best of some runs."""
    best = float("inf")
    for _ in range(repeat):
        leaves = [kind(name=f"a{number}") for number in range(steps)]
        root = py_trees.composites.Sequence(name="chain", memory=True, children=leaves)
        tree = py_trees.trees.BehaviourTree(root)
        began = time.process_time()
        while root.status is not Status.SUCCESS:
            tree.tick()
        best = min(best, (time.process_time() - began) / steps * 1e3)
    return best
