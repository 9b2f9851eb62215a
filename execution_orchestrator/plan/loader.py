"""Reads a plan document: JSON or YAML, bounded, every mistake at once with its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from pydantic import ValidationError

from execution_orchestrator.plan.document import (
    DEFAULT_LIMITS,
    Limits,
    Read,
    SourceMap,
    place_of,
    read_document,
)
from execution_orchestrator.plan.issues import MOST_ISSUES, Issue
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.partial import PartialPlan, partial_plan
from execution_orchestrator.plan.structure_errors import structure_issues_of
from execution_orchestrator.plan.subplans import PlanLibrary, Subplans
from execution_orchestrator.plan.written import as_written


@dataclass(frozen=True)
class LoadResult:
    """The plan, or the issues that kept it from being read; ``source_map``: pointer -> place.

    ``partial`` is what can be read of a broken document: it is for finding the other mistakes in
    it, and never runs.
    """

    plan: Plan | None
    issues: tuple[Issue, ...] = ()
    source_map: SourceMap = field(default_factory=dict)
    partial: PartialPlan | None = None


def load_plan(
    text: str, *, limits: Limits = DEFAULT_LIMITS, library: PlanLibrary | None = None
) -> LoadResult:
    """Read a document; its content never raises an exception.

    ``library`` has the plans of subplans that name a file.
    """
    read = read_document(text, limits)
    refused = not_a_mapping(read)
    if refused is not None:
        return refused
    # A plan that was shown (a dry run, ~/get_execution) may be edited and handed in.
    document = as_written(read.data)
    subplans = Subplans(library, lambda inner: read_document(inner, limits), limits.max_bytes)
    whole = subplans.embed(document)
    if subplans.issues:
        issues = [with_place(issue, read.places) for issue in subplans.issues]
        return LoadResult(None, (*read.issues, *issues), read.places)
    return validate_document(whole, read.places, read.issues)


def not_a_mapping(read: Read) -> LoadResult | None:
    """Return the result that says why a document is none that could be a plan; None if it is."""
    if not read.complete:
        return LoadResult(None, read.issues, read.places)
    if isinstance(read.data, dict):
        return None
    hint = "Begin with: version: 1, then actions: [...]"
    if isinstance(read.data, str) and read.data.startswith("<"):
        hint = (
            "XML of a behaviour tree becomes a plan by: ros2 run execution_orchestrator import FILE"
        )
    issue = Issue(
        "PLAN_NOT_AN_OBJECT",
        "the document is not a mapping with `actions`",
        hint=hint,
        line=1,
        column=1,
    )
    return LoadResult(None, (*read.issues, issue), read.places)


def validate_document(
    document: Mapping[str, Any],
    places: SourceMap | None = None,
    found: Sequence[Issue] = (),
) -> LoadResult:
    """Check a document that was read already against the plan's structure.

    ``found`` are issues of its values; these places are not checked again.
    """
    places = {} if places is None else places
    try:
        plan = Plan.model_validate(document)
        issues: list[Issue] = []
    except ValidationError as failure:
        pointers = {issue.pointer for issue in found}
        wrong = structure_issues_of(failure.errors(include_url=False), document)
        new = (issue for issue in wrong if issue.pointer not in pointers)
        issues = [with_place(issue, places) for issue in islice(new, MOST_ISSUES)]
    except RecursionError:
        hint = "Move a part into a plan file of its own."
        return LoadResult(
            None, (Issue("PLAN_TOO_DEEP", "the plan is nested too deeply", "", hint),)
        )
    issues = [*found, *issues]
    if not issues:
        return LoadResult(plan, (), places)
    return LoadResult(None, tuple(issues), places, partial_plan(document, issues))


def with_place(issue: Issue, places: SourceMap) -> Issue:
    """Return the issue with its line and column."""
    line, column = place_of(issue.pointer, places)
    return replace(issue, line=line, column=column)
