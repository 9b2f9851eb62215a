import json
import re
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from execution_orchestrator.engine import events as ev
from execution_orchestrator.monitoring.prometheus import PrometheusEndpoint
from execution_orchestrator.monitoring.prometheus.names import OF_NODE, PREFIX
from execution_orchestrator.planning.selection import Planners
from execution_orchestrator.storage.journal import JournalEntry
from test.unit.monitoring.test_live import ERROR, errand
from test.unit.monitoring.watched import Watched

ROOT = Path(__file__).parents[3]
BASE_UNITS = ("_seconds", "_total", "_meters_per_second", "_bytes", "_info")
COUNTS_OF_NOW = {
    *("executions_active", "executions_queued", "actions_running", "dead_letters"),
    *("quarantined_goals", "quarantined_recoveries", "server_breaker_open", "server_available"),
    *("resource_capacity", "resource_held"),
}

SERVERS = [
    JournalEntry(20, ev.BreakerOpened(time=101.0, server="/nav", until=130.0, failures=5)),
    JournalEntry(21, ev.ServerAvailability(time=101.0, server="/nav", available=True)),
]


class Scraped:
    """A monitor with an endpoint, and what a scrape of it says."""

    def __init__(self, monitor, **robot):
        self.monitor = monitor
        monitor.add_figures(lambda: {"speed_while_stopped": 0.0})
        monitor.add_figures(Planners().figures)
        self.endpoint = PrometheusEndpoint(monitor, capacities={"base": 1.0}, port=0, **robot)

    def families(self):
        text = httpx.get(self.endpoint.url).text
        return {family.name: family for family in text_string_to_metric_families(text)}

    def values(self):
        return {
            (sample.name.removeprefix(PREFIX), *sample.labels.values()): sample.value
            for family in self.families().values()
            for sample in family.samples
        }


@pytest.fixture
def scraped():
    made = Scraped(Watched(now=lambda: 200.0))
    yield made
    made.endpoint.stop()


def test_what_ended_is_counted_and_measured(scraped):
    scraped.monitor.on_events(errand())
    values = scraped.values()
    assert values["executions_total", "COMPLETED"] == 1.0
    assert values["executions_total", "FAILED"] == 0.0
    assert values["execution_duration_seconds_sum", "COMPLETED"] == 8.0
    assert values["attempts_total", "navigate_to", "aborted"] == 1.0
    assert values["attempts_total", "navigate_to", "succeeded"] == 1.0
    assert values["attempts_total", "navigate_to", "timed_out"] == 0.0
    assert values["attempt_duration_seconds_sum", "navigate_to"] == 6.0
    assert values["attempt_duration_seconds_bucket", "navigate_to", "2.0"] == 1.0
    assert values["attempt_errors_total", "navigate_to", "NAVIGATION"] == 1.0
    assert values["retries_total", "navigate_to"] == 1.0
    assert values["recoveries_total", "succeeded", "clear_costmaps"] == 1.0
    assert values["resource_wait_seconds_count", "base"] == 1.0


def test_what_goes_on_is_a_gauge(scraped):
    scraped.monitor.on_events(errand(until=5))
    scraped.monitor.on_events(SERVERS)
    values = scraped.values()
    assert (values["executions_active",], values["actions_running",]) == (1.0, 1.0)
    assert values["resource_held", "base"] == 1.0
    assert values["server_breaker_open", "/nav"] == 1.0


def test_an_attempt_counts_once_although_two_events_end_it(scraped):
    scraped.monitor.on_events(errand(until=6))
    last = ev.TaskFailed(time=102.0, execution_id="e1", key="go", attempt=1, error=ERROR)
    scraped.monitor.on_events([JournalEntry(7, last)])
    values = scraped.values()
    assert values["attempts_total", "navigate_to", "aborted"] == 1.0
    assert values["attempts_total", "navigate_to", "failed"] == 0.0
    assert values["attempt_duration_seconds_count", "navigate_to"] == 1.0


def test_no_series_vanishes(scraped):
    scraped.monitor.on_events(errand(until=5))
    before = {(name, *labels) for name, *labels in scraped.values()}
    scraped.monitor.on_events(errand()[5:])
    for number in range(300):
        scraped.monitor.on_events(errand(f"e{number}", 1000.0 * number))
    assert before <= set(scraped.values())


def test_a_rate_sees_the_first_of_everything_that_this_robot_can_do():
    made = Scraped(
        Watched(now=lambda: 200.0),
        capabilities=["navigate_to", "detect_objects"],
        strategies=["clear_costmaps"],
    )
    try:
        before = made.values()
        made.monitor.on_events(errand())
        after = made.values()
    finally:
        made.endpoint.stop()
    assert before["attempt_errors_total", "navigate_to", "NAVIGATION"] == 0.0
    # Counts that come into being with their first event are invisible to increase().
    born = {
        (name, *labels)
        for name, *labels in set(after) - set(before)
        if name.endswith(("_total", "_count")) and after[name, *labels] > 0.0
    }
    assert born == set()


def test_names_types_and_help_are_as_prometheus_asks(scraped):
    scraped.monitor.on_events(errand())
    families = scraped.families()
    own = {name: family for name, family in families.items() if name.startswith(PREFIX)}
    assert len(own) > 20
    for name, family in own.items():
        assert re.fullmatch(r"[A-Z].* .*\.", family.documentation), f"{name}: no sentence"
        assert family.type in ("counter", "gauge", "histogram")
        if family.type == "histogram":
            assert name.endswith("_seconds")
        elif family.type == "gauge" and not name.endswith(BASE_UNITS):
            assert name.removeprefix(PREFIX) in COUNTS_OF_NOW, f"{name} has no unit"
        assert not any(sample.name.endswith("_created") for sample in family.samples)
    assert "process_resident_memory_bytes" in families


def test_every_figure_of_the_node_has_a_name_in_prometheus():
    monitor = Watched(now=lambda: 0.0)
    figures = {
        *monitor.node_figures(),
        *Planners().figures(),
        "speed_while_stopped",
    }
    assert figures == {*OF_NODE, "breaker_open"}  # which is told by server


def documented():
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    section = text.split("## In Prometheus", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return {name for line in rows for name in re.findall(r"`([a-z_]+)", line.split("|")[1])}


def test_the_document_lists_what_is_scraped(scraped):
    scraped.monitor.on_events(errand())
    scraped.monitor.on_events(SERVERS)
    families = [f for name, f in scraped.families().items() if name.startswith(PREFIX)]
    names = {
        f.name.removeprefix(PREFIX) + ("_total" if f.type == "counter" else "") for f in families
    }
    assert names == documented()


def queries():
    dashboard = json.loads((ROOT / "grafana" / "execution_orchestrator.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["query"]["query"]


def test_each_query_of_the_dashboard_names_a_series_that_is_scraped(scraped):
    scraped.monitor.on_events(errand())
    scraped.monitor.on_events(SERVERS)
    known = {s.name for family in scraped.families().values() for s in family.samples}
    asked = list(queries())
    assert len(asked) > 12
    for title, query in asked:
        named = re.findall(r"\b(execution_orchestrator_\w+|process_\w+)", query)
        assert named, f"{title}: {query} names no metric"
        assert set(named) <= known, f"{title}: {set(named) - known}"
