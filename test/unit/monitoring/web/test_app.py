import json
import threading

import httpx
import pytest

from execution_orchestrator.monitoring.web.app import MAX_BODY
from execution_orchestrator.monitoring.web.feed import QUEUE_LENGTH
from execution_orchestrator.monitoring.web.guard import TOKEN_HEADER

from .conftest import event


def post(server, path, **arguments):
    return httpx.post(f"{server.url}{path}", headers={TOKEN_HEADER: server.token}, **arguments)


def test_an_unknown_execution_is_404(server):
    assert httpx.get(f"{server.url}api/executions/none").status_code == 404


def test_events_are_paged(server):
    found = httpx.get(f"{server.url}api/executions/e1/events?after=2&limit=2").json()["events"]
    assert [e["sequence"] for e in found] == [3, 4]


@pytest.mark.parametrize("query", ["after=x", "limit=1.5"])
def test_a_wrong_number_is_told(server, query):
    assert httpx.get(f"{server.url}api/executions/e1/events?{query}").status_code == 400


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
def test_a_wrong_body_is_told(server, body):
    answer = post(server, "api/act/pause", content=body)
    assert answer.status_code == 400
    assert "JSON" in answer.json()["error"]


def test_a_body_that_is_too_large_is_refused(server):
    assert post(server, "api/validate", content=b"x" * (MAX_BODY + 1)).status_code == 413


def test_an_unknown_verb_names_the_known_ones(server):
    answer = post(server, "api/act/explode", json={})
    assert answer.status_code == 404
    assert "pause" in answer.json()["error"]


def listen(server, source, wanted):
    """Read the stream until ``wanted`` messages came; publishing begins when it is connected."""
    received = []
    with httpx.stream("GET", f"{server.url}api/stream", timeout=10) as stream:
        for line in stream.iter_lines():
            if line.startswith(":"):
                threading.Thread(target=wanted, daemon=True).start()
            if line.startswith("data:"):
                received.append(json.loads(line[5:]))
                if received[-1].get("description") == "last":
                    return received
    return received


def test_events_are_streamed_in_order(server, source):
    def publish():
        for i in range(10, 20):
            source.publish(event(i))
        source.publish(event(20, "last"))

    received = listen(server, source, publish)
    assert [e["sequence"] for e in received] == list(range(10, 21))


def test_a_flood_keeps_memory_bounded_and_says_that_events_were_lost(server, source):
    def publish():
        for i in range(10, 10 + 5 * QUEUE_LENGTH):
            source.publish(event(i, "y" * 2000))
        source.publish(event(10**6, "last"))

    received = listen(server, source, publish)
    assert received[-1]["description"] == "last"
    sequences = [e["sequence"] for e in received if "sequence" in e]
    assert sequences == sorted(sequences)
    assert len(sequences) == 5 * QUEUE_LENGTH + 1 or {"lost": True} in received
