"""A report of the journal and the displays of the live execution have the same figures."""

from __future__ import annotations

import pytest

from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.codec import encode_event
from execution_orchestrator.monitoring.metrics import compute_figures
from execution_orchestrator.monitoring.past_runs import Run
from execution_orchestrator.monitoring.report.write import as_data
from execution_orchestrator.monitoring.web.picture import detail
from execution_orchestrator.observation import ExecutionRecord
from execution_orchestrator.observation.fold import record_of
from execution_orchestrator.ros.interface.state_messages import action_message, execution_message
from test.decoding import decode_event
from test.unit.engine.driving import ARM, action
from test.unit.observation.observed import Observed

BASE = [{"resource": "base"}]


def errand() -> Observed:
    """Run an execution with feedback, a retry, a pause, and a goal whose end is never confirmed."""
    rig = Observed(resources=ARM, cancel_timeout=2.0)
    retry = {"max_attempts": 2, "initial_delay": 1.0, "max_delay": 1.0, "jitter": 0.0}
    rig.submit(
        "e",
        action("look", estimated_duration=4.0, retry=retry),
        action("rest", "look", kind="delay", duration=3.0),
        action("drive", "rest", resources=BASE, timeout=5.0, server="nav"),
        action("wave", "rest", estimated_duration=60.0),
    )
    rig.says("look", 0.5, "turning the camera", 2.0)
    rig.fail("look")
    rig.wait(1.5)
    rig.says("look", 0.7, "turning the camera", 1.0)
    rig.succeed("look", seen=2)
    rig.feed(s.Pause(execution_id="e"))
    rig.wait(10.0)
    rig.feed(s.Resume(execution_id="e"))
    rig.wait(3.0)
    rig.says("drive", 0.4, "driving", 9.0)
    rig.wait(8.0)  # its time is up, and the server does not confirm its cancel
    rig.says("drive", 0.6, "driving", 8.0)  # it goes on
    rig.wait(5.0)
    rig.succeed("wave")
    return rig


def replayed(rig: Observed) -> ExecutionRecord:
    """Return the record that the journal gives."""
    return record_of(
        "e", (decode_event(encode_event(one)) for one in rig.journal if one.execution_id == "e")
    )


def test_every_display_of_the_journal_is_that_of_the_live_execution() -> None:
    rig = errand()
    live, past = rig.shown(), replayed(rig)
    assert "GOAL_QUARANTINED" in rig.types()
    assert live.is_final
    now = rig.now + 5.0
    assert execution_message(live, now) == execution_message(past, now)
    assert [action_message(live, one, {}, now) for one in live.actions.values()] == [
        action_message(past, one, {}, now) for one in past.actions.values()
    ]
    assert detail(live, now) == detail(past, now)
    assert as_data(live, []) == as_data(past, [])
    live_run, past_run = (Run(one, compute_figures(one)) for one in (live, past))
    assert live_run.as_json() == past_run.as_json()


def test_a_goal_in_quarantine_ends_what_its_execution_held() -> None:
    rig = errand()
    (lease,) = replayed(rig).leases.values()
    quarantined = next(one for one in rig.journal if one.type == "GOAL_QUARANTINED")
    assert lease.released == quarantined.time


def test_a_run_of_which_nothing_is_at_work_says_what_it_waits_for() -> None:
    rig = Observed(resources=ARM)
    on_arm = [{"resource": "arm", "amount": 1.0}]
    rig.submit("first", action("a", resources=on_arm))
    rig.submit("second", action("b", resources=on_arm))
    assert detail(rig.shown("first"), rig.now)["waits"] == ""
    assert "arm" in detail(rig.shown("second"), rig.now)["waits"]
    rig.succeed("a")
    assert detail(rig.shown("second"), rig.now)["waits"] == ""


def test_the_page_and_the_topic_say_alike_how_long_it_has_run() -> None:
    rig = Observed(max_running_executions=1)
    rig.submit("first", action("a"))
    rig.submit("e", action("b"))
    rig.wait(20.0)
    rig.succeed("a")
    rig.wait(5.0)
    record = rig.shown()
    assert execution_message(record, rig.now).progress.elapsed == pytest.approx(25.0)
    assert detail(record, rig.now)["elapsed"] == pytest.approx(25.0)
    rig.succeed("b")
    assert detail(rig.shown(), rig.now)["elapsed"] == compute_figures(rig.shown()).total_duration
