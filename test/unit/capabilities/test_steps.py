import asyncio
from uuid import UUID, uuid5

import pytest

from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.capabilities.error_codes import SHIPPED_TABLES
from execution_orchestrator.capabilities.robot_port import GoalEnd, GoalOutcome
from execution_orchestrator.capabilities.steps.context import StepContext, StepFailedError, UnderWay
from execution_orchestrator.capabilities.steps.ledger import FileStepLedger
from execution_orchestrator.capabilities.steps.open_gripper import OpenGripper
from execution_orchestrator.capabilities.steps.pick_up_object import PickUpObject
from execution_orchestrator.capabilities.steps.place_object import PlaceObject
from test.unit.capabilities.scripted_robot import ScriptedRobot

GOAL_ID = UUID(int=7)
SETTINGS = {
    "group": "arm",
    "link": "gripper_link",
    "gripper_action": "gripper",
    "gripper_type": "control_msgs/action/GripperCommand",
    "gripper_open": 0.09,
    "gripper_closed": 0.0,
    "squeeze": 0.005,
    "approach_distance": 0.1,
    "lift_height": 0.15,
}
CUP = {
    "id": "red_cup",
    "pose": {"x": 1.0, "y": 2.0, "z": 0.8, "frame": "map"},
    "size": {"x": 0.06, "y": 0.06, "z": 0.1},
}
MOVED = GoalOutcome(GoalEnd.SUCCEEDED, {"error_code": {"val": 1}})


class Scene:
    """The part of move_group these capabilities talk to."""

    def __init__(self, held=()):
        self.held = list(held)

    def get(self, request):
        entries = [
            {"link_name": "gripper_link", "object": {"id": identity}} for identity in self.held
        ]
        entries.append({"link_name": "other_gripper_link", "object": {"id": "pen"}})
        return {"scene": {"robot_state": {"attached_collision_objects": entries}}}

    def apply(self, request):
        entry = request["scene"]["robot_state"]["attached_collision_objects"][0]["object"]
        if entry["operation"] == 0:
            self.held.append(entry["id"])
        else:
            self.held.remove(entry["id"])
        return {"success": True}


def gripped(goal):
    return GoalOutcome(
        GoalEnd.SUCCEEDED,
        {"position": goal["command"]["position"], "stalled": True, "reached_goal": False},
    )


def robot_with(scene, **actions):
    return ScriptedRobot(
        actions={"move_action": lambda goal: MOVED, "gripper": gripped, **actions},
        services={"get_planning_scene": scene.get, "apply_planning_scene": scene.apply},
    )


class Memory:
    """What the gripper holds, as far as anybody kept it."""

    def __init__(self):
        self.objects = {}
        self.left = ""

    def held(self):
        return dict(self.objects)

    def grasped(self, object_id, held_as):
        self.objects[object_id] = held_as

    def released(self, object_id):
        self.objects.pop(object_id, None)
        self.left = object_id

    def put_down(self):
        return self.left


def context(robot, folder, memory=None, **parameters):
    return StepContext(
        goal_id=GOAL_ID,
        parameters={**SETTINGS, **parameters},
        conversion=ConversionContext(objects={"red_cup": CUP}),
        robot=robot,
        tables=SHIPPED_TABLES,
        ledger=FileStepLedger(folder),
        gripper=memory or Memory(),
        report=lambda progress, phase: None,
    )


def heights(robot):
    found = []
    for name, goal, _, _ in robot.goals:
        if name == "move_action":
            region = goal["request"]["goal_constraints"][0]["position_constraints"][0]
            pose = region["constraint_region"]["primitive_poses"][0]
            found.append(pytest.approx(pose["position"]["z"]))
    return found


async def test_picking_opens_approaches_goes_down_grasps_attaches_and_lifts(tmp_path):
    scene = Scene()
    robot = robot_with(scene)
    output = await PickUpObject().run(context(robot, tmp_path, object_id="red_cup"))
    assert [name for name, *_ in robot.goals] == [
        "gripper",
        "move_action",
        "move_action",
        "gripper",
        "move_action",
    ]
    assert heights(robot) == [0.9, 0.8, 0.95]
    grips = [goal["command"]["position"] for name, goal, *_ in robot.goals if name == "gripper"]
    assert grips == [pytest.approx(0.09), pytest.approx(0.055)]
    assert scene.held == ["red_cup"]
    assert output["object_id"] == "red_cup"
    assert output["grasp_pose"]["x"] == 1.0


async def test_every_step_has_a_goal_id_of_its_own_derived_from_the_whole(tmp_path):
    robot = robot_with(Scene())
    await PickUpObject().run(context(robot, tmp_path, object_id="red_cup"))
    identities = [identity for _, _, identity, _ in robot.goals]
    assert identities == [
        uuid5(GOAL_ID, step) for step in ("open", "approach", "descend", "grasp", "lift")
    ]


async def test_a_grasp_that_meets_nothing_is_an_error(tmp_path):
    def closed(goal):
        position = goal["command"]["position"]
        return GoalOutcome(
            GoalEnd.SUCCEEDED, {"position": position, "stalled": False, "reached_goal": True}
        )

    scene = Scene()
    robot = robot_with(scene, gripper=closed)
    with pytest.raises(StepFailedError) as caught:
        await PickUpObject().run(context(robot, tmp_path, object_id="red_cup"))
    assert caught.value.error.code == "GRASP_MISSED"
    assert scene.held == []


def jaws(end, position, *, stalled, reached=False):
    """A gripper that opens, and then closes with this result."""

    def answer(goal):
        command = goal["command"]
        wanted = command["position"]
        if isinstance(wanted, list):
            measured = {"state": {"position": [position]}}
            wanted = wanted[0]
        else:
            measured = {"position": position}
        if wanted > 0.08:
            return GoalOutcome(GoalEnd.SUCCEEDED, {"stalled": False, "reached_goal": True})
        return GoalOutcome(end, {**measured, "stalled": stalled, "reached_goal": reached})

    return answer


@pytest.mark.parametrize("kind", ["GripperCommand", "ParallelGripperCommand"])
async def test_jaws_that_stall_on_the_object_have_it_even_if_the_goal_is_aborted(tmp_path, kind):
    scene = Scene()
    robot = robot_with(scene, gripper=jaws(GoalEnd.ABORTED, 0.058, stalled=True))
    output = await PickUpObject().run(
        context(robot, tmp_path, object_id="red_cup", gripper_type=f"control_msgs/action/{kind}")
    )
    assert scene.held == ["red_cup"]
    assert output["gripper_position"] == 0.058
    assert [name for name, *_ in robot.goals].count("gripper") == 2


@pytest.mark.parametrize(
    ("end", "position", "stalled", "code"),
    [
        (GoalEnd.ABORTED, 0.058, False, "GOAL_ABORTED"),
        (GoalEnd.ABORTED, 0.001, True, "GRASP_MISSED"),
        (GoalEnd.SUCCEEDED, 0.0, True, "GRASP_MISSED"),
        (GoalEnd.CANCELLED, 0.058, True, "GOAL_CANCELLED"),
        # Drivers that tell neither tell where the jaws are.
        (GoalEnd.SUCCEEDED, 0.0, False, "GRASP_MISSED"),
        (GoalEnd.SUCCEEDED, 0.054, False, "GRASP_MISSED"),
    ],
)
async def test_jaws_with_nothing_between_them_are_no_grasp(tmp_path, end, position, stalled, code):
    scene = Scene()
    robot = robot_with(scene, gripper=jaws(end, position, stalled=stalled))
    with pytest.raises(StepFailedError) as failure:
        await PickUpObject().run(context(robot, tmp_path, object_id="red_cup"))
    assert failure.value.error.code == code
    assert scene.held == []


@pytest.mark.parametrize(
    ("end", "position", "stalled"),
    [
        (GoalEnd.SUCCEEDED, 0.058, False),
        (GoalEnd.SUCCEEDED, None, False),
        (GoalEnd.SUCCEEDED, None, True),
        (GoalEnd.ABORTED, None, True),
    ],
)
async def test_a_driver_that_does_not_tell_all_may_have_the_object(
    tmp_path, end, position, stalled
):
    scene = Scene()
    robot = robot_with(scene, gripper=jaws(end, position, stalled=stalled))
    output = await PickUpObject().run(context(robot, tmp_path, object_id="red_cup"))
    assert scene.held == ["red_cup"]
    assert output["gripper_position"] == pytest.approx(0.058, abs=0.006)


async def test_jaws_that_closed_whole_missed_the_object_however_their_goal_ended(tmp_path):
    closed = jaws(GoalEnd.ABORTED, 0.0, stalled=False, reached=True)
    with pytest.raises(StepFailedError) as failure:
        await PickUpObject().run(
            context(robot_with(Scene(), gripper=closed), tmp_path, object_id="red_cup")
        )
    assert failure.value.error.code == "GRASP_MISSED"


async def test_jaws_whose_driver_does_not_know_where_they_are_open(tmp_path):
    blind = {"position": None, "stalled": False, "reached_goal": True}
    robot = robot_with(Scene(), gripper=lambda goal: GoalOutcome(GoalEnd.SUCCEEDED, blind))
    assert (await OpenGripper().run(context(robot, tmp_path)))["reached_goal"]


@pytest.mark.parametrize("end", [GoalEnd.ABORTED, GoalEnd.SUCCEEDED])
async def test_jaws_that_something_keeps_from_opening_are_not_open(tmp_path, end):
    stuck = {"position": 0.03, "stalled": True, "reached_goal": False}
    robot = robot_with(Scene(), gripper=lambda goal: GoalOutcome(end, stuck))
    with pytest.raises(StepFailedError) as failure:
        await OpenGripper().run(context(robot, tmp_path))
    assert failure.value.error.code == "GRIPPER_NOT_OPEN"
    assert "stopped at 0.030 m, 0.09 m were wanted" in failure.value.error.message
    robot = robot_with(Scene(), gripper=lambda goal: GoalOutcome(end, {**stuck, "position": 0.088}))
    assert (await OpenGripper().run(context(robot, tmp_path / "again")))["position"] == 0.088


async def test_an_object_that_is_held_already_is_only_lifted(tmp_path):
    robot = robot_with(Scene(held=["red_cup"]))
    await PickUpObject().run(context(robot, tmp_path, object_id="red_cup"))
    assert [name for name, *_ in robot.goals] == ["move_action"]


async def test_an_unknown_object_without_a_pose_is_a_sensor_error(tmp_path):
    robot = robot_with(Scene())
    with pytest.raises(StepFailedError) as caught:
        await PickUpObject().run(context(robot, tmp_path, object_id="unicorn"))
    assert caught.value.error.code == "OBJECT_POSE_UNKNOWN"
    assert robot.goals == []


async def test_moveit_codes_become_typed_errors(tmp_path):
    refused = GoalOutcome(GoalEnd.ABORTED, {"error_code": {"val": -31, "message": ""}})
    robot = robot_with(Scene(), move_action=lambda goal: refused)
    with pytest.raises(StepFailedError) as caught:
        await PickUpObject().run(context(robot, tmp_path, object_id="red_cup"))
    assert caught.value.error.code == "MOVEIT_NO_IK_SOLUTION"
    assert caught.value.error.server_code == -31


async def test_steps_that_were_done_before_a_crash_are_not_done_again(tmp_path):
    scene = Scene()
    moves = []

    def second_move_dies(goal):
        moves.append(goal)
        if len(moves) == 2:
            raise RuntimeError("killed here")
        return MOVED

    first = robot_with(scene, move_action=second_move_dies)
    with pytest.raises(RuntimeError, match="killed here"):
        await PickUpObject().run(context(first, tmp_path, object_id="red_cup"))
    again = robot_with(scene)
    adopted = context(again, tmp_path, object_id="red_cup")
    adopted.adopting = True
    await PickUpObject().run(adopted)
    steps = [(identity, adopt) for _, _, identity, adopt in again.goals]
    assert steps == [
        (uuid5(GOAL_ID, "descend"), True),
        (uuid5(GOAL_ID, "grasp"), False),
        (uuid5(GOAL_ID, "lift"), False),
    ]


async def test_placing_goes_down_releases_detaches_and_retreats(tmp_path):
    scene = Scene(held=["red_cup"])
    robot = robot_with(scene)
    output = await PlaceObject().run(context(robot, tmp_path, pose={"x": 3, "y": 1, "z": 0.7}))
    assert heights(robot) == [0.8, 0.7, 0.8]
    assert scene.held == []
    assert output["object_id"] == "red_cup"


async def test_a_move_group_that_was_started_anew_is_told_what_is_held(tmp_path):
    scene = Scene()
    memory = Memory()
    picking = context(
        robot_with(scene), tmp_path / "pick", memory, object_id="red_cup", grasp_pitch=0.0
    )
    await PickUpObject().run(picking)
    how = memory.objects["red_cup"]
    assert (how["frame"], how["size"]) == ("gripper_link", [0.06, 0.06, 0.1])
    assert how["pose"]["orientation"]["w"] == pytest.approx(1.0)
    scene.held.clear()  # it died
    robot = robot_with(scene)
    place = context(robot, tmp_path / "place", memory, pose={"x": 3, "y": 1, "z": 0.7})
    output = await PlaceObject().run(place)
    assert memory.objects == {}
    assert output["object_id"] == "red_cup"
    told = [
        request["scene"]["robot_state"]["attached_collision_objects"][0]["object"]
        for name, request in robot.calls
        if name == "apply_planning_scene"
    ]
    assert [(entry["id"], entry["operation"]) for entry in told] == [
        ("red_cup", 0),
        ("red_cup", 1),
    ]
    assert told[0]["header"] == {"frame_id": "gripper_link"}


async def test_an_object_is_held_from_the_grasp_on_even_if_the_lift_fails(tmp_path):
    scene = Scene()
    memory = Memory()
    moves = iter([MOVED, MOVED, GoalOutcome(GoalEnd.ABORTED, {"error_code": {"val": -1}})])
    robot = robot_with(scene, move_action=lambda goal: next(moves))
    with pytest.raises(StepFailedError):
        await PickUpObject().run(context(robot, tmp_path / "1", memory, object_id="red_cup"))
    assert list(memory.objects) == ["red_cup"]
    scene.held.clear()  # move_group died, too
    again = robot_with(scene)
    await PickUpObject().run(context(again, tmp_path / "2", memory, object_id="red_cup"))
    # To open the gripper now would drop the cup.
    assert [name for name, *_ in again.goals] == ["move_action"]
    assert scene.held == ["red_cup"]


async def test_a_gripper_that_holds_something_else_is_not_opened(tmp_path):
    for scene, memory in ((Scene(held=["book"]), Memory()), (Scene(), Memory())):
        if not scene.held:
            memory.grasped("book", {"frame": "gripper_link"})
        robot = robot_with(scene)
        with pytest.raises(StepFailedError) as caught:
            await PickUpObject().run(context(robot, tmp_path, memory, object_id="red_cup"))
        assert caught.value.error.code == "GRIPPER_OCCUPIED"
        assert "book" in caught.value.error.message
        assert robot.goals == []


@pytest.mark.parametrize(("position", "left"), [(0.08, []), (0.055, ["red_cup"])])
async def test_an_opened_gripper_holds_nothing_any_more(tmp_path, position, left):
    scene, memory = Scene(), Memory()
    await PickUpObject().run(
        context(robot_with(scene), tmp_path / "1", memory, object_id="red_cup")
    )
    robot = robot_with(scene)
    await OpenGripper().run(context(robot, tmp_path / "2", memory, position=position))
    assert (list(memory.objects), scene.held) == (left, left)


async def test_placing_what_is_not_held_is_refused(tmp_path):
    robot = robot_with(Scene(held=["book"]))
    with pytest.raises(StepFailedError) as caught:
        await PlaceObject().run(
            context(robot, tmp_path, object_id="red_cup", pose={"x": 3, "y": 1, "z": 0.7})
        )
    assert caught.value.error.code == "NOT_HELD"
    assert not caught.value.error.recoverable


async def test_a_retreat_that_fails_is_tried_again_and_nothing_else(tmp_path):
    scene = Scene(held=["red_cup"])
    robot = robot_with(scene)
    moves = []

    def move(goal):
        moves.append(goal)
        lost = GoalOutcome(GoalEnd.LOST, reason="move_action does not know the goal any more")
        return lost if len(moves) in (3, 4) else MOVED

    robot.actions["move_action"] = move
    place = context(robot, tmp_path, pose={"x": 3, "y": 1, "z": 0.7})
    output = await PlaceObject().run(place)
    assert output["object_id"] == "red_cup"
    assert [name for name, *_ in robot.goals].count("gripper") == 1
    assert len(moves) == 5
    assert len({goal_id for _, _, goal_id, _ in robot.goals}) == len(robot.goals)


async def test_a_retreat_that_is_impossible_says_that_the_object_is_down(tmp_path):
    robot = robot_with(Scene(held=["red_cup"]))
    moves = []

    def move(goal):
        moves.append(goal)
        return MOVED if len(moves) <= 2 else GoalOutcome(GoalEnd.ABORTED)

    robot.actions["move_action"] = move
    place = context(robot, tmp_path, pose={"x": 3, "y": 1, "z": 0.7})
    with pytest.raises(StepFailedError, match="it is put down, but retreat") as failed:
        await PlaceObject().run(place)
    assert not failed.value.error.recoverable


def at_a_table(robot, folder, *, stands_at=(), memory=None):
    placing = context(robot, folder, memory, object_id="red_cup", pose="table")
    spots = [{"x": 4.6, "y": 2.0, "z": 0.8}, {"x": 4.6, "y": 1.6, "z": 0.8}]
    table = {"x": 4.0, "y": 2.0, "yaw": 0.0, "put_down": spots, "surface": 0.75}
    others = {f"cup_{index}": {"pose": pose} for index, pose in enumerate(stands_at)}
    placing.conversion = ConversionContext(
        places={"table": table, "tray": {"x": 0.4, "y": 0.1, "z": 0.2}},
        objects={"red_cup": {**CUP, "pose": spots[0]}, **others},
    )
    return placing


@pytest.mark.parametrize(
    ("stands_at", "y"),
    [((), 2.0), (({"x": 4.6, "y": 2.05},), 1.6), (({"x": 4.6, "y": 2}, {"x": 4.6, "y": 1.6}), 2.0)],
)
async def test_at_a_place_it_is_put_down_where_that_is_done_there(tmp_path, stands_at, y):
    robot = robot_with(Scene(["red_cup"]))
    output = await PlaceObject().run(at_a_table(robot, tmp_path, stands_at=stands_at))
    assert (output["place_pose"]["x"], output["place_pose"]["y"]) == (4.6, y)


async def test_something_tall_stands_on_the_surface_of_a_place(tmp_path):
    memory = Memory()
    memory.grasped("red_cup", {"pose": {}, "frame": "gripper_link", "size": [0.1, 0.1, 0.3]})
    robot = robot_with(Scene(["red_cup"]))
    output = await PlaceObject().run(at_a_table(robot, tmp_path, memory=memory))
    assert output["place_pose"]["z"] == pytest.approx(0.75 + 0.15)


async def test_a_place_without_one_is_the_pose_itself(tmp_path):
    placing = at_a_table(robot_with(Scene(["red_cup"])), tmp_path)
    placing.parameters = {**placing.parameters, "pose": "tray"}
    output = await PlaceObject().run(placing)
    assert (output["place_pose"]["x"], output["place_pose"]["z"]) == (0.4, 0.2)


async def test_a_placement_that_was_paused_in_its_retreat_goes_on_from_there(tmp_path):
    scene, memory = Scene(held=["red_cup"]), Memory()
    moves = []

    def move(goal):
        moves.append(goal)
        if len(moves) == 3:
            raise asyncio.CancelledError
        return MOVED

    robot = robot_with(scene, move_action=move)
    where = {"x": 3, "y": 1, "z": 0.7}
    with pytest.raises(asyncio.CancelledError):
        await PlaceObject().run(context(robot, tmp_path / "1", memory, pose=where))
    again = robot_with(scene)
    output = await PlaceObject().run(context(again, tmp_path / "2", memory, pose=where))
    assert [name for name, *_ in again.goals] == ["move_action"]
    assert output["object_id"] == "red_cup"


async def test_a_placement_that_was_cut_off_after_the_release_ends_with_the_retreat(tmp_path):
    scene = Scene(held=["red_cup"])
    robot = robot_with(scene)
    memory = Memory()
    memory.grasped("red_cup", {})
    cut = context(robot, tmp_path, memory, pose={"x": 3, "y": 1, "z": 0.7})
    for step in ("approach", "descend", "release"):
        cut.ledger.record(GOAL_ID, step, {})
    cut.ledger.record(GOAL_ID, "held", "red_cup")
    scene.held.clear()
    robot.services["apply_planning_scene"] = lambda request: {"success": True}
    await PlaceObject().run(cut)
    assert [identity for _, _, identity, _ in robot.goals] == [uuid5(GOAL_ID, "retreat")]


def test_a_ledger_file_that_was_cut_short_counts_as_empty(tmp_path):
    (tmp_path / f"{GOAL_ID}.json").write_text('{"open": {')
    assert FileStepLedger(tmp_path).results(GOAL_ID) == {}


def test_a_finished_goal_leaves_no_file(tmp_path):
    ledger = FileStepLedger(tmp_path)
    ledger.record(GOAL_ID, "open", {"position": 0.1})
    assert FileStepLedger(tmp_path).results(GOAL_ID) == {"open": {"position": 0.1}}
    reach = UnderWay("reach", "moveit_msgs/action/MoveGroup", "move_action")
    ledger.begin(GOAL_ID, reach)
    assert FileStepLedger(tmp_path).under_way(GOAL_ID) == reach
    ledger.record(GOAL_ID, "reach", {})
    assert FileStepLedger(tmp_path).under_way(GOAL_ID) is None
    ledger.forget(GOAL_ID)
    assert list(tmp_path.iterdir()) == []
