"""Names and HELP texts of the node's figures in Prometheus, with base units as suffixes."""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "execution_orchestrator_"


@dataclass(frozen=True, slots=True)
class Metric:
    """A counter if its name ends in ``_total``, a gauge otherwise; ``help`` is its HELP text."""

    name: str
    help: str

    @property
    def is_counter(self) -> bool:
        """Whether it only grows, until the node is started again."""
        return self.name.endswith("_total")


# By the names that the figures have in alerts.
OF_NODE = {
    "executions_active": Metric("executions_active", "Executions that have begun and not ended."),
    "executions_queued": Metric("executions_queued", "Executions that wait for their turn."),
    "actions_running": Metric("actions_running", "Goals that are under way on action servers."),
    "events_total": Metric("journal_events_total", "Events in the journal since its beginning."),
    "journal_commit_seconds": Metric(
        "journal_last_commit_seconds", "Seconds that the newest commit of the journal took."
    ),
    "dead_letters": Metric(
        "dead_letters", "Actions that failed for good and wait to be looked at."
    ),
    "quarantined_goals": Metric(
        "quarantined_goals", "Goals of actions whose end is not confirmed: the robot may move."
    ),
    "quarantined_recoveries": Metric(
        "quarantined_recoveries",
        "Motions of recoveries whose end is not confirmed: the robot may move.",
    ),
    "speed_while_stopped": Metric(
        "speed_while_stopped_meters_per_second",
        "Speed of a robot that should stand since an emergency stop, 0 if none moves.",
    ),
    "planning_requests_total": Metric(
        "planning_requests_total", "Plans that a planner was asked for."
    ),
    "planning_failures_total": Metric(
        "planning_failures_total", "Plans that a planner was asked for and did not make."
    ),
    "planning_tokens_total": Metric(
        "planning_tokens_total", "Tokens sent to language models and answered by them."
    ),
    "planning_cost_total": Metric(
        "planning_cost_total", "Cost of language models, in the unit of the configured prices."
    ),
    "planning_seconds_total": Metric(
        "planning_seconds_total", "Seconds that language models took for plans."
    ),
}
