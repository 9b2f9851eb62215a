"""A catalogue of hand-written message types."""

from __future__ import annotations

POSE = {"header": "std_msgs/Header", "pose": "geometry_msgs/Pose"}
JAZZY = {
    "nav2_msgs/action/NavigateToPose_Goal": {
        "pose": "geometry_msgs/PoseStamped",
        "behavior_tree": "string",
    },
    "nav2_msgs/action/NavigateToPose_Result": {"error_code": "uint16", "error_msg": "string"},
    "nav2_msgs/action/NavigateToPose_Feedback": {
        "distance_remaining": "float",
        "number_of_recoveries": "int16",
        "estimated_time_remaining": "builtin_interfaces/Duration",
    },
    "nav2_msgs/action/NavigateThroughPoses_Goal": {
        "poses": "sequence<geometry_msgs/PoseStamped>",
        "behavior_tree": "string",
    },
    "builtin_interfaces/msg/Duration": {"sec": "int32", "nanosec": "uint32"},
}


class Catalogue:
    def __init__(self, types):
        self._types = types

    def fields(self, type_name):
        return self._types.get(type_name)
