"""What a recovery moves has an owner, is journalled before it moves, and is over when it has ended."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import events as e
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.recovery.policy import RecoveryPolicy
from execution_orchestrator.engine.status import ActionStatus, ExecutionStatus
from execution_orchestrator.plan.capability import ResourceSpec
from test.unit.engine.driving import ARM, Rig, action

MOTION = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"
ON_BASE = [{"resource": "base"}]
RETRY = {"max_attempts": 3, "initial_delay": 0.5, "multiplier": 1.0, "jitter": 0.0}


def recovering(*, moves: bool = True, timeout: float = 20.0, robot=ARM, **more) -> Rig:
    """An action that failed and backs up; another execution waits for the base."""
    back_up = {"strategy": "back_up", "timeout": timeout}
    rig = Rig(
        resources=robot,
        cancel_timeout=3.0,
        strategy_resources={"back_up": ("base",)},
        recovery=RecoveryPolicy.model_validate(
            {"tables": {"nav": [{"strategies": [back_up, "retry"]}]}}
        ),
    )
    drive = {"resources": ON_BASE, "server": "nav", "recovery": "nav", "retry": RETRY, **more}
    rig.submit("e", action("go", **drive), priority=10)
    rig.submit("other", action("next", resources=ON_BASE, server="nav"))
    rig.fail("go")
    if moves:
        want(rig)
    return rig


def want(rig: Rig) -> fx.AnswerMotion:
    run_id = next(iter(rig.machine.state.runs), "e/go/1/back_up/0")
    rig.feed(
        s.MotionWanted(
            run_id=run_id,
            goal_id=MOTION,
            interface="nav2_msgs/action/BackUp",
            server="backup",
            goal={"speed": 0.1},
        )
    )
    return rig.of(fx.AnswerMotion)[0]


def over(rig: Rig, outcome: str = "RETRY") -> None:
    run_id = next(iter(rig.machine.state.runs))
    rig.feed(s.StrategyFinished(run_id=run_id, outcome=outcome))


def test_a_strategy_holds_what_it_moves_and_is_journalled_before_it_moves() -> None:
    rig = recovering()
    assert rig.of(fx.AnswerMotion)[0].refusal == ""
    assert isinstance(rig.journal[-1], e.RecoveryMoves)
    assert rig.sent == ["go"], "nobody else may have the base"
    rig.check()
    over(rig)
    rig.wait(1.0)
    assert rig.sent[1] == "next", "the base was free while the retry waited"
    rig.check()


def test_a_strategy_is_passed_over_while_somebody_else_holds_what_it_moves() -> None:
    rig = recovering(moves=False, resources=[{"resource": "arm"}])
    ended = next(one for one in rig.journal if isinstance(one, e.RecoveryFinished))
    assert (ended.strategy, ended.outcome) == ("back_up", "NEXT")
    assert "base by next" in ended.reason


@pytest.mark.parametrize(
    ("incoming", "refusal"),
    [
        (s.EmergencyStop(), "it is no longer awaited"),
        (s.Cancel(execution_id="e"), "it is no longer awaited"),
        (s.Pause(execution_id="e"), "the execution is paused"),
    ],
)
def test_nothing_begins_to_move_after_a_stop(incoming: s.Input, refusal: str) -> None:
    rig = recovering(moves=False)
    rig.feed(incoming)
    assert want(rig).refusal == refusal
    assert not any(isinstance(one, e.RecoveryMoves) for one in rig.journal)


def cancel(rig: Rig) -> None:
    rig.feed(s.Cancel(execution_id="e"))


def emergency(rig: Rig) -> None:
    rig.feed(s.EmergencyStop())


def pause(rig: Rig) -> None:
    rig.feed(s.Pause(execution_id="e"))


def time_is_over(rig: Rig) -> None:
    rig.wait(20.5)


WAYS: dict[str, Callable[[Rig], None]] = {
    "cancel": cancel,
    "emergency": emergency,
    "pause": pause,
    "timeout": time_is_over,
}


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_a_motion_keeps_what_it_moves_until_its_server_says_that_it_has_ended(
    way: str, restart: bool
) -> None:
    rig = recovering(pausable="cancel", idempotent=True)
    WAYS[way](rig)
    assert rig.action("go").status is ActionStatus.RECOVERING
    if restart:
        rig.restart()
        found = rig.of(fx.Reattach)[0]
        assert (found.goal_id, found.interface, found.cancel) == (
            MOTION,
            "nav2_msgs/action/BackUp",
            True,
        )
        rig.feed(s.GoalCancelled(goal_id=MOTION))
    else:
        assert [one.run_id for one in rig.of(fx.AbandonStrategy)] == list(rig.machine.state.runs)
        over(rig, "STOPPED")
    assert not rig.machine.state.quarantined
    assert not rig.machine.state.motions
    if way in ("cancel", "emergency"):
        assert rig.execution().status is ExecutionStatus.CANCELLED
    rig.check()


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("way", [*WAYS, "silent"])
def test_an_unconfirmed_motion_is_in_quarantine(way: str, restart: bool) -> None:
    rig = recovering(pausable="cancel", idempotent=True)
    if way == "silent":
        rig.feed(s.GoalLost(goal_id=MOTION, reason="it is silent", may_run=True))
    else:
        WAYS[way](rig)
        rig.wait(3.1)
    kept = rig.machine.state.quarantined[MOTION]
    assert [lease.resource for lease in kept.leases] == ["base"]
    assert "back_up of go" in kept.description()
    if restart:
        rig.restart()
        assert [one.goal_id for one in rig.of(fx.Reattach)] == [MOTION]
    rig.wait(5.0)
    assert rig.sent == ["go"], "the base may still be moving"
    if way in ("cancel", "emergency"):
        assert "the robot may still be moving" in rig.record().reason
    if way == "emergency":
        assert "back_up of go" in rig.feed(s.ResetEmergencyStop()).refusal
    rig.check()
    rig.feed(s.GoalCancelled(goal_id=MOTION))
    assert not rig.machine.state.quarantined
    if way != "emergency":
        assert len(rig.sent) > 1
    rig.check()


def test_a_cancel_during_the_stop_of_a_motion_ends_the_action() -> None:
    rig = recovering()
    time_is_over(rig)
    rig.feed(s.Cancel(execution_id="e"))
    over(rig, "STOPPED")
    assert rig.execution().status is ExecutionStatus.CANCELLED
    rig.check()


def test_the_runs_of_another_plan_have_names_of_their_own() -> None:
    rig = recovering()
    first = next(iter(rig.machine.state.runs))
    rig.feed(s.CheckpointRequested(execution_id="e"))
    rig.feed(s.RestoreCheckpoint(execution_id="e"))
    over(rig, "STOPPED")
    while rig.sent[-1] != "go" or len(rig.sent) < 2:
        rig.succeed("next")
    rig.fail("go")
    assert next(iter(rig.machine.state.runs)) != first


def test_a_strategy_that_did_not_look_for_its_earlier_motion_leaves_it_to_be_cancelled() -> None:
    rig = recovering(idempotent=True)
    rig.restart()
    run = rig.of(fx.RunStrategy)[0]
    assert run.again
    rig.feed(s.StrategyFinished(run_id=run.run_id, outcome="NEXT", unseen=True))
    assert [(one.goal_id, one.cancel) for one in rig.of(fx.Reattach)] == [(MOTION, True)]
    rig.wait(1.0)
    assert rig.sent == ["go"]
    rig.feed(s.GoalCancelled(goal_id=MOTION))
    rig.wait(1.0)
    assert len(rig.sent) > 1
    rig.check()


def test_what_a_recovery_changed_is_taken_back_when_the_base_was_moved() -> None:
    rig = Rig(
        resources=ARM,
        strategy_resources={"back_up": ("base",)},
        repositioning=frozenset({"back_up"}),
        recovery=RecoveryPolicy.model_validate(
            {"tables": {"arm": [{"strategies": ["alternative_grasp", "back_up"]}]}}
        ),
    )
    rig.submit("e", action("pick", recovery="arm", parameters={"object": "cup"}))
    rig.fail("pick")
    run = next(iter(rig.machine.state.runs))
    angle = {"grasp_angle": 0.5}
    rig.feed(s.StrategyFinished(run_id=run, outcome="RETRY", parameters=angle))
    rig.wait(2.0)
    assert rig.goals["pick"].parameters == {"object": "cup", **angle}
    rig.fail("pick")
    want(rig)
    over(rig)
    rig.restart()
    rig.wait(5.0)
    assert rig.goals["pick"].parameters == {"object": "cup"}
    finished = [one for one in rig.journal if isinstance(one, e.RecoveryFinished)]
    assert [one.takes_back for one in finished] == [(), ("grasp_angle",)]
    rig.check()


def test_what_is_below_a_motion_is_cancelled_again_after_a_restart() -> None:
    moving = {**ARM, "base": ResourceSpec(name="base", moves=True)}
    rig = recovering(timeout=5.0, robot=moving)
    rig.wait(5.0)
    rig.wait(1.5)
    assert [one.resources for one in rig.of(fx.StopBelow)] == [("base",)]
    rig.restart()
    assert [one.resources for one in rig.of(fx.StopBelow)] == [("base",)]
    rig.check()
