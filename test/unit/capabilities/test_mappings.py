import pytest

from execution_orchestrator.capabilities.error_codes import SHIPPED_TABLES
from execution_orchestrator.capabilities.feedback_mapping import FeedbackMapper
from execution_orchestrator.capabilities.result_mapping import error_in, map_output
from execution_orchestrator.plan.capability import FeedbackMapping, ResultMapping
from execution_orchestrator.plan.errors import ErrorType

NAV2 = ResultMapping(error_code="error_code", error_message="error_msg", error_table="nav2")
MOVEIT = ResultMapping(error_code="error_code.val", error_table="moveit")


@pytest.mark.parametrize(
    ("code", "error_type", "name", "recoverable"),
    [
        (208, ErrorType.NAVIGATION, "NAV2_NO_VALID_PATH", True),
        (308, ErrorType.NAVIGATION, "NAV2_NO_VALID_PATH", True),
        (207, ErrorType.TIMEOUT, "NAV2_PLANNER_TIMEOUT", True),
        (105, ErrorType.NAVIGATION, "NAV2_FAILED_TO_MAKE_PROGRESS", True),
        (101, ErrorType.VALIDATION, "NAV2_INVALID_CONTROLLER", False),
        (714, ErrorType.NAVIGATION, "NAV2_BACKUP_COLLISION_AHEAD", True),
        (901, ErrorType.VALIDATION, "NAV2_DOCK_NOT_IN_DB", False),
        (4242, ErrorType.NAVIGATION, "NAV2_4242", True),
        # Kilted and newer:
        (108, ErrorType.TIMEOUT, "NAV2_CONTROLLER_TIMEOUT", True),
        (405, ErrorType.NAVIGATION, "NAV2_NO_VALID_ROUTE", True),
        (602, ErrorType.VALIDATION, "NAV2_NO_VALID_WAYPOINTS", False),
        (741, ErrorType.TIMEOUT, "NAV2_WAIT_TIMEOUT", True),
        (742, ErrorType.NAVIGATION, "NAV2_742", True),
        (907, ErrorType.TIMEOUT, "NAV2_DOCKING_TIMEOUT", True),
        (9001, ErrorType.VALIDATION, "NAV2_NO_BEHAVIOR_TREE", False),
        (9102, ErrorType.TRANSFORMATION, "NAV2_NAVIGATOR_TF_ERROR", True),
        # Lyrical:
        (1, ErrorType.EXECUTION, "NAV2_INNER_GOAL_REJECTED", True),
    ],
)
def test_nav2_codes_have_types(code, error_type, name, recoverable):
    error = error_in(NAV2, {"error_code": code, "error_msg": "said"}, SHIPPED_TABLES)
    assert (error.type, error.code, error.recoverable) == (error_type, name, recoverable)
    assert error.server_code == code
    assert "said" in error.message


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("", "the goal is outside the map"),
        ("Goal (30.0, 0.0) is outside of the map", "Goal (30.0, 0.0) is outside of the map"),
        ("worldToMap failed", "the goal is outside the map: worldToMap failed"),
    ],
)
def test_what_the_server_said_in_the_same_words_is_not_said_twice(said, message):
    error = error_in(NAV2, {"error_code": 204, "error_msg": said}, SHIPPED_TABLES)
    assert error.message == message


@pytest.mark.parametrize(
    ("logged", "name"),
    [
        (
            "Requested navigation from navigate_to_pose while another navigator is processing,"
            " rejecting request.",
            "NAV2_IN_USE",
        ),
        ("Initial robot pose is not available.", "NAV2_NO_POSE"),
        (
            "Failed to transform a goal pose provided with frame_id 'cellar' to the global frame"
            " 'map'.",
            "NAV2_GOAL_TF_ERROR",
        ),
        (
            "Timed out while waiting for action server to acknowledge goal request for follow_path",
            "NAV2_SERVER_SLOW",
        ),
        ("Exception when loading BT: Error at line 3", "NAV2_NO_BEHAVIOR_TREE"),
    ],
)
def test_what_bt_navigator_logs_names_an_abort_without_a_code(logged, name):
    said = [f"bt_navigator: {logged}", "bt_navigator: [navigate_to_pose] Aborting handle."]
    assert SHIPPED_TABLES["nav2"].find_logged(said).code == name


def test_zero_is_no_error_for_nav2_and_one_is_none_for_moveit():
    assert error_in(NAV2, {"error_code": 0, "error_msg": ""}, SHIPPED_TABLES) is None
    assert error_in(MOVEIT, {"error_code": {"val": 1}}, SHIPPED_TABLES) is None
    assert error_in(MOVEIT, {"error_code": {"val": 0}}, SHIPPED_TABLES).code == "MOVEIT_UNDEFINED"
    assert (
        error_in(MOVEIT, {"error_code": {"val": -31}}, SHIPPED_TABLES).type
        is ErrorType.MANIPULATION
    )


def test_a_false_success_flag_is_an_error():
    entry = ResultMapping(success="success", error_message="why")
    error = error_in(entry, {"success": False, "why": "door closed"}, SHIPPED_TABLES)
    assert error.message == "door closed"
    assert error_in(entry, {"success": True}, SHIPPED_TABLES) is None


def test_output_is_mapped_and_simplified():
    entry = ResultMapping(
        output={
            "objects": {"field": "objects", "as": "objects"},
            "count": {"field": "objects", "as": "count"},
            "took": {"field": "time", "as": "duration"},
            "absent": {"field": "nothing", "default": 5},
        }
    )
    cup = {
        "object_id": "red_cup",
        "class_id": "cup",
        "confidence": 0.9,
        "size": {"x": 0.08, "y": 0.08, "z": 0.1},
        "pose": {
            "header": {"frame_id": "map", "stamp": {"sec": 1, "nanosec": 0}},
            "pose": {
                "position": {"x": 1.0, "y": 2.0, "z": 0.8},
                "orientation": {"x": 0.0, "y": 0.0, "z": 0.0, "w": 1.0},
            },
        },
    }
    output = map_output(entry, {"objects": [cup], "time": {"sec": 1, "nanosec": 500_000_000}})
    assert output["count"] == 1
    assert output["took"] == 1.5
    assert output["absent"] == 5
    assert output["objects"][0]["id"] == "red_cup"
    assert output["objects"][0]["pose"]["frame"] == "map"
    assert output["objects"][0]["pose"]["z"] == 0.8


def test_without_a_mapping_the_result_itself_is_the_output():
    assert map_output(NAV2, {"error_code": 0, "error_msg": "", "x": 1}) == {"x": 1}


def test_progress_from_a_falling_remainder_never_goes_back():
    mapper = FeedbackMapper(FeedbackMapping(remaining="distance_remaining"), {})
    seen = [
        mapper({"distance_remaining": left}).progress for left in (4.0, 2.0, 3.0, 1.6, 1.0, 0.0)
    ]
    assert seen == pytest.approx([0.0, 0.5, 0.5, 0.6, 0.75, 1.0])


@pytest.mark.parametrize(
    ("left", "shown"),
    [
        # The path of a longer drive that was cancelled, then the goal's own.
        ([4.0, 4.0, 1.0, 0.5], [0.0, 0.0, 0.0, 0.5]),
        # The end of a shorter one.
        ([0.1, 0.1, 4.0, 2.0], [0.0, 0.0, 0.0, 0.5]),
        # On the way it has no path any more, recovers, and finds another one.
        ([4.0, 3.0, 0.0, 0.0, 4.0, 2.0], [0.0, 0.25, 0.25, 0.25, 0.25, 0.5]),
        # A door was opened: the rest is shorter than it was, and none of it is driven yet.
        ([8.0, 4.0, 1.0, 0.5], [0.0, 0.5, 0.5, 0.75]),
    ],
)
def test_progress_does_not_leap_with_the_path(left, shown):
    mapper = FeedbackMapper(FeedbackMapping(remaining="left"), {})
    assert [mapper({"left": metres}).progress for metres in left] == pytest.approx(shown)


def test_no_estimate_is_not_an_end_at_once():
    mapper = FeedbackMapper(FeedbackMapping(estimated_remaining="time"), {})
    assert mapper({"time": {"sec": 0, "nanosec": 0}}).remaining is None
    assert mapper({"time": {"sec": 2, "nanosec": 0}}).remaining == 2.0


def test_progress_from_counts_and_parameters():
    mapper = FeedbackMapper(FeedbackMapping(done="current", total="poses"), {"poses": [1, 2, 3, 4]})
    assert mapper({"current": 1}).progress == pytest.approx(0.25)
    turning = FeedbackMapper(FeedbackMapping(done="turned", total="angle"), {"angle": -2.0})
    assert turning({"turned": 1.0}).progress == pytest.approx(0.5)


def test_phases_have_names_and_estimates_are_seconds():
    entry = FeedbackMapping(phase="state", phases={2: "looking"}, estimated_remaining="left")
    progress = FeedbackMapper(entry, {})({"state": 2, "left": {"sec": 3, "nanosec": 0}})
    assert (progress.phase, progress.remaining, progress.progress) == ("looking", 3.0, None)
    assert FeedbackMapper(entry, {})({"state": 9, "left": -1.0}).remaining is None


@pytest.mark.parametrize("mapped", [True, False])
def test_what_is_too_large_for_the_journal_is_left_out_of_an_output_and_named(mapped):
    entry = ResultMapping(output={"cloud": "cloud", "count": "count"} if mapped else {})
    result = {"cloud": list(range(10**6)), "count": 7}
    assert map_output(entry, result) == {"count": 7, "not_kept": "cloud (6.6 MiB as JSON)"}


def test_of_an_output_that_is_too_large_as_few_fields_as_possible_are_left_out():
    result = {"a": "x" * 600_000, "b": "x" * 700_000, "c": "x" * 400_000}
    output = map_output(ResultMapping(), result)
    assert {*output} == {"a", "c", "not_kept"}
    assert "not_kept" not in map_output(ResultMapping(), {"a": "x" * 1_000_000})


def test_what_a_server_says_is_told_as_far_as_it_can_be_read():
    talk = "x" * 1_000_000
    assert (
        len(error_in(NAV2, {"error_code": 208, "error_msg": talk}, SHIPPED_TABLES).message) < 2100
    )
    assert len(FeedbackMapper(FeedbackMapping(phase="state"), {})({"state": talk}).phase) < 310
