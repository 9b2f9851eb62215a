"""Random behaviour trees: what their plans do, beside a model that ticks the trees themselves.

The model is what BehaviorTree.CPP says of its nodes; every goal ends in the tick that begins it.
"""

from __future__ import annotations

from random import Random
from xml.etree import ElementTree

import pytest
import yaml

from execution_orchestrator.engine.status import ExecutionStatus
from execution_orchestrator.plan.drawing import mermaid, svg
from execution_orchestrator.plan.importing import import_plan
from execution_orchestrator.plan.importing.table import Table
from execution_orchestrator.plan.loader import load_plan
from execution_orchestrator.runtime.intake import Intake
from test.property.carrying_out import carry_out, intake

__all__ = ["intake"]

SEEDS = range(200)
MOST_GOALS = 55
Element = ElementTree.Element
BLOCKS = ("Sequence", "Sequence", "Fallback", "Fallback", "ReactiveSequence", "ReactiveFallback")
SETTLED = {"_failureIf": False, "_successIf": True}  # without being ticked
AROUND = ("RetryUntilSuccessful", "Repeat", "Inverter", "ForceSuccess", "ForceFailure", "Timeout")


class Author:
    """Writes trees; every node may be inside every other one."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.count = 0

    def leaf(self) -> Element:
        """Return a goal, or a condition that holds or does not."""
        kind = self.rng.choice(("Spin", "Spin", "Spin", "ScriptCondition", "Always"))
        if kind == "Always":
            return Element(self.rng.choice(("AlwaysSuccess", "AlwaysFailure")))
        if kind == "ScriptCondition":
            return self.condition()
        self.count += 1
        goal = Element("Spin", name=f"goal{self.count}", spin_dist="1")
        if self.rng.random() < 0.2:
            goal.set(self.rng.choice(tuple(SETTLED)), self.rng.choice(("yes", "no")))
        return goal

    def condition(self) -> Element:
        """Return a condition."""
        return Element("ScriptCondition", code=self.rng.choice(("yes", "no")))

    def node(self, depth: int) -> Element:
        """Return any node."""
        rng = self.rng
        if depth > 4 or rng.random() < 0.3:
            return self.leaf()
        match rng.choice(("block", "block", "around", "if")):
            case "around":
                node = Element(rng.choice(AROUND))
                inside = 1
            case "if":
                node = Element(rng.choice(("IfThenElse", "WhileDoElse")))
                node.append(self.condition())
                inside = 2
            case _:
                node = Element(rng.choice(BLOCKS))
                # What a reactive block asks first is its guard: its goals are in its last child.
                reactive = node.tag.startswith("Reactive")
                node.extend(self.condition() for _ in range(rng.randint(0, 1) if reactive else 0))
                inside = 1 if reactive else rng.randint(1, 3)
        node.extend([self.node(depth + 1) for _ in range(inside)])
        for name, kind in (("num_attempts", "Retry"), ("num_cycles", "Repeat")):
            if node.tag.startswith(kind):
                node.set(name, str(rng.randint(1, 2)))
        if node.tag == "Timeout":
            node.set("msec", "600000")
        return node


class Ticked:
    """Ticks a tree; ``fails`` are the goals, counted from 1, that fail."""

    def __init__(self, fails: set[int]) -> None:
        self.fails = fails
        self.sent: list[str] = []

    def tick(self, node: Element) -> bool:
        """Return whether a node succeeds."""
        for name, settled in SETTLED.items():
            if node.get(name) == "yes":
                return settled
        children = list(node)
        match node.tag:
            case "Spin":
                self.sent.append(node.attrib["name"])
                return len(self.sent) not in self.fails
            case "ScriptCondition":
                return node.attrib["code"] == "yes"
            case "AlwaysSuccess" | "AlwaysFailure":
                return node.tag == "AlwaysSuccess"
            case "Sequence" | "ReactiveSequence":
                return all(map(self.tick, children))
            case "Fallback" | "ReactiveFallback":
                return any(map(self.tick, children))
            case "IfThenElse" | "WhileDoElse":
                return self.tick(children[1 if self.tick(children[0]) else 2])
            case "RetryUntilSuccessful":
                return any(map(self.tick, children * int(node.attrib["num_attempts"])))
            case "Repeat":
                return all(map(self.tick, children * int(node.attrib["num_cycles"])))
            case "Inverter":
                return not self.tick(children[0])
            case "ForceSuccess" | "ForceFailure":
                self.tick(children[0])
                return node.tag == "ForceSuccess"
        return self.tick(children[0])


def carried_out(intake: Intake, root: Element, fails: set[int]) -> tuple[bool, list[str]]:
    """Return whether the plan of a tree succeeds, and the goals that it sent."""
    document = yaml.safe_dump(import_plan(ElementTree.tostring(root), Table()).plan)
    drawn = load_plan(document).plan
    assert drawn is not None
    ElementTree.fromstring(svg(drawn))
    lines = [line.split()[0] for line in mermaid(drawn).splitlines()]
    assert lines.count("subgraph") == lines.count("end")
    rig = carry_out(intake, document, fails)
    names = [key.rpartition("/")[2] for key in rig.sent]
    return rig.execution().status is not ExecutionStatus.FAILED, names


@pytest.mark.parametrize("seed", SEEDS)
def test_the_plan_of_a_tree_does_what_the_tree_does(intake: Intake, seed: int) -> None:
    rng = Random(f"failures {seed}")
    author = Author(seed)
    root = Element("root", BTCPP_format="4")
    tree = ElementTree.SubElement(root, "BehaviorTree", ID="Main")
    # In a fallback the tree alone says what follows a failure, and not the capability.
    top = ElementTree.SubElement(tree, "Fallback")
    main = ElementTree.SubElement(top, "Sequence")
    ElementTree.SubElement(top, "AlwaysFailure")
    # A tree in which nothing could ever be done is no plan.
    main.extend([Element("Spin", name="first", spin_dist="1"), author.node(0), author.node(0)])
    share = rng.choice((0.0, 0.1, 0.3, 0.6))
    fails = {number for number in range(1, MOST_GOALS) if rng.random() < share}
    model = Ticked(fails)
    succeeds = model.tick(main)
    if len(model.sent) < MOST_GOALS:
        assert carried_out(intake, root, fails) == (succeeds, model.sent)
