"""Traces over the wire, to a collector in this process that speaks OTLP over HTTP."""

import gzip
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from execution_orchestrator.engine.inputs import SubmitOptions
from execution_orchestrator.monitoring.event_log import EventLog
from test.unit.monitoring.running import ERRAND, Running

trace_service = pytest.importorskip(
    "opentelemetry.proto.collector.trace.v1.trace_service_pb2",
    reason="the OTLP messages are not installed: pip install '.[tracing]'",
)
from execution_orchestrator.monitoring.tracing import Tracing  # noqa: E402

CORRELATION = "0af7651916cd43dd8448eb211c80319c"


class Collector:
    """Keeps every span it is sent."""

    def __init__(self):
        self.requests = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                request = trace_service.ExportTraceServiceRequest()
                request.ParseFromString(body)
                collector.requests.append((self.path, self.headers["content-type"], request))
                answer = trace_service.ExportTraceServiceResponse().SerializeToString()
                self.send_response(200)
                self.send_header("content-type", "application/x-protobuf")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}/v1/traces"

    @property
    def spans(self):
        return [
            span
            for _, _, request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def collector():
    made = Collector()
    yield made
    made.stop()


@pytest.fixture
def running(tmp_path):
    started = Running(tmp_path)
    yield started
    started.stop()


def run_errand(running, execution_id):
    ended = threading.Event()
    running.monitor.on_finished(
        lambda record: ended.set() if record.execution_id == execution_id else None
    )
    running.submit(
        ERRAND, execution_id=execution_id, options=SubmitOptions(correlation_id=CORRELATION)
    )
    running.servers.fail("go")
    for key in ("announce", "arm_ready", "go", "look", "pick", "back"):
        running.servers.succeed(key)
    assert ended.wait(10.0)


def attributes(span):
    return {one.key: one.value.string_value for one in span.attributes}


def test_one_trace_with_a_span_an_action_and_an_attempt_reaches_a_collector(running, collector):
    tracing = Tracing.over_otlp(collector.endpoint)
    running.monitor.on_finished(tracing.tell)
    run_errand(running, "e1")
    assert tracing.flush()
    tracing.stop()
    path, content_type, request = collector.requests[0]
    assert (path, content_type) == ("/v1/traces", "application/x-protobuf")
    resource = {a.key: a.value.string_value for a in request.resource_spans[0].resource.attributes}
    assert resource["service.name"] == "execution_orchestrator"
    spans = {span.name: span for span in collector.spans}
    assert {span.trace_id.hex() for span in spans.values()} == {CORRELATION}
    root = spans["bring me the red cup"]
    assert attributes(root)["execution.status"] == "COMPLETED"
    assert attributes(root)["correlation.id"] == CORRELATION
    actions = {"go", "announce", "arm_ready", "look", "pick", "back"}
    assert {name for name, s in spans.items() if s.parent_span_id == root.span_id} == actions
    go = spans["go"]
    assert {n for n, s in spans.items() if s.parent_span_id == go.span_id} == {
        "go attempt 1",
        "go attempt 2",
    }
    (event,) = go.events
    assert event.name == "recovery clear_costmaps"
    assert attributes(event)["error.code"] == "NO_VALID_PATH"
    assert attributes(spans["go attempt 1"])["outcome"] == "aborted"
    assert spans["go attempt 1"].status.message == "no way there"
    assert go.start_time_unix_nano <= spans["go attempt 1"].start_time_unix_nano
    assert spans["go attempt 2"].end_time_unix_nano <= go.end_time_unix_nano


def test_nothing_is_sent_when_nothing_is_sampled(running, collector):
    tracing = Tracing.over_otlp(collector.endpoint, sample_ratio=0.0)
    running.monitor.on_finished(tracing.tell)
    run_errand(running, "e1")
    assert tracing.flush()
    tracing.stop()
    assert collector.requests == []


def test_a_collector_that_is_gone_holds_up_nothing(running, collector):
    tracing = Tracing.over_otlp(collector.endpoint)
    running.monitor.on_finished(tracing.tell)
    collector.stop()
    run_errand(running, "e1")
    run_errand(running, "e2")
    assert running.observation.record("e2").status == "COMPLETED"
    tracing.stop()
    collector.stop = lambda: None


def test_the_log_carries_the_same_id(running, caplog):
    caplog.set_level(logging.INFO, "execution_orchestrator.monitoring.event_log")
    running.monitor.subscribe(EventLog(running.monitor))
    run_errand(running, "e1")
    running.paced.stop()
    lines = {record.levelname: record.getMessage() for record in caplog.records}
    assert f"[execution=e1 trace={CORRELATION}]" in lines["INFO"]
    assert f"trace={CORRELATION} action=go]" in lines["WARNING"]
    assert not any("look starts" in record.getMessage() for record in caplog.records)
