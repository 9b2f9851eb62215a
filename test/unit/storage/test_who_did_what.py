"""What was asked for is looked up backwards, in SQLite and in PostgreSQL."""

from execution_orchestrator.engine import events as ev
from execution_orchestrator.engine.inputs import Caller, RawGoal, SubmitOptions
from execution_orchestrator.monitoring.who_did_what import PAGE, deeds
from execution_orchestrator.storage import open_journal


def command(at, name="anna", **fields):
    caller = Caller(name=name, role="operate", through="web page", verified=True)
    return ev.CommandGiven(time=at, caller=caller, command="pause", **fields)


def test_every_kind_of_request_is_told_and_other_events_are_not(store):
    journal = open_journal(store.open())
    asked = ev.ExecutionRequested(
        time=1.0,
        execution_id="e1",
        goal=RawGoal(command="bring the red cup"),
        options=SubmitOptions(requester="agent smith"),
    )
    other = ev.ExecutionRequested(
        time=2.0, execution_id="e2", goal=RawGoal(plan="# of a stock\n" + "version:  1\n" * 100)
    )
    refused = ev.RequestRefused(time=3.0, requester="agent", request="run", reason="too fast")
    journal.append([asked, ev.ClockJumped(time=1.5, jump=1.0), other, refused])
    journal.append([command(4.0, execution_id="e1", about="x", refusal="it is over")])
    told = [(one.who, one.what, one.execution_id, one.refused) for one in deeds(journal)]
    assert told[0] == ("anna (operate, web page)", "pause (x)", "e1", "it is over")
    assert told[1] == ("agent", "run", "", "too fast")
    assert told[2][:2] == ("a ROS client", told[2][1])
    assert told[2][1].startswith("run: version: 1 version: 1")
    assert told[2][1].endswith("…")
    assert told[3] == ("agent smith", "run: bring the red cup", "e1", "")
    assert len(told) == 4


def test_they_are_paged_and_filtered_by_words_and_time(store):
    journal = open_journal(store.open())
    many = PAGE + 10
    journal.append([command(float(at), "anna" if at % 2 else "bert") for at in range(many)])
    first = deeds(journal, limit=3)
    assert [one.time for one in first] == [many - 1.0, many - 2.0, many - 3.0]
    assert deeds(journal, limit=1, before=first[-1].sequence)[0].time == many - 4.0
    of_bert = deeds(journal, words="PAUSE bert", limit=many)
    assert len(of_bert) == many // 2
    assert len(deeds(journal, since=many - 5.0, limit=many)) == 5
    assert deeds(journal, words="nobody") == []
