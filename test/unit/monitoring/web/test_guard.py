import httpx
import pytest

from execution_orchestrator.monitoring.web.guard import TOKEN_HEADER
from execution_orchestrator.monitoring.web.server import WebServer


def test_reading_needs_no_token_but_the_name_of_this_machine(server):
    assert httpx.get(f"{server.url}api/state").status_code == 200
    rebound = httpx.get(f"{server.url}api/state", headers={"host": "evil.example"})
    assert rebound.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {TOKEN_HEADER: "guess"},
        {"origin": "http://evil.example"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_a_foreign_page_cannot_act(server, running, headers):
    before = running.journal.last_sequence
    answer = httpx.post(f"{server.url}api/act/emergency_stop", json={}, headers=headers)
    assert answer.status_code == 403
    assert running.journal.last_sequence == before


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "http://localhost"]
)
def test_not_even_with_the_token_from_another_origin(server, running, origin):
    headers = {TOKEN_HEADER: server.token, "origin": origin}
    before = running.journal.last_sequence
    answer = httpx.post(f"{server.url}api/act/emergency_stop", json={}, headers=headers)
    assert answer.status_code == 403
    assert running.journal.last_sequence == before


def test_the_page_itself_can(server, running):
    headers = {TOKEN_HEADER: server.token, "origin": server.url.rstrip("/")}
    answer = httpx.post(f"{server.url}api/act/emergency_stop", json={}, headers=headers)
    assert answer.json() == {"success": True, "message": "everything is being stopped"}
    assert running.orchestrator.state.emergency


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_every_method_that_may_change_something_needs_the_token(server, method):
    assert httpx.request(method, f"{server.url}api/act/pause").status_code == 403


def test_the_token_is_only_in_the_page(server):
    token = server.token
    assert token in httpx.get(server.url).text
    for path in ("api/state", "api/events", "static/js/api.js"):
        assert token not in httpx.get(f"{server.url}{path}").text


def test_the_page_cannot_be_framed_and_loads_nothing_from_elsewhere(server):
    headers = httpx.get(server.url).headers
    assert headers["x-frame-options"] == "DENY"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy


def test_further_names_of_the_machine_are_answered_to(running):
    web = WebServer(running.source, names=["Robot.local"])
    web.start()
    for name, status in (("robot.local:8765", 200), ("ROBOT.LOCAL", 200), ("other.local", 403)):
        assert httpx.get(f"{web.url}api/state", headers={"host": name}).status_code == status
    web.stop()


@pytest.mark.parametrize(
    "name", ["http://robot.local", "robot.local:80", "*", "a b", "a/b", "a..b"]
)
def test_what_is_no_name_is_told_with_the_cure(running, name):
    with pytest.raises(RuntimeError, match=r"web_names: .*without a port"):
        WebServer(running.source, names=[name])
