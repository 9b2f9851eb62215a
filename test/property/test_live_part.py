"""What a node reads of its journal at the start says of all that goes on what the whole says."""

import tempfile
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from execution_orchestrator.engine.apply import fold
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.storage import live_part, open_database, open_journal
from test.simulation.simulator import Simulator
from test.snapshot import snapshot

EVENTS_AT_ONCE = 7


def meaning(state, names):
    """Return what the state says, of executions only of these; without counters."""
    found = snapshot(state)
    del found["durations"]
    for part in ("executions", "pending", "running"):
        kept = found[part]
        found[part] = (
            {name: kept[name] for name in kept if name in names}
            if isinstance(kept, dict)
            else [name for name in kept if name in names]
        )
    for execution in found["executions"].values():
        del execution["order"]
        for action in execution["actions"].values():
            del action["shut_at_ready"]
    del found["finished"], found["rates"]
    found["timers"] = {name: one for name, one in found["timers"].items() if "rate" not in name}
    found["used"] = {name: use for name, use in found["used"].items() if use[1]}
    found["waiting"] = {
        name: [entry[:2] for entry in entries] for name, entries in found["waiting"].items()
    }
    for request in found["requests"].values():
        request.pop("entry", None)
    for server in found["servers"].values():
        del server["active"], server["trial"], server["shut_seconds"]
    quiet = (None, "CLOSED", 0)
    found["servers"] = {
        name: one
        for name, one in found["servers"].items()
        if (one["available"], one["breaker"], one["failures"]) != quiet
    }
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10_000),
    part=st.floats(0.05, 1.0),
    recent=st.sampled_from([0, 1, 50]),
    page=st.sampled_from([3, 2000]),
    together=st.sampled_from([1, 200]),
)
# Goals in quarantine hold leases when their executions are over.
@example(seed=720, part=0.875, recent=0, page=3, together=1)
@example(seed=785, part=0.875, recent=0, page=3, together=1)
@example(seed=895, part=0.875, recent=1, page=3, together=1)
def test_what_goes_on_is_as_the_whole_journal_says(seed, part, recent, page, together):
    simulator = Simulator(seed)
    simulator.run()
    events = simulator.journal[: int(part * len(simulator.journal))]
    whole = fold(events)
    with tempfile.TemporaryDirectory() as directory:
        database = open_database(Path(directory))
        journal = open_journal(database)
        for start in range(0, len(events), EVENTS_AT_ONCE):
            journal.append(events[start : start + EVENTS_AT_ONCE])
        with patch.multiple(live_part, RECENT=recent, PAGE=page, AT_ONCE=together):
            read = journal.live_part()
            entries = read.entries
        journal.close()
        database.close()
    machine = Machine()
    for entry in entries:
        assert events[entry.sequence - 1] == entry.event
        machine.replay(entry.event)
    machine.remember(read.ended, events=len(events))
    state = machine.state

    positions = [entry.sequence for entry in entries]
    assert positions == sorted(set(positions))
    going_on = {name for name, one in whole.executions.items() if not one.is_final}
    assert meaning(state, going_on) == meaning(whole, going_on)
    ended = {name: one.status.value for name, one in whole.finished.items()} | whole.forgotten
    told = {name: one.status.value for name, one in state.finished.items()} | state.forgotten
    assert told == ended
    assert len(set(state.finished)) <= recent
