import msgspec
import pytest

from execution_orchestrator.engine.inputs import SubmitOptions
from execution_orchestrator.storage.journal import JournalEntry
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


TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def traced(context, correlation, **settings):
    """Return the spans of an errand whose goal came with a context, by name."""
    exporter = exporters.InMemorySpanExporter()
    tracing = Tracing(exporter, **settings)
    monitor = Watched()
    monitor.on_finished(tracing.tell)
    first, *rest = errand()
    options = SubmitOptions(correlation_id=correlation)
    accepted = msgspec.structs.replace(first.event, input=context, options=options)
    monitor.on_events([JournalEntry(1, accepted), *rest])
    tracing.flush()
    tracing.stop()
    return {span.name: span for span in exporter.get_finished_spans()}


def test_the_trace_of_who_asked_goes_on():
    told = {"traceparent": f"00-{TRACE}-{SPAN}-01", "tracestate": "shop=7"}
    spans = traced(told, TRACE)
    root = spans["bring it"]
    assert f"{root.context.trace_id:032x}" == TRACE
    assert f"{root.parent.span_id:016x}" == SPAN
    assert root.context.trace_state["shop"] == "7"
    assert spans["go"].parent.span_id == root.context.span_id


def test_who_asked_decides_whether_a_trace_is_recorded():
    assert traced({"traceparent": f"00-{TRACE}-{SPAN}-00"}, TRACE) == {}
    assert traced({"traceparent": f"00-{TRACE}-{SPAN}-01"}, TRACE, sample_ratio=0.0) != {}


@pytest.mark.parametrize(
    "told", [f"00-{'1' * 32}-{SPAN}-01", "00-nonsense", f"00-{TRACE}-{'0' * 16}-01", 7]
)
def test_what_is_no_parent_of_this_trace_is_none(told):
    root = traced({"traceparent": told}, TRACE)["bring it"]
    assert root.parent is None
    assert f"{root.context.trace_id:032x}" == TRACE


def test_an_instance_has_a_name_that_the_environment_may_change(monkeypatch):
    one = traced({}, TRACE, instance="r7:/r7/orchestrator")["go"]
    assert one.resource.attributes["service.instance.id"] == "r7:/r7/orchestrator"
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=seven")
    other = traced({}, TRACE, instance="r7:/r7/orchestrator")["go"]
    assert other.resource.attributes["service.instance.id"] == "seven"
    assert other.resource.attributes["service.name"] == "execution_orchestrator"
