import contextlib
import json
import socket
import threading
import tracemalloc
from urllib.parse import urlsplit

import httpx
import pytest

from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine import inputs as st
from execution_orchestrator.monitoring.web.app import MAX_BODY
from execution_orchestrator.monitoring.web.feed import CHUNK, CHUNKS, MAX_LISTENERS
from execution_orchestrator.monitoring.web.guard import TOKEN_HEADER
from execution_orchestrator.plan.timetable import Timetable
from test.unit.monitoring.running import ASKING, ERRAND, Running


def post(server, path, **arguments):
    return httpx.post(f"{server.url}{path}", headers={TOKEN_HEADER: server.token}, **arguments)


def notes(running, count, text="", start=0):
    """Journal events that mean nothing to the engine."""
    running.note(
        *(
            ev.AlertCleared(time=1.0, alert_id=f"{start + i}", metric=text, value=0.0)
            for i in range(count)
        )
    )


def test_an_unknown_execution_is_404(server):
    assert httpx.get(f"{server.url}api/executions/none").status_code == 404


def test_an_execution_is_told_with_its_graph_its_bars_and_its_question(server, running):
    running.submit(ASKING)
    while not (state := httpx.get(f"{server.url}api/state").json())["executions"]:
        pass
    while not (found := httpx.get(f"{server.url}api/executions/e1").json())["questions"]:
        pass
    assert state["executions"][0]["command"] == "throw it away"
    assert found["questions"][0]["action_id"] == "say"
    graph = httpx.get(f"{server.url}api/executions/e1/graph").json()
    assert [node["id"] for node in graph["nodes"]] == ["say"]
    assert [graph["letters"][one] for one in found["graph"]["states"]] == ["WAITING"]
    answer = post(
        server,
        "api/act/confirm",
        json={"execution_id": "e1", "action_id": "say", "approve": True},
    )
    assert answer.json() == {"success": True, "message": "answered"}
    running.servers.succeed("say")


def test_what_the_page_is_made_of_comes_compressed_and_is_kept_while_it_stays(server):
    first = httpx.get(f"{server.url}static/page.js")
    assert first.headers["content-encoding"] == "gzip"
    assert first.num_bytes_downloaded < len(first.content) / 2.5
    assert first.headers["cache-control"] == "no-cache"
    again = httpx.get(
        f"{server.url}static/page.js", headers={"if-none-match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    plain = httpx.get(f"{server.url}static/page.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == first.content


def test_an_action_is_told_with_its_attempts_and_events(server, running):
    running.submit()
    running.servers.fail("go")
    running.servers.wait_for("go")
    got = httpx.get(f"{server.url}api/executions/e1/actions/go").json()
    assert [one["outcome"] for one in got["attempts"]] == ["aborted", "running"]
    assert got["recoveries"][0]["strategy"] == "clear_costmaps"
    assert got["parameters"] == {"target_location": {"x": 4.0, "y": 2.0}}
    assert got["written"]["id"] == "go"
    events = httpx.get(f"{server.url}api/events?execution=e1&action=go").json()["events"]
    assert {event["action_id"] for event in events} == {"go"}
    few = httpx.get(f"{server.url}api/events?execution=e1&action=go&limit=2").json()["events"]
    assert few == events[-2:]
    for path in ("e1/actions/nobody", "e9/actions/go", "e9/report.html", "e1/report.pdf"):
        assert httpx.get(f"{server.url}api/executions/{path}").status_code == 404


def test_a_report_is_read_from_the_journal(server, running):
    running.servers.at_once = True
    running.submit()
    while (found := running.journal.find("e1")) is None or found.ended is None:
        pass
    page = httpx.get(f"{server.url}api/executions/e1/report.html")
    assert page.headers["content-type"].startswith("text/html")
    assert "bring me the red cup" in page.text
    data = httpx.get(f"{server.url}api/executions/e1/report.json").json()
    assert data["execution"]["status"] == "COMPLETED"
    assert "navigate_to" in httpx.get(f"{server.url}api/executions/e1/report.yaml").text


def test_executions_that_are_only_in_the_journal_are_listed_and_told(tmp_path):
    for name in ("old", "new"):
        before = Running(tmp_path)
        before.servers.at_once = True
        before.submit(execution_id=name)
        while before.journal.find(name) is None or before.journal.find(name).ended is None:
            pass
        before.stop()
    after = Running(tmp_path)
    assert after.monitor.records() == []
    listed = {one["execution_id"]: one for one in after.source.snapshot()["executions"]}
    assert list(listed) == ["new", "old"]
    assert listed["old"]["command"] == "bring me the red cup"
    assert (listed["old"]["status"], listed["old"]["percentage"]) == ("COMPLETED", 100.0)
    told = after.source.execution("old")
    assert (told["attempts"], len(told["graph"]["states"])) == (6, 6)
    assert after.source.execution("nobody") is None
    after.stop()


def test_events_are_paged_from_the_newest_back(server, running):
    before = running.journal.last_sequence
    notes(running, 5)
    newest = httpx.get(f"{server.url}api/events?limit=2").json()["events"]
    assert [e["sequence"] - before for e in newest] == [4, 5]
    older = httpx.get(f"{server.url}api/events?limit=2&before={before + 4}").json()["events"]
    assert [e["sequence"] - before for e in older] == [2, 3]


@pytest.mark.parametrize("query", ["before=x", "limit=1.5", "before=", "limit=1e9"])
def test_a_wrong_number_is_told(server, query):
    answer = httpx.get(f"{server.url}api/events?{query}")
    assert answer.status_code == 400
    assert "whole numbers" in answer.json()["error"]


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"[" * 100_000, b"null", b"NaN"])
def test_a_wrong_body_is_told(server, body):
    answer = post(server, "api/act/pause", content=body)
    assert answer.status_code == 400
    assert "JSON" in answer.json()["error"]


def test_no_name_does_not_mean_every_execution(server, running):
    running.submit()
    running.servers.wait_for("go")
    for verb in ("pause", "resume", "cancel", "confirm", "step"):
        for name in ({}, {"execution_id": ""}, {"execution_id": 5}, {"execution_id": None}):
            assert post(server, f"api/act/{verb}", json=name).status_code == 400
    happened = {type(entry.event) for entry in running.journal.read()}
    assert not happened & {ev.ExecutionPaused, ev.ExecutionResumed, ev.ExecutionCancelRequested}


def test_acting_on_what_is_not_there_says_so(server):
    answer = post(server, "api/act/pause", json={"execution_id": "none"}).json()
    assert answer == {"success": False, "message": "no execution 'none'; the newest are: none"}


def test_a_body_that_is_too_large_is_refused(server):
    assert post(server, "api/validate", content=b"x" * (MAX_BODY + 1)).status_code == 413


def test_an_unknown_verb_names_the_known_ones(server):
    answer = post(server, "api/act/explode", json={})
    assert answer.status_code == 404
    assert "pause" in answer.json()["error"]


@pytest.mark.parametrize("plan", [5, None, ["a"]])
def test_a_plan_that_is_no_text_is_told(server, plan):
    assert post(server, "api/validate", json={"plan": plan}).status_code == 400


def test_a_plan_is_checked_and_run_dry(server):
    good = post(server, "api/validate", json={"plan": ERRAND}).json()
    assert good["valid"]
    assert good["analysis"]["critical_path"] == ["go", "look", "pick", "back"]
    bad = post(server, "api/validate", json={"plan": "actions: [{id: a, action_type: fly}]"}).json()
    assert not bad["valid"]
    assert bad["message"].startswith("Revise")
    assert {issue["code"] for issue in bad["issues"]} >= {"ACTION_TYPE_UNKNOWN"}


def test_a_plan_is_rehearsed_if_it_can_run(server, running):
    good = post(server, "api/rehearse", json={"plan": ERRAND}).json()
    assert good["rehearsal"]["collisions"][0]["x"] == 1.2
    assert "would not succeed" in good["message"]
    bad = post(server, "api/rehearse", json={"plan": "actions: [{id: a, action_type: fly}]"}).json()
    assert bad["rehearsal"] is None
    assert "cannot run" in bad["message"]
    assert len(running.rehearser.rehearsed) == 1
    assert post(server, "api/rehearse", json={"plan": 5}).status_code == 400
    assert running.journal.executions() == []


@pytest.mark.parametrize(
    "request_text",
    [
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"GET / HTTP/1.1\r\nA: " + b"x" * 200_000 + b"\r\n\r\n",
    ],
    ids=["no request", "TLS", "endless header"],
)
def test_what_is_no_request_ends_the_connection_and_nothing_else(server, request_text):
    address = urlsplit(server.url)
    connection = socket.create_connection((address.hostname, address.port), timeout=10)
    with connection, contextlib.suppress(ConnectionError):
        connection.sendall(request_text)
        assert connection.recv(100)[:12] == b"HTTP/1.1 400"
    assert httpx.get(f"{server.url}api/state").status_code == 200


class Listening:
    """Reads the stream in the background of the test."""

    def __init__(self, server):
        self._stream = httpx.stream("GET", f"{server.url}api/stream", timeout=10)

    def __enter__(self):
        self._lines = self._stream.__enter__().iter_lines()
        assert next(self._lines).startswith(":")
        return self

    def __exit__(self, *_):
        self._stream.__exit__(None, None, None)

    def until(self, alert_id):
        """Return the events up to one of this name, None for a gap."""
        found = []
        for line in self._lines:
            if line == "event: lost":
                found.append(None)
            elif line.startswith("data: ["):
                found += json.loads(line[6:])
                if found[-1]["data"]["alert_id"] == alert_id:
                    return found
        raise AssertionError("the stream ended")


def test_events_are_streamed_in_order(server, running):
    with Listening(server) as listening:
        before = running.journal.last_sequence
        notes(running, 10)
        notes(running, 1, start=99)
        found = listening.until("99")
    assert [e["sequence"] - before for e in found] == list(range(1, 12))


def test_a_browser_that_stops_reading_loses_events_and_nobody_waits_for_it(server, running):
    with Listening(server) as asleep, Listening(server) as awake:
        for round_number in range(CHUNKS + 15):
            notes(running, CHUNK, "y" * 1000, start=round_number * CHUNK)
            awake.until(f"{(round_number + 1) * CHUNK - 1}")
        notes(running, 1, start=10**6)
        found = asleep.until(f"{10**6}")
    assert None in found
    sequences = [e["sequence"] for e in found if e is not None]
    assert sequences == sorted(sequences)


def test_a_flood_leaves_the_memory_where_it_was(server, running):
    """Fifty thousand events in half a second's worth of batches, one page open that never reads."""
    with Listening(server):
        notes(running, 2000, "warm")
        tracemalloc.start()
        for batch in range(50):
            notes(running, 1000, "z" * 200, start=batch * 1000)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 60e6
    assert httpx.get(f"{server.url}api/state").status_code == 200


def test_a_page_too_many_is_refused_with_a_reason(server):
    opened = [Listening(server) for _ in range(MAX_LISTENERS)]
    for one in opened:
        one.__enter__()
    try:
        with httpx.stream("GET", f"{server.url}api/stream", timeout=10) as refused:
            text = "".join(refused.iter_text())
    finally:
        for one in opened:
            one.__exit__()
    assert "event: refused" in text
    assert "32 pages are open" in text


def test_pages_that_ask_at_once_are_all_answered(server, running):
    running.submit()
    running.servers.wait_for("go")
    answers = []

    def ask():
        answers.append(httpx.get(f"{server.url}api/executions/e1", timeout=10).status_code)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 20


WAITING = """\
version: 1
signals: {side: {type: string, enum: [left, right], description: where to pass}}
actions:
  - {id: asked, action_type: wait_for_signal, signal: side}
"""


def test_what_is_waited_for_is_told_and_can_be_sent(server, running):
    running.submit(WAITING)
    while not (found := httpx.get(f"{server.url}api/executions/e1").json()).get("signals"):
        pass
    [asked] = found["signals"]
    assert (asked["action_id"], asked["name"], asked["type"]["type"]) == ("asked", "side", "string")
    wrong = {"execution_id": "e1", "name": "side", "value": "up"}
    assert "not one of" in post(server, "api/act/signal", json=wrong).json()["message"]
    assert post(server, "api/act/signal", json={**wrong, "value": "left"}).json()["success"]


def test_schedules_are_told_paused_and_removed(server, running):
    timetable = Timetable(time_zone="UTC", cron="0 7 * * *")
    goal = st.RawGoal(command="look around")
    running.orchestrator.post(
        st.SetSchedule(schedule_id="daily", timetable=timetable, goal=goal, command="look around")
    )
    while not (shown := httpx.get(f"{server.url}api/state").json()["schedules"]):
        pass
    [shown] = shown
    assert (shown["command"], shown["description"]) == ("look around", "at 07:00 every day (UTC)")
    assert shown["next"].startswith("07:00 on ")
    for verb in ("pause_schedule", "resume_schedule", "remove_schedule"):
        assert post(server, f"api/act/{verb}", json={"schedule_id": "daily"}).json()["success"]
    assert "no schedule" in post(server, "api/act/pause_schedule", json={}).json()["message"]
