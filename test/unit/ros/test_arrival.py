"""What a server calls arrived is compared with where the robot is."""

import asyncio

import pytest

from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.capabilities.geometry import pose_fields
from execution_orchestrator.engine.effects import Dispatch
from execution_orchestrator.plan.capability import ArrivalSpec
from execution_orchestrator.ros.driver.arrival import ArrivalCheck
from execution_orchestrator.ros.stopping import Motion

RULE = ArrivalSpec(target="to", tolerance=0.3, tolerance_parameter="tolerance")
KITCHEN = ConversionContext(places={"kitchen": {"x": 2.0, "y": 0.0, "yaw": 0.0}})


async def looked(parameters, *poses, rule=RULE, motion=(Motion.STANDING,)):
    """What is told of a robot that is in one pose, and moves in one way, after the other."""
    ahead, motions = list(poses), list(motion)

    def pose_in(frame, robot):
        pose = ahead.pop(0) if len(ahead) > 1 else ahead[0]
        return None if pose is None else pose_fields(pose)

    told = asyncio.get_running_loop().create_future()
    dispatch = Dispatch(
        execution_id="e", key="go", attempt=1, goal_id="g", capability="go", parameters=parameters
    )

    def motion_of(robot):
        return motions.pop(0) if len(motions) > 1 else motions[0]

    check = ArrivalCheck(asyncio.get_running_loop(), pose_in, motion_of)
    check.look(rule, dispatch, KITCHEN, lambda output, error: told.set_result((output, error)))
    return await asyncio.wait_for(told, 5.0)


async def test_who_is_there_gets_the_place_in_the_output():
    output, error = await looked({"to": "kitchen"}, {"x": 2.1, "y": 0.0, "yaw": 0.1})
    assert error is None
    assert (output["position_error"], output["yaw_error"]) == (0.1, 0.1)
    assert output["final_pose"]["x"] == pytest.approx(2.1)


async def test_who_is_beside_it_has_not_arrived():
    _, error = await looked({"to": "kitchen"}, {"x": 1.52, "y": 0.0})
    assert error.code == "NAV_NOT_AT_TARGET"
    assert "0.48 m beside the target" in error.message
    assert not error.recoverable
    # The plan says how near it has to be.
    assert (await looked({"to": "kitchen", "tolerance": 0.5}, {"x": 1.52, "y": 0.0}))[1] is None
    assert (await looked({"to": "kitchen", "tolerance": 0.05}, {"x": 1.9, "y": 0.0}))[1] is not None


async def test_a_rule_may_call_it_a_deviation():
    rule = RULE.model_copy(update={"beyond": "deviation"})
    output, error = await looked({"to": "kitchen"}, {"x": 1.0, "y": 0.0}, rule=rule)
    assert error is None
    assert "1.00 m beside" in output["deviation"]


async def test_a_yaw_counts_where_the_target_names_one():
    turned = {"x": 2.0, "y": 0.0, "yaw": 1.0}
    assert "1.00 rad off" in (await looked({"to": "kitchen"}, turned))[1].message
    assert (await looked({"to": {"x": 2.0, "y": 0.0}}, turned))[1] is None


async def test_a_robot_that_rolls_is_looked_at_again_when_it_stands():
    away, there = {"x": 1.6, "y": 0.0}, {"x": 1.9, "y": 0.0}
    for motion in (Motion.MOVING, Motion.SETTLING):
        _, error = await looked({"to": "kitchen"}, away, away, there, motion=[motion])
        assert error is None


async def test_that_a_robot_rolled_past_its_target_is_a_deviation():
    there, past = {"x": 2.1, "y": 0.0}, {"x": 2.4, "y": 0.0}
    motion = [Motion.MOVING, Motion.MOVING, Motion.SETTLING]
    output, error = await looked({"to": "kitchen"}, there, there, past, motion=motion)
    assert error is None
    assert "0.40 m beside the target" in output["deviation"]
    assert output["final_pose"]["x"] == pytest.approx(2.4)


async def test_the_output_has_the_pose_in_which_the_robot_came_to_rest():
    rolls = [{"x": 1.8, "y": 0.0}, {"x": 1.9, "y": 0.0}, {"x": 2.05, "y": 0.0}]
    motion = [Motion.MOVING, Motion.MOVING, Motion.SETTLING]
    output, error = await looked({"to": "kitchen"}, *rolls, motion=motion)
    assert error is None
    assert output["final_pose"]["x"] == pytest.approx(2.05)


async def test_without_a_pose_nothing_is_said():
    assert await looked({"to": "kitchen"}, None) == ({}, None)
    assert await looked({"to": "nowhere"}, {"x": 0.0, "y": 0.0}) == ({}, None)


async def test_of_several_targets_the_last_one_counts():
    way = [{"x": 9.0, "y": 9.0}, {"x": 2.0, "y": 0.0}]
    assert (await looked({"to": way}, {"x": 2.0, "y": 0.1}))[0]["position_error"] == 0.1


async def passed(*poses):
    """What is told of a robot that is in one pose after the other, and in the last at the end."""
    loop = asyncio.get_running_loop()
    now = [None]
    check = ArrivalCheck(
        loop,
        lambda frame, robot: None if now[0] is None else pose_fields(now[0]),
        lambda robot: Motion.STANDING,
    )
    rule = RULE.model_copy(update={"passing": 1.0})
    way = [{"x": 3.0, "y": 0.0}, "kitchen"]
    dispatch = Dispatch(
        execution_id="e", key="go", attempt=1, goal_id="g", capability="go", parameters={"to": way}
    )
    passing = check.watch(rule, dispatch, KITCHEN)
    for one in poses:
        now[0] = one
        passing.start()
        passing.stop()
    told = loop.create_future()
    check.look(rule, dispatch, KITCHEN, lambda *what: told.set_result(what), passing)
    return (await asyncio.wait_for(told, 5.0))[1]


async def test_who_came_past_each_place_of_a_list_has_passed_it():
    there = {"x": 2.0, "y": 0.0, "yaw": 0.0}
    assert await passed({"x": 0.0, "y": 0.0}, {"x": 3.0, "y": 0.9}, there) is None
    # Between two looks it went past.
    assert await passed({"x": 0.0, "y": 0.5}, {"x": 6.0, "y": 0.5}, there) is None


async def test_who_never_came_near_a_place_has_not_passed_it():
    error = await passed({"x": 1.9, "y": 0.0}, {"x": 1.95, "y": 0.0, "yaw": 0.0})
    assert error.code == "NAV_NOT_PASSED"
    assert "no nearer than 1 m to to[0] (1.05 m)" in error.message


async def test_of_a_way_that_was_not_seen_as_a_whole_nothing_is_said():
    there = {"x": 1.95, "y": 0.0, "yaw": 0.0}
    assert await passed({"x": 1.9, "y": 0.0}, None, there) is None


async def test_only_a_list_is_passed():
    loop = asyncio.get_running_loop()
    check = ArrivalCheck(loop, lambda frame, robot: None, lambda robot: Motion.STANDING)
    rule = RULE.model_copy(update={"passing": 1.0})
    for parameters in ({"to": "kitchen"}, {"to": ["kitchen"]}, {"to": ["nowhere", "kitchen"]}):
        dispatch = Dispatch(
            execution_id="e", key="go", attempt=1, goal_id="g", capability="go",
            parameters=parameters,
        )  # fmt: skip
        assert check.watch(rule, dispatch, KITCHEN) is None
