"""Plans that run one thing after the other, carried out by the engine and by a model of the language.

The model is what docs/plan_reference.md says, in some hundred lines: which goals are sent in which
order, and how the execution ends. It knows nothing of events, and shares no code with the engine.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from execution_orchestrator.runtime.intake import Intake
from test.property.carrying_out import carry_out, intake

__all__ = ["intake"]

Document = dict[str, Any]
SEEDS = range(200)
MOST_GOALS = 55
ATTEMPTS = {"initial_delay": 0.0, "jitter": 0.0}


class Failed(Exception):
    """Something failed for good; a finally, if ``leaving``, while the plan or subplan returned."""

    def __init__(self, *, leaving: bool = False) -> None:
        super().__init__()
        self.leaving = leaving


class Returned(Exception):
    """The plan or subplan ends early."""


class Model:
    """Carries out a document; ``fails`` are the goals, counted from 1, that fail."""

    def __init__(self, fails: set[int]) -> None:
        self.fails = fails
        self.sent: list[str] = []
        self.tolerated = 0
        self.undo: dict[tuple[int, str], Document] = {}
        self.left_out: set[int] = set()
        self.done: set[int] = set()
        self.repairing = 0

    def run(self, plan: Document) -> str:
        """Return how the execution ends."""
        try:
            self.all(plan["actions"], "")
        except Returned:
            pass
        except Failed:
            for (_, scope), action in reversed(self.undo.items()):
                try:
                    self.action(action, scope)
                except Failed:
                    continue
            return "FAILED"
        partial = self.tolerated or self.left_out - self.done
        return "PARTIALLY_COMPLETED" if partial else "COMPLETED"

    def all(self, actions: list[Document], scope: str) -> None:
        """Do one action after the other."""
        for action in actions:
            if action.get("condition") == "input.no":
                steers = action["action_type"] == "return"
                if action["critical"] and not steers and not self.repairing:
                    self.left_out.add(id(action))
                if action["when_skipped"] == "skip":
                    return  # the next ones are left out with it
                continue
            try:
                self.action(action, scope)
                self.done.add(id(action))
            except Failed as failure:
                if action["on_failure"] == "abort":
                    raise
                self.tolerated += 1
                if failure.leaving:
                    raise Returned from None
                if action["on_failure"] == "skip_dependents":
                    return

    def action(self, action: Document, scope: str) -> None:
        """Do an action, with its attempts and its fallback."""
        for attempt in range(action.get("retry", {}).get("max_attempts", 1), 0, -1):
            try:
                self.once(action, scope)
                break
            except Failed as failure:
                if failure.leaving or (attempt == 1 and "fallback_action" not in action):
                    raise
        else:
            self.repair([action["fallback_action"]], scope)
        if "compensation" in action:
            self.undo.setdefault((id(action), scope), action["compensation"])

    def repair(self, actions: list[Document], scope: str) -> None:
        """Do what is not what the plan is for."""
        self.repairing += 1
        try:
            self.all(actions, scope)
        finally:
            self.repairing -= 1

    def once(self, action: Document, scope: str) -> None:
        """Do one attempt of an action."""
        kind, inside = action["action_type"], f"{scope}{action['id']}"
        if kind == "return":
            raise Returned
        if kind == "speak":
            self.sent.append(inside)
            if len(self.sent) in self.fails:
                raise Failed
        elif kind == "sequence":
            self.all(action["actions"], scope)
        elif kind == "conditional":
            self.all(action["then" if action["if"] == "input.yes" else "else"], scope)
        elif kind == "router":
            taken = (case["actions"] for case in action["cases"] if case["when"] == "input.yes")
            self.all(next(taken, action["default"]), scope)
        elif kind == "foreach":
            for index in range(len(action["items"])):
                self.all(action["actions"], f"{inside}[{index}]/")
        elif kind in ("repeat", "while"):
            self.loop(action, inside)
        elif kind == "subplan":
            try:
                self.all(action["plan"]["actions"], f"{inside}/")
            except Returned:
                pass
            except Failed:
                raise Failed from None
        else:
            self.attempt(action, scope)

    def loop(self, action: Document, inside: str) -> None:
        """Go round: until the given round, or as long as the index is below a number."""
        until, limit = action.get("until"), action["max_iterations"]
        wanted = int((until or action.get("if") or str(limit)).rpartition(" ")[2])
        for index in range(min(wanted, limit)):
            self.all(action["actions"], f"{inside}[{index}]/")
        if wanted > limit:
            raise Failed

    def attempt(self, action: Document, scope: str) -> None:
        """Do a try, its first catch that fits, and its finally."""
        pending: Failed | Returned | None = None
        try:
            self.caught(action, scope)
        except (Failed, Returned) as left:
            pending = left
        leaving = isinstance(pending, Returned)
        leaving = leaving or (isinstance(pending, Failed) and pending.leaving)
        try:
            self.repair(action["finally"], scope)
        except Failed as failure:
            raise Failed(leaving=leaving or failure.leaving) from None
        if isinstance(pending, Failed) and action["on_error"] == "continue":
            self.tolerated += 1
            if leaving:
                raise Returned
        elif pending is not None:
            raise pending

    def caught(self, action: Document, scope: str) -> None:
        """Do the block of a try, and what its catches do about its error."""
        try:
            self.all(action["actions"], scope)
        except Failed as failure:
            fitting = [one for one in action["catch"] if one["errors"] in ([], ["EXECUTION"])]
            if not fitting:
                raise
            self.repair(fitting[0]["actions"], scope)
            if fitting[0]["rethrow"]:
                raise
            if failure.leaving:
                raise Returned from None


class Author:
    """Writes documents."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.count = 0
        self.to_its_end = 0  # how many blocks are around in which no return may stand

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def name(self) -> str:
        self.count += 1
        return f"a{self.count}"

    def some(self, depth: int) -> list[Document]:
        return [self.action(depth) for _ in range(self.rng.randint(1, 3))]

    def goal(self, name: str = "") -> Document:
        """Return an action of a server, plain if it has a name already."""
        attempts = 1 if name else self.rng.choice((1, 1, 2))
        return {
            "id": name or self.name(),
            "action_type": "speak",
            "parameters": {"text": "x"},
            "retry": {"max_attempts": attempts, **ATTEMPTS},
            "critical": True,
            "on_failure": "abort",
            "when_skipped": "run",
        }

    def action(self, depth: int) -> Document:
        """Return an action with everything that it may have."""
        action = self.block(depth + 1) if depth < 3 and self.chance(0.5) else self.goal()
        if self.chance(0.15):
            action["fallback_action"] = self.goal(f"{action['id']}_instead")
        if self.chance(0.3):
            action["compensation"] = self.goal(f"{action['id']}_undo")
        if depth and not self.to_its_end and self.chance(0.05):
            action = {"id": self.name(), "action_type": "return", "condition": "input.yes"}
        if self.chance(0.2):
            action["condition"] = self.rng.choice(("input.yes", "input.no"))
        action["when_skipped"] = self.rng.choice(("run", "run", "skip"))
        action["critical"] = not self.chance(0.15)
        action["on_failure"] = "abort" if action["critical"] else "continue"
        if self.chance(0.1):
            action["on_failure"] = self.rng.choice(("abort", "continue", "skip_dependents"))
        return action

    def block(self, depth: int) -> Document:
        """Return a block of any kind."""
        rng = self.rng
        kinds = ("sequence", "conditional", "router", "foreach", "repeat", "while", "subplan")
        block: Document = {"id": self.name(), "action_type": rng.choice((*kinds, "try", "try"))}
        if self.chance(0.2):
            block["retry"] = {"max_attempts": 2, **ATTEMPTS}
        decide = ("input.yes", "input.no")
        match block["action_type"]:
            case "conditional":
                block.update({"if": rng.choice(decide), "then": self.some(depth)})
                block["else"] = self.some(depth)
            case "router":
                ways = range(rng.randint(1, 2))
                block["cases"] = [
                    {"when": rng.choice(decide), "actions": self.some(depth)} for _ in ways
                ]
                block["default"] = self.some(depth)
            case "subplan":
                inputs = {"yes": "{{ input.yes }}", "no": "{{ input.no }}"}
                block.update(plan={"actions": self.some(depth)}, inputs=inputs)
            case kind:
                block["actions"] = self.some(depth)
                if kind == "foreach":
                    block["items"] = rng.choice(([], [1], [1, 2]))
                elif kind == "repeat":
                    block["max_iterations"] = rng.randint(1, 2)
                    if self.chance(0.5):
                        block["until"] = f"iteration == {rng.randint(1, 3)}"
                elif kind == "while":
                    block["if"] = f"index < {rng.randint(1, 3)}"
                    block["max_iterations"] = rng.randint(1, 3)
                elif kind == "try":
                    self.handle(block, depth)
        return block

    def handle(self, block: Document, depth: int) -> None:
        """Say what a try does about errors."""
        block["on_error"] = self.rng.choice(("propagate", "propagate", "continue"))
        block["catch"] = [
            {
                "errors": self.rng.choice(([], ["EXECUTION"], ["TIMEOUT"])),
                "actions": self.some(depth),
                "rethrow": self.chance(0.2),
            }
            for _ in range(self.rng.randint(0, 2))
        ]
        self.to_its_end += 1
        block["finally"] = self.some(depth) if self.chance(0.5) else []
        self.to_its_end -= 1


def carried_out(intake: Intake, document: Document, fails: set[int]) -> tuple[str, list[str]]:
    """Return how the engine ends a document, and the goals that it sent."""
    rig = carry_out(intake, json.dumps(document), fails)
    return rig.execution().status.name, rig.sent


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_runs_and_ends_as_the_reference_says(intake: Intake, seed: int) -> None:
    rng = Random(f"failures {seed}")
    document = {"version": 1, "actions": Author(seed).some(0)}
    share = rng.choice((0.0, 0.05, 0.2, 0.4))
    fails = {number for number in range(1, MOST_GOALS) if rng.random() < share}
    model = Model(fails)
    status = model.run(document)
    if len(model.sent) < MOST_GOALS:
        assert carried_out(intake, document, fails) == (status, model.sent)
