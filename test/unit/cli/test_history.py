import json
import threading

import pytest

from execution_orchestrator.cli.history import main
from execution_orchestrator.cli.view.formatting import figure
from execution_orchestrator.engine.inputs import Caller
from test.unit.monitoring.running import ERRAND, Running


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """A journal with a clean run, one with a recovery, and one that was cancelled."""
    directory = tmp_path_factory.mktemp("state")
    running = Running(directory)
    names = []
    ended = threading.Semaphore(0)
    running.monitor.on_finished(lambda record: (names.append(record.execution_id), ended.release()))
    for execution_id in ("clean", "rough"):
        running.submit(ERRAND, execution_id=execution_id)
        if execution_id == "rough":
            running.servers.fail("go")
        for key in ("announce", "arm_ready", "go", "look", "pick", "back"):
            running.servers.succeed(key)
        assert ended.acquire(timeout=10.0)
    running.submit(
        "{version: 1, actions: [{id: say, action_type: speak, parameters: {text: x}}]}",
        execution_id="stopped",
    )
    running.servers.wait_for("say")
    running.source.act("cancel", {"execution_id": "stopped"}, Caller(through="web page"))
    assert ended.acquire(timeout=10.0)
    running.stop()
    assert names == ["clean", "rough", "stopped"]
    return directory


def asked(capsys, state, *arguments):
    assert main(["--state-directory", str(state), "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def ids(runs):
    return [run["execution_id"] for run in runs]


def test_the_newest_run_is_first(state, capsys):
    assert ids(asked(capsys, state)) == ["stopped", "rough", "clean"]
    assert ids(asked(capsys, state, "--limit", "1")) == ["stopped"]


def test_a_narrow_terminal_shows_every_run_in_full(state, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["--state-directory", str(state)]) == 0
    told = capsys.readouterr().out
    assert "…" not in told
    for word in ("stopped", "CANCELLED", "rough", "COMPLETED", "1 retry"):
        assert word in told
    assert max(map(len, told.splitlines())) <= 80


def test_runs_are_filtered(state, capsys):
    assert ids(asked(capsys, state, "--status", "completed")) == ["rough", "clean"]
    assert ids(asked(capsys, state, "--command", "RED cup")) == ["rough", "clean"]
    assert ids(asked(capsys, state, "--since", "1h", "--status", "cancelled")) == ["stopped"]
    assert asked(capsys, state, "--until", "2020-01-01") == []


def test_two_runs_are_compared(state, capsys):
    found = asked(capsys, state, "--compare", "clean", "rough")
    figures = {one["subject"]: one for one in found["figures"]}
    assert (figures["attempts"]["before"], figures["attempts"]["after"]) == (6.0, 7.0)
    assert figures["recoveries"]["remark"] == "new"
    assert figures["success_rate"]["remark"] == ""
    actions = {one["subject"]: one["remark"] for one in found["actions"]}
    assert "1 became 2 attempts" in actions["go"]


def test_advice_comes_with_its_numbers_or_says_that_nothing_stands_out(state, capsys):
    found = asked(capsys, state, "--advice")
    assert found["runs"] == 3
    for one in found["advice"]:
        assert any(sign.isdigit() for sign in one["evidence"])
    assert main(["--state-directory", str(state), "--advice", "--until", "2020-01-01"]) == 0
    assert capsys.readouterr().out == "nothing stands out in 0 runs\n"


def test_runs_of_different_plans_are_compared_too(state, capsys):
    found = asked(capsys, state, "--compare", "clean", "stopped")
    remarks = {one["subject"]: one["remark"] for one in found["actions"]}
    assert remarks["go"] == "only in the first run"
    assert remarks["say"] == "only in the second run"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("total_duration", 75.0, "1:15"),
        ("duration_p90", 0.4, "0.4 s"),
        ("breaker_wait", 12.0, "12 s"),
        ("held", 3.0, "3.0 s"),
        ("success_rate", 2 / 3, "67%"),
        ("utilisation", 0.5, "50%"),
        ("throughput", 0.25, "0.25 actions/s"),
        ("attempts", 10.0, "10"),
    ],
)
def test_a_figure_has_the_unit_that_its_name_says(name, value, shown):
    assert figure(name, value) == shown


def test_figures_are_counted_over_a_window(state, capsys):
    found = asked(capsys, state, "--figures")
    assert found["capabilities"]["navigate_to"]["count"] == 5
    assert found["capabilities"]["navigate_to"]["errors_by_type"] == {"NAVIGATION": 1}
    assert found["resources"]["base"]["uses"] >= 4


@pytest.mark.parametrize("arguments", [[], ["--compare", "clean", "rough"], ["--figures"]])
def test_it_is_readable_too(state, capsys, arguments):
    assert main(["--state-directory", str(state), *arguments]) == 0
    assert "rough" in capsys.readouterr().out or arguments == ["--figures"]


def test_what_is_not_there_is_told(state, capsys):
    assert main(["--state-directory", str(state), "--compare", "clean", "nothing"]) == 1
    assert "no execution 'nothing'" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--since", "yesterday-ish"])
    assert "90m, 24h or 7d" in capsys.readouterr().err


def test_who_asked_for_what_is_told_the_newest_first(state, capsys):
    (deed,) = asked(capsys, state, "--who")
    assert (deed["who"], deed["what"], deed["execution_id"]) == ("web page", "cancel", "stopped")
    assert asked(capsys, state, "--who", "cancel page") == [deed]
    assert asked(capsys, state, "--who", "nobody") == []
    assert main(["--state-directory", str(state), "--who"]) == 0
    assert "cancel" in capsys.readouterr().out
