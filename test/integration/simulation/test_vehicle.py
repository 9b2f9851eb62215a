"""An aerial vehicle from take-off to landing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from action_msgs.msg import GoalStatus
from geometry_msgs.msg import Point32

from execution_orchestrator.action import (
    BroadcastStatus,
    EmergencyLand,
    GoTo,
    Hover,
    Land,
    Orbit,
    ScanArea,
    SendData,
    TakeOff,
)
from test.integration.simulation.conftest import Robot
from test.integration.simulation.goals import pose

DONE, ABORTED = GoalStatus.STATUS_SUCCEEDED, GoalStatus.STATUS_ABORTED


def test_a_flight(robots: Callable[[str], Robot]) -> None:
    robot = robots("warehouse")
    robot.start("vehicle")

    def code(kind: Any, name: str, goal: Any) -> int:
        status, result = robot.do(kind, name, goal)
        assert (status == DONE) == (result.error_code == 0)
        return int(result.error_code)

    assert code(GoTo, "go_to", GoTo.Goal(target=pose(1.0, 0.0))) == GoTo.Result.NOT_ARMED
    status, result = robot.do(TakeOff, "take_off", TakeOff.Goal(altitude=5.0))
    assert status == DONE
    assert abs(result.altitude - 5.0) < 0.1
    assert code(TakeOff, "take_off", TakeOff.Goal(altitude=5.0)) == TakeOff.Result.WRONG_STATE
    far = GoTo.Goal(target=pose(500.0, 0.0))
    assert code(GoTo, "go_to", far) == GoTo.Result.OUT_OF_BOUNDS
    buried = GoTo.Goal(target=pose(2.0, 0.0))
    buried.target.pose.position.z = -3.0
    assert code(GoTo, "go_to", buried) == GoTo.Result.OUT_OF_BOUNDS
    low = GoTo.Goal(target=pose(6.0, 0.0))
    low.target.pose.position.z = 0.5
    assert code(GoTo, "go_to", low) == GoTo.Result.BLOCKED
    assert code(GoTo, "go_to", GoTo.Goal(target=pose(2.0, 0.0))) == 0
    assert code(Hover, "hover", Hover.Goal(duration=1.0)) == 0
    circle = Orbit.Goal(radius=2.0, turns=1.0)
    circle.center.point.x, circle.center.point.z = 6.0, 5.0
    assert code(Orbit, "orbit", circle) == 0
    area = ScanArea.Goal(lane_spacing=3.0, altitude=5.0)
    area.area.polygon.points = [
        Point32(x=x, y=y) for x, y in ((1.0, -1.0), (7.0, -1.0), (7.0, 2.0), (1.0, 2.0))
    ]
    status, result = robot.do(ScanArea, "scan_area", area)
    assert status == DONE
    assert result.coverage == 1.0
    assert {"parcel_1", "parcel_2", "parcel_4"} <= {each.object_id for each in result.objects}
    status, result = robot.do(SendData, "send_data", SendData.Goal(recipient="base", data=b"12345"))
    assert (status, result.bytes_sent) == (DONE, 5)
    assert code(BroadcastStatus, "broadcast_status", BroadcastStatus.Goal(repetitions=2)) == 0
    home = Land.Goal(at_target=True, target=pose(0.0, -1.0))
    status, result = robot.do(Land, "land", home)
    assert status == DONE
    assert result.final_pose.pose.position.z < 0.3
    assert code(TakeOff, "take_off", TakeOff.Goal(altitude=2.0)) == 0
    status, result = robot.do(EmergencyLand, "emergency_land", EmergencyLand.Goal(reason="test"))
    assert status == DONE
    assert result.final_pose.pose.position.z < 0.3
