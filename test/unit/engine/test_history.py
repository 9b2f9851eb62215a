"""What may leave the journal, and that the rest of it still says the same."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.apply import fold
from execution_orchestrator.engine.pruning import superseded
from execution_orchestrator.observation.observation import Observation
from test.snapshot import snapshot
from test.unit.engine.driving import ARM, Rig, action


def prune(rig, *names):
    return rig.feed(s.PruneHistory(execution_ids=names))


def test_an_execution_that_ended_goes_and_its_id_is_free_again():
    rig = Rig()
    rig.submit("e", action("a"))
    rig.succeed("a")
    step = prune(rig, "e")
    assert [type(event) for event in step.events] == [e.ExecutionForgotten, e.HistoryPruned]
    assert step.ids == ("e",)
    rig.check()
    rig.submit("e", action("a"))
    assert "e" in rig.machine.state.running


def test_one_that_runs_stays():
    rig = Rig()
    rig.submit("e", action("a"))
    step = prune(rig, "e")
    assert (step.events, step.ids) == ([], ())


def test_one_that_a_dead_letter_came_from_stays_until_the_letter_is_settled():
    rig = Rig()
    rig.submit("e", action("a"))
    rig.fail("a", recoverable=False)
    (letter,) = rig.machine.state.dead_letters
    assert prune(rig, "e").ids == ()
    rig.feed(s.RetryDeadLetter(dead_letter_id=letter, discard=True))
    assert prune(rig, "e").ids == ("e",)
    rig.check()


def unconfirmed(rig, name, key, **more):
    """Run an execution whose goal nobody confirms as ended."""
    rig.submit(name, action(key, resources=[{"resource": "base"}], **more))
    if key in rig.goals:
        rig.wait(1.0)
        rig.feed(s.Cancel(execution_id=name))
        rig.wait(rig.machine.config.cancel_timeout + 0.1)


def what_is_left(journal):
    """Return the journal after pruning, without what has lost its meaning."""
    kept = deleted(journal)
    own = [(at, event) for at, event in enumerate(kept) if not event.execution_id]
    gone = set(superseded(own))
    return [event for at, event in enumerate(kept) if at not in gone]


def test_one_whose_goal_may_still_run_stays_and_then_goes_with_its_quarantine():
    rig = Rig(resources=ARM)
    unconfirmed(rig, "e", "a")
    assert rig.execution("e").is_final
    (goal,) = rig.machine.state.quarantined
    assert prune(rig, "e").ids == ()
    assert any(isinstance(event, e.GoalQuarantined) for event in what_is_left(rig.journal))
    rig.feed(s.ReleaseQuarantine(goal_id=goal, who="a person"))
    # The events of the execution still tell of its leases: how they ended stays.
    assert any(isinstance(event, e.QuarantineEnded) for event in what_is_left(rig.journal))
    assert prune(rig, "e").ids == ("e",)
    assert what_is_left(rig.journal) == []
    rig.check()


def test_a_lease_in_quarantine_is_told_by_its_own_event():
    rig = Rig(resources=ARM)
    rig.submit("first", action("b", resources=[{"resource": "arm"}]))
    unconfirmed(rig, "e", "a")
    rest = fold(event for event in rig.journal if not event.execution_id)
    (lease_id,) = rest.leases
    whole = snapshot(rig.machine.state)["leases"]
    assert whole[lease_id]["acquired"] == 1000.0
    assert snapshot(rest)["leases"][lease_id] == whole[lease_id]


def test_one_with_a_goal_in_quarantine_is_recalled_as_it_was():
    rig = Rig(resources=ARM, finished_kept=1)
    unconfirmed(rig, "e", "a")
    was = snapshot(rig.machine.state)["executions"]["e"]
    rig.submit("e2", action("c"))
    rig.succeed("c")
    assert rig.machine.recall("e", [one for one in rig.journal if one.execution_id == "e"])
    again = snapshot(rig.machine.state)["executions"]["e"]
    assert again["actions"]["a"] == was["actions"]["a"]


def test_one_that_left_the_memory_long_ago_goes_too():
    rig = Rig(finished_kept=1)
    for name in ("e1", "e2"):
        rig.submit(name, action("a"))
        rig.succeed("a")
    assert "e1" in rig.machine.state.forgotten
    assert prune(rig, "e1", "e2").ids == ("e1", "e2")
    assert not rig.machine.state.forgotten
    rig.check()


def test_ended_executions_leave_the_memory_by_the_number_of_their_actions():
    rig = Rig(finished_actions_kept=7)
    for name in ("e1", "e2", "e3"):
        rig.submit(name, action("a"), action("b", "a"))
        rig.succeed("a")
        rig.succeed("b")
    # Each has two actions and the root.
    assert list(rig.machine.state.finished) == ["e2", "e3"]
    assert rig.machine.state.forgotten == {"e1": "COMPLETED"}
    rig.check()


@pytest.mark.parametrize("output", [{"text": "x" * 500_000}, {"path": [[0.5] * 7] * 1000}])
def test_ended_executions_with_large_outputs_leave_the_memory_earlier(output):
    """Memory is bounded in bytes: a text of half a megabyte is no small action."""
    rig = Rig(finished_actions_kept=300)
    records = Observation(kept_actions=300)
    for number in range(10):
        rig.submit(f"e{number}", action("a"), action("b", "a"))
        rig.succeed("a", **output)
        rig.succeed("b")
    for event in rig.journal:
        records.apply(event)
    kept = [f"e{number}" for number in range(8, 10)]
    assert list(rig.machine.state.finished) == list(records.executions) == kept
    rig.check()


def test_the_newest_ended_execution_stays_however_large_it_is():
    rig = Rig(finished_actions_kept=1)
    rig.submit("e1", action("a"))
    rig.succeed("a")
    assert list(rig.machine.state.finished) == ["e1"]


def test_one_that_left_the_memory_is_recalled_and_goes_on_from_its_checkpoint():
    rig = Rig(finished_kept=1, checkpoint_every=1)
    rig.submit("e1", action("a"), action("b", "a"))
    rig.succeed("a")
    rig.fail("b", recoverable=False)
    rig.submit("e2", action("c"))
    rig.succeed("c")
    restore = s.RestoreCheckpoint(execution_id="e1")
    assert rig.feed(restore).refusal == "no execution is called e1"
    own = [event for event in rig.journal if event.execution_id == "e1"]
    leases = dict(rig.machine.state.leases)
    assert rig.machine.recall("e1", own)
    assert rig.machine.state.leases == leases
    assert "e1" not in rig.machine.state.forgotten
    rig.feed(restore)
    assert rig.sent[-1] == "b"
    rig.succeed("b")
    assert rig.execution("e1").status.value == "COMPLETED"
    assert rig.machine.state.forgotten == {"e2": "COMPLETED"}


def test_what_never_ran_or_still_runs_is_not_recalled():
    rig = Rig()
    assert not rig.machine.recall("nobody", [])
    rig.submit("e1", action("a"))
    own = list(rig.journal)
    running = rig.execution("e1")
    assert rig.machine.recall("e1", own)
    assert rig.execution("e1") is running


SERVERS = st.sampled_from(["nav", "arm"])


class Pruning(RuleBasedStateMachine):
    """Whatever happened: the journal without what may go gives the state that lives."""

    def __init__(self):
        super().__init__()
        self.rig = Rig(resources=ARM, max_running_executions=4)
        self.numbers = 0

    @rule(server=SERVERS, up=st.booleans())
    def server_changes(self, server, up):
        self.rig.feed(s.ServerUp(server=server) if up else s.ServerDown(server=server))

    @rule(server=SERVERS, kind=st.sampled_from(["CONNECTIVITY", "EXECUTION", ""]))
    def an_execution_runs(self, server, kind):
        self.numbers += 1
        key = f"a{self.numbers}"
        self.rig.submit(
            f"e{self.numbers}",
            action(key, server=server, resources=[{"resource": "base"}], rate_limit=2.0),
        )
        if key not in self.rig.goals:
            return
        if kind:
            self.rig.fail(key, kind, recoverable=False)
        else:
            self.rig.succeed(key)

    @rule(server=SERVERS)
    def nobody_confirms_a_cancel(self, server):
        self.numbers += 1
        unconfirmed(self.rig, f"e{self.numbers}", f"a{self.numbers}", server=server)

    @rule()
    def a_person_says_that_nothing_moves(self):
        for goal in list(self.rig.machine.state.quarantined)[:1]:
            self.rig.feed(s.ReleaseQuarantine(goal_id=goal, who="a person"))

    @rule(stop=st.booleans())
    def emergency(self, stop):
        reset = s.ResetEmergencyStop()
        self.rig.feed(s.EmergencyStop(reason="a person") if stop else reset)

    @rule(both=st.booleans(), timeout=st.sampled_from([0.0, 5.0]))
    def somebody_wants_resources(self, both, timeout):
        self.numbers += 1
        wanted = ("arm", "base") if both else ("arm",)
        self.rig.feed(
            s.AllocateLease(
                request_id=f"r{self.numbers}",
                demands=tuple(s.LeaseDemand(resource=name) for name in wanted),
                holder="person",
                timeout=timeout,
                duration=20.0,
            )
        )

    @rule(robot=st.sampled_from(["", "robot1"]), cup=st.sampled_from(["red", "blue"]))
    def a_gripper_closes_or_opens(self, robot, cup):
        if cup in self.rig.machine.state.held.get(robot, {}):
            event = e.ObjectReleased(time=self.rig.now, object_id=cup, robot=robot)
        else:
            event = e.ObjectGrasped(time=self.rig.now, object_id=cup, robot=robot)
        self.rig.machine.replay(event)
        self.rig.journal.append(event)

    @rule(count=st.integers(1, 2))
    def somebody_gives_back(self, count):
        ours = [name for name, one in self.rig.machine.state.leases.items() if not one.execution_id]
        if ours:
            self.rig.feed(s.ReleaseLease(lease_ids=tuple(ours[:count])))

    @rule(seconds=st.sampled_from([0.3, 7.0, 40.0]))
    def time_passes(self, seconds):
        self.rig.wait(seconds)

    @rule()
    def history_is_pruned(self):
        self.rig.feed(s.PruneHistory(execution_ids=tuple(self.rig.machine.state.executions)))

    @rule()
    def letters_are_thrown_away(self):
        for letter in list(self.rig.machine.state.dead_letters):
            self.rig.feed(s.RetryDeadLetter(dead_letter_id=letter, discard=True))

    @invariant()
    def what_is_left_says_the_same(self):
        assert meaning(fold(what_is_left(self.rig.journal))) == meaning(self.rig.machine.state)


def deleted(journal):
    """Return the journal as it is after the effects of pruning."""
    kept = []
    for event in journal:
        if isinstance(event, e.HistoryPruned):
            kept = [one for one in kept if one.execution_id not in event.execution_ids]
        kept.append(event)
    return kept


def meaning(state):
    """Return the state without counters and without what stands for nothing."""
    found = snapshot(state)
    del found["events"], found["durations"]
    for execution in found["executions"].values():
        del execution["order"]
    found["used"] = {name: use for name, use in found["used"].items() if use[1]}
    found["waiting"] = {
        name: [entry[:2] for entry in entries] for name, entries in found["waiting"].items()
    }
    for name in ("rates", "timers"):  # a rate limit that has passed is looked at once more
        found[name] = {
            key: value
            for key, value in found[name].items()
            if name == "timers" and "rate:" not in key
        }
    found["servers"] = {
        name: server
        for name, server in found["servers"].items()
        if (server["available"], server["breaker"], server["failures"]) != (None, "CLOSED", 0)
    }
    for server in found["servers"].values():
        del server["until"]
    return found


def test_whatever_happened_pruning_keeps_the_state_that_lives():
    # Not Pruning.TestCase: pytest-asyncio as Ubuntu 24.04 has it stumbles over that.
    run_state_machine_as_test(
        Pruning,
        settings=settings(
            max_examples=60,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
