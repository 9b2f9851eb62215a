from concurrent.futures import ThreadPoolExecutor

import pytest

from execution_orchestrator.access.people import People
from execution_orchestrator.cli.access import main


def call(path, *words):
    return main([words[0], *words[1:], "--file", str(path)])


def token_of(capsys):
    return capsys.readouterr().out.strip()


def test_a_person_is_added_renewed_and_removed(tmp_path, capsys):
    path = tmp_path / "access.yaml"
    assert call(path, "add", "anna", "--role", "operate") == 0
    shown = capsys.readouterr()
    first = shown.out.strip()
    assert f"access_file has to be {path}" in shown.err
    assert People.load(path).by_token(first).role == "operate"
    assert call(path, "renew", "anna") == 0
    second = token_of(capsys)
    assert People.load(path).by_token(first) is None
    assert call(path, "role", "anna", "--role", "watch") == 0
    assert People.load(path).by_token(second).role == "watch"
    assert call(path, "list") == 0
    assert "anna" in capsys.readouterr().out
    assert call(path, "remove", "anna") == 0
    assert People.load(path).by_token(second) is None
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", "anna", "--role", "watch"), "is there already"),
        (("add", "a b", "--role", "watch"), "letters, digits"),
        (("renew", "bert"), "does not know bert; it knows anna"),
        (("remove", "bert"), "it knows anna"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(tmp_path, capsys, words, told):
    path = tmp_path / "access.yaml"
    call(path, "add", "anna", "--role", "operate")
    capsys.readouterr()
    before = path.read_bytes()
    assert call(path, *words) == 1
    shown = capsys.readouterr()
    assert told in shown.err
    assert shown.out == ""
    assert path.read_bytes() == before


def test_a_file_that_is_not_there_is_made_only_by_add(tmp_path, capsys):
    path = tmp_path / "access.yaml"
    for words in (("list",), ("renew", "anna"), ("remove", "anna")):
        assert call(path, *words) == 1
        assert "access add NAME" in capsys.readouterr().err
    assert not path.exists()


def test_two_who_add_at_once_do_not_write_over_each_other(tmp_path):
    path = tmp_path / "access.yaml"
    names = [f"person{number}" for number in range(12)]
    with ThreadPoolExecutor(6) as threads:
        done = threads.map(lambda name: call(path, "add", name, "--role", "watch"), names)
        assert set(done) == {0}
    assert sorted(People.load(path).people) == sorted(names)
