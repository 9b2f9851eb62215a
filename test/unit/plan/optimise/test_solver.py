import sys
from itertools import permutations

import pytest
from hypothesis import given, settings

from execution_orchestrator.plan.optimise.generation import serial
from execution_orchestrator.plan.optimise.list_schedule import list_schedule
from execution_orchestrator.plan.optimise.project import violations
from execution_orchestrator.plan.optimise.solver import (
    SolverMissingError,
    solve,
)
from test.optional import needs_solver

from .projects import project_of, projects


@needs_solver
@settings(max_examples=30, deadline=None)
@given(projects(most=6))
def test_it_finds_the_optimum_of_small_projects(project):
    # Some order of the activities makes the serial scheme produce an optimum.
    count = len(project.activities)
    optimum = min(
        serial(project, order).makespan for order in permutations(map(float, range(count)))
    )
    known = serial(project, [0.0] * count)
    solution = solve(project, known, budget=30.0)
    assert solution.optimal
    assert solution.schedule.makespan == solution.bound == optimum
    assert violations(project, solution.schedule) == []


@needs_solver
@settings(max_examples=15, deadline=None)
@given(projects(most=25))
def test_it_is_never_worse_than_the_list_schedule_and_repeatable(project):
    known = list_schedule(project)
    first, second = (solve(project, known, budget=5.0, seed=3) for _ in range(2))
    assert violations(project, first.schedule) == []
    assert first.schedule.makespan <= known.makespan
    if first.repeatable and second.repeatable:
        assert first.schedule == second.schedule


def test_without_a_budget_the_known_schedule_comes_back():
    project = project_of(["a", "b"], {"a": 1, "b": 1}, {}, {"a": {"r": 1}}, {"r": 1})
    known = serial(project_of(["a", "b"], {"a": 1, "b": 1}, {"b": ["a"]}, {}, {}), [0.0, 1.0])
    solution = solve(project, known, budget=0.0)
    assert solution.schedule is known
    assert not solution.optimal


def test_without_or_tools_it_says_how_to_install_it(monkeypatch):
    project = project_of(["a", "b"], {"a": 1, "b": 1}, {}, {}, {})
    known = serial(project_of(["a", "b"], {"a": 1, "b": 1}, {"b": ["a"]}, {}, {}), [0.0, 1.0])
    monkeypatch.setitem(sys.modules, "ortools.sat.python", None)
    with pytest.raises(SolverMissingError, match="pip install"):
        solve(project, known, budget=1.0)
