"""What is typed: plan files or words, ids by their beginning; and messages that are shown once."""

from __future__ import annotations

from collections import deque

import pytest

from execution_orchestrator.cli import run
from execution_orchestrator.cli.deadletters import options_of
from execution_orchestrator.cli.ids import UnknownIdError, whole_id
from execution_orchestrator.cli.plan_file import read_plan, title_of
from execution_orchestrator.cli.run import plan_or_command
from execution_orchestrator.cli.view.unseen import Unseen


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ([], (None, "")),
        (["-"], ("-", "")),
        (["away.yaml"], ("away.yaml", "")),
        (["plans/away"], ("plans/away", "")),
        (["stop"], (None, "stop")),
        (["bring me the red cup"], (None, "bring me the red cup")),
        (["bring", "me", "the", "red", "cup"], (None, "bring me the red cup")),
    ],
)
def test_a_plan_file_is_told_from_words(typed, meant, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert plan_or_command(typed) == meant


def test_a_file_that_is_there_is_a_plan_whatever_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "errand").write_text("version: 1")
    assert plan_or_command(["errand"]) == ("errand", "")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("patrol.yml", ". Did you mean patrol.yaml?"),
        ("patrl.yaml", ". Did you mean patrol.yaml?"),
        ("plans/patrol.json", ". Did you mean plans/patrol.yaml?"),
        ("other.yaml", ""),
        ("nowhere/patrol.yaml", ""),
    ],
)
def test_a_file_that_is_not_there_is_answered_with_the_one_beside_it(
    typed, meant, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plans").mkdir()
    for name in ("patrol.yaml", "plans/patrol.yaml"):
        (tmp_path / name).write_text("version: 1")
    with pytest.raises(OSError, match="cannot be read") as raised:
        read_plan(typed)
    assert str(raised.value) == f"{typed} cannot be read: No such file or directory{meant}"


def test_a_command_says_once_that_its_file_is_not_there(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "patrol.yaml").write_text("version: 1")
    assert run.main(["patrol.yml"]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert told == (
        "patrol.yml cannot be read: No such file or directory. Did you mean patrol.yaml?"
    )


def test_the_beginning_of_an_id_is_enough_where_it_is_clear():
    known = ["abc1", "abd2", "xyz"]
    assert whole_id("x", known) == "xyz"
    assert whole_id("abc1", [*known, "abc12"]) == "abc1"
    with pytest.raises(UnknownIdError, match="several: abc1, abd2"):
        whole_id("ab", known)
    with pytest.raises(UnknownIdError, match="no execution 'xyy'; there are: xyz"):
        whole_id("xyy", known)
    with pytest.raises(UnknownIdError, match="there are none yet"):
        whole_id("x", [])


def test_each_message_is_new_once_though_old_ones_fall_out():
    kept: deque[object] = deque(maxlen=3)
    unseen = Unseen()
    sent = [object() for _ in range(8)]
    found = []
    for one in sent[:4]:
        kept.append(one)
        found += unseen.of(kept)
    kept.extend(sent[4:6])
    found += unseen.of(kept)
    assert found == sent[:6]
    assert unseen.of(kept) == []
    kept.extend([object(), *sent[6:], object()])  # more than it holds: the rest is lost, none twice
    assert unseen.of(kept)[:2] == sent[6:]


@pytest.mark.parametrize(
    ("file", "plan", "title"),
    [
        ("plans/patrol.yaml", "version: 1\nactions: []", "patrol.yaml"),
        ("patrol.yaml", "version: 1\ncommand: go round", ""),
        ("patrol.json", '{"version": 1, "command": "go round"}', ""),
        ("patrol.yaml", "actions:\n  - parameters: {command: x}", "patrol.yaml"),
        ("-", "version: 1", ""),
    ],
)
def test_a_plan_without_a_command_is_called_like_its_file(file, plan, title):
    assert title_of(file, plan) == title


def test_dead_letters_are_listed_where_nothing_else_is_asked_for():
    options = options_of(["--node", "/robot1/orchestrator"])
    assert (options.what, options.limit, options.node) == ("list", 20, "/robot1/orchestrator")
    assert options_of(["discard", "e1"]).what == "discard"
