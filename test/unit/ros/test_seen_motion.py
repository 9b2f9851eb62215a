"""What odometry saw of a relative motion counts where feedback told less of it."""

import asyncio
import math

import pytest

from execution_orchestrator.engine.inputs import (
    GoalCancelled,
    GoalFailed,
    GoalLost,
    GoalProgress,
    GoalSucceeded,
)
from execution_orchestrator.plan.capability import ResumeSpec
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.ros.driver.seen_motion import SeenMotion
from execution_orchestrator.ros.stopping.standstill import Motion, Travelled

ABORTED = ErrorInfo(type=ErrorType.NAVIGATION, code="NAV_SPIN_TIMEOUT", message="too long")
NOWHERE = (0.0, 0.0, 0.0)


class Goal:
    """A goal, what odometry says meanwhile, and what was reported of it."""

    def __init__(self, seen="turn", amount=12.0):
        self.here = Travelled(2.0, NOWHERE, 0)
        self.moves = Motion.STANDING
        self.told = []
        self.ended = asyncio.Event()
        resume = ResumeSpec.model_validate(
            {"from": "gone", "into": "amount", "how": "subtract", "seen": seen}
        )
        self.motion = SeenMotion(
            asyncio.get_running_loop(),
            resume,
            amount,
            travelled=lambda: self.here,
            motion=lambda: self.moves,
        )

    def turned(self, angle, breaks=0):
        self.here = Travelled(2.0 + angle, NOWHERE, breaks)

    def driven(self, x):
        self.here = Travelled(2.0, (x, 0.0, 0.0), 0)

    def tell(self, incoming):
        self.motion.report(incoming, self.hear)

    def hear(self, incoming):
        self.told.append(incoming)
        if not isinstance(incoming, GoalProgress):
            self.ended.set()

    def reached(self):
        return [one.reached for one in self.told if isinstance(one, GoalProgress)]


@pytest.mark.parametrize("sign", [1.0, -1.0])
async def test_the_turn_after_the_last_feedback_counts(sign):
    goal = Goal(amount=12.0 * sign)
    goal.motion.start()
    goal.tell(GoalProgress(goal_id="g", reached=2.0 * sign))
    goal.turned(2.8 * sign)
    goal.tell(GoalCancelled(goal_id="g"))
    assert goal.reached() == pytest.approx([2.0 * sign, 2.8 * sign])
    assert isinstance(goal.told[-1], GoalCancelled)


@pytest.mark.parametrize("sign", [1.0, -1.0])
async def test_without_any_feedback_the_turn_counts(sign):
    goal = Goal(amount=12.0 * sign)
    goal.motion.start()
    goal.turned(1.5 * sign)
    goal.tell(GoalFailed(goal_id="g", error=ABORTED))
    assert goal.reached() == pytest.approx([1.5 * sign])


async def test_a_turn_the_other_way_does_not_count():
    goal = Goal()
    goal.motion.start()
    goal.turned(-1.5)
    goal.tell(GoalCancelled(goal_id="g"))
    assert goal.reached() == []


async def test_the_way_counts_as_servers_tell_it_without_a_sign():
    goal = Goal("way", -2.0)
    goal.motion.start()
    goal.driven(-0.7)
    goal.tell(GoalCancelled(goal_id="g"))
    assert goal.reached() == [0.7]


async def test_a_pose_that_nobody_fills_in_says_nothing():
    goal = Goal("way", 2.0)
    goal.motion.start()
    goal.tell(GoalProgress(goal_id="g", reached=0.4))
    goal.tell(GoalCancelled(goal_id="g"))
    assert goal.reached() == [0.4]


async def test_odometry_that_was_silent_says_nothing():
    goal = Goal()
    goal.motion.start()
    goal.turned(3.0, breaks=1)
    goal.tell(GoalProgress(goal_id="g", reached=1.0))
    goal.tell(GoalCancelled(goal_id="g"))
    assert goal.reached() == [1.0]


async def test_odometry_that_begins_in_the_middle_counts_from_there():
    goal = Goal()
    goal.here = None
    goal.motion.start()
    goal.turned(3.0)
    goal.tell(GoalProgress(goal_id="g", reached=1.0))
    goal.turned(4.5)
    goal.tell(GoalCancelled(goal_id="g"))
    assert goal.reached() == pytest.approx([1.0, 1.5])


async def test_the_end_is_told_when_the_robot_does_not_roll_on():
    goal = Goal()
    goal.motion.start()
    goal.turned(2.0)
    goal.moves = Motion.MOVING
    goal.tell(GoalCancelled(goal_id="g"))
    assert goal.told == []
    goal.turned(2.3)
    goal.moves = Motion.SETTLING
    await goal.ended.wait()
    assert goal.reached() == pytest.approx([2.3])
    assert isinstance(goal.told[-1], GoalCancelled)


@pytest.mark.parametrize(
    "last", [GoalLost(goal_id="g", reason="silent", may_run=True), GoalSucceeded(goal_id="g")]
)
async def test_nothing_else_waits_for_a_robot_that_moves(last):
    goal = Goal()
    goal.motion.start()
    goal.turned(math.pi)
    goal.moves = Motion.MOVING
    goal.tell(last)
    assert goal.told[-1] is last


async def test_what_was_never_sent_does_not_wait():
    goal = Goal()
    goal.moves = Motion.MOVING
    goal.tell(GoalCancelled(goal_id="g"))
    assert goal.told == [GoalCancelled(goal_id="g")]
