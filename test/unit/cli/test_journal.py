import getpass
import json
import sqlite3
import time

import pytest

from execution_orchestrator.cli.history import main as history_main
from execution_orchestrator.cli.journal import main
from execution_orchestrator.engine.events import (
    ExecutionAccepted,
    ExecutionFinished,
    ExecutionForgotten,
    ExecutionPaused,
    ExecutionStarted,
)
from execution_orchestrator.storage import open_database, open_journal


@pytest.fixture
def state(tmp_path):
    directory = tmp_path / "state"
    database = open_database(directory)
    journal = open_journal(database)
    for name in ("a", "b"):
        journal.append([ExecutionAccepted(time=1.0, execution_id=name, plan={"actions": []})])
        journal.append([ExecutionStarted(time=2.0, execution_id=name)])
        for number in range(200):
            reason = f"lunch {number} " * 25
            journal.append([ExecutionPaused(time=3.0, execution_id=name, reason=reason)])
        journal.append([ExecutionFinished(time=4.0, execution_id=name, status="COMPLETED")])
    journal.append([ExecutionForgotten(time=5.0, execution_id="a")])
    journal.close()
    database.close()
    return directory


def asked(capsys, state, *words):
    code = main(["--state-directory", str(state), *words])
    told = capsys.readouterr()
    return code, told.out + told.err


def change(state, statement):
    with sqlite3.connect(state / "journal.db") as connection:
        connection.execute(statement)
    connection.close()


def events(state):
    database = open_database(state)
    journal = open_journal(database)
    found = [entry.sequence for entry in journal.read()], journal.history()
    journal.close()
    database.close()
    return found


def test_a_good_journal_is_whole_also_while_a_node_uses_it(state, capsys):
    database = open_database(state)
    code, told = asked(capsys, state, "check")
    assert code == 0, told
    assert "407 events can be read, the newest at position 407; 0 faults" in told
    code, told = asked(capsys, state, "repair")
    assert code == 1
    assert "another orchestrator uses" in told
    database.close()


def test_a_damaged_event_and_one_that_makes_no_sense_are_named_and_repaired(state, capsys):
    change(state, "UPDATE event SET data = '{' WHERE seq = 7")
    change(
        state,
        "INSERT INTO event VALUES (500, 'x', 1.0, 'EXECUTION_STARTED', '', "
        '\'{"type":"ExecutionStarted","time":1.0,"execution_id":"x"}\')',
    )
    code, told = asked(capsys, state, "check")
    assert code == 1
    assert "event 7 is no JSON" in told
    assert "event 500 (EXECUTION_STARTED) does not follow" in told
    before = events_of_file(state / "journal.db")
    code, told = asked(capsys, state, "repair")
    assert code == 0, told
    kept, beside = sorted(state.glob("journal.db.before-repair-*"))
    assert str(kept) in told
    assert beside.name == f"{kept.name}-last"
    assert events_of_file(kept) == before
    sequences, history = events(state)
    # The last one tells who repaired it.
    assert sequences == [*range(1, 7), *range(8, 409)]
    assert history_main(["--state-directory", str(state), "--who", "--json"]) == 0
    (deed,) = json.loads(capsys.readouterr().out)
    assert deed["what"].startswith("repair the journal (the one of before is ")
    assert deed["who"] == f"{getpass.getuser()}, says the command line"
    assert abs(deed["time"] - time.time()) < 60.0
    assert [(one.execution_id, one.status) for one in history] == [
        ("b", "COMPLETED"),
        ("a", "COMPLETED"),
    ]
    assert asked(capsys, state, "check")[0] == 0
    assert not list(state.glob("*.repair"))


def events_of_file(file):
    connection = sqlite3.connect(file)
    found = connection.execute("SELECT * FROM event").fetchall()
    connection.close()
    return found


@pytest.mark.parametrize("harm", ["half", "pages"])
def test_what_is_left_of_a_damaged_file_is_saved(state, harm, capsys):
    file = state / "journal.db"
    content = bytearray(file.read_bytes())
    if harm == "half":
        del content[len(content) // 2 :]
    else:
        content[-8 * 4096 : -6 * 4096] = b"\xa5" * 8192
    file.write_bytes(content)
    code, told = asked(capsys, state, "check")
    assert code == 1
    assert "the file is damaged" in told
    assert "cannot be read from the file" in told
    code, told = asked(capsys, state, "repair")
    assert code == 0, told
    sequences, _ = events(state)
    assert 50 < len(sequences) < 407
    assert asked(capsys, state, "check")[0] == 0


@pytest.mark.parametrize("column", ["execution_id", "data"])
@pytest.mark.parametrize("value", ["NULL", "7"])
def test_a_row_whose_text_is_lost_is_a_fault(state, capsys, column, value):
    # What SQLite gives for a damaged page, which no constraint of the table keeps away.
    change(
        state,
        "CREATE TABLE harmed (seq INTEGER PRIMARY KEY, execution_id, time, type, action, data)",
    )
    change(
        state, "INSERT INTO harmed SELECT seq, execution_id, time, type, action, data FROM event"
    )
    change(state, "DROP TABLE event")
    change(state, "ALTER TABLE harmed RENAME TO event")
    change(state, f"UPDATE event SET {column} = {value} WHERE seq IN (7, 8)")
    code, told = asked(capsys, state, "check")
    assert code == 1
    assert "positions 7 to 8 cannot be read from the file (its text is lost)" in told
    code, told = asked(capsys, state, "repair")
    assert code == 0, told
    assert events(state)[0] == [*range(1, 7), *range(9, 409)]


def test_what_a_newer_version_wrote_is_not_thrown_away(state, capsys):
    with sqlite3.connect(state / "journal.db") as connection:
        ((ours,),) = connection.execute("SELECT version_num FROM alembic_version")
    connection.close()
    change(state, "UPDATE alembic_version SET version_num = '0099'")
    for words in ("check", "repair"):
        code, told = asked(capsys, state, words)
        assert code == 1
        assert "newer version" in told
    change(state, f"UPDATE alembic_version SET version_num = '{ours}'")
    assert len(events(state)[0]) == 407


def test_large_events_are_checked_exported_and_kept_by_a_repair(state, tmp_path, capsys):
    plan = {"actions": [{"id": f"a{number}", "action_type": "wait"} for number in range(200)]}
    large = ExecutionAccepted(time=6.0, execution_id="c", plan=plan)
    database = open_database(state)
    journal = open_journal(database)
    journal.append([large])
    journal.close()
    database.close()
    change(state, "UPDATE event SET data = '{' WHERE seq = 7")
    assert "407 events can be read" in asked(capsys, state, "check")[1]
    assert asked(capsys, state, "repair")[0] == 0
    assert asked(capsys, state, "check")[0] == 0
    database = open_database(state)
    assert open_journal(database).newest(limit=2)[0].event == large
    database.close()
    target = tmp_path / "events.jsonl"
    assert asked(capsys, state, "export", str(target))[0] == 0
    assert json.loads(target.read_text().splitlines()[-2])["event"]["plan"] == plan


def test_every_event_is_exported(state, tmp_path, capsys):
    change(state, "UPDATE event SET data = '{' WHERE seq = 7")
    target = tmp_path / "events.jsonl"
    target.write_text("old")
    code, _ = asked(capsys, state, "export", str(target))
    assert code == 0
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    assert [line["sequence"] for line in lines] == list(range(1, 408))
    assert lines[0]["event"]["type"] == "ExecutionAccepted"
    assert lines[6] == {"sequence": 7, "damaged": "{"}
    assert asked(capsys, state, "export", str(tmp_path / "no" / "where"))[0] == 1
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


@pytest.mark.parametrize("words", [["check"], ["repair"], ["export", "x.jsonl"]])
def test_what_is_not_there_or_empty_is_one_sentence(tmp_path, words, capsys):
    (tmp_path / "journal.db").write_bytes(b"")
    code, told = asked(capsys, tmp_path, *words)
    assert code == 1
    assert "journal.db" in told
    assert (tmp_path / "journal.db").read_bytes() == b""
    assert asked(capsys, tmp_path / "nowhere", *words)[0] == 1


@pytest.mark.parametrize(
    ("url", "told"),
    [("nonsense", "is no database URL"), ("mysql://a@b/c", "use sqlite or postgresql")],
)
def test_what_is_no_place_for_a_journal_is_one_sentence(state, url, told, capsys):
    for words in ("check", "repair"):
        code, said = asked(capsys, state, "--database-url", url, words)
        assert (code, told in said) == (1, True), said
