"""Plans as diagrams."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from execution_orchestrator.cli.export import main
from execution_orchestrator.plan.document import Limits
from execution_orchestrator.plan.drawing import mermaid, svg
from execution_orchestrator.plan.loader import load_plan
from execution_orchestrator.runtime.plan_folder import PlanFolder

PLANS = Path(__file__).parents[3] / "plans"
NAMES = sorted(path.name for path in PLANS.glob("*.yaml"))


def plan_of(text):
    plan = load_plan(text, limits=Limits(), library=PlanFolder(PLANS, 100_000)).plan
    assert plan is not None
    return plan


def numbers(box, *names):
    return [float(box.attrib[name]) for name in names]


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_plan_is_drawn(name):
    plan = plan_of((PLANS / name).read_text())
    picture = ElementTree.fromstring(svg(plan))
    width, height = numbers(picture, "width", "height")
    boxes = [one for one in picture.iter() if one.tag.endswith("rect") and "x" in one.attrib]
    assert len(boxes) >= len(plan.actions)
    for box in boxes:
        x, y, wide, high = numbers(box, "x", "y", "width", "height")
        assert x >= 0
        assert y >= 0
        assert x + wide <= width + 1
        assert y + high <= height + 1
    text = mermaid(plan)
    assert text.count("subgraph ") == len(re.findall(r"^ +end$", text, re.MULTILINE))
    for action in plan.actions:
        assert action.id in text


def test_what_waits_is_below_and_what_does_not_is_beside():
    plan = plan_of(
        "{version: 1, actions: [{id: a, action_type: x}, {id: b, action_type: x, depends_on: []},"
        " {id: c, action_type: x, depends_on: [a, b]}]}"
    )
    picture = ElementTree.fromstring(svg(plan))
    a, b, c = [one for one in picture.iter() if one.attrib.get("class") == "b"]
    assert a.attrib["y"] == b.attrib["y"]
    assert float(c.attrib["y"]) > float(a.attrib["y"])
    assert mermaid(plan).count("-->") == 2


def test_what_a_plan_says_is_no_markup():
    plan = plan_of('{version: 1, command: "<script>", actions: [{id: a, action_type: x,'
                   ' condition: "1 < 2 && \\"q\\" == \\"q\\""}]}')  # fmt: skip
    assert "<script>" not in svg(plan)
    ElementTree.fromstring(svg(plan))
    (label,) = re.findall(r'a1\["(.*)"\]', mermaid(plan))
    assert '"' not in label


def test_the_command_writes_a_file(tmp_path, capsys):
    target = tmp_path / "plan.svg"
    assert main([str(PLANS / "try.yaml"), "--svg", "-o", str(target)]) == 0
    assert target.read_text().startswith("<svg")
    assert main([str(PLANS / "try.yaml"), "--mermaid"]) == 0
    assert capsys.readouterr().out.startswith("flowchart TB")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("actions: 3")
    assert main([str(wrong), "--svg"]) == 1
    assert main([str(tmp_path / "none.yaml"), "--svg"]) == 2


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("loops.yaml", ["while robot.battery > 0.3 && index < 3", "every 20 s"]),
        ("race.yaml", ["one success is enough", "whoever ends first decides",
                       "after a failure the others go on"]),
        ("return.yaml", ["return {found: false}"]),
        ("signals.yaml", ["wait_for_signal door"]),
        ("two_robots.yaml", ["robot: any:carrier"]),
        ("start_at.yaml", ["starts at"]),
        ("guarded.yaml", ["while robot.battery > 0.3 (else wait)"]),
    ],
)  # fmt: skip
def test_what_an_action_is_bound_to_stands_in_its_box(name, told):
    picture = ElementTree.fromstring(svg(plan_of((PLANS / name).read_text())))
    words = " | ".join(text for one in picture.iter() for text in one.itertext())
    assert [one for one in told if one not in words] == []
    assert "None" not in words


def test_texts_with_controls_are_drawn_as_well():
    plan = plan_of(
        'command: "a\\u0007b"\nactions: [{id: a, action_type: speak, '
        'parameters: {text: "bell \\u0007 nul \\u0000 none \\ufffe <&> ä 🤖"}, '
        "condition: \"input.x == '\\u0001'\"}]"
    )
    words = "".join(ElementTree.fromstring(svg(plan)).itertext())
    assert "bell \ufffd nul" in words
    assert "<&> ä 🤖" in words
    assert all(letter >= " " or letter == "\n" for letter in mermaid(plan))


@pytest.mark.parametrize(("suffix", "draw"), [("svg", svg), ("mmd", mermaid)])
def test_the_shipped_diagrams_are_those_of_their_plan(suffix, draw):
    shipped = PLANS / "diagrams" / f"from_tree.{suffix}"
    assert shipped.read_text() == draw(plan_of((PLANS / "from_tree.yaml").read_text()))
