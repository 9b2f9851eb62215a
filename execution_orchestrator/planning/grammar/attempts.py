"""What was tried already and failed, in the words of the grammar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.plan.expressions import has_template
from execution_orchestrator.planning.vocabulary import Vocabulary

_BRANCHES = ("actions", "then", "else")


@dataclass(frozen=True)
class Attempts:
    """Failed actions, and the places and objects they were about."""

    failures: Sequence[Mapping[str, Any]] = ()
    places: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()

    def repeated_in(self, actions: Iterable[Mapping[str, Any]]) -> str:
        """Return the id of an action that would only do again what failed, empty if none."""
        for action in _all(actions):
            for failure in self.failures:
                if action["action_type"] == failure["action_type"] and _same(
                    action.get("parameters") or {}, failure.get("parameters") or {}
                ):
                    return str(action["id"])
        return ""


def attempts_of(failures: Sequence[Mapping[str, Any]], vocabulary: Vocabulary) -> Attempts:
    """Find out what the failures of earlier plans were about."""
    places: set[str] = set()
    objects: set[str] = set()
    for failure in failures:
        parameters = failure.get("parameters") or {}
        target = parameters.get("target_location")
        for name, place in vocabulary.places.items():
            if target is not None and target in (name, place.pose.model_dump(exclude_none=True)):
                places.add(name)
        thing = parameters.get("object_id")
        if isinstance(thing, str) and thing in vocabulary.objects:
            objects.add(thing)
    return Attempts(failures, frozenset(places), frozenset(objects))


def _same(planned: Mapping[str, Any], failed: Mapping[str, Any]) -> bool:
    """Compare what is fixed; what a template gives is known only when it runs."""
    fixed = {key: value for key, value in planned.items() if not has_template(value)}
    return all(failed.get(key) == value for key, value in fixed.items())


def _all(actions: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for action in actions:
        yield action
        for branch in _BRANCHES:
            yield from _all(action.get(branch) or ())
