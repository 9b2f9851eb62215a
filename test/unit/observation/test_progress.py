from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.status import ExecutionStatus
from execution_orchestrator.observation.observation import RECKONED
from execution_orchestrator.observation.progress import phase_of, progress_of
from execution_orchestrator.observation.record import ExecutionRecord
from execution_orchestrator.plan.tree import PlanTree, longest_way
from test.unit.engine.driving import ARM, action
from test.unit.observation.observed import Observed


def work(name: str, *after: str, seconds: float, **more: object) -> dict[str, object]:
    return action(name, *after, estimated_duration=seconds, server=name, **more)


def test_long_actions_weigh_more_than_short_ones() -> None:
    rig = Observed()
    rig.submit("e", work("long", seconds=9.0), work("short", "long", seconds=1.0))
    assert rig.progress().percentage == 0.0
    rig.wait(4.5)
    assert rig.progress().percentage == pytest.approx(45.0)
    rig.succeed("long")
    assert rig.progress().percentage == pytest.approx(90.0)


def test_what_runs_side_by_side_is_not_added_up() -> None:
    rig = Observed()
    rig.submit(
        "e",
        work("a", seconds=10.0),
        work("b", seconds=4.0),
        work("c", "a", "b", seconds=5.0),
    )
    assert rig.progress().remaining == pytest.approx(15.0)
    rig.succeed("b")
    rig.wait(3.0)
    assert rig.progress().remaining == pytest.approx(12.0)


def test_a_delay_counts_down() -> None:
    rig = Observed()
    rig.submit("e", action("wait", kind="delay", duration=8.0), work("a", "wait", seconds=2.0))
    assert rig.progress().remaining == pytest.approx(10.0)
    rig.wait(6.0)
    assert rig.progress().remaining == pytest.approx(4.0)
    assert rig.progress().percentage == pytest.approx(60.0)


def test_a_delay_is_suspended_while_the_execution_is_paused() -> None:
    rig = Observed()
    rig.submit("e", action("wait", kind="delay", duration=8.0), work("a", "wait", seconds=2.0))
    rig.wait(2.0)
    rig.feed(s.Pause(execution_id="e"))
    rig.wait(5.0)
    assert rig.progress().remaining == pytest.approx(8.0)
    assert rig.progress().percentage == pytest.approx(20.0)
    rig.feed(s.Resume(execution_id="e"))
    rig.wait(3.0)
    assert rig.progress().remaining == pytest.approx(5.0)
    assert rig.progress().percentage == pytest.approx(50.0)
    rig.wait(3.0)
    assert rig.sent == ["a"]
    assert rig.progress().remaining == pytest.approx(2.0)


def test_a_foreach_in_sequence_counts_down_item_by_item() -> None:
    rig = Observed()
    body = [work("pick", seconds=3.0), work("put", "pick", seconds=2.0)]
    rig.submit("e", action("loop", kind="foreach", items=[1, 2, 3], actions=body))
    assert rig.progress().remaining == pytest.approx(15.0)
    assert rig.progress().total == 7
    for index, left in ((0, 10.0), (1, 5.0)):
        rig.succeed(f"loop[{index}]/pick")
        rig.succeed(f"loop[{index}]/put")
        assert rig.progress().remaining == pytest.approx(left)
        assert rig.progress().percentage == pytest.approx(100.0 - left / 0.15)


def test_a_foreach_in_parallel_takes_as_long_as_its_rounds() -> None:
    rig = Observed()
    loop = action(
        "loop",
        kind="foreach",
        mode="parallel",
        max_parallel=2,
        items=[1, 2, 3, 4],
        actions=[work("a", seconds=3.0)],
    )
    rig.submit("e", loop)
    assert rig.progress().remaining == pytest.approx(6.0)


def test_a_loop_that_ends_by_its_condition_is_expected_to_go_round_once() -> None:
    rig = Observed()
    body = [work("try", seconds=4.0)]
    rig.submit(
        "e",
        action(
            "loop",
            kind="foreach",
            loop="repeat",
            items=[*range(100)],
            until="index == 1",
            actions=body,
        ),
        work("then", "loop", seconds=2.0),
    )
    assert rig.progress().remaining == pytest.approx(6.0)
    assert rig.progress().total == 3
    rig.succeed("loop[0]/try")
    assert rig.progress().remaining == pytest.approx(6.0)
    rig.succeed("loop[1]/try")
    assert rig.progress().remaining == pytest.approx(2.0)


def test_of_a_race_the_fastest_is_waited_for() -> None:
    rig = Observed()
    parts = [work("slow", seconds=9.0), work("quick", seconds=3.0)]
    rig.submit("e", action("race", kind="parallel", race=True, needed=1, actions=parts))
    assert rig.progress().remaining == pytest.approx(3.0)
    rig.wait(1.0)
    assert rig.progress().remaining == pytest.approx(2.0)


def test_the_word_of_a_server_counts_more_than_the_estimate() -> None:
    rig = Observed()
    rig.submit("e", work("a", seconds=10.0))
    rig.says("a", 0.5, "driving", 30.0)
    assert rig.progress().percentage == pytest.approx(50.0)
    assert rig.progress().remaining == pytest.approx(30.0)
    rig.says("a", 0.2, "driving", 40.0)
    assert rig.progress().percentage == pytest.approx(50.0), "it never goes back"


def test_nothing_known_of_what_is_left_is_said_to_be_unknown() -> None:
    rig = Observed()
    rig.submit("e", action("a", server="a"), action("b", "a", server="b"))
    assert rig.progress().remaining == -1.0


def test_a_branch_that_is_not_taken_is_not_waited_for() -> None:
    rig = Observed()
    choice = action(
        "choice",
        kind="conditional",
        **{"if": "false", "then": [work("long", seconds=60.0)], "else": [work("a", seconds=2.0)]},
    )
    rig.submit("e", choice)
    assert rig.progress().remaining == pytest.approx(2.0)


def test_phases_are_phases() -> None:
    rig = Observed()
    rig.submit("e", work("a", seconds=1.0))
    assert rig.progress().phase == "executing"
    rig.says("a", 0.5, "lifting the arm", None)
    assert rig.progress().phase == "executing"
    assert rig.progress().running == ("a",)
    rig.feed(s.Pause(execution_id="e"))
    assert rig.progress().phase == "paused"
    rig.feed(s.Resume(execution_id="e"))
    rig.succeed("a")
    assert rig.progress().phase == "finished"


def test_the_message_lists_the_phases() -> None:
    (line,) = (
        line
        for line in Path("msg/ExecutionProgress.msg").read_text().splitlines()
        if "current_phase" in line
    )
    names = {*re.findall(r"[a-z]+", line.partition("#")[2])} - {"or"}
    flags = ("cancelling", "compensating", "paused", "waiting_for_confirmation")
    assert names == {
        phase_of(ExecutionRecord("e", status=status, **{flag: flag == chosen for flag in flags}))
        for status in ExecutionStatus
        for chosen in ("", *flags)
    }


def test_a_very_long_chain_is_no_problem() -> None:
    steps = [(str(n), (str(n - 1),) if n else (), 1.0) for n in range(20_000)]
    assert longest_way(steps)[1] == 20_000.0
    assert longest_way(reversed(steps))[1] == 20_000.0


def test_a_run_that_was_cancelled_half_way_is_done_half_way() -> None:
    rig = Observed()
    rig.submit(
        "e", work("a", seconds=6.0), work("b", "a", seconds=2.0), work("c", "b", seconds=2.0)
    )
    rig.succeed("a")
    rig.wait(1.0)
    assert rig.progress().percentage == pytest.approx(70.0)
    rig.feed(s.Cancel(execution_id="e"))
    assert rig.progress().percentage == pytest.approx(70.0), "it did nothing more"
    rig.feed(s.GoalCancelled(goal_id=rig.goal("b")))
    assert rig.shown().status is ExecutionStatus.CANCELLED
    assert rig.progress().percentage == pytest.approx(60.0)


def test_a_run_that_failed_is_done_as_far_as_it_succeeded() -> None:
    rig = Observed()
    rig.submit(
        "e", work("a", seconds=6.0), work("b", "a", seconds=2.0), work("c", "b", seconds=2.0)
    )
    rig.succeed("a")
    rig.fail("b", "EXECUTION")
    assert rig.shown().status is ExecutionStatus.FAILED
    assert rig.progress().percentage == pytest.approx(60.0)


def test_a_run_that_came_to_its_end_is_done_whatever_it_left_out() -> None:
    rig = Observed()
    rig.submit("e", work("a", seconds=6.0), work("b", "a", seconds=2.0, condition="false"))
    rig.succeed("a")
    assert rig.shown().status is ExecutionStatus.PARTIALLY_COMPLETED
    assert rig.progress().percentage == 100.0


def test_a_plan_that_is_amended_has_estimates_of_its_own() -> None:
    rig = Observed()
    rig.submit("e", work("a", seconds=2.0), work("b", "a", seconds=2.0))
    assert rig.progress().remaining == pytest.approx(4.0)
    other = replace(rig.shown())
    other.tree = PlanTree({"actions": [work("a", seconds=2.0), work("b", "a", seconds=7.0)]})
    assert progress_of(other, rig.now).remaining == pytest.approx(9.0)
    assert rig.progress().remaining == pytest.approx(4.0)


def test_what_is_done_is_looked_up_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Observed()
    rig.submit("e", *(work(f"a{n}", *([f"a{n - 1}"] if n else []), seconds=1.0) for n in range(50)))
    looked = []
    monkeypatch.setattr(PlanTree, "find", lambda _, key: looked.append(key))
    rig.progress()
    assert len(looked) == 50
    rig.progress()
    assert len(looked) == 50


def test_what_a_goal_says_after_its_end_is_not_shown_of_its_fallback():
    rig = Observed()
    rig.submit("e", action("go", fallback_action=action("walk")))
    rig.fail("go")
    assert rig.sent == ["go", "walk"]
    rig.says("go", 0.7, "driving", 3.0)
    assert (rig.shown_action("go").progress, rig.shown_action("go").phase) == (0.0, "")


# ------------------------------------------------------------------ shared resources
ON_ARM = [{"resource": "arm", "amount": 1.0}]
ARM_DEMAND = (s.LeaseDemand(resource="arm"),)


def on_arm(name: str, *after: str, seconds: float) -> dict[str, object]:
    return work(name, *after, seconds=seconds, resources=ON_ARM)


def test_who_waits_for_a_resource_waits_for_those_before() -> None:
    rig = Observed(resources=ARM)
    rig.submit("first", on_arm("a", seconds=10.0), work("then", "a", seconds=30.0))
    rig.wait(4.0)
    rig.submit("second", on_arm("b", seconds=5.0), work("after", "b", seconds=1.0))
    rig.wait(1.0)
    rig.submit("third", on_arm("c", seconds=2.0))
    left = [rig.progress(name).remaining for name in ("first", "second", "third")]
    assert left == [pytest.approx(35.0), pytest.approx(5.0 + 6.0), pytest.approx(5.0 + 5.0 + 2.0)]
    rig.says("a", 0.1, "", remaining=20.0)
    rig.wait(RECKONED)
    assert rig.progress("second").remaining == pytest.approx(20.0 + 6.0)
    rig.succeed("a")
    rig.wait(RECKONED)
    assert rig.progress("second").remaining == pytest.approx(6.0 - RECKONED)
    assert rig.progress("third").remaining == pytest.approx(5.0 + 2.0 - RECKONED)


def test_what_a_plan_does_side_by_side_with_one_arm_is_added_up() -> None:
    rig = Observed(resources=ARM)
    rig.submit("e", *(on_arm(name, seconds=4.0) for name in "abc"))
    assert rig.progress().remaining == pytest.approx(12.0)


def test_who_is_more_urgent_is_expected_to_be_first_and_who_is_paused_is_not_waited_for() -> None:
    rig = Observed(resources=ARM)
    rig.submit("first", on_arm("a", seconds=10.0))
    rig.submit("second", on_arm("b", seconds=5.0))
    rig.submit("urgent", on_arm("c", seconds=2.0), priority=50)
    assert rig.progress("urgent").remaining == pytest.approx(12.0)
    assert rig.progress("second").remaining == pytest.approx(17.0)
    rig.feed(s.Pause(execution_id="urgent"))
    rig.wait(RECKONED)
    assert rig.progress("second").remaining == pytest.approx(15.0 - RECKONED)


def test_an_arm_that_nobody_knows_when_it_comes_free_adds_nothing() -> None:
    rig = Observed(resources=ARM)
    rig.feed(s.AllocateLease(request_id="r", holder="a person", demands=ARM_DEMAND))
    rig.submit("e", on_arm("a", seconds=10.0))
    assert rig.progress().remaining == pytest.approx(10.0)
