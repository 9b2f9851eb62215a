import io

import pytest
from rich.console import Console

from execution_orchestrator.cli.straight_lines import StraightLines
from execution_orchestrator.cli.validate import main
from execution_orchestrator.cli.view.gantt import before_and_after
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.optimise.options import OptimiseOptions
from execution_orchestrator.plan.optimise.plan_optimiser import optimise
from execution_orchestrator.plan.resolve import resolve
from test.unit.plan.conftest import ROOT, robot

__all__ = ["robot"]


def drawn(optimised, encoding="utf-8", width=100):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=stream, width=width)
    console.print(before_and_after(console, optimised, critical=()))
    stream.flush()
    return stream.buffer.getvalue().decode(encoding)


@pytest.fixture
def two(robot):
    plan = Plan.model_validate(
        {
            "ordering": "sequence",
            "actions": [
                {
                    "id": "first",
                    "action_type": "speak",
                    "parameters": {"text": "x"},
                    "estimated_duration": 10.0,
                },
                {
                    "id": "second",
                    "action_type": "speak",
                    "parameters": {"text": "y"},
                    "estimated_duration": 30.0,
                },
            ],
        }
    )
    return optimise(resolve(plan, robot), robot, OptimiseOptions())


def test_bars_are_as_long_as_the_actions_and_begin_where_they_do(two):
    lines = [line for line in drawn(two, "ascii").splitlines() if "#" in line]
    begins = [line.index("#") for line in lines]
    lengths = [line.count("#") for line in lines]
    assert [line.split()[0] for line in lines] == ["first", "second"]
    assert begins[1] - begins[0] == lengths[0]
    assert lengths[1] == pytest.approx(3 * lengths[0], abs=2)


def test_a_terminal_without_blocks_gets_plain_signs(two):
    assert "█" in drawn(two)
    assert "█" not in drawn(two, "ascii")


def test_validate_explains_before_and_after(capsys):
    plan = str(ROOT / "plans" / "inspection_round.yaml")
    assert main([plan, "--explain", "--optimise", "all", "--at", "0", "0"]) == 0
    shown = capsys.readouterr().out
    assert "before: 58 s" in shown
    assert "after, 12 s shorter: 46 s" in shown
    for kind in ("estimates", "batching", "settling", "order"):
        assert f" {kind} " in shown


def test_an_unknown_optimisation_is_named(capsys):
    assert main([str(ROOT / "plans" / "delay.yaml"), "--optimise", "speed"]) == 2
    assert "no optimisation is called speed" in capsys.readouterr().err


def test_distances_between_places_and_coordinates():
    lines = StraightLines({"kitchen": {"x": 3.0, "y": 4.0}})
    assert lines({"x": 0.0, "y": 0.0}, "kitchen").metres == 5.0
    assert lines(None, "kitchen") is None
    assert lines("kitchen", "nowhere") is None
    assert lines({"x": 0.0, "y": 0.0, "frame": "odom"}, "kitchen") is None
    assert StraightLines({}, start={"x": 1.0, "y": 0.0})(None, {"x": 2.0, "y": 0.0}).metres == 1.0
