"""The command `journal` with a journal in PostgreSQL."""

import json

import pytest
from sqlalchemy import create_engine, text

from execution_orchestrator.cli.journal import main
from execution_orchestrator.engine.events import (
    ExecutionAccepted,
    ExecutionFinished,
    ExecutionPaused,
)
from execution_orchestrator.storage import StorageError, open_database, open_journal
from execution_orchestrator.storage.upkeep import Upkeep, repair_if_requested


@pytest.fixture
def url(postgresql, tmp_path):
    made = postgresql()
    database = open_database(tmp_path / "state", url=made)
    journal = open_journal(database)
    journal.append([ExecutionAccepted(time=1.0, execution_id="a", plan={"actions": []})])
    for number in range(1500):
        journal.append([ExecutionPaused(time=3.0, execution_id="a", reason=f"lunch {number}")])
    journal.append([ExecutionFinished(time=4.0, execution_id="a", status="COMPLETED")])
    journal.close()
    database.close()
    return made


@pytest.fixture
def asked(url, tmp_path, capsys):
    def ask(*words):
        code = main(["--state-directory", str(tmp_path / "state"), "--database-url", url, *words])
        told = capsys.readouterr()
        return code, told.out + told.err

    return ask


def change(url, *statements):
    engine = create_engine(url)
    with engine.begin() as connection:
        found = [connection.execute(text(one)) for one in statements]
        last = found[-1].fetchall() if found[-1].returns_rows else []
    engine.dispose()
    return last


def test_it_is_looked_through_also_while_a_node_uses_it(url, asked, tmp_path):
    database = open_database(tmp_path / "state", url=url)
    code, told = asked("check")
    assert (code, "1502 events can be read" in told) == (0, True), told
    code, told = asked("repair")
    assert (code, "another orchestrator uses" in told) == (1, True), told
    database.close()
    code, told = asked("export", str(tmp_path / "events"))
    assert code == 0
    lines = (tmp_path / "events").read_text().splitlines()
    assert [json.loads(line)["sequence"] for line in lines] == list(range(1, 1503))


def test_what_can_be_read_takes_the_place_of_the_old_tables_which_are_kept(url, asked, tmp_path):
    change(url, "UPDATE event SET data = '{' WHERE seq IN (7, 9)")
    code, told = asked("check")
    assert (code, "event 7 is no JSON" in told, "2 faults" in told) == (1, True, True), told
    for repairs in range(2):  # each is noted in the journal that it made
        code, told = asked("repair")
        assert code == 0, told
        assert f"{1500 + repairs} events now; the node can start" in told
    assert asked("check")[0] == 0
    schemas = change(url, "SELECT nspname FROM pg_namespace WHERE nspname ~ 'repair' ORDER BY 1")
    assert len(schemas) in (1, 2)  # within one second they would have the same name
    kept = change(url, f"SELECT count(*) FROM {schemas[0][0]}.event")
    assert kept == [(1502,)]
    database = open_database(tmp_path / "state", url=url)
    journal = open_journal(database)
    assert journal.find("a").status == "COMPLETED"
    assert journal.append([ExecutionAccepted(time=9.0, execution_id="b", plan={})]) == 1505
    assert len(list(journal.read())) == 1503
    journal.close()
    database.close()


def test_a_newer_version_and_a_database_without_a_journal_stay_as_they_are(url, asked, postgresql):
    change(url, "UPDATE alembic_version SET version_num = '0099'")
    for words in ("check", "repair"):
        code, told = asked(words)
        assert (code, "newer version" in told) == (1, True), told
    assert change(url, "SELECT count(*) FROM event") == [(1502,)]
    empty = postgresql()
    assert main(["--database-url", empty, "check"]) == 1
    assert main(["--database-url", empty, "repair"]) == 1
    assert change(empty, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []


async def test_a_running_node_looks_after_it_in_a_process_of_its_own(url, tmp_path):
    folder = tmp_path / "state"
    upkeep = Upkeep(folder, url)
    change(url, "UPDATE event SET data = '{' WHERE seq = 7")
    found = await upkeep.check()
    assert (found["sound"], found["events"], found["faults"]) == (
        False,
        1501,
        ["event 7 is no JSON"],
    )
    written = await upkeep.export("all.jsonl")
    assert (written["events"], written["path"]) == (1502, str(folder / "exports" / "all.jsonl"))
    with pytest.raises(StorageError, match="no name of a file"):
        await upkeep.export("../all.jsonl")
    upkeep.request_repair()
    for _ in range(2):
        repair_if_requested(folder, url)
    assert (await upkeep.check())["sound"]
    with pytest.raises(StorageError, match="is no database URL"):
        await Upkeep(folder, "nonsense").check()
