import httpx
import pytest

from execution_orchestrator.monitoring.web.guard import TOKEN_HEADER


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
def test_a_foreign_page_cannot_act(server, source, headers):
    answer = httpx.post(f"{server.url}api/act/pause", json={}, headers=headers)
    assert answer.status_code == 403
    assert source.acted == []


def test_not_even_with_the_token_from_another_origin(server, source):
    headers = {TOKEN_HEADER: server.token, "origin": "http://evil.example"}
    assert httpx.post(f"{server.url}api/act/pause", json={}, headers=headers).status_code == 403
    assert source.acted == []


def test_the_page_itself_can(server, source):
    headers = {TOKEN_HEADER: server.token, "origin": server.url.rstrip("/")}
    answer = httpx.post(f"{server.url}api/act/pause", json={"execution_id": "e1"}, headers=headers)
    assert answer.json() == {"success": True, "message": "pause done"}
    assert source.acted == [("pause", {"execution_id": "e1"})]


def test_the_page_cannot_be_framed_and_loads_nothing_from_elsewhere(server):
    headers = httpx.get(server.url).headers
    assert headers["x-frame-options"] == "DENY"
    assert "default-src 'self'" in headers["content-security-policy"]
