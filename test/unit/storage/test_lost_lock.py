"""A node that loses the lock of a journal in PostgreSQL while it lives writes nothing beside the next one.

What is done is written first, so who cannot write sends no goal.
"""

import pytest
from sqlalchemy import create_engine, text

from execution_orchestrator.engine.events import ExecutionAccepted, ExecutionPaused
from execution_orchestrator.storage import StorageError, open_database, open_journal

OF_THE_LOCK = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"


def test_of_two_that_both_believe_to_be_the_active_one_only_the_first_to_write_goes_on(
    postgresql, tmp_path
):
    url = postgresql()
    cut_off = open_database(tmp_path / "one", url=url)
    active = open_journal(cut_off)
    active.append([ExecutionAccepted(time=1.0, execution_id="a", plan={"actions": []})])
    engine = create_engine(url)
    with engine.begin() as connection:
        assert connection.execute(text(OF_THE_LOCK)).fetchall()
    taken_over = open_database(tmp_path / "two", url=url)
    standby = open_journal(taken_over)
    standby.append([ExecutionPaused(time=2.0, execution_id="a", reason="taken over")])
    with pytest.raises(StorageError):
        active.append([ExecutionPaused(time=3.0, execution_id="a", reason="cut off")])
    with pytest.raises(StorageError, match=r"another orchestrator (uses|has written)"):
        active.recover()
    standby.append([ExecutionPaused(time=4.0, execution_id="a", reason="goes on")])
    told = [entry.event.reason for entry in standby.read() if entry.sequence > 1]
    assert told == ["taken over", "goes on"]
    engine.dispose()
    for one in (active, standby, cut_off, taken_over):
        one.close()
