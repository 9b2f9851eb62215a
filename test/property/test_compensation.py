"""Whatever was done is undone once, last first, however often the plan was replaced meanwhile."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from execution_orchestrator.engine import effects as fx
from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.status import ExecutionStatus
from test.unit.engine.driving import Rig, action, plan
from test.unit.engine.test_replanning import nav, replanning

# A plan: names in order, whether they wait for each other, how many get done before it fails, and
# a mark: an action with another mark is another action under the same name.
PLANS = st.lists(
    st.tuples(
        st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True),
        st.booleans(),
        st.integers(0, 4),
        st.integers(0, 1),
    ),
    min_size=1,
    max_size=5,
)


def written(names: list[str], chained: bool, mark: int) -> list[dict[str, Any]]:
    """Return a plan with a gate that can fail; every compensation names what exactly it undoes."""
    actions = []
    for index, name in enumerate(names):
        after = names[index - 1 : index] if chained and index else []
        undo = {
            "action_type": "work",
            "parameters": {"undoes": f"{{{{ actions.{name}.output.number }}}}"},
        }
        actions.append(action(name, *after, parameters={"mark": mark}, compensation=undo))
    return [*actions, nav("gate")]


def stop_the_rest(rig: Rig) -> None:
    """Let every goal that is asked to cancel do so."""
    for goal_id in list(rig.machine.state.goals):
        rig.feed(s.GoalCancelled(goal_id=goal_id))


def answer(rig: Rig, actions: list[dict[str, Any]] | None) -> None:
    """Answer for the planner."""
    (wish,) = rig.of(fx.Replan)
    other = plan(*actions) if actions else None
    rig.feed(s.ReplanFinished(execution_id="e", run_id=wish.run_id, plan=other))


@given(PLANS, st.sampled_from(["fail", "cancel"]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_what_was_done_for_any_plan_is_undone_last_first(
    plans: list[tuple[list[str], bool, int, int]], end: str, restart: bool
) -> None:
    rig = replanning(max_replans=len(plans))
    done: list[int] = []
    for number, (names, chained, successes, mark) in enumerate(plans):
        actions = written(names, chained, mark)
        if number:
            answer(rig, actions)
        else:
            rig.submit("e", *actions)
        for _ in range(successes):
            running = [one.key for one in rig.machine.state.goals.values() if one.key != "gate"]
            if running:
                # The one that started last is done first: that is not the order of the plan.
                done.append(len(done))
                rig.succeed(running[-1], number=done[-1])
        if restart:
            rig.restart()
        if number < len(plans) - 1 or end == "fail":
            rig.fail("gate")
            stop_the_rest(rig)
    if end == "fail":
        answer(rig, None)
    else:
        rig.feed(s.Cancel(execution_id="e", compensate=True))
        stop_the_rest(rig)
    undone = []
    while not rig.execution().is_final:
        (running,) = rig.machine.state.goals.values()
        undone.append((running.parameters or {})["undoes"])
        if restart:
            rig.restart()
        rig.feed(s.GoalSucceeded(goal_id=running.goal_id, output={}))
    assert undone == done[::-1]
    wanted = ExecutionStatus.FAILED if end == "fail" else ExecutionStatus.CANCELLED
    assert rig.execution().status is wanted
    rig.check()
