import json

import pytest

from benchmarks.scheduling.__main__ import main
from benchmarks.scheduling.progen import Recipe, random_project
from test.optional import needs_solver

from .test_psplib import INSTANCE


@needs_solver
def test_one_line_for_each_file(tmp_path, capsys):
    (tmp_path / "made_up.sm").write_text(INSTANCE)
    (tmp_path / "best.csv").write_text("problem,optimum\nmade_up.sm,8\n")
    assert main([str(tmp_path), "--budget", "1", "--best", str(tmp_path / "best.csv")]) == 0
    captured = capsys.readouterr()
    line = json.loads(captured.out)
    assert line["name"] == "made_up.sm"
    assert (line["list_makespan"], line["optimised_makespan"]) == (8, 8)
    assert line["seconds"] >= 0.0
    assert "list schedule: 0.00 % above the given optima" in captured.err


def test_a_wrong_file_ends_it_with_one_sentence(tmp_path, capsys):
    (tmp_path / "bad.sm").write_text("nothing")
    assert main([str(tmp_path / "bad.sm")]) == 2
    assert "bad.sm:1: the section PRECEDENCE RELATIONS is missing" in capsys.readouterr().err


@needs_solver
def test_random_instances_are_made_when_no_files_are_given(capsys):
    assert main(["--activities", "8", "--budget", "0.2"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 48
    assert all(line["optimised_makespan"] <= line["list_makespan"] for line in lines)


@pytest.mark.parametrize("complexity", [1.5, 2.1])
@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_a_random_project_is_as_its_recipe_says(complexity, strength):
    recipe = Recipe(activities=40, complexity=complexity, factor=0.5, strength=strength)
    project = random_project(recipe, 7)
    assert project == random_project(recipe, 7)
    assert project != random_project(recipe, 8)
    arcs = sum(len(activity.after) for activity in project.activities)
    assert arcs == pytest.approx(complexity * 40, abs=2)
    needed = sum(len(activity.demands) for activity in project.activities)
    assert needed == 0.5 * 40 * 4
    neediest = [
        max(n for a in project.activities for r, n in a.demands if r == resource)
        for resource in range(4)
    ]
    if strength == 0.0:
        assert list(project.capacities) == neediest
    else:
        assert project.lower_bound == max(project.tails)
