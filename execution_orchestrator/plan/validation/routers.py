"""Which way a router goes: every case says when, and every outcome of an action has a way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from execution_orchestrator.plan.expression_check import check
from execution_orchestrator.plan.issues import Issue, Severity
from execution_orchestrator.plan.model import Action, Case
from execution_orchestrator.plan.nearest import Names, nearest
from execution_orchestrator.plan.validation.scope import Scopes
from execution_orchestrator.plan.validation.walk import Place

_OUTCOME = re.compile(r"\s*actions\s*\.\s*([A-Za-z_]\w*)\s*\.\s*outcome\s*", re.ASCII)
_IS = re.compile(rf"{_OUTCOME.pattern}==\s*(?:'([^'\\]*)'|\"([^\"\\]*)\")\s*", re.ASCII)


def router_issues(places: Sequence[Place], scopes: Scopes) -> Iterator[Issue]:
    """Check the cases of every router."""
    for place in places:
        if place.action.action_type == "router":
            yield from _cases(place)
            yield from _outcomes(place, scopes)


def _cases(place: Place) -> Iterator[Issue]:
    action = place.action
    for index, case in enumerate(action.cases):
        at = f"{place.pointer}/cases/{index}"
        if case.is_ == ():
            yield Issue(
                "PLAN_FIELD_INVALID",
                "is is an empty list, so the case is never taken",
                f"{at}/is",
                "Name what it is for, or take the case away.",
            )
        if case.when is None and case.is_ is None:
            yield Issue(
                "PLAN_FIELD_MISSING",
                "the case does not say when it is taken",
                f"{at}/when",
                "Add when; or is, with by at the router.",
            )
        elif case.when is not None and case.is_ is not None:
            yield Issue(
                "ACTION_FIELD_OUT_OF_PLACE",
                "when and is say two things about when the case is taken",
                f"{at}/is",
                "Keep one of them.",
            )
        elif case.is_ is not None and action.by is None:
            yield Issue(
                "ACTION_FIELD_OUT_OF_PLACE",
                "is needs by, which says of what",
                f"{at}/is",
                "Add by to the router, for example by: actions.look.outcome.",
            )
    if action.by is not None and action.cases and all(case.is_ is None for case in action.cases):
        yield Issue(
            "ACTION_FIELD_OUT_OF_PLACE",
            "by needs cases that say is",
            f"{place.pointer}/by",
            "Take it away, or write is in the cases.",
        )


def _unreachable(place: Place) -> Iterator[Issue]:
    """Tell of cases that one before them takes always, or takes first."""
    before: dict[tuple[bool, str], int] = {}
    always: int | None = None
    for index, case in enumerate(place.action.cases):
        values = (case.is_,) if isinstance(case.is_, str) else case.is_ or ()
        asked = [(True, value) for value in values]
        if case.when is not None:
            asked.append((False, " ".join(case.when.split())))
        taken = [before[one] for one in asked if one in before]
        field = "when" if case.is_ is None else "is"
        if always is not None or len(taken) == len(asked) > 0:
            first = always if always is not None else taken[0]
            yield Issue(
                "CASE_UNREACHABLE",
                f"the case is never taken: {place.pointer}/cases/{first} comes before it",
                f"{place.pointer}/cases/{index}/{field}",
                "Take one of the two cases away, or put it before that one.",
                Severity.WARNING,
            )
        for one in asked:
            before.setdefault(one, index)
        if always is None and case.when is not None and case.when.strip() == "true":
            always = index


def _outcomes(place: Place, scopes: Scopes) -> Iterator[Issue]:
    """Check that the cases over the outcome of an action name them, and all of them."""
    action = place.action
    asked = [_asked(action, case) for case in action.cases]
    names = {name for one in asked if one is not None for name in (one[0],)}
    name = names.pop() if len(names) == 1 and None not in asked else ""
    known = scopes.outcomes(place, name) if name else ()
    if not known:  # a missing expression is reported where expressions are checked
        yield from _never_given(place, scopes)
        yield from _unreachable(place)
        return
    found: set[str] = set()
    for index, one in enumerate(asked):
        assert one is not None  # looked at above
        field = "when" if action.cases[index].is_ is None else "is"
        for value in one[1]:
            if value in found:
                yield Issue(
                    "CASE_UNREACHABLE",
                    f"a case before it is taken when {name} comes to {value}",
                    f"{place.pointer}/cases/{index}/{field}",
                    "Take one of the two cases away.",
                    Severity.WARNING,
                )
            found.add(value)
            if value not in known:
                yield Issue(
                    "OUTCOME_UNKNOWN",
                    f"{name} has no outcome {value!r}",
                    f"{place.pointer}/cases/{index}/{field}",
                    Names(known).hint(value, "Its outcomes"),
                )
                found.update(nearest(value, known)[:1])  # it has a case, if a misspelt one
    missing = [value for value in known if value not in found]
    if missing and not action.default and not action.else_:  # an else is reported, and counts
        yield Issue(
            "OUTCOME_MISSING",
            f"nothing is said of what follows if {name} comes to {' or '.join(missing)}",
            f"{place.pointer}/cases",
            f"Add a case for {' and '.join(missing)}, or a default"
            + (" that does something." if "default" in action.model_fields_set else "."),
        )


def _never_given(place: Place, scopes: Scopes) -> Iterator[Issue]:
    """Tell of cases for a text that the router's expression never gives, such as a status."""
    values = check(place.action.by, scopes.names(place))[0].values if place.action.by else ()
    for index, case in enumerate(place.action.cases):
        for value in (case.is_,) if isinstance(case.is_, str) else case.is_ or ():
            if values and value not in values:
                yield Issue(
                    "EXPRESSION_VALUE_UNKNOWN",
                    f"{place.action.by} is never {value!r}",
                    f"{place.pointer}/cases/{index}/is",
                    Names(values).hint(value, "It is one of"),
                )


def _asked(action: Action, case: Case) -> tuple[str, tuple[str, ...]] | None:
    """Return the action whose outcome a case asks for, and which outcomes; None if it does not."""
    if case.is_ is not None:
        over = _OUTCOME.fullmatch(action.by or "")
        values = (case.is_,) if isinstance(case.is_, str) else case.is_
        return (over[1], values) if over else None
    equal = _IS.fullmatch(case.when or "")
    return (equal[1], (equal[2] if equal[2] is not None else equal[3],)) if equal else None
