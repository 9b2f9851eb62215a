from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution_orchestrator.plan.optimise.generation import parallel, serial
from execution_orchestrator.plan.optimise.list_schedule import justified, list_schedule
from execution_orchestrator.plan.optimise.priority_rules import RULES
from execution_orchestrator.plan.optimise.project import (
    Activity,
    Project,
    ProjectError,
    Schedule,
    violations,
)

from .projects import project_of, projects


@pytest.mark.parametrize("rule", RULES)
@given(projects())
def test_every_rule_and_scheme_keeps_dependencies_and_capacities(rule, project):
    priorities = RULES[rule](project)
    for scheme in (serial, parallel):
        schedule = scheme(project, priorities)
        assert violations(project, schedule) == []
        assert project.lower_bound <= schedule.makespan


@given(projects(), st.integers(0, 5))
def test_the_list_schedule_is_feasible_repeatable_and_no_worse_than_any_single_rule(project, seed):
    best = list_schedule(project, seed=seed)
    assert violations(project, best) == []
    assert best == list_schedule(project, seed=seed)
    for rule in RULES.values():
        assert best.makespan <= serial(project, rule(project)).makespan
        assert best.makespan <= parallel(project, rule(project)).makespan


@given(projects())
def test_justification_never_makes_a_schedule_longer(project):
    schedule = serial(project, [0.0] * len(project.activities))
    better = justified(project, schedule)
    assert violations(project, better) == []
    assert better.makespan <= schedule.makespan


@settings(max_examples=40, deadline=None)
@given(projects(most=6))
def test_the_list_schedule_is_near_the_optimum_of_small_projects(project):
    count = len(project.activities)
    optimum = min(
        serial(project, order).makespan for order in permutations(map(float, range(count)))
    )
    assert optimum <= list_schedule(project).makespan <= 1.5 * optimum


def test_the_parallel_scheme_starts_whatever_fits_beside_what_runs():
    project = project_of(
        ["wide", "long", "short"],
        {"wide": 2, "long": 5, "short": 1},
        {},
        {"wide": {"r": 2}, "long": {"r": 1}, "short": {"r": 1}},
        {"r": 2},
    )
    assert parallel(project, [0.0, 1.0, 2.0]).starts == (0, 2, 2)
    assert parallel(project, [2.0, 1.0, 0.0]).starts == (5, 0, 0)


def test_violations_are_named():
    project = project_of(["a", "b"], {"a": 2, "b": 2}, {"b": ["a"]}, {"a": {"r": 1}}, {"r": 1})
    assert violations(project, Schedule.of(project, (0, 1))) == ["b starts before a ends"]
    assert violations(project, Schedule.of(project, (-1, 1))) == ["a starts before the beginning"]
    both = Project(
        (Activity("a", 2, (), ((0, 1),)), Activity("b", 2, (), ((0, 1),))), capacities=(1,)
    )
    assert violations(both, Schedule.of(both, (0, 1))) == ["resource 0 is over its capacity at 1"]


@pytest.mark.parametrize(
    ("activities", "capacities", "message"),
    [
        ((Activity("a", -1),), (), "a has a negative duration"),
        ((Activity("a", 1, (7,)),), (), "a comes after 7"),
        ((Activity("a", 1, (1,)), Activity("b", 1, (0,))), (), "wait for each other: a, b"),
        ((Activity("a", 1, (), ((0, 3),)),), (2,), "a needs 3 of resource 0, which has 2"),
        ((Activity("a", 1, (), ((1, 1),)),), (2,), "a needs resource 1: there is none"),
        ((Activity("a", 1, (), ((0, 1), (0, 1))),), (2,), "a needs a resource twice"),
        ((Activity("a", 1, (), ((0, -1),)),), (2,), "a needs a negative amount"),
        ((), (-1,), "a capacity is negative"),
    ],
)
def test_a_project_that_cannot_be_scheduled_says_why(activities, capacities, message):
    with pytest.raises(ProjectError, match=message):
        Project(activities, capacities)


def test_unknown_names_are_named():
    with pytest.raises(ProjectError, match="'x' is neither an activity nor a resource"):
        project_of(["a"], {"a": 1}, {"a": ["x"]}, {}, {})
