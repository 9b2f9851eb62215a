from execution_orchestrator.monitoring.markers import targets
from execution_orchestrator.monitoring.metrics import (
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
    assert go.text == "go\nNO_VALID_PATH\nclear_costmaps"
    assert (put.frame, put.z) == ("odom", 0.5)


def test_a_record_without_a_plan_shows_nothing():
    assert targets(ExecutionRecord("e")) == []
