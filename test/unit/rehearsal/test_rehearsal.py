"""Plans with the simulated robot in virtual time: what is told of them, and that it is the same."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from ament_index_python.packages import get_package_share_directory

from execution_orchestrator.capabilities.loading import LoadedRobot, load_robot
from execution_orchestrator.cli.validate import main as validate
from execution_orchestrator.engine.config import EngineConfig
from execution_orchestrator.rehearsal.run import rehearse
from execution_orchestrator.ros.messages.installed import InstalledInterfaces
from execution_orchestrator.runtime.intake import Intake
from execution_orchestrator.runtime.rehearsing import (
    OccupancyMap,
    RehearsalError,
    RehearsalRequest,
    Rehearsals,
)

SHARE = Path(get_package_share_directory("execution_orchestrator"))


@pytest.fixture(scope="module")
def robot() -> LoadedRobot:
    return load_robot([SHARE / "config" / "capabilities.yaml"], InstalledInterfaces())


def rehearsed(robot: LoadedRobot, plan: dict[str, Any], **known: Any) -> dict[str, Any]:
    prepared = Intake(robot.model).prepare("", json.dumps(plan), "")
    assert prepared.plan is not None, prepared.issues
    known = {"world": "apartment"} | known
    known.setdefault("robot_state", {"pose": {"x": 0.0, "y": 0.0, "yaw": 0.0, "frame": "map"}})
    engine = EngineConfig(resources=robot.model.resources, max_replans=0)
    return rehearse(
        RehearsalRequest(robot=robot, engine=engine, plan=prepared.plan, **known), SHARE
    )


def drive(x: float, y: float, name: str = "go") -> dict[str, Any]:
    return {
        "id": name,
        "action_type": "navigate_to",
        "parameters": {"target_location": {"x": x, "y": y}},
        "retry": {"max_attempts": 1},
    }


def test_a_drive_takes_its_time_and_leaves_a_trajectory(robot: LoadedRobot) -> None:
    told = rehearsed(robot, {"version": 1, "actions": [drive(1.0, 0.0)]})
    assert told["would_succeed"]
    assert told["certain"]
    assert 1.5 < told["seconds"] < 6.0
    last = told["trajectories"][""][-1]
    assert (last[1], last[2]) == pytest.approx((1.0, 0.0), abs=0.1)
    assert [one["resource"] for one in told["resources"]] == ["base"]
    assert told["unknown"]


def test_the_same_question_has_the_same_answer(robot: LoadedRobot) -> None:
    plan = {
        "version": 1,
        "actions": [drive(1.0, 1.0), {"id": "look", "action_type": "scan_environment"}],
    }
    assert rehearsed(robot, plan) == rehearsed(robot, plan)


def test_a_target_outside_of_the_map_fails_and_is_out_of_reach(robot: LoadedRobot) -> None:
    told = rehearsed(robot, {"version": 1, "actions": [drive(90.0, 0.0)]})
    assert not told["would_succeed"]
    assert told["out_of_reach"] == ["go"]
    assert told["failures"][0]["code"] == "NAV2_GOAL_OUTSIDE_MAP"


def test_the_robot_begins_where_it_stands_now(robot: LoadedRobot) -> None:
    state = {"pose": {"x": 0.5, "y": 0.0, "yaw": 0.0, "frame": "map"}, "battery": 0.5}
    told = rehearsed(robot, {"version": 1, "actions": [drive(0.0, 0.0)]}, robot_state=state)
    assert told["trajectories"][""][0][1:3] == [0.5, 0.0]
    assert 0.45 < told["battery"][""] < 0.5


@pytest.fixture(scope="module")
def fleet() -> LoadedRobot:
    files = [SHARE / "config" / name for name in ("capabilities.yaml", "fleet.yaml")]
    return load_robot(files, InstalledInterfaces())


@pytest.mark.parametrize(("y", "nearest"), [(0.5, "robot1"), (2.5, "robot2")])
def test_of_any_robot_the_nearest_goes(fleet: LoadedRobot, y: float, nearest: str) -> None:
    go = {**drive(0.5, y), "robot": "any"}
    told = rehearsed(fleet, {"version": 1, "actions": [go]}, world="warehouse")
    assert told["would_succeed"], told
    [used] = {one["resource"] for one in told["resources"] if "/" not in one["resource"]}
    assert used == nearest


def test_ahead_of_a_named_robot_is_where_that_robot_stands(fleet: LoadedRobot) -> None:
    go = {**drive(0.5, 0.0), "robot": "robot2"}
    go["parameters"]["target_location"]["frame"] = "base_link"
    told = rehearsed(fleet, {"version": 1, "actions": [go]}, world="warehouse")
    assert told["would_succeed"], told
    last = told["trajectories"]["robot2"][-1]
    assert (last[1], last[2]) == pytest.approx((0.5, 2.0), abs=0.1)


def test_a_target_ahead_that_is_no_pose_fails_as_on_the_robot(robot: LoadedRobot) -> None:
    go = drive(0.0, 0.0)
    given = {"x": "{{ robot.battery }} m", "y": 0.0, "frame": "base_link"}
    go["parameters"]["target_location"] = given
    told = rehearsed(robot, {"version": 1, "actions": [go]}, robot_state={"battery": 0.5})
    assert not told["would_succeed"]
    assert "a number is needed" in told["failures"][0]["message"]


def test_a_map_alone_is_enough_to_find_a_wall(robot: LoadedRobot) -> None:
    side = 120
    cells = bytearray(side * side)
    for row in range(side):
        cells[row * side + 80] = 100  # a wall from end to end
    known = OccupancyMap("map", (-3.0, -3.0, 0.0), 0.05, side, side, bytes(cells))
    through = rehearsed(robot, {"version": 1, "actions": [drive(2.0, 0.0)]}, world="", map=known)
    assert through["failures"][0]["code"] == "NAV2_NO_VALID_PATH"
    before = rehearsed(robot, {"version": 1, "actions": [drive(-1.0, 1.0)]}, world="", map=known)
    assert before["would_succeed"]


def test_what_nothing_simulates_is_supposed_and_said(robot: LoadedRobot) -> None:
    plan = {
        "version": 1,
        "actions": [
            {
                "id": "agreed",
                "action_type": "speak",
                "parameters": {"text": "hello there"},
                "require_confirmation": True,
            }
        ],
    }
    told = rehearsed(robot, plan)
    assert told["would_succeed"]
    assert any("a person agrees" in one for one in told["unknown"])


def test_an_hour_of_waiting_takes_no_hour(robot: LoadedRobot) -> None:
    began = time.monotonic()
    plan = {
        "version": 1,
        "actions": [{"id": "rest", "action_type": "delay", "duration": 3600.0}],
    }
    told = rehearsed(robot, plan)
    assert told["seconds"] == pytest.approx(3600.0, abs=1.0)
    assert time.monotonic() - began < 20.0


def test_validate_shows_a_rehearsal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({"version": 1, "actions": [drive(1.0, 0.0)]}), encoding="utf-8")
    assert validate([str(file), "--rehearse", "--at", "0", "0"]) == 0
    told = capsys.readouterr().out
    assert "Rehearsal" in told
    assert "not known:" in told
    file.write_text(json.dumps({"version": 1, "actions": [drive(90.0, 0.0)]}), encoding="utf-8")
    assert validate([str(file), "--rehearse"]) == 1


def test_a_turned_map_is_where_it_is(robot: LoadedRobot) -> None:
    side = 120
    cells = bytearray(side * side)
    for column in range(side):
        cells[20 * side + column] = 100  # a wall along the map's own x axis, 1 m up
    # Turned by a quarter, the wall stands across the way along x, 1 m before the corner.
    turned = OccupancyMap("map", (3.0, -3.0, 1.5708), 0.05, side, side, bytes(cells))
    through = rehearsed(robot, {"version": 1, "actions": [drive(2.5, 0.0)]}, world="", map=turned)
    assert through["failures"][0]["code"] == "NAV2_NO_VALID_PATH"
    before = rehearsed(robot, {"version": 1, "actions": [drive(1.0, 0.0)]}, world="", map=turned)
    assert before["would_succeed"], before["failures"]


def test_plain_tools_compute_and_a_model_is_only_supposed(robot: LoadedRobot) -> None:
    files = [SHARE / "config" / name for name in ("capabilities.yaml", "tools.yaml")]
    equipped = load_robot(files, InstalledInterfaces())
    plan = {
        "version": 1,
        "actions": [
            {
                "id": "sum",
                "action_type": "transform",
                "parameters": {"data": [1, 2], "expression": "data[0] + data[1]"},
            },
            {"id": "text", "action_type": "generate", "parameters": {"instruction": "a rhyme"}},
            {
                "id": "bad",
                "action_type": "transform",
                "parameters": {"data": [], "expression": "data[3]"},
                "on_failure": "continue",
            },
        ],
    }
    told = rehearsed(equipped, plan)
    by_name = {one["action"]: one for one in told["actions"]}
    assert (by_name["sum"]["status"], by_name["sum"]["supposed"]) == ("SUCCEEDED", False)
    assert by_name["text"]["supposed"]
    assert by_name["bad"]["error"]["code"] == "EXPRESSION_FAILED"
    assert any("generate" in one for one in told["unknown"])


def test_a_vehicle_flies_and_is_stopped_by_what_it_cannot_pass() -> None:
    vehicle = load_robot([SHARE / "config" / "vehicles" / "aerial.yaml"], InstalledInterfaces())
    plan = {
        "version": 1,
        "actions": [
            {
                "id": "low",
                "action_type": "go_to",
                "parameters": {"target": {"x": 2.0, "y": 0.0, "z": 4.0}},
                "on_failure": "continue",
                "retry": {"max_attempts": 1},
            },
            {"id": "up", "action_type": "take_off", "parameters": {"altitude": 4.0}},
            {
                "id": "there",
                "action_type": "go_to",
                "parameters": {"target": {"x": 8.0, "y": 0.0, "z": 4.0}},
            },
            {"id": "down", "action_type": "land", "parameters": {}},
        ],
    }
    state = {"pose": {"x": 1.0, "y": 0.0, "z": 0.2, "frame": "map"}, "battery": 0.9}
    told = rehearsed(vehicle, plan, world="", robot_state=state)
    assert [one["error"]["code"] for one in told["actions"] if one["error"]] == [
        "VEHICLE_NOT_ARMED"
    ], told["actions"]
    way = told["trajectories"]["vehicle"]
    assert way[0][1] == pytest.approx(1.0, abs=0.1)
    assert max(point[4] for point in way) == pytest.approx(4.2, abs=0.2)
    assert way[-1][1] == pytest.approx(8.0, abs=0.1)
    assert way[-1][4] < 0.3
    assert 5.0 < told["seconds"] < 60.0
    assert told["battery"]["vehicle"] < 0.9
    assert told["certain"]


async def test_a_rehearsal_that_takes_too_long_or_too_much_is_ended(robot: LoadedRobot) -> None:
    plan = (
        Intake(robot.model)
        .prepare("", json.dumps({"version": 1, "actions": [drive(1.0, 0.0)]}), "")
        .plan
    )
    assert plan is not None
    request = RehearsalRequest(
        robot=robot, engine=EngineConfig(resources=robot.model.resources), plan=plan
    )
    with pytest.raises(RehearsalError, match="given up after"):
        await Rehearsals(timeout=0.05).run(request)
    with pytest.raises(RehearsalError, match="memory"):
        await Rehearsals(memory=40 << 20).run(request)
    # One at work, four that wait; the next is refused at once, and who is cancelled takes no place.
    busy = Rehearsals()
    asked = [asyncio.create_task(busy.run(request)) for _ in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(RehearsalError, match="4 others wait"):
        await busy.run(request)
    for one in asked[1:]:
        one.cancel()
    assert (await asked[0])["would_succeed"]
    assert (await busy.run(request))["would_succeed"]


def test_the_base_stands_while_the_arm_picks_something_up(robot: LoadedRobot) -> None:
    pick = {
        "id": "pick",
        "action_type": "pick_up_object",
        "parameters": {"object_id": "red_cup", "pose": {"x": 0.5, "y": 0.0, "z": 0.5}},
        "retry": {"max_attempts": 1},
        "on_failure": "continue",
    }
    plan = {"version": 1, "ordering": "dependencies", "actions": [pick, drive(1.0, 0.0)]}
    told = rehearsed(robot, plan)
    picked, gone = told["actions"]
    assert gone["start"] >= picked["start"] + picked["duration"] > 0.0
