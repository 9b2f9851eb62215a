"""The generic adapter: one capability's goal, result and feedback mapping, without ROS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.capabilities.dotted_paths import look_up, put
from execution_orchestrator.capabilities.error_codes import SHIPPED_TABLES, ErrorCodeTables
from execution_orchestrator.capabilities.feedback_mapping import FeedbackMapper
from execution_orchestrator.capabilities.goal_template import render
from execution_orchestrator.capabilities.result_mapping import (
    error_in,
    map_output,
    output_names,
    without_number,
)
from execution_orchestrator.plan.capability import CapabilitySpec, MissedSpec
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.plan.errors import ErrorInfo

NAMED = 5  # of the parts that were missed


@dataclass(frozen=True, slots=True)
class GenericAdapter:
    """Maps between an action of a plan and the messages of its interface."""

    spec: CapabilitySpec
    tables: ErrorCodeTables = SHIPPED_TABLES

    def goal_fields(
        self, parameters: Mapping[str, Any], context: ConversionContext
    ) -> dict[str, Any]:
        """Fields of the goal, request or message.

        Raises:
            GoalError: a parameter cannot become what its field needs.

        """
        fields: dict[str, Any] = render(
            self.spec.goal, {**self.spec.settings, **parameters}, context
        )
        return fields

    def outcome(self, result: Mapping[str, Any]) -> tuple[dict[str, Any], ErrorInfo | None]:
        """Return the output of an action, and the error in its result if there is one."""
        mapping = self.spec.result
        return map_output(mapping, result), error_in(mapping, result, self.tables)

    def without_number(self, result: Mapping[str, Any]) -> str:
        """Return a sentence about what of the output is NaN or infinite, empty if nothing is."""
        return without_number(self.spec.result, result)

    def says_done(self, result: Mapping[str, Any], blank: Mapping[str, Any]) -> bool:
        """Return whether a field of the result says that the work is done.

        ``blank`` is a default-constructed result: a field that is true in it, as ``success`` of
        Nav2's docking, proves nothing.
        """
        return any(
            look_up(result, field) is True and look_up(blank, field) is not True
            for field in self.spec.result.done_by
        )

    def may_have_had_nothing_to_do(self, result: Mapping[str, Any]) -> bool:
        """Return whether an abort with this result, if nothing explains it, means that."""
        spec = self.spec.result
        return spec.done_if_unexplained and look_up(result, spec.success) is True

    def heard_done(self, said: Iterable[str]) -> str:
        """Return what a server that put nothing into its result logged of work that is done."""
        parts = self.spec.result.done_if_said
        return next((line for line in said if any(part in line for part in parts)), "")

    def missed(self, result: Mapping[str, Any]) -> str:
        """Return a sentence for each part that a successful goal left undone."""
        rule = self.spec.result.missed
        found = self._left_out(result)
        count = self.undone(result)
        if rule is None or not count:
            return ""
        words = f"{counted(count, rule.what)} missed"
        which = found if isinstance(found, list) and rule.place else []
        places = [_place(one, rule) for one in which]
        if not places or not all(isinstance(place, int) for place in places):
            return words
        more = ", ..." if len(places) > NAMED else ""
        return f"{words} (index {', '.join(map(str, places[:NAMED]))}{more})"

    def undone(self, result: Mapping[str, Any]) -> int:
        """Return how many parts a goal left undone."""
        found = self._left_out(result)
        count = len(found) if isinstance(found, list) else found
        return count if isinstance(count, int) else 0

    def _left_out(self, result: Mapping[str, Any]) -> Any:
        """Return what a result says was left undone: a list, a number, None if it says nothing."""
        rule = self.spec.result.missed
        return look_up(result, rule.field) if rule is not None else None

    def missed_all(self, result: Mapping[str, Any], parameters: Mapping[str, Any]) -> bool:
        """Return whether a goal left every part of it undone."""
        rule, resume = self.spec.result.missed, self.spec.resume
        if rule is None or resume is None:
            return False
        items = parameters.get(resume.items or resume.into)
        first = parameters.get(resume.into) if resume.how == "set" else 0
        rounds = parameters.get(resume.rounds) or 0
        if not isinstance(items, list) or not isinstance(self._left_out(result), list):
            return False
        return self.undone(result) >= len(items) * (1 + rounds) - (first or 0) > 0

    def why_missed(self, result: Mapping[str, Any]) -> ErrorInfo | None:
        """Return the error of the last part that a goal left undone, if that has one of its own.

        Nav2's waypoint follower gives up at a waypoint without a number for the whole.
        """
        mapping = self.spec.result
        rule = mapping.missed
        found = self._left_out(result)
        if rule is None or not mapping.error_table or not isinstance(found, list) or not found:
            return None
        code = look_up(found[-1], rule.code) if rule.code else None
        if not isinstance(code, int) or code in rule.unexplained:
            return None
        return self.tables[mapping.error_table].classify(code)

    def counted_in_plan(self, result: Mapping[str, Any], skipped: int) -> Mapping[str, Any]:
        """Return a result that names its missed parts by their places in the plan.

        A goal with a shorter list, because the first ``skipped`` parts were done before it, counts
        from its own beginning.
        """
        rule = self.spec.result.missed
        found = self._left_out(result)
        if rule is None or not skipped or not isinstance(found, list):
            return result
        moved = []
        for one in found:
            place = _place(one, rule)
            if not isinstance(place, int):
                return result
            there = place + skipped
            moved.append({**one, rule.place: there} if isinstance(one, Mapping) else there)
        return put(result, rule.field, moved)

    def left_out_before(
        self, result: Mapping[str, Any], reached: float | None, *, later_round: bool = False
    ) -> Mapping[str, Any]:
        """Return a result with the parts that a goal left out before it ended where it was.

        What came after ``reached`` is done by the next goal, which begins there. In a later round
        all were passed before; only the part at which it ended, if that was missed last, is done.
        """
        rule, resume = self.spec.result.missed, self.spec.resume
        found = self._left_out(result)
        if rule is None or resume is None or resume.how not in ("set", "skip"):
            return {}
        if reached is None or not isinstance(found, list):
            return {}
        places = [_place(one, rule) for one in found]
        before = [
            one
            for at, (one, place) in enumerate(zip(found, places, strict=True))
            if isinstance(place, int)
            and (place < reached or (later_round and (place, at) != (reached, len(found) - 1)))
        ]
        return put(result, rule.field, before) if before else {}

    def output_of_missed(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """Return the part of the output that tells what was missed."""
        rule, mapping = self.spec.result.missed, self.spec.result
        if rule is None or not result:
            return {}
        names = output_names(mapping, rule.field)
        return {key: value for key, value in map_output(mapping, result).items() if key in names}

    def goes_on_from(self, result: Mapping[str, Any]) -> int | None:
        """Return the first part that was missed, if one was missed without a reason of its own."""
        rule = self.spec.result.missed
        found = self._left_out(result)
        if rule is None or not rule.place or not isinstance(found, list):
            return None
        if not any(look_up(one, rule.code) in rule.unexplained for one in found):
            return None
        return self.first_missed(result)

    def first_missed(self, result: Mapping[str, Any]) -> int | None:
        """Return the first part that was missed, None if nothing says which."""
        rule = self.spec.result.missed
        found = self._left_out(result)
        if rule is None or not isinstance(found, list):
            return None
        places = [_place(one, rule) for one in found]
        return min((place for place in places if isinstance(place, int)), default=None)

    def follow(self, parameters: Mapping[str, Any]) -> FeedbackMapper:
        """Return a mapper for the feedback of one goal."""
        spec = self.spec
        return FeedbackMapper(spec.feedback, {**spec.settings, **parameters}, spec.resume)


def _place(part: Any, rule: MissedSpec) -> Any:
    """Return which part it is that was missed: a field of it, or the number itself."""
    return look_up(part, rule.place) if isinstance(part, Mapping) else part
