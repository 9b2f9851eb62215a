"""Every action of a plan with its place and its surroundings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from execution_orchestrator.plan.model import Action, Plan


@dataclass(frozen=True)
class Place:
    """An action where it stands: ``siblings`` is its list, ``loop`` whether `item` is in scope."""

    action: Action
    pointer: str
    siblings: Sequence[Action]
    index: int
    parents: tuple[Action, ...]
    scope: int
    loop: bool
    caught: bool


def walk(plan: Plan) -> Iterator[Place]:
    """Yield every action in document order, nested ones after their parent."""
    counter = [0]
    yield from _walk(plan.actions, "/actions", (), 0, False, False, counter)


def _walk(
    actions: Sequence[Action],
    pointer: str,
    parents: tuple[Action, ...],
    scope: int,
    loop: bool,
    caught: bool,
    counter: list[int],
) -> Iterator[Place]:
    for index, action in enumerate(actions):
        here = f"{pointer}/{index}"
        yield Place(action, here, actions, index, parents, scope, loop, caught)
        inner = (*parents, action)
        for key, nested in action.branches():
            in_loop = loop or (action.action_type == "foreach" and key == "actions")
            in_catch = caught or key.startswith("catch") or key == "finally"
            yield from _walk(nested, f"{here}/{key}", inner, scope, in_loop, in_catch, counter)
        for key, single in (
            ("fallback_action", action.fallback_action),
            ("compensation", action.compensation),
        ):
            if single is not None:
                alone = (single,)
                yield Place(single, f"{here}/{key}", alone, 0, inner, scope, loop, True)
        yield from _walk(
            action.recovery_plan, f"{here}/recovery_plan", inner, scope, loop, True, counter
        )
        if action.plan is not None:
            counter[0] += 1
            yield from _walk(
                action.plan.actions, f"{here}/plan/actions", (), counter[0], False, False, counter
            )
