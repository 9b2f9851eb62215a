"""What measures the plan's own time stands still while an execution is paused."""

import pytest

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.engine.recovery.policy import load_recovery_policy
from test.unit.engine.driving import Rig, action

DELAY = {"id": "d", "action_type": "delay", "duration": 10.0}


def plan(**changes):
    actions = [{**DELAY, "depends_on": [], "on_failure": "abort", "priority": 0}]
    return {"version": 1, "id": "p", "command": "", "actions": actions, **changes}


class Running:
    """An execution that begins at 1000 s, and its timers."""

    def __init__(self, document):
        self.machine = Machine()
        self.at(1000.0, s.Submit(execution_id="x", plan=document))

    def at(self, now, incoming):
        return self.machine.handle(incoming, now=now)

    def fire(self, kind, now):
        (timer_id,) = [one for one in self.timers if one.startswith(kind)]
        return self.at(now, s.TimerFired(timer_id=timer_id))

    @property
    def timers(self):
        return {name: one.at for name, one in self.machine.state.timers.items()}

    @property
    def status(self):
        return self.machine.state.executions["x"].status.value


def test_a_delay_goes_on_with_what_was_left_of_it():
    run = Running(plan())
    assert run.timers == {"wait:x/d": 1010.0}
    run.at(1004.0, s.Pause(execution_id="x"))
    assert run.timers == {}
    run.at(1100.0, s.Resume(execution_id="x"))
    assert run.timers == {"wait:x/d": 1106.0}
    run.fire("wait", 1106.0)
    assert run.status == "COMPLETED"


def test_the_deadline_does_not_run_during_a_pause():
    run = Running(plan(timeout=60.0))
    run.at(1005.0, s.Pause(execution_id="x"))
    assert run.timers == {}
    run.at(1500.0, s.Resume(execution_id="x"))
    assert run.timers["deadline:x/"] == 1555.0


def test_unless_the_plan_says_that_it_does():
    run = Running(plan(timeout=60.0, deadline="wall"))
    run.at(1005.0, s.Pause(execution_id="x"))
    assert run.timers == {"deadline:x/": 1060.0}
    run.fire("deadline", 1060.0)
    assert run.status == "FAILED"


def test_a_start_in_pause_uses_nothing_up():
    run = Running(plan(timeout=60.0))
    other = s.Submit(
        execution_id="y", plan=plan(timeout=60.0), options=s.SubmitOptions(start_paused=True)
    )
    run.at(1000.0, other)
    assert "deadline:y/" not in run.timers
    run.at(5000.0, s.Resume(execution_id="y"))
    assert run.timers["deadline:y/"] == 5060.0


def test_the_timeout_of_a_block_stands_still_and_a_cancel_ends_the_pause():
    block = {
        "id": "b", "action_type": "sequence", "depends_on": [], "on_failure": "abort",
        "priority": 0, "timeout": 20.0, "actions": plan()["actions"],
    }  # fmt: skip
    run = Running(plan(actions=[block]))
    before = run.timers
    assert sorted(before.values()) == [1010.0, 1020.0]
    run.at(1002.0, s.Pause(execution_id="x"))
    assert run.timers == {}
    run.at(1052.0, s.Resume(execution_id="x"))
    assert run.timers == {name: at + 50.0 for name, at in before.items()}
    run.at(1053.0, s.Pause(execution_id="x"))
    run.at(1090.0, s.Cancel(execution_id="x"))
    assert (run.status, run.timers) == ("CANCELLED", {})


@pytest.mark.parametrize("waits", [0, 3])
def test_pauses_add_up(waits):
    run = Running(plan(timeout=60.0))
    now = 1000.0
    for _ in range(waits):
        run.at(now + 1.0, s.Pause(execution_id="x"))
        now += 101.0
        run.at(now, s.Resume(execution_id="x"))
    assert run.timers == {"wait:x/d": 1010.0 + 100.0 * waits, "deadline:x/": 1060.0 + 100.0 * waits}


CLEARING = load_recovery_policy({"tables": {"nav": [{"strategies": ["clear_costmaps"]}]}})


@pytest.mark.parametrize("stop", [s.EmergencyStop(), s.Cancel(execution_id="e"), s.Cancel()])
def test_what_is_stopped_in_a_pause_begins_no_recovery_first(stop: s.Input) -> None:
    rig = Rig(recovery=CLEARING)
    rig.submit("e", action("a", recovery="nav"), action("b", recovery="nav"))
    rig.feed(s.Pause(execution_id="e"))
    rig.fail("a")
    rig.feed(stop)
    assert rig.of(fx.RunStrategy) == []
    assert "RECOVERY_INITIATED" not in rig.types()
    rig.feed(s.GoalCancelled(goal_id=rig.goal("b")))
    assert rig.execution().is_final
    rig.check()


def test_what_an_emergency_stop_cut_by_a_crash_is_to_stop_begins_no_recovery() -> None:
    rig = Rig(recovery=CLEARING)
    rig.submit("e", action("a", recovery="nav"))
    rig.fail("a")
    cut = rig.types().index("RECOVERY_INITIATED")
    rig.journal = [*rig.journal[:cut], e.EmergencyStopped(time=rig.now, reason="red button")]
    rig.restart()
    assert rig.of(fx.RunStrategy) == []
    assert rig.execution().is_final
    rig.check()


def test_who_waits_stands_in_line_once_however_often_it_is_paused() -> None:
    rig = Rig(max_running_executions=1, queue_capacity=5)
    rig.submit("first", action("a"))
    for name in ("second", "third", "fourth"):
        rig.submit(name, action(name))
    for _ in range(50):
        rig.feed(s.Pause(execution_id="second"))
        rig.feed(s.Resume(execution_id="second"))
    rig.feed(s.Pause(execution_id="third"))
    rig.feed(s.Cancel(execution_id="fourth"))
    assert [name for *_, name in rig.machine.state.line] == ["second"]
    rig.succeed("a")
    assert rig.sent[-1] == "second"
    rig.feed(s.Resume(execution_id="third"))
    rig.succeed("second")
    assert rig.sent[-1] == "third"
    assert rig.machine.state.line == []
    rig.check()


def test_what_tidies_up_is_let_go_on_when_a_paused_execution_is_cancelled() -> None:
    rig = Rig()
    tidy = action("tidy", pausable="hold")
    rig.submit("e", action("t", kind="try", actions=[action("a")], **{"finally": [tidy]}))
    rig.succeed("a")
    rig.feed(s.Pause(execution_id="e"))
    rig.feed(s.Cancel(execution_id="e"))
    assert [one.hold for one in rig.of(fx.HoldGoal)] == [False]
    assert not rig.action("tidy").held
    rig.check()
