"""The generic adapter: one capability's goal, result and feedback mapping, without ROS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.capabilities.document import FeedbackEntry, ResultEntry
from execution_orchestrator.capabilities.error_codes import SHIPPED_TABLES, ErrorCodeTables
from execution_orchestrator.capabilities.feedback_mapping import FeedbackMapper
from execution_orchestrator.capabilities.goal_template import render
from execution_orchestrator.capabilities.references import look_up
from execution_orchestrator.capabilities.result_mapping import error_in, map_output
from execution_orchestrator.plan.capability import CapabilitySpec
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.plan.errors import ErrorInfo


@dataclass(frozen=True, slots=True)
class GenericAdapter:
    """Maps between an action of a plan and the messages of its interface."""

    goal: Mapping[str, Any]
    result: ResultEntry
    feedback: FeedbackEntry
    settings: Mapping[str, Any]
    frame: str
    python: str = ""
    wait_for_subscribers: int = 1
    reached: str = ""  # number in the feedback that a goal sent again goes on from
    tables: ErrorCodeTables = SHIPPED_TABLES

    @classmethod
    def of(cls, spec: CapabilitySpec, tables: ErrorCodeTables = SHIPPED_TABLES) -> GenericAdapter:
        """Read what the loader left in ``spec.adapter``."""
        stored = spec.adapter
        return cls(
            goal=stored.get("goal", {}),
            result=ResultEntry.model_validate(stored.get("result", {})),
            feedback=FeedbackEntry.model_validate(stored.get("feedback", {})),
            settings=stored.get("settings", {}),
            frame=stored.get("frame", "map"),
            python=stored.get("python", ""),
            reached=stored.get("reached", ""),
            wait_for_subscribers=stored.get("wait_for_subscribers", 1),
            tables=tables,
        )

    def goal_fields(
        self, parameters: Mapping[str, Any], context: ConversionContext
    ) -> dict[str, Any]:
        """Fields of the goal, request or message.

        Raises:
            GoalError: a parameter cannot become what its field needs.

        """
        fields: dict[str, Any] = render(self.goal, {**self.settings, **parameters}, context)
        return fields

    def outcome(self, result: Mapping[str, Any]) -> tuple[dict[str, Any], ErrorInfo | None]:
        """Output of an action and the error its result tells of, if any."""
        return map_output(self.result, result), error_in(self.result, result, self.tables)

    def says_done(self, result: Mapping[str, Any], blank: Mapping[str, Any]) -> bool:
        """Whether a result without an error code says itself that the work is done.

        ``blank`` is a result that nobody has filled in: what is true in it, as ``success`` of
        Nav2's docking, says nothing.
        """
        return any(
            look_up(result, field) is True and look_up(blank, field) is not True
            for field in self.result.done_by
        )

    def heard_done(self, said: Iterable[str]) -> bool:
        """Whether a server that put nothing into its result has logged that the work is done."""
        return any(part in line for line in said for part in self.result.done_if_said)

    def missed(self, result: Mapping[str, Any]) -> str:
        """Return what a goal that succeeded left undone, in words; empty if nothing."""
        rule = self.result.missed
        found = look_up(result, rule.field) if rule is not None else None
        count = len(found) if isinstance(found, list) else found
        if rule is None or not isinstance(count, int) or not count:
            return ""
        return f"{counted(count, rule.what)} missed"

    def follow(self, parameters: Mapping[str, Any]) -> FeedbackMapper:
        """Return a mapper for the feedback of one goal."""
        return FeedbackMapper(self.feedback, {**self.settings, **parameters}, self.reached)
