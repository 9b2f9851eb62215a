"""What is reported of the end of a goal, where status and result say different things."""

import asyncio
import math
from pathlib import Path

import msgspec
import pytest
from action_msgs.msg import GoalStatus
from control_msgs.action import GripperCommand
from nav2_msgs.action import DockRobot, FollowWaypoints, NavigateToPose, UndockRobot
from nav2_msgs.msg import MissedWaypoint

from execution_orchestrator.action import CaptureImage, DetectObjects
from execution_orchestrator.capabilities.adapter import GenericAdapter
from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.engine.effects import Dispatch
from execution_orchestrator.engine.inputs import GoalCancelled, GoalFailed, GoalSucceeded
from execution_orchestrator.msg import DetectedObject
from execution_orchestrator.plan.capability import CapabilitySpec, ResultMapping
from execution_orchestrator.plan.errors import ErrorInfo, ErrorType
from execution_orchestrator.ros.driver.reporting import GoalReporter

CONFIG = Path(__file__).parents[3] / "config"
SPEC = CapabilitySpec.model_validate(
    {
        "description": "Follow waypoints",
        "interface": {"name": "follow_waypoints"},
        "result": {"missed": {"field": "missed_waypoints", "what": "waypoint", "place": "index"}},
        "resume": {"from": "current_waypoint", "into": "first", "how": "set"},
    }
)


def strict():
    """Return the same capability, of which nothing may be missed."""
    spec = SPEC.model_dump()
    spec["result"]["missed"]["rule"] = "fail"
    return CapabilitySpec.model_validate(spec)


def forbidden(*_, **__):
    raise AssertionError("this does not happen here")


def listening(spec, reports, *, idempotent=False, parameters=None, goes_on=False, **more):
    adapter = GenericAdapter(spec)
    goal = Dispatch(
        execution_id="e",
        key="go",
        attempt=1,
        goal_id="g",
        capability="follow",
        parameters=parameters or {},
        idempotent=idempotent,
        goes_on=goes_on,
    )
    return GoalReporter(
        goal,
        adapter,
        reports.append,
        mapper=adapter.follow({}),
        done=lambda: None,
        on_output=lambda *_: None,
        placed=more.pop("placed", forbidden),
        loop=asyncio.get_running_loop(),
        explain=more.pop("explain", lambda _, error, tell, since: tell(error)),
        look_first=forbidden,
        server_died=forbidden,
        server_silent=forbidden,
        still_silent=forbidden,
        **more,
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [(GoalStatus.STATUS_CANCELED, GoalCancelled), (GoalStatus.STATUS_ABORTED, GoalFailed)],
)
async def test_what_was_missed_before_it_was_stopped_is_read_from_the_result(status, kind):
    reports = []
    reporter = listening(SPEC, reports)
    reporter.feedback(FollowWaypoints.Feedback(current_waypoint=3))
    missed = [MissedWaypoint(index=1, error_code=208), MissedWaypoint(index=3)]
    reporter.finished(status, FollowWaypoints.Result(missed_waypoints=missed))
    last = reports[-1]
    assert type(last) is kind
    assert (last.missed, last.undone, last.partial) == ("1 waypoint missed (index 1)", 1, True)


@pytest.mark.parametrize("status", [GoalStatus.STATUS_CANCELED, GoalStatus.STATUS_ABORTED])
@pytest.mark.parametrize(
    ("counts", "missed", "reached", "anew"),
    [
        ([0, 1, 2, 3], [1, 3], 1.0, False),
        ([0, 1, 2, 3], [3], None, False),
        ([0, 1, 2, 3, 0, 1, 2], [1], None, True),
    ],
)
async def test_what_was_missed_before_it_was_stopped_is_done_where_nothing_may_be_missed(
    status, counts, missed, reached, anew
):
    reports = []
    reporter = listening(strict(), reports)
    for count in counts:
        reporter.feedback(FollowWaypoints.Feedback(current_waypoint=count))
    result = FollowWaypoints.Result(missed_waypoints=[MissedWaypoint(index=one) for one in missed])
    reporter.finished(status, result)
    last = reports[-1]
    assert (last.reached, last.anew, last.missed) == (reached, anew, "")


@pytest.mark.parametrize("status", [GoalStatus.STATUS_CANCELED, GoalStatus.STATUS_ABORTED])
async def test_where_nothing_may_be_missed_a_goal_whose_result_is_lost_does_not_count(status):
    reports = []
    reporter = listening(strict(), reports)
    reporter.feedback(FollowWaypoints.Feedback(current_waypoint=2))
    reporter.ended(status, LOST)
    assert (reports[-1].anew, reports[-1].missed) == (True, "")


@pytest.mark.parametrize(
    ("counts", "reached", "anew"),
    [([0, 1, 2, 3], 1.0, False), ([0, 1, 2, 3, 0, 1, 2, 3], None, True)],
    ids=["one round", "two rounds, and nobody says in which it was missed"],
)
async def test_where_nothing_may_be_missed_it_is_done_again_from_the_first_that_was(
    counts, reached, anew
):
    reports = []
    reporter = listening(strict(), reports)
    for count in counts:
        reporter.feedback(FollowWaypoints.Feedback(current_waypoint=count))
    missed = [MissedWaypoint(index=1), MissedWaypoint(index=2)]
    reporter.finished(GoalStatus.STATUS_SUCCEEDED, FollowWaypoints.Result(missed_waypoints=missed))
    assert type(reports[-1]) is GoalFailed
    assert (reports[-1].reached, reports[-1].anew) == (reached, anew)


BESIDE = ErrorInfo(type=ErrorType.NAVIGATION, code="NAV_NOT_AT_TARGET", message="beside it")


@pytest.mark.parametrize(
    ("left_out", "kind"), [([MissedWaypoint(index=2)], GoalSucceeded), ([], GoalFailed)]
)
async def test_who_says_what_it_left_out_may_be_elsewhere(left_out, kind):
    reports = []
    seen = {"position_error": 2.0}
    reporter = listening(SPEC, reports, arrived=lambda told: told(seen, BESIDE))
    reporter.finished(
        GoalStatus.STATUS_SUCCEEDED, FollowWaypoints.Result(missed_waypoints=left_out)
    )
    assert type(reports[-1]) is kind


@pytest.mark.parametrize(("code", "anew"), [("NAV_NOT_PASSED", True), ("NAV_NOT_AT_TARGET", False)])
async def test_what_was_not_passed_is_driven_to_again(code, anew):
    reports = []
    error = msgspec.structs.replace(BESIDE, code=code)
    reporter = listening(SPEC, reports, arrived=lambda told: told({}, error))
    reporter.finished(GoalStatus.STATUS_SUCCEEDED, FollowWaypoints.Result())
    assert reports[-1].anew is anew


DRIVE = CapabilitySpec.model_validate(
    {
        "description": "Drive",
        "interface": {"name": "navigate_to_pose"},
        "result": {"error_code": "error_code", "error_table": "nav2"},
    }
)


@pytest.mark.parametrize(
    ("seen", "missed", "there"),
    [
        ({"position_error": 0.1}, None, True),
        ({"position_error": 2.0}, BESIDE, False),
        ({"position_error": 2.0, "deviation": "beside it"}, None, False),
        ({}, None, False),  # nobody knows where the robot is
    ],
)
async def test_a_success_with_a_number_of_an_error_is_one_if_the_robot_is_there(
    seen, missed, there
):
    reports = []
    reporter = listening(DRIVE, reports, arrived=lambda told: told(seen, missed))
    result = NavigateToPose.Result(error_code=208)
    reporter.finished(GoalStatus.STATUS_SUCCEEDED, result)
    last = reports[-1]
    if there:
        assert isinstance(last, GoalSucceeded)
        assert seen.items() <= last.output.items()
        assert "there is no path to the goal" in last.warning
    else:
        assert isinstance(last, GoalFailed)
        assert last.error.code == "NAV2_NO_VALID_PATH"


@pytest.mark.parametrize(
    ("missed", "code"),
    [
        ([MissedWaypoint(index=2, error_code=208)], "NAV2_NO_VALID_PATH"),
        ([MissedWaypoint(index=1, error_code=208), MissedWaypoint(index=2)], "GOAL_ABORTED"),
        ([], "GOAL_ABORTED"),
    ],
)
async def test_a_list_that_was_given_up_at_one_of_it_failed_for_that_ones_reason(missed, code):
    """As Nav2 does with `stop_on_failure`: aborted, and no number but that of the waypoint."""
    reports = []
    spec = load_robot([CONFIG / "capabilities.yaml"]).model.capabilities["follow_waypoints"]
    reporter = listening(spec, reports)
    result = FollowWaypoints.Result(missed_waypoints=missed)
    reporter.finished(GoalStatus.STATUS_ABORTED, result)
    assert reports[-1].error.code == code


def left_out(*places):
    return [MissedWaypoint(index=place, error_code=208) for place in places]


@pytest.mark.parametrize(
    ("parameters", "missed", "kind"),
    [
        ({}, left_out(0, 1), GoalFailed),
        ({}, left_out(1), GoalSucceeded),
        ({"number_of_loops": 1}, left_out(0, 1, 0, 1), GoalFailed),
        ({"number_of_loops": 1}, left_out(0, 1), GoalSucceeded),
        # What came before was done by an earlier goal.
        ({"first": 1, "goes_on": True}, left_out(1), GoalSucceeded),
        # It was missed, too.
        ({"first": 1}, left_out(1), GoalFailed),
        ({"first": 1, "number_of_loops": 1}, left_out(1, 0, 1), GoalFailed),
        ({"first": 1, "number_of_loops": 1}, left_out(0, 1), GoalSucceeded),
    ],
)
async def test_a_list_of_which_nothing_was_done_has_failed(parameters, missed, kind):
    reports = []
    goes_on = parameters.get("goes_on", False)
    parameters = {name: value for name, value in parameters.items() if name != "goes_on"}
    spec = load_robot([CONFIG / "capabilities.yaml"]).model.capabilities["follow_waypoints"]
    poses = [{"x": 1.0, "y": 0.0}, {"x": 2.0, "y": 0.0}]
    given = {"poses": poses, **parameters}
    reporter = listening(spec, reports, parameters=given, goes_on=goes_on)
    reporter.finished(GoalStatus.STATUS_SUCCEEDED, FollowWaypoints.Result(missed_waypoints=missed))
    (told,) = reports
    assert type(told) is kind
    if kind is GoalFailed:
        assert told.error.code == "NAV2_NO_VALID_PATH"
        assert "nothing of it was done" in told.error.message
        assert told.anew
    else:
        assert told.partial


LOST = "follow_waypoints has forgotten its result"


async def test_a_goal_that_succeeded_and_lost_its_result_is_done_with_an_unknown_output():
    reports = []
    reporter = listening(DRIVE, reports)
    reporter.ended(GoalStatus.STATUS_SUCCEEDED, LOST)
    (told,) = reports
    assert (type(told), told.output, told.deviations) == (GoalSucceeded, {}, ())
    assert told.warning == f"its output is not known: {LOST}"


@pytest.mark.parametrize("idempotent", [False, True])
async def test_a_result_that_would_have_said_whether_it_succeeded_is_missed(idempotent):
    reports = []
    spec = SPEC.model_copy(update={"result": ResultMapping(success="success")})
    listening(spec, reports, idempotent=idempotent).ended(GoalStatus.STATUS_SUCCEEDED, LOST)
    (told,) = reports
    assert (type(told), told.error.code) == (GoalFailed, "GOAL_OUTCOME_UNKNOWN")
    assert told.error.recoverable is idempotent
    assert LOST in told.error.message


NOT_KNOWN = "whether a waypoint was missed is not known"


async def test_a_result_that_would_have_said_what_was_missed_is_missed():
    reports = []
    listening(SPEC, reports).ended(GoalStatus.STATUS_SUCCEEDED, LOST)
    assert (reports[0].deviations, reports[0].partial) == ((NOT_KNOWN,), False)
    listening(strict(), reports).ended(GoalStatus.STATUS_SUCCEEDED, LOST)
    assert reports[1].error.code == "GOAL_OUTCOME_UNKNOWN"


@pytest.mark.parametrize("status", [GoalStatus.STATUS_ABORTED, GoalStatus.STATUS_CANCELED])
@pytest.mark.parametrize(("passed", "missed"), [(2, NOT_KNOWN), (0, ""), (None, "")])
async def test_what_was_missed_before_a_result_was_lost_is_not_known(status, passed, missed):
    reports = []
    reporter = listening(SPEC, reports)
    if passed is not None:
        reporter.feedback(FollowWaypoints.Feedback(current_waypoint=passed))
    reporter.ended(status, LOST)
    assert reports[-1].missed == missed


async def test_a_goal_that_was_aborted_or_cancelled_and_lost_its_result_ended_so():
    reports = []
    listening(SPEC, reports).ended(GoalStatus.STATUS_ABORTED, LOST)
    listening(SPEC, reports).ended(GoalStatus.STATUS_CANCELED, LOST)
    aborted, cancelled = reports
    assert (type(aborted), aborted.error.code) == (GoalFailed, "GOAL_ABORTED")
    assert LOST in aborted.error.message
    assert type(cancelled) is GoalCancelled


def seen(name, x, turned=0.0):
    found = DetectedObject(object_id=name, class_id="cup", confidence=0.9)
    found.pose.header.frame_id = "map"
    found.pose.pose.position.x, found.pose.pose.orientation.z = x, turned
    found.pose.pose.orientation.w = 1.0
    return found


async def test_what_is_seen_nowhere_is_left_out_and_told():
    reports = []
    spec = load_robot([CONFIG / "capabilities.yaml"]).model.capabilities["detect_objects"]

    told_of = asyncio.Event()

    async def placed(output):
        asyncio.get_running_loop().call_soon(told_of.set)
        return dict(output)

    result = DetectObjects.Result(
        objects=[seen("a", math.inf), seen("b", 1.0, math.nan), seen("c", 2.0)]
    )
    reporter = listening(spec, reports, placed=placed)
    reporter.finished(GoalStatus.STATUS_SUCCEEDED, result)
    await told_of.wait()
    (told,) = reports
    assert [one["id"] for one in told.output["objects"]] == ["c"]
    assert told.warning == (
        "the server gave no finite number for objects[0].pose.pose.position.x, "
        "objects[1].pose.pose.orientation.z"
    )


async def test_a_position_that_is_no_number_is_told():
    reports = []
    spec = CapabilitySpec(description="Grip", interface={"name": "grip"})
    reporter = listening(spec, reports)
    reporter.finished(GoalStatus.STATUS_SUCCEEDED, GripperCommand.Result(position=math.nan))
    assert reports[0].output["position"] is None
    assert reports[0].warning == "the server gave no finite number for position"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (GoalStatus.STATUS_SUCCEEDED, GoalFailed),
        (GoalStatus.STATUS_ABORTED, GoalFailed),
        (GoalStatus.STATUS_CANCELED, GoalCancelled),
    ],
)
async def test_a_goal_whose_result_cannot_be_read_has_ended(status, kind):
    reports = []
    # What a mapping asks for that the result does not have in this form.
    mapping = ResultMapping(output={"took": {"field": "position", "as": "duration"}})
    spec = CapabilitySpec(description="Grip", interface={"name": "grip"}, result=mapping)
    listening(spec, reports).finished(status, GripperCommand.Result(position=1.0))
    (told,) = reports
    assert type(told) is kind
    if kind is GoalFailed:
        assert told.error.code == "RESULT_UNREADABLE"
        assert not told.error.recoverable


@pytest.mark.parametrize("explained", ["GOAL_ABORTED", "GOAL_TAKEN_OVER", "SERVER_INACTIVE"])
async def test_what_its_server_says_is_done_is_not_sent_again_for_what_was_a_moment_ago(explained):
    reports = []
    spec = load_robot([CONFIG / "capabilities.yaml"]).model.capabilities["undock"]
    words = ["docking_server: Robot is not in the dock, no need to undock"]

    def explain(_, error, tell, since):
        tell(
            ErrorInfo(
                type=error.type,
                code=explained,
                message="somebody used it a moment ago",
                context={"said": words, "was": error.code},
            )
        )

    reporter = listening(spec, reports, explain=explain)
    reporter.finished(GoalStatus.STATUS_ABORTED, UndockRobot.Result())
    (told,) = reports
    assert isinstance(told, GoalSucceeded)
    assert "although it aborted the goal" in told.warning


@pytest.mark.parametrize(
    ("capability", "worked", "explained", "words", "kind"),
    [
        ("undock", False, "GOAL_ABORTED", [], GoalSucceeded),
        ("undock", False, "SERVER_INACTIVE", [], GoalFailed),
        ("undock", False, "GOAL_ABORTED", ["docking_server: no control"], GoalFailed),
        ("undock", True, "GOAL_ABORTED", [], GoalFailed),
        # A result that nobody filled in says success, too.
        ("dock", False, "GOAL_ABORTED", [], GoalFailed),
    ],
)
async def test_an_abort_with_success_and_no_reason_is_done_where_nothing_was_to_do(
    capability, worked, explained, words, kind
):
    reports = []
    spec = load_robot([CONFIG / "capabilities.yaml"]).model.capabilities[capability]
    types = {"dock": DockRobot, "undock": UndockRobot}

    def explain(_, error, tell, since):
        tell(msgspec.structs.replace(error, code=explained, context={"said": words}))

    reporter = listening(spec, reports, explain=explain)
    if worked:
        reporter.feedback(types[capability].Feedback())
    reporter.finished(GoalStatus.STATUS_ABORTED, types[capability].Result())
    assert type(reports[-1]) is kind
    if kind is GoalSucceeded:
        assert "although it aborted the goal" in reports[-1].warning


async def test_an_output_that_is_too_large_is_told():
    reports = []
    spec = CapabilitySpec.model_validate({"description": "Look", "interface": {"name": "look"}})
    reporter = listening(spec, reports)
    image = CaptureImage.Result(file_name="x" * 2_100_000)
    reporter.finished(GoalStatus.STATUS_SUCCEEDED, image)
    (last,) = reports
    assert last.output["not_kept"] == "file_name (2.0 MiB as JSON)"
    assert "file_name" not in last.output
    assert last.warning == "too large to be kept: file_name (2.0 MiB as JSON)"
