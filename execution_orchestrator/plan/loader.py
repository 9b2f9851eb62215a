"""Reads a plan document: JSON or YAML, bounded, every mistake at once with its line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml
from pydantic import ValidationError

from execution_orchestrator.plan.issues import Issue
from execution_orchestrator.plan.mending import Mended, mend
from execution_orchestrator.plan.model import Plan
from execution_orchestrator.plan.structure_errors import structure_issues_of
from execution_orchestrator.plan.subplans import PlanLibrary, Subplans
from execution_orchestrator.plan.yaml_reader import Reader

SourceMap = Mapping[str, tuple[int, int]]
# After these the rest of the document says nothing reliable.
UNREADABLE = ("PLAN_TOO_DEEP", "PLAN_ALIAS")


@dataclass(frozen=True)
class Limits:
    """How large a document may be."""

    max_bytes: int = 1024 * 1024
    max_depth: int = 64
    max_nodes: int = 500_000


@dataclass(frozen=True)
class LoadResult:
    """The plan, or the issues that kept it from being read; ``source_map``: pointer -> place.

    ``mended`` is what can be read of a broken document: it is for finding the other mistakes in
    it, and never runs.
    """

    plan: Plan | None
    issues: tuple[Issue, ...] = ()
    source_map: SourceMap = field(default_factory=dict)
    mended: Mended | None = None


def load_plan(
    text: str, *, limits: Limits = Limits(), library: PlanLibrary | None = None
) -> LoadResult:
    """Read a document; never raises for what stands in it.

    ``library`` has the plans of subplans that name a file.
    """
    document, builder, failed = _read(text, limits)
    if failed is not None:
        return failed
    subplans = Subplans(library, lambda inner: _parse(inner, limits))
    whole = subplans.embed(document)
    if subplans.issues:
        issues = [with_place(issue, builder.places) for issue in subplans.issues]
        return _failed(*builder.issues, *issues, source_map=builder.places)
    return validate_document(whole, builder.places, builder.issues)


def _parse(text: str, limits: Limits) -> tuple[Any, list[Issue]]:
    """Read a subplan's text as plain data; its structure is checked where it is put in."""
    document, builder, failed = _read(text, limits)
    if failed is not None:
        return None, list(failed.issues)
    return document, builder.issues


def _read(text: str, limits: Limits) -> tuple[dict[str, Any], _Builder, LoadResult | None]:
    """Return a document as plain data, or the result that says why it is none."""
    builder = _Builder(limits)

    def refused(*issues: Issue) -> tuple[dict[str, Any], _Builder, LoadResult]:
        return {}, builder, _failed(*issues, source_map=builder.places)

    if not text.strip():
        return refused(Issue("PLAN_EMPTY", "the plan is empty", hint="Send a plan or a command."))
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > limits.max_bytes:
        return refused(
            Issue(
                "PLAN_TOO_LARGE",
                f"the document has {size} bytes, at most {limits.max_bytes} are allowed",
                hint="Split the plan, or raise max_document_bytes.",
            )
        )
    try:
        node = yaml.compose(text, Loader=Reader)
    except yaml.MarkedYAMLError as failure:
        mark = failure.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)
        return refused(_syntax(str(failure.problem or failure), *place))
    except (yaml.YAMLError, RecursionError, ValueError) as failure:
        return refused(_syntax(str(failure).splitlines()[0] if str(failure) else "not readable"))
    if node is None:
        return refused(Issue("PLAN_EMPTY", "the plan holds only comments", hint="Add actions."))
    document = builder.build(node, "", 0)
    if any(issue.code in UNREADABLE for issue in builder.issues):
        return refused(*builder.issues)
    if not isinstance(document, dict):
        return refused(
            Issue(
                "PLAN_NOT_AN_OBJECT",
                "the document is not a mapping with `actions`",
                hint="Begin with: version: 1, then actions: [...]",
                line=1,
                column=1,
            )
        )
    return document, builder, None


def validate_document(
    document: Mapping[str, Any],
    places: SourceMap | None = None,
    found: Sequence[Issue] = (),
) -> LoadResult:
    """Check a document that was read already against the plan's structure.

    ``found`` is what was wrong with its values before; what stands there is not judged again.
    """
    places = places or {}
    try:
        plan = Plan.model_validate(document)
        issues: list[Issue] = []
    except ValidationError as failure:
        told = {issue.pointer for issue in found}
        issues = [
            with_place(issue, places)
            for issue in structure_issues_of(failure.errors(include_url=False), document)
            if issue.pointer not in told
        ]
    except RecursionError:
        return _failed(Issue("PLAN_TOO_DEEP", "the plan is nested too deeply"))
    issues = [*found, *issues]
    if not issues:
        return LoadResult(plan, (), places)
    return LoadResult(None, tuple(issues), places, mend(document, issues))


def place_of(pointer: str, places: SourceMap) -> tuple[int, int]:
    """Return line and column of a pointer, or of the nearest thing around it."""
    while pointer and pointer not in places:
        pointer = pointer.rpartition("/")[0]
    return places.get(pointer, (0, 0))


def with_place(issue: Issue, places: SourceMap) -> Issue:
    """Return the issue with its line and column."""
    line, column = place_of(issue.pointer, places)
    return replace(issue, line=line, column=column)


class _Builder:
    """Turns YAML nodes into plain data, remembering where each stands."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._count = 0
        self._open: set[int] = set()
        self._seen: set[int] = set()
        self.issues: list[Issue] = []
        self.places: dict[str, tuple[int, int]] = {}
        self._constructor = Reader("")

    def build(self, node: Any, pointer: str, depth: int) -> Any:
        mark = node.start_mark
        self.places[pointer] = (mark.line + 1, mark.column + 1)
        self._count += 1
        if depth > self._limits.max_depth or self._count > self._limits.max_nodes:
            self._once("PLAN_TOO_DEEP", "the document is nested too deeply or too long", pointer)
            return None
        if id(node) in self._seen and not isinstance(node, yaml.ScalarNode):
            # An alias multiplies what it stands for; a plan has no need of that.
            self._once("PLAN_ALIAS", "aliases (*name) are not allowed", pointer)
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, pointer, depth)
        if isinstance(node, yaml.SequenceNode):
            return [
                self.build(item, f"{pointer}/{index}", depth + 1)
                for index, item in enumerate(node.value)
            ]
        return self._scalar(node, pointer)

    def _mapping(self, node: Any, pointer: str, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._issue("PLAN_SYNTAX", "a key has to be a plain word", pointer)
                continue
            key = str(key_node.value)
            at = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            if key in made:
                self._issue("PLAN_DUPLICATE_KEY", f"{key!r} stands twice here", at)
            made[key] = self.build(value_node, at, depth + 1)
        return made

    def _scalar(self, node: Any, pointer: str) -> Any:
        try:
            value = self._constructor.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError, OverflowError) as failure:
            self._issue("PLAN_SYNTAX", str(failure).splitlines()[0], pointer)
            return None
        if isinstance(value, float) and not math.isfinite(value):
            self._issue("PLAN_NUMBER_NOT_FINITE", f"{node.value} is not a finite number", pointer)
            return None
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**63:
            self._issue("PLAN_NUMBER_TOO_LARGE", f"{node.value} is too large", pointer)
            return None
        if isinstance(value, bytes):
            self._issue("PLAN_SYNTAX", "binary data is not allowed", pointer)
            return None
        return value

    def _issue(self, code: str, message: str, pointer: str) -> None:
        line, column = place_of(pointer, self.places)
        self.issues.append(Issue(code, message, pointer, line=line, column=column))

    def _once(self, code: str, message: str, pointer: str) -> None:
        if not any(issue.code == code for issue in self.issues):
            self._issue(code, message, pointer)


def _syntax(message: str, line: int = 0, column: int = 0) -> Issue:
    return Issue(
        "PLAN_SYNTAX",
        f"the document is neither JSON nor YAML: {message}",
        hint="Check brackets, quotes and indentation near this place.",
        line=line,
        column=column,
    )


def _failed(*issues: Issue, source_map: SourceMap | None = None) -> LoadResult:
    return LoadResult(None, issues, source_map or {})
