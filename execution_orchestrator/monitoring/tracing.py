"""OpenTelemetry: one trace an execution, a span an action and an attempt.

A trace is made when its execution has ended, from the record and with the record's own times, so
that tracing costs nothing while robots move and a restart of the node loses none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from opentelemetry.context import Context
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import (
    Status,
    StatusCode,
    Tracer,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from execution_orchestrator.observation.record import ActionRecord, ExecutionRecord

TRACE_ID = re.compile(r"[0-9a-f]{32}")
GOOD = frozenset({"SUCCEEDED", "SKIPPED", "COMPLETED", "PARTIALLY_COMPLETED"})


def trace_id_of(record: ExecutionRecord) -> int:
    """Return the trace id of an execution, which its id alone determines.

    It is the correlation id that messages and logs carry; where that is no trace id of 32
    hexadecimal digits, it follows from the name of the execution.
    """
    if TRACE_ID.fullmatch(record.correlation_id) and int(record.correlation_id, 16):
        return int(record.correlation_id, 16)
    return int.from_bytes(hashlib.sha256(record.execution_id.encode()).digest()[:16], "big")


class _ExecutionIds(IdGenerator):
    """Random span ids, and trace ids that follow from the execution."""

    def __init__(self) -> None:
        self._random = RandomIdGenerator()
        self.trace_id = 0

    def generate_span_id(self) -> int:
        """Return a random id."""
        return self._random.generate_span_id()

    def generate_trace_id(self) -> int:
        """Return the id of the execution that is being traced."""
        return self.trace_id


class Tracing:
    """Turns finished executions into traces and hands them to an exporter."""

    def __init__(
        self, exporter: SpanExporter, *, instance: str = "", sample_ratio: float = 1.0
    ) -> None:
        """Export to ``exporter``.

        ``instance`` is the `service.instance.id`: which of all nodes this one is. The environment
        (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) may name both otherwise.
        """
        self._ids = _ExecutionIds()
        names = {"service.name": "execution_orchestrator", "service.instance.id": instance}
        self._provider = TracerProvider(
            resource=Resource.create({name: value for name, value in names.items() if value}).merge(
                OTELResourceDetector().detect()
            ),
            sampler=ParentBased(TraceIdRatioBased(sample_ratio)),
            id_generator=self._ids,
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer: Tracer = self._provider.get_tracer("execution_orchestrator")

    @classmethod
    def over_otlp(cls, endpoint: str, *, instance: str = "", sample_ratio: float = 1.0) -> Tracing:
        """Export over OTLP/HTTP to ``endpoint`` (such as http://127.0.0.1:4318/v1/traces)."""
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )

        exporter = OTLPSpanExporter(endpoint=endpoint, timeout=5)
        return cls(exporter, instance=instance, sample_ratio=sample_ratio)

    def tell(self, record: ExecutionRecord) -> None:
        """Export the trace of an execution that has ended."""
        self._ids.trace_id = trace_id_of(record)
        root = self._tracer.start_span(
            record.command or f"execution {record.execution_id}",
            context=_asked_from(record),
            start_time=_stamp(record, record.accepted),
            attributes={
                "execution.id": record.execution_id,
                "execution.status": record.status,
                "execution.priority": record.priority,
                "correlation.id": record.correlation_id,
            },
        )
        for start, end in record.pauses:
            root.add_event("paused", timestamp=_stamp(record, start))
            if end is not None:
                root.add_event("resumed", timestamp=_stamp(record, end))
        context = set_span_in_context(root)
        for action in record.actions.values():
            self._action(action, record, context)
        root.set_status(_status(record.status, record.reason))
        root.end(_stamp(record, record.until()))

    def _action(self, action: ActionRecord, record: ExecutionRecord, context: Any) -> None:
        times = [t for t in (action.ready, action.started) if t is not None]
        if not times:
            return
        end = action.ended if action.ended is not None else record.until()
        span = self._tracer.start_span(
            action.key,
            context=context,
            start_time=_stamp(record, min(times)),
            attributes={
                "action.type": action.action_type,
                "action.status": action.status,
                **({"robot.name": action.robot} if action.robot else {}),
            },
        )
        for recovery in record.recoveries:
            if recovery.key == action.key:
                span.add_event(
                    f"recovery {recovery.strategy}",
                    {
                        "outcome": recovery.outcome,
                        "error.code": recovery.error_code,
                        "reason": recovery.reason,
                    },
                    timestamp=_stamp(record, recovery.started),
                )
        inner = set_span_in_context(span)
        for attempt in action.attempts:
            one = self._tracer.start_span(
                f"{action.key} attempt {attempt.number}",
                context=inner,
                start_time=_stamp(record, attempt.dispatched),
                attributes={
                    "goal.id": attempt.goal_id,
                    "server": attempt.server,
                    "outcome": attempt.outcome,
                    "error.type": attempt.error_type,
                    "error.code": attempt.error_code,
                },
            )
            if attempt.error_code:
                one.set_status(Status(StatusCode.ERROR, attempt.error_message))
            one.end(_stamp(record, attempt.ended if attempt.ended is not None else end))
        span.set_status(_status(action.status, action.reason))
        span.end(_stamp(record, end))

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until everything was exported; False if the time (seconds) was not enough."""
        return self._provider.force_flush(int(timeout * 1000))

    def stop(self) -> None:
        """Export what is left and stop."""
        self._provider.shutdown()


def _asked_from(record: ExecutionRecord) -> Context:
    """Return the client's span from the ``traceparent`` in the goal's context, None without one.

    A span of another trace cannot be a parent: it is from a client that sent the same goal again.
    """
    carrier = {name: str(record.input.get(name) or "") for name in ("traceparent", "tracestate")}
    context = TraceContextTextMapPropagator().extract(carrier, Context())
    asking = get_current_span(context).get_span_context()
    return context if asking.trace_id == trace_id_of(record) else Context()


def _stamp(record: ExecutionRecord, moment: float) -> int:
    """Return wall time in nanoseconds; a trace is moved as a whole, so that durations stay."""
    return int((moment + record.wall.offset) * 1e9)


def _status(status: str, reason: str) -> Status:
    return Status(StatusCode.OK) if status in GOOD else Status(StatusCode.ERROR, reason)


__all__: Sequence[str] = ("Tracing", "trace_id_of")
