"""A large event takes little room, and comes back as it was."""

import json
import sqlite3

import pytest
from sqlalchemy import text

from execution_orchestrator.engine.codec import encode_event
from execution_orchestrator.engine.events import ExecutionAccepted, ExecutionFinished
from execution_orchestrator.storage import StorageError, open_database, open_journal
from execution_orchestrator.storage.json_lines import export
from execution_orchestrator.storage.packing import LARGE, packed, unpacked

ACTIONS = [
    {
        "id": f"go_{number}",
        "action_type": "navigate_to",
        "parameters": {"target": f"plats {number} å"},
    }
    for number in range(200)
]
LARGE_PLAN = ExecutionAccepted(time=1.0, execution_id="e", plan={"actions": ACTIONS})


def rows(store):
    with store.open(lock=False).engine.connect() as connection:
        return list(connection.scalars(text("SELECT data FROM event ORDER BY seq")))


def test_a_plan_of_200_actions_takes_a_tenth_of_its_room_and_is_read_back(store):
    end = ExecutionFinished(time=2.0, execution_id="e", status="COMPLETED")
    journal = open_journal(store.open())
    journal.append([LARGE_PLAN, end])
    large, small = rows(store)
    assert len(large) * 10 < len(encode_event(LARGE_PLAN))
    assert small == encode_event(end).decode()
    assert [entry.event for entry in journal.read()] == [LARGE_PLAN, end]
    assert [entry.event for entry in journal.live_part().entries] == [LARGE_PLAN, end]
    # Read from the journal by a node that was not there when the execution began.
    store.close()
    journal = open_journal(store.open())
    assert journal.find("e").capabilities == ("navigate_to",)


def test_an_execution_that_ends_after_a_restart_is_found_by_what_its_large_plan_has(store):
    open_journal(store.open()).append([LARGE_PLAN])
    store.close()
    journal = open_journal(store.open())
    journal.append([ExecutionFinished(time=2.0, execution_id="e", status="COMPLETED")])
    assert journal.find("e").capabilities == ("navigate_to",)


def test_the_same_event_always_has_the_same_row():
    # After a connection broke, what was to be written is compared with what is there.
    data = encode_event(LARGE_PLAN)
    assert packed(data) == packed(data)
    assert unpacked(packed(data)) == unpacked(packed(data).encode()) == data


@pytest.mark.parametrize("size", [LARGE, LARGE + 1])
def test_the_limit(size):
    data = b'"' + b"x" * (size - 2) + b'"'
    assert (packed(data) == data.decode()) == (size == LARGE)
    unpacked_data = unpacked(packed(data))
    assert unpacked_data in (data, data.decode())


def test_a_damaged_one_is_told_with_place_and_cure(tmp_path):
    database = open_database(tmp_path)
    journal = open_journal(database)
    journal.append([LARGE_PLAN])
    with sqlite3.connect(tmp_path / "journal.db") as connection:
        connection.execute("UPDATE event SET data = substr(data, 1, 300) || substr(data, 320)")
    connection.close()
    with pytest.raises(StorageError, match=r"event 1 of the journal .*journal repair"):
        list(journal.read())
    database.close()
    assert export(tmp_path, "", tmp_path / "all.jsonl") == 1
    assert json.loads((tmp_path / "all.jsonl").read_text()).keys() == {"sequence", "damaged"}
