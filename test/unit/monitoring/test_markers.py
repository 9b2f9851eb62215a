from execution_orchestrator.monitoring.markers import summary, targets
from execution_orchestrator.observation import (
    ActionRecord,
    AttemptRecord,
    ExecutionRecord,
    RecoveryRecord,
)

PLAN = {
    "actions": [
        {"id": "go", "action_type": "navigate_to", "parameters": {"target_location": {"x": 1, "y": 2, "yaw": 0.5}}},
        {"id": "pick", "action_type": "pick_up_object", "parameters": {"pose": "{{ actions.look.output }}"}},
        {
            "id": "both",
            "action_type": "sequence",
            "actions": [{"id": "put", "action_type": "place_object", "parameters": {"pose": {"x": 3, "y": 4, "z": 0.5, "frame": "odom"}}}],
        },
    ]
}  # fmt: skip


def test_places_in_plan_order_with_what_went_wrong():
    failed = AttemptRecord(1, 1.0, 1.0, 2.0, "aborted", "NAVIGATION", "NO_VALID_PATH")
    record = ExecutionRecord(
        "e",
        plan=PLAN,
        actions={
            "go": ActionRecord("go", "navigate_to", status="RECOVERING", attempts=[failed]),
            "pick": ActionRecord("pick", "pick_up_object"),
            "put": ActionRecord("put", "place_object"),
        },
        recoveries=[RecoveryRecord("go", "clear_costmaps", 2.0)],
    )
    go, put = targets(record)
    assert (go.key, go.frame, go.x, go.y, go.yaw, go.status) == (
        "go",
        "map",
        1,
        2,
        0.5,
        "RECOVERING",
    )
    assert go.notes == ("NO_VALID_PATH", "-> clear_costmaps")
    assert (put.frame, put.z) == ("odom", 0.5)


def test_names_of_places_and_objects_are_found_and_lists_of_poses_too():
    plan = {
        "actions": [
            {"id": "go", "parameters": {"target_location": "kitchen"}},
            {"id": "pick", "parameters": {"pose": "{{ x }}", "object_id": "cup"}},
            {"id": "lost", "parameters": {"target_location": "nowhere"}},
            {"id": "tour", "parameters": {"poses": [{"x": 1, "y": 0}, "kitchen"]}},
        ]
    }
    record = ExecutionRecord(
        "e",
        plan=plan,
        actions={a["id"]: ActionRecord(a["id"], "a") for a in plan["actions"]},
    )
    known = {"kitchen": {"x": 4, "y": 2}, "cup": {"x": 4.6, "y": 2.1, "z": 0.8}}
    found = targets(record, known.get)
    assert [(t.key, t.x) for t in found] == [("go", 4), ("pick", 4.6), ("tour", 1), ("tour", 4)]


def test_the_summary_says_how_far_it_is():
    record = ExecutionRecord(
        "e",
        command="fetch",
        status="EXECUTING",
        actions={
            "go": ActionRecord("go", "navigate_to", status="SUCCEEDED"),
            "pick": ActionRecord("pick", "pick_up_object", status="RUNNING"),
        },
    )
    assert summary(record, 1.0) == "fetch\nexecuting, 50 %\npick"


def test_a_record_without_a_plan_shows_nothing():
    assert targets(ExecutionRecord("e")) == []
