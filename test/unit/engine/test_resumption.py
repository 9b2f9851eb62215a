"""A goal that is sent again goes on where the one before was."""

import pytest

from execution_orchestrator.engine import inputs as s
from execution_orchestrator.engine.apply import fold
from execution_orchestrator.engine.attempts import DONE_TWICE, MISSED_UNKNOWN
from execution_orchestrator.engine.effects import Dispatch, Reattach
from execution_orchestrator.engine.events import TaskReached
from execution_orchestrator.engine.machine import Machine
from execution_orchestrator.engine.scope import remaining
from execution_orchestrator.engine.status import ExecutionStatus
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType

ALL_DONE = "all of it was done before its goal"
RETRY = {
    "max_attempts": 5,
    "initial_delay": 0.1,
    "multiplier": 1.0,
    "max_delay": 0.1,
    "jitter": 0.0,
}
POSES = ["a", "b", "c", "d"]


def plan(parameters, resume, **more):
    action = {
        "id": "go", "action_type": "go", "depends_on": [], "on_failure": "abort", "priority": 0,
        "parameters": parameters, "resume": resume, "pausable": "cancel", "server": "go",
        "recovery": "go", "resources": [], "timeout": 5.0,
        "retry": RETRY, **more,
    }  # fmt: skip
    return {"version": 1, "id": "p", "command": "", "actions": [action]}


class Robot:
    """Takes goals, and says how far they have come."""

    def __init__(self, parameters, resume, **more):
        self.machine = Machine()
        self.journal = []
        self.now = 1000.0
        self.sent = []
        self.feed(s.Submit(execution_id="x", plan=plan(parameters, resume, **more)))

    def feed(self, incoming):
        self.take(self.machine.handle(incoming, now=self.now))

    def take(self, step):
        self.journal += step.events
        self.sent += [one for one in step.effects if isinstance(one, Dispatch)]

    @property
    def goal(self):
        return self.sent[-1].goal_id

    @property
    def parameters(self):
        return self.sent[-1].parameters

    def reach(self, value):
        self.feed(s.GoalProgress(goal_id=self.goal, reached=value))

    def pause_and_resume(self):
        self.feed(s.Pause(execution_id="x"))
        self.feed(s.GoalCancelled(goal_id=self.goal))
        self.feed(s.Resume(execution_id="x"))

    def fail(self, **told):
        error = ErrorInfo(type=ErrorType.NAVIGATION, code="STUCK", message="stuck")
        self.end_attempt(s.GoalFailed(goal_id=self.goal, error=error, **told))

    def end_attempt(self, last_word):
        self.feed(last_word)
        self.now += 1.0
        for timer in [name for name in self.machine.state.timers if name.startswith("retry")]:
            self.feed(s.TimerFired(timer_id=timer))

    def die(self):
        self.machine = Machine(state=fold(self.journal))
        self.take(self.machine.resume(now=self.now))

    def time_out(self):
        self.now += 10.0
        for timer in [name for name in self.machine.state.timers if name.startswith("timeout")]:
            self.feed(s.TimerFired(timer_id=timer))
        self.feed(s.GoalCancelled(goal_id=self.goal))
        self.now += 1.0
        for timer in [name for name in self.machine.state.timers if name.startswith("retry")]:
            self.feed(s.TimerFired(timer_id=timer))

    def die_and_fail(self):
        self.die()
        self.fail()


AGAIN = [Robot.pause_and_resume, Robot.fail]


@pytest.mark.parametrize("again", AGAIN)
def test_waypoints_go_on_with_the_one_that_was_not_reached(again):
    robot = Robot({"poses": POSES}, {"into": "first", "how": "set"})
    robot.reach(0.0)
    robot.reach(2.0)
    again(robot)
    assert robot.parameters == {"poses": POSES, "first": 2}
    robot.reach(3.0)
    again(robot)
    assert robot.parameters == {"poses": POSES, "first": 3}


@pytest.mark.parametrize("again", AGAIN)
def test_poses_that_are_left_are_driven_to(again):
    robot = Robot({"poses": POSES}, {"into": "poses", "how": "keep"})
    robot.reach(4.0)
    robot.reach(2.0)
    again(robot)
    assert robot.parameters == {"poses": ["c", "d"]}
    robot.reach(1.0)
    again(robot)
    assert robot.parameters == {"poses": ["d"]}
    robot.reach(0.0)
    again(robot)
    assert robot.parameters == {"poses": ["d"]}


LISTS = [
    ({"poses": POSES * 3}, {"into": "poses", "how": "keep"}, [11.0, 10.0, 9.0, 8.0, 7.0, 6.0]),
    ({"poses": POSES * 3}, {"into": "poses", "how": "skip"}, [1.0] * 6),
    ({"poses": POSES * 3}, {"into": "first", "how": "set"}, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
    (
        {"poses": POSES, "loops": 9},
        {"into": "first", "how": "set", "items": "poses", "rounds": "loops"},
        [2.0, 0.0, 2.0, 0.0, 2.0, 0.0],
    ),
]


@pytest.mark.parametrize(("parameters", "resume", "counted"), LISTS)
def test_attempts_that_come_further_are_not_used_up(parameters, resume, counted):
    robot = Robot(parameters, resume)
    for number in counted:
        robot.reach(number)
        robot.fail()
    assert len(robot.sent) == len(counted) + 1
    # Those that do not get on are; a server that only says where it begins has done nothing.
    for _ in range(4):
        robot.reach(counted[-1] if resume["how"] != "skip" else 0.0)
        robot.fail()
    assert robot.machine.state.executions["x"].status is ExecutionStatus.FAILED
    assert len(robot.sent) == len(counted) + 4


@pytest.mark.parametrize("again", AGAIN)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_of_a_relative_motion_what_is_left_is_done(again, sign):
    robot = Robot({"distance": sign * 1.0}, {"into": "distance", "how": "subtract"})
    robot.reach(0.1)
    robot.reach(0.6)
    again(robot)
    assert robot.parameters == {"distance": pytest.approx(sign * 0.4)}
    robot.reach(0.3)
    again(robot)
    assert robot.parameters == {"distance": pytest.approx(sign * 0.1)}
    again(robot)
    assert robot.parameters == {"distance": pytest.approx(sign * 0.1)}


@pytest.mark.parametrize("reached", [1.0, 1.2, 0.9999])
@pytest.mark.parametrize("again", AGAIN)
def test_a_relative_motion_of_which_nothing_is_left_is_done(again, reached):
    """Servers refuse a goal of no length: its speed and its distance have no common sign."""
    robot = Robot({"distance": -1.0}, {"into": "distance", "how": "subtract"})
    robot.reach(0.6)
    again(robot)
    robot.reach(reached - 0.6)
    again(robot)
    assert len(robot.sent) == 2
    execution = robot.machine.state.executions["x"]
    assert execution.status is ExecutionStatus.COMPLETED
    told = execution.deviations.get("go", ())
    assert told == (() if again is Robot.pause_and_resume else (f"{ALL_DONE} failed: stuck",))


@pytest.mark.parametrize("again", AGAIN)
def test_a_server_that_has_not_counted_yet_has_not_been_anywhere(again):
    """Nav2 tells zero poses while its list is empty: that is not the last one."""
    robot = Robot({"poses": POSES}, {"into": "poses", "how": "keep"})
    robot.reach(0.0)
    again(robot)
    assert robot.parameters == {"poses": POSES}
    robot.reach(3.0)
    robot.reach(0.0)
    again(robot)
    assert robot.parameters == {"poses": ["b", "c", "d"]}


@pytest.mark.parametrize("how", ["set", "skip"])
def test_the_output_has_what_every_goal_left_out(how):
    robot = Robot({"poses": POSES}, {"into": "first" if how == "set" else "poses", "how": how})
    robot.reach(2.0)
    robot.feed(s.Pause(execution_id="x"))
    left_out = {"missed_waypoints": [{"index": 0}], "missed": 1}
    robot.feed(s.GoalCancelled(goal_id=robot.goal, missed="1 waypoint missed", left_out=left_out))
    robot.die()
    robot.feed(s.Resume(execution_id="x"))
    assert robot.sent[-1].skipped == (2 if how == "skip" else 0)
    last = {"missed_waypoints": [{"index": 3}], "missed": 1, "final_pose": {"x": 1}}
    robot.feed(s.GoalSucceeded(goal_id=robot.goal, output=last))
    assert robot.machine.state.executions["x"].actions["go"].output == {
        "missed_waypoints": [{"index": 0}, {"index": 3}],
        "missed": 2,
        "final_pose": {"x": 1},
    }


STOPPED = {"missed": "1 waypoint missed", "left_out": {"missed": 1}, "partial": True}
BLOCKED = ErrorInfo(type=ErrorType.NAVIGATION, code="BLOCKED", message="a box")


@pytest.mark.parametrize("dies", [False, True])
@pytest.mark.parametrize(
    "last_word", [lambda goal: s.GoalCancelled(goal_id=goal, **STOPPED),
                  lambda goal: s.GoalFailed(goal_id=goal, error=BLOCKED, **STOPPED)]
)  # fmt: skip
def test_what_a_goal_left_out_that_ended_after_it_was_given_up_is_told_too(last_word, dies):
    robot = Robot({"poses": POSES}, {"into": "first", "how": "set"}, idempotent=True)
    robot.feed(s.GoalAccepted(goal_id=robot.goal))
    robot.reach(2.0)
    robot.feed(s.Pause(execution_id="x"))
    robot.now += 30.0
    (timer,) = [name for name in robot.machine.state.timers if name.startswith("cancel")]
    robot.feed(s.TimerFired(timer_id=timer))
    assert robot.goal in robot.machine.state.quarantined
    if dies:
        robot.die()
    first = next(iter(robot.machine.state.quarantined))
    robot.feed(last_word(first))
    robot.feed(s.Resume(execution_id="x"))
    robot.feed(s.GoalSucceeded(goal_id=robot.goal, output={"missed": 1}))
    execution = robot.machine.state.executions["x"]
    assert execution.status is ExecutionStatus.PARTIALLY_COMPLETED
    assert execution.deviations["go"] == ("1 waypoint missed",)
    assert execution.actions["go"].output == {"missed": 2}


@pytest.mark.parametrize("partial", [True, False])
@pytest.mark.parametrize("dies", [False, True])
def test_what_a_goal_left_out_before_it_was_stopped_is_told_with_the_success(dies, partial):
    robot = Robot({"poses": POSES}, {"into": "first", "how": "set"})
    robot.reach(2.0)
    robot.feed(s.Pause(execution_id="x"))
    robot.feed(s.GoalCancelled(goal_id=robot.goal, missed="1 waypoint missed", partial=partial))
    if dies:
        robot.die()
    robot.feed(s.Resume(execution_id="x"))
    robot.reach(3.0)
    error = ErrorInfo(type=ErrorType.NAVIGATION, code="STUCK", message="stuck")
    robot.feed(s.GoalFailed(goal_id=robot.goal, error=error, missed="2 waypoints missed"))
    robot.now += 1.0
    robot.feed(s.TimerFired(timer_id=next(iter(robot.machine.state.timers))))
    robot.feed(s.GoalSucceeded(goal_id=robot.goal))
    execution = robot.machine.state.executions["x"]
    assert execution.deviations["go"] == ("1 waypoint missed", "2 waypoints missed")
    told = ExecutionStatus.PARTIALLY_COMPLETED if partial else ExecutionStatus.COMPLETED
    assert execution.status is told


MISSED_ALL = ErrorInfo(type=ErrorType.NAVIGATION, code="BLOCKED", message="nothing of it was done")
TOURS = [
    ({"poses": POSES}, {"into": "first", "how": "set", "items": "poses"}),
    ({"poses": POSES}, {"into": "poses", "how": "skip"}),
    ({"poses": POSES, "first": 1}, {"into": "first", "how": "set", "items": "poses"}),
]


def goes_on_by(robot, how, word):
    """Let an attempt end by a pause, or by a failure and a retry, and the next one begin."""
    if how == "pause":
        robot.feed(s.Pause(execution_id="x"))
        robot.feed(s.GoalCancelled(goal_id=robot.goal, **word))
        robot.feed(s.Resume(execution_id="x"))
    else:
        robot.fail(**word)


@pytest.mark.parametrize("how", ["pause", "retry"])
@pytest.mark.parametrize("dies", [False, True])
@pytest.mark.parametrize(("parameters", "resume"), TOURS, ids=["set", "skip", "a later first"])
def test_of_a_tour_whose_goals_missed_all_nothing_was_done(parameters, resume, dies, how):
    robot = Robot(parameters, resume)
    first = parameters.get("first", 0)
    assert not robot.sent[-1].goes_on
    for undone in (1, 1):
        reached = first + undone if resume["how"] == "set" else undone
        robot.reach(float(reached))
        goes_on_by(robot, how, {"missed": "1 waypoint missed", "undone": 1, "partial": True})
        first = reached
        if dies:
            robot.die()
        assert not robot.sent[-1].goes_on
    # What its driver says of a tour of which nothing was done.
    robot.end_attempt(s.GoalFailed(goal_id=robot.goal, error=MISSED_ALL, anew=True))
    assert robot.parameters == parameters
    assert not robot.sent[-1].goes_on
    robot.feed(s.GoalSucceeded(goal_id=robot.goal, output={}))
    execution = robot.machine.state.executions["x"]
    assert execution.status is ExecutionStatus.COMPLETED
    assert "go" not in execution.deviations


def test_of_a_tour_of_which_one_part_was_done_something_was():
    robot = Robot({"poses": POSES, "loops": 1}, FOLLOWS)
    for count in (1.0, 3.0, 0.0, 1.0):
        robot.reach(count)
    goes_on_by(robot, "pause", {"missed": "5 waypoints missed", "undone": 5})
    assert robot.parameters == {"poses": POSES, "loops": 0, "first": 1}
    assert not robot.sent[-1].goes_on
    robot.reach(3.0)
    goes_on_by(robot, "pause", {"missed": "1 waypoint missed", "undone": 1})
    assert robot.sent[-1].goes_on
    robot.die()
    assert robot.sent[-1].goes_on


@pytest.mark.parametrize("how", ["pause", "retry"])
def test_what_a_goal_missed_that_may_miss_nothing_is_done_by_the_next(how):
    robot = Robot({"poses": POSES}, FOLLOWS)
    robot.reach(3.0)
    goes_on_by(robot, how, {"reached": 1.0})
    assert robot.parameters == {"poses": POSES, "first": 1}
    robot.feed(s.GoalSucceeded(goal_id=robot.goal, output={}))
    execution = robot.machine.state.executions["x"]
    assert (execution.status, execution.deviations.get("go", ())) == (ExecutionStatus.COMPLETED, ())


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("given_up", [False, True])
def test_what_a_tour_missed_whose_server_died_is_not_known(whole, given_up):
    resume = {**FOLLOWS, "misses": "waypoint", **({"whole": True} if whole else {})}
    robot = Robot({"poses": POSES}, resume, idempotent=True)
    robot.feed(s.GoalAccepted(goal_id=robot.goal))
    robot.reach(2.0)
    if given_up:
        robot.feed(s.GoalLost(goal_id=robot.goal, reason="silent", may_run=True))
    robot.end_attempt(s.GoalLost(goal_id=robot.goal, reason="its server died"))
    assert robot.parameters == {"poses": POSES, "first": 0 if whole else 2}
    robot.feed(s.GoalSucceeded(goal_id=robot.goal, output={}))
    told = robot.machine.state.executions["x"].deviations.get("go", ())
    assert (MISSED_UNKNOWN.format("waypoint") in told) is not whole


def test_a_count_below_zero_says_nothing():
    robot = Robot({"poses": POSES}, {"into": "first", "how": "set"})
    robot.reach(-1.0)
    robot.fail()
    assert robot.parameters == {"poses": POSES}
    robot.reach(2.0)
    robot.reach(-1.0)
    robot.fail()
    assert robot.parameters == {"poses": POSES, "first": 2}


FOLLOWS = {"into": "first", "how": "set", "items": "poses", "rounds": "loops"}


@pytest.mark.parametrize("again", AGAIN)
@pytest.mark.parametrize("odd", [4.0, 7.0, 1.0, 0.0, -1.0, float("nan")])
def test_a_count_that_cannot_be_says_nothing(again, odd):
    """Beyond the list, back before what was reached, and of a server that counts anew."""
    robot = Robot({"poses": POSES}, FOLLOWS)
    robot.reach(odd if odd > 2.0 else 0.0)
    robot.reach(2.0)
    robot.reach(odd)
    again(robot)
    assert robot.parameters == {"poses": POSES, "first": 2}
    robot.reach(odd)
    again(robot)
    assert robot.parameters == {"poses": POSES, "first": 2}


@pytest.mark.parametrize("odd", [9.0, 3.0])
def test_poses_that_were_passed_are_not_left_again(odd):
    robot = Robot({"poses": POSES}, {"into": "poses", "how": "keep"})
    for left in (4.0, 2.0, odd):
        robot.reach(left)
    robot.fail()
    assert robot.parameters == {"poses": ["c", "d"]}


@pytest.mark.parametrize("again", [*AGAIN, Robot.die])
def test_rounds_that_were_made_are_not_made_again(again):
    robot = Robot({"poses": POSES, "loops": 2}, FOLLOWS)
    for place in (0.0, 1.0, 2.0, 3.0, 0.0, 1.0):
        robot.reach(place)
    again(robot)
    robot.fail()
    assert robot.parameters == {"poses": POSES, "first": 1, "loops": 1}
    for place in (1.0, 2.0, 3.0, 0.0):
        robot.reach(place)
    robot.fail()
    assert robot.parameters == {"poses": POSES, "first": 0, "loops": 0}
    for place in (0.0, 1.0, 0.0):
        robot.reach(place)
    robot.fail()
    assert robot.parameters == {"poses": POSES, "first": 1, "loops": 0}


def test_a_server_without_an_index_gets_a_shorter_list():
    robot = Robot({"poses": POSES}, {"into": "poses", "how": "skip"})
    for reached in (1.0, 1.0):
        robot.reach(reached)
        robot.pause_and_resume()
    assert robot.parameters == {"poses": ["c", "d"]}


def test_what_is_always_changing_is_noted_once_a_second():
    robot = Robot({"distance": 9.0}, {"into": "distance", "how": "subtract"})
    for tenth in range(50):
        robot.now += 0.1
        robot.reach(tenth / 10.0)
    noted = [one.reached for one in robot.journal if isinstance(one, TaskReached)]
    assert 4 <= len(noted) <= 6


def test_a_killed_node_remembers_how_far_it_was():
    robot = Robot({"poses": POSES}, {"into": "first", "how": "set"})
    robot.reach(2.0)
    robot.die()
    # The goal that runs is the first one, which was sent whole.
    assert isinstance(robot.sent[-1], Reattach)
    assert robot.parameters == {"poses": POSES}
    robot.pause_and_resume()
    assert robot.parameters == {"poses": POSES, "first": 2}


def test_a_capability_that_says_nothing_begins_anew():
    robot = Robot({"poses": POSES}, {})
    robot.reach(2.0)
    robot.pause_and_resume()
    assert robot.parameters == {"poses": POSES}


@pytest.mark.parametrize("value", [None, "here", {"x": 1}, []])
def test_what_cannot_be_shortened_is_sent_whole(value):
    for how in ("keep", "skip", "subtract"):
        given = {"poses": value}
        assert remaining(given, {"into": "poses", "how": how}, 2.0) == given


@pytest.mark.parametrize("again", AGAIN)
@pytest.mark.parametrize(("told", "twice"), [(None, True), (0.4, False), (0.0, False)])
def test_a_motion_of_which_nobody_told_the_way_is_not_done_as_the_plan_asks(again, told, twice):
    robot = Robot({"distance": 1.0}, {"into": "distance", "how": "subtract"})
    robot.feed(s.GoalAccepted(goal_id=robot.goal))
    if told is not None:
        robot.reach(told)
    again(robot)
    assert robot.parameters == {"distance": pytest.approx(1.0 - (told or 0.0))}
    again(robot)
    robot.feed(s.GoalSucceeded(goal_id=robot.goal))
    deviations = robot.journal[-1].deviations
    assert deviations == ((f"go: {DONE_TWICE}",) if twice else ())


UNSEEN = [Robot.time_out, Robot.die_and_fail]


@pytest.mark.parametrize("again", UNSEEN)
@pytest.mark.parametrize("told", [None, 0.4, 0.0])
def test_a_motion_that_went_on_unseen_is_not_done_as_the_plan_asks(again, told):
    """Its last feedback is old: the node was away, or its server told no more."""
    robot = Robot({"distance": 1.0}, {"into": "distance", "how": "subtract"})
    robot.feed(s.GoalAccepted(goal_id=robot.goal))
    if told is not None:
        robot.reach(told)
    again(robot)
    assert robot.parameters == {"distance": pytest.approx(1.0 - (told or 0.0))}
    robot.die()
    robot.reach(0.1)
    robot.feed(s.GoalSucceeded(goal_id=robot.goal))
    assert robot.journal[-1].deviations == (f"go: {DONE_TWICE}",)


@pytest.mark.parametrize("more", [0.4, 0.6])
def test_a_motion_of_which_feedback_comes_again_is_known_after_a_restart(more):
    robot = Robot({"distance": 1.0}, {"into": "distance", "how": "subtract"})
    robot.feed(s.GoalAccepted(goal_id=robot.goal))
    robot.reach(0.4)
    robot.die()
    robot.reach(more)
    robot.fail()
    robot.feed(s.GoalSucceeded(goal_id=robot.goal))
    assert not robot.journal[-1].deviations


def test_a_motion_that_ended_well_while_the_node_was_away_is_done_once():
    robot = Robot({"distance": 1.0}, {"into": "distance", "how": "subtract"})
    robot.feed(s.GoalAccepted(goal_id=robot.goal))
    robot.reach(0.4)
    robot.die()
    robot.feed(s.GoalSucceeded(goal_id=robot.goal))
    assert not robot.journal[-1].deviations


@pytest.mark.parametrize("again", AGAIN)
def test_of_a_motion_of_which_nothing_is_left_it_is_told_too_what_was_done_twice(again):
    robot = Robot({"distance": 1.0}, {"into": "distance", "how": "subtract"})
    robot.feed(s.GoalAccepted(goal_id=robot.goal))
    again(robot)
    robot.feed(s.GoalAccepted(goal_id=robot.goal))
    robot.reach(1.0)
    again(robot)
    assert f"go: {DONE_TWICE}" in robot.journal[-1].deviations


def test_a_motion_that_its_server_had_not_taken_is_done_once():
    robot = Robot({"distance": 1.0}, {"into": "distance", "how": "subtract"})
    robot.pause_and_resume()
    robot.feed(s.GoalSucceeded(goal_id=robot.goal))
    assert not robot.journal[-1].deviations


@pytest.mark.parametrize(
    ("resume", "counts", "begin"),
    [
        (FOLLOWS, (0.0, 3.0, 0.0, 3.0), {"first": 0}),
        ({"into": "poses", "how": "keep"}, (4.0, 1.0), {}),
        ({"into": "poses", "how": "skip"}, (1.0, 3.0), {}),
    ],
    ids=["set", "keep", "skip"],
)
@pytest.mark.parametrize("why", ["result", "postcondition"])
def test_what_feedback_told_of_a_goal_that_does_not_count_does_not_count(
    resume, counts, begin, why
):
    more = {"postconditions": ["false"]} if why == "postcondition" else {}
    given = {"poses": POSES, "loops": 2}
    robot = Robot(given, resume, **more)
    for count in counts:
        robot.reach(count)
    if more:
        robot.end_attempt(s.GoalSucceeded(goal_id=robot.goal, output={}))
    else:
        robot.fail(anew=True)
    assert len(robot.sent) == 2
    assert robot.parameters == {**given, **begin}


def test_a_motion_that_was_made_and_did_not_come_to_what_it_was_for_has_failed():
    resume = {"into": "distance", "how": "subtract"}
    robot = Robot({"distance": 1.0}, resume, postconditions=["false"])
    robot.reach(1.0)
    robot.end_attempt(s.GoalSucceeded(goal_id=robot.goal, output={}))
    assert len(robot.sent) == 1
    assert robot.machine.state.executions["x"].status is ExecutionStatus.FAILED


@pytest.mark.parametrize("again", AGAIN)
def test_a_motion_of_which_nothing_is_left_has_to_come_to_what_it_is_for(again):
    resume = {"into": "distance", "how": "subtract"}
    robot = Robot({"distance": 1.0}, resume, postconditions=["false"])
    robot.reach(1.0)
    again(robot)
    assert len(robot.sent) == 1
    assert robot.machine.state.executions["x"].status is ExecutionStatus.FAILED
