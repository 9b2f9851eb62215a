"""Who may come in, and who may do what: over HTTP, against a running engine."""

import asyncio
import json
import ssl
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.routing import Mount, Route

from execution_orchestrator.access.people import PeopleFile
from execution_orchestrator.access.roles import Role
from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.inputs import Caller
from execution_orchestrator.monitoring.web.app import Cookie, create_app
from execution_orchestrator.monitoring.web.gate import (
    FREE_TRIES,
    LONGEST_WAIT,
    MOST_ADDRESSES,
    MOST_SESSIONS,
    SESSION,
    Gate,
    WrongTokenError,
)
from execution_orchestrator.monitoring.web.guard import TOKEN_HEADER
from execution_orchestrator.monitoring.web.noted import PER_MINUTE, Noted
from execution_orchestrator.monitoring.web.permissions import PUBLIC, ROUTES, VERBS, needed
from execution_orchestrator.monitoring.web.server import WebServer, is_loopback
from execution_orchestrator.monitoring.web.tls import check_tls
from test.unit.monitoring.running import ERRAND
from test.unit.monitoring.web.doors import Door, certificate


@pytest.fixture
def door(running, tmp_path):
    made = Door(running, tmp_path)
    yield made
    made.stop()


def signed_in(door, role, **settings):
    """Return a browser that somebody of this role has signed in with."""
    client = httpx.Client(base_url=door.url, **settings)
    answer = client.post("/api/sign_in", json={"token": door.tokens[role]})
    assert answer.json() == {"name": f"{role}r", "role": role}
    client.headers[TOKEN_HEADER] = door.web.token
    return client


# ------------------------------------------------------------------ the table


def routes_of(app):
    for route in app.routes:
        assert isinstance(route, Route | Mount)
        methods = route.methods - {"HEAD"} if isinstance(route, Route) else {"GET"}
        yield from ((method, route.path) for method in methods)


def test_every_route_has_a_role_and_every_role_a_route(running):
    app = create_app(running.source, token="t", gate=Gate(), cookie=Cookie("c", secure=False))
    assert set(routes_of(app)) == set(ROUTES)


def test_a_route_without_a_role_cannot_be_made():
    with pytest.raises(KeyError, match="POST /api/new has no role: add it to ROUTES"):
        needed("POST", "/api/new")


def filled_in(path):
    names = {
        "{execution_id}": "e1",
        "{action_id:path}": "go",
        "{form}": "json",
        "{name}": "x",
        "{layer}": "map",
        "{robot}": "-",
        "{verb}": "pause",
    }
    for name, value in names.items():
        path = path.replace(name, value)
    assert "{" not in path
    return path


def test_nobody_gets_anything_but_the_way_in_without_a_token(door):
    client = httpx.Client(base_url=door.url, headers={TOKEN_HEADER: door.web.token})
    for (method, path), role in ROUTES.items():
        answer = client.request(method, filled_in(path), json={} if method == "POST" else None)
        if role is not PUBLIC:
            assert answer.status_code == 401, path
            assert answer.json() == {"error": "sign in first"}
    page = client.get("/").text
    assert "Your token" in page
    assert door.web.token not in page


@pytest.mark.parametrize("role", ["watch", "operate"])
def test_what_a_role_is_not_enough_for_is_refused_with_who_may(door, running, role):
    client = signed_in(door, role)
    before = running.journal.last_sequence
    refused = 0
    for verb, wanted in VERBS.items():
        if not Role(role).may(wanted):
            answer = client.post(f"/api/act/{verb}", json={"execution_id": "e1"})
            assert answer.status_code == 403
            told = f"{role}r may {role}; this needs somebody who may {wanted}"
            assert answer.json()["error"] == told
            refused += 1
    for (method, path), wanted in ROUTES.items():
        if wanted is not PUBLIC and not Role(role).may(wanted):
            assert client.request(method, filled_in(path), json={}).status_code == 403
            refused += 1
    assert refused > 5
    events = [entry.event for entry in running.journal.read(after=before)]
    assert {type(event) for event in events} == {ev.CommandGiven}
    assert all(event.caller.name == f"{role}r" and event.refusal for event in events)
    assert len(events) <= PER_MINUTE


def test_everybody_who_looks_may_stop_and_few_may_take_it_back(door, running):
    assert signed_in(door, "watch").post("/api/act/emergency_stop", json={}).json()["success"]
    assert running.orchestrator.state.emergency
    assert signed_in(door, "operate").post("/api/act/reset_emergency_stop", json={}).is_error
    administrator = signed_in(door, "administer")
    assert administrator.post("/api/act/reset_emergency_stop", json={}).json()["success"]


def test_an_order_says_whose_it_is(door, running):
    client = signed_in(door, "operate")
    assert client.post("/api/run", json={"command": "say hello"}).json()["success"]
    assert running.desk.orders[0].requester == "operater (operate, web page)"


def test_what_somebody_did_is_in_the_journal_with_their_name(door, running):
    client = signed_in(door, "operate")
    running.submit(ERRAND)
    while not client.get("/api/state").json()["executions"]:
        pass
    assert client.post("/api/act/pause", json={"execution_id": "e1"}).json()["success"]
    client.post("/api/act/reset_emergency_stop", json={})
    client.post("/api/sign_out", json={})
    httpx.post(f"{door.url}api/sign_in", json={"token": "guess"})
    watcher = signed_in(door, "watch")
    told = watcher.get("/api/deeds").json()["deeds"]
    who = "operater (operate, web page)"
    assert [(one["who"], one["what"]) for one in told] == [
        ("watchr (watch, web page)", "sign in"),
        ("somebody at 127.0.0.1", "sign in"),
        (who, "sign out"),
        (who, "reset emergency stop"),
        (who, "pause"),
        (who, "sign in"),
    ]
    assert told[1]["refused"] == "nobody has this token"
    assert told[3]["refused"] == "operater may operate; this needs somebody who may administer"
    assert (told[4]["execution_id"], told[4]["refused"]) == ("e1", "")
    found = watcher.get("/api/deeds?words=operater pause").json()["deeds"]
    assert [one["what"] for one in found] == ["pause"]
    assert watcher.get(f"/api/deeds?before={told[-1]['sequence']}").json() == {"deeds": []}
    assert watcher.get("/api/deeds?before=x").status_code == 400
    report = watcher.get("/api/executions/e1/report.json").json()
    assert "pause by operater (operate, web page)" in json.dumps(report)


def test_strangers_do_not_fill_the_journal(running):
    clock = Clock()
    noted = Noted(running.source, clock)
    before = running.journal.last_sequence

    async def knock():
        for _ in range(3 * PER_MINUTE):
            await noted.note(Caller(through="somebody"), "sign in", "no")

    asyncio.run(knock())
    assert running.journal.last_sequence == before + PER_MINUTE
    clock.now += 60.0
    asyncio.run(knock())
    assert running.journal.last_sequence == before + 2 * PER_MINUTE


# ------------------------------------------------------------------ sessions


def test_the_cookie_is_kept_from_scripts_and_other_sites(door):
    answer = httpx.post(f"{door.url}api/sign_in", json={"token": door.tokens["watch"]})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie
    assert door.tokens["watch"] not in cookie


def test_a_session_alone_changes_nothing_the_token_of_the_page_is_needed_too(door):
    client = signed_in(door, "administer")
    del client.headers[TOKEN_HEADER]
    assert client.post("/api/act/emergency_stop", json={}).status_code == 403


def test_who_signed_out_is_out(door):
    client = signed_in(door, "watch")
    session = dict(client.cookies)
    assert client.get("/api/state").status_code == 200
    assert client.post("/api/sign_out", json={}).status_code == 200
    assert not client.cookies
    assert httpx.get(f"{door.url}api/state", cookies=session).status_code == 401


def test_another_role_counts_at_once_and_a_new_token_ends_the_session(door):
    client = signed_in(door, "operate")
    run = {"command": "say hello"}
    door.people = door.people.with_role("operater", Role.WATCH)
    door.people.save(door.path)
    assert client.post("/api/run", json=run).status_code == 403
    door.people, token = door.people.with_token("operater", Role.OPERATE)
    door.people.save(door.path)
    assert client.get("/api/state").status_code == 401
    assert client.post("/api/sign_in", json={"token": token}).status_code == 200
    assert client.post("/api/run", json=run).status_code == 200
    door.people.without("operater").save(door.path)
    assert client.get("/api/state").status_code == 401


def test_what_happens_is_told_no_longer_to_who_was_taken_out(door, running):
    client = signed_in(door, "watch", timeout=10.0)
    with client.stream("GET", "/api/stream") as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": connected"
        running.note(ev.AlertCleared(time=1.0, alert_id="seen", metric="m", value=0.0))
        assert any("seen" in line for line in lines)
        door.people.without("watchr").save(door.path)
        running.note(ev.AlertCleared(time=1.0, alert_id="secret", metric="m", value=0.0))
        assert not [line for line in lines if "secret" in line]


def test_programs_send_their_token_with_each_request(door, running):
    headers = {"authorization": f"Bearer {door.tokens['operate']}"}
    assert httpx.get(f"{door.url}api/state", headers=headers).status_code == 200
    ordered = httpx.post(f"{door.url}api/run", headers=headers, json={"command": "say hello"})
    assert ordered.json()["success"]
    assert running.desk.orders[0].requester.startswith("operater")
    wrong = {"authorization": "Bearer guess"}
    assert httpx.get(f"{door.url}api/state", headers=wrong).status_code == 401


def test_who_saved_a_plan_and_who_could_not_is_in_the_journal(door, running):
    client = signed_in(door, "administer")
    before = running.journal.last_sequence
    plan = {"name": "tidy.yaml", "text": "version: 1\n"}
    assert client.post("/api/plans", json=plan).json()["saved"]
    assert not client.post("/api/plans", json={**plan, "text": "version: 2\n"}).json()["saved"]
    assert not client.post("/api/plans", json={**plan, "name": "../tidy.yaml"}).json()["saved"]
    saved, stood, misnamed = [entry.event for entry in running.journal.read(after=before)]
    anna = Caller(name="administerr", role="administer", through="web page", verified=True)
    for event, name in ((saved, "tidy.yaml"), (stood, "tidy.yaml"), (misnamed, "../tidy.yaml")):
        assert (event.caller, event.command, event.about) == (anna, "save a plan", name)
    assert saved.refusal == ""
    assert stood.refusal == "tidy.yaml is there already"
    assert misnamed.refusal.startswith("'../tidy.yaml' is no name of a plan")


def test_a_program_of_another_page_is_refused_all_the_same(door):
    headers = {
        "authorization": f"Bearer {door.tokens['operate']}",
        "origin": "http://evil.example",
    }
    assert httpx.get(f"{door.url}api/state", headers=headers).status_code == 403


def test_who_guesses_has_to_wait_even_with_the_right_token(door):
    for _ in range(FREE_TRIES):
        assert httpx.post(f"{door.url}api/sign_in", json={"token": "guess"}).status_code == 401
    answer = httpx.post(f"{door.url}api/sign_in", json={"token": door.tokens["watch"]})
    assert answer.status_code == 429
    assert "try again in" in answer.json()["error"]
    assert int(answer.headers["retry-after"]) in (1, 2)


# ------------------------------------------------------------------ the gate by a clock of its own


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def gate(door, clock):
    return Gate(PeopleFile(door.path), clock)


def guess(gate, address="a"):
    with pytest.raises(WrongTokenError) as raised:
        gate.sign_in("guess", address)
    return raised.value.wait


def test_each_further_guess_waits_twice_as_long_up_to_a_limit(gate, clock, door):
    assert [guess(gate) for _ in range(FREE_TRIES)] == [0.0] * FREE_TRIES
    waits = []
    for _ in range(12):
        waits.append(guess(gate))
        clock.now += waits[-1]
        assert guess(gate) == 0.0
    assert waits[:3] == [2.0, 4.0, 8.0]
    assert waits[-1] == LONGEST_WAIT
    assert guess(gate, "another address") == 0.0
    clock.now += LONGEST_WAIT
    gate.sign_in(door.tokens["watch"], "a")
    assert guess(gate) == 0.0


def test_what_is_remembered_of_guesses_and_sessions_is_bounded(gate, door):
    for number in range(MOST_ADDRESSES + 10):
        guess(gate, str(number))
    assert len(gate._tries) == MOST_ADDRESSES
    first, _ = gate.sign_in(door.tokens["watch"], "a")
    for _ in range(MOST_SESSIONS):
        last, _ = gate.sign_in(door.tokens["watch"], "a")
    assert gate.who(first, "", "") is None
    assert gate.who(last, "", "").name == "watchr"


def test_a_session_is_over_after_its_time(gate, clock, door):
    session, _ = gate.sign_in(door.tokens["watch"], "a")
    clock.now += SESSION - 1.0
    assert gate.who(session, "", "") is not None
    clock.now += 1.0
    assert gate.who(session, "", "") is None


def test_while_the_file_is_broken_nobody_comes_in_and_it_says_so(gate, door):
    session, _ = gate.sign_in(door.tokens["watch"], "a")
    door.path.write_text("people: 7")
    assert gate.who(session, "", "") is None
    with pytest.raises(WrongTokenError, match="its log says why"):
        gate.sign_in(door.tokens["watch"], "a")


# ------------------------------------------------------------------ beyond loopback, TLS


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "robot.local"])
def test_without_people_the_page_stays_on_loopback(running, host):
    assert not is_loopback(host)
    with pytest.raises(RuntimeError, match=r"not loopback.*access add NAME.*access_file"):
        WebServer(running.source, host=host)


def test_with_people_it_goes_beyond(running, tmp_path):
    door = Door(running, tmp_path, host="0.0.0.0")
    door.stop()


def test_over_tls_the_cookie_is_for_tls_alone(running, tmp_path):
    crt, key = certificate(tmp_path)
    door = Door(running, tmp_path, certificate=str(crt), key=str(key))
    assert door.url.startswith("https://")
    trust = ssl.create_default_context(cafile=crt)
    client = signed_in(door, "watch", verify=trust)
    assert client.get("/api/state").status_code == 200
    answer = client.post("/api/sign_in", json={"token": door.tokens["watch"]})
    assert "secure" in answer.headers["set-cookie"].lower()
    with pytest.raises(httpx.HTTPError):
        httpx.get(door.url.replace("https", "http"))
    door.stop()


def shown_certificate(door):
    """Return the certificate that the next connection gets."""
    return ssl.get_server_certificate(("127.0.0.1", urlsplit(door.url).port))


def test_a_renewed_certificate_is_taken_for_the_next_connection(running, tmp_path, caplog):
    crt, key = certificate(tmp_path)
    door = Door(running, tmp_path, certificate=str(crt), key=str(key))
    first = shown_certificate(door)
    assert first.strip() == crt.read_text().strip()
    (tmp_path / "new").mkdir()
    new_crt, new_key = certificate(tmp_path / "new")
    # Between the two files they do not belong together: what is served stays.
    new_crt.replace(crt)
    assert shown_certificate(door) == shown_certificate(door) == first
    assert caplog.text.count("the certificate of before stays") == 1
    new_key.replace(key)
    assert shown_certificate(door).strip() == crt.read_text().strip() != first.strip()
    crt.unlink()
    assert shown_certificate(door).strip() != first.strip()
    door.stop()


def test_what_is_wrong_with_the_files_for_tls_names_file_and_cure(tmp_path):
    crt, key = map(str, certificate(tmp_path))
    (tmp_path / "other").mkdir()
    _, foreign = certificate(tmp_path / "other")
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    (tmp_path / "closed").write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    (tmp_path / "empty").write_text("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
    gone, binary = str(tmp_path / "gone"), str(tmp_path / "binary")
    closed, empty = str(tmp_path / "closed"), str(tmp_path / "empty")
    for given, told in (
        ((crt, ""), "web_certificate is set and web_key is not"),
        (("", key), "web_key is set and web_certificate is not"),
        ((gone, key), f"web_certificate: {gone} cannot be read"),
        ((crt, gone), f"web_key: {gone} cannot be read"),
        ((crt, binary), "no PEM file; convert it"),
        ((crt, closed), "needs a passphrase"),
        ((crt, str(foreign)), "do not belong together"),
        ((empty, key), "the certificate comes first"),
    ):
        with pytest.raises(RuntimeError, match=told):
            check_tls(*given)
    check_tls("", "")
    check_tls(crt, key)
