import pytest

from test.unit.monitoring.test_live import errand
from test.unit.monitoring.watched import Watched

exporters = pytest.importorskip(
    "opentelemetry.sdk.trace.export.in_memory_span_exporter",
    reason="OpenTelemetry is not installed: pip install '.[tracing]'",
)
from execution_orchestrator.monitoring.tracing import Tracing, trace_id_of  # noqa: E402


def test_a_trace_has_a_span_an_action_and_an_attempt_with_the_records_times():
    exporter = exporters.InMemorySpanExporter()
    tracing = Tracing(exporter)
    monitor = Watched()
    monitor.on_finished(tracing.tell)
    monitor.on_events(errand())
    assert tracing.flush()
    spans = {span.name: span for span in exporter.get_finished_spans()}
    assert set(spans) == {
        "bring it", "go", "look", "go attempt 1", "go attempt 2", "look attempt 1",
    }  # fmt: skip
    assert {span.context.trace_id for span in spans.values()} == {trace_id_of(monitor.record("e1"))}
    assert spans["go attempt 1"].parent.span_id == spans["go"].context.span_id
    assert spans["go attempt 1"].end_time - spans["go attempt 1"].start_time == 2_000_000_000
    assert [event.name for event in spans["go"].events] == ["recovery clear_costmaps"]
    tracing.stop()


def test_nothing_is_exported_when_nothing_is_sampled():
    exporter = exporters.InMemorySpanExporter()
    tracing = Tracing(exporter, sample_ratio=0.0)
    monitor = Watched()
    monitor.on_finished(tracing.tell)
    monitor.on_events(errand())
    tracing.flush()
    assert exporter.get_finished_spans() == ()
    tracing.stop()
