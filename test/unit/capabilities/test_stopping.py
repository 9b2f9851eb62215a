"""Which action servers an emergency stop cancels."""

from pathlib import Path

import yaml

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.capabilities.stopping import matches, servers_that_move
from execution_orchestrator.ros.surroundings.targets import targets_of

CONFIG = Path(__file__).parents[3] / "config"


def robot(*files):
    return load_robot([CONFIG / name for name in files]).model


def stopped(name, patterns):
    return any(matches(name, each) for each in patterns.values())


def test_everything_that_moves_the_shipped_robot_is_stopped():
    found = servers_that_move(robot("capabilities.yaml"), "/")
    for name in (
        *("/navigate_to_pose", "/follow_path", "/spin", "/backup", "/drive_on_heading", "/wait"),
        *("/assisted_teleop", "/dock_robot", "/move_action", "/execute_trajectory"),
        *("/arm_controller/follow_joint_trajectory", "/gripper_controller/gripper_cmd"),
    ):
        assert stopped(name, found), name
    for name in ("/detect_objects", "/speak", "/compute_path_to_pose", "/other/navigate_to_pose"):
        assert not stopped(name, found), name
    assert matches("/follow_path", found["base"])
    assert not matches("/follow_path", found["arm"])


def test_names_are_below_the_namespace_of_the_node_or_of_the_robot(tmp_path):
    found = servers_that_move(robot("capabilities.yaml"), "/house")
    assert stopped("/house/follow_path", found)
    assert not stopped("/follow_path", found)
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(yaml.safe_dump({"version": 1, "robots": {"robot1": {}, "robot2": {}}}))
    found = servers_that_move(robot("capabilities.yaml", fleet), "/")
    assert matches("/robot1/spin", found["robot1/base"])
    assert not matches("/robot1/spin", found["robot2/base"])


def test_a_landing_goes_on():
    found = servers_that_move(robot("vehicles/aerial.yaml"), "/")
    assert stopped("/orbit", found)
    assert not stopped("/emergency_land", found)


def test_a_resource_says_itself_what_is_below_it(tmp_path):
    file = tmp_path / "more.yaml"
    own = {"lift": {"type": "lift", "stops": ["lift_controller/*"]}, "lamp": {"moves": False}}
    file.write_text(yaml.safe_dump({"version": 1, "resources": own}))
    found = servers_that_move(robot("capabilities.yaml", file), "/")
    assert matches("/lift_controller/follow_joint_trajectory", found["lift"])
    assert "lamp" not in found


def test_what_belongs_to_a_server_with_a_full_name_is_beside_it(tmp_path):
    """A robot's own Nav2 in a namespace, under an orchestrator outside of it."""
    shipped = yaml.safe_load((CONFIG / "capabilities.yaml").read_text())["capabilities"]
    for entry in shipped.values():
        if entry["interface"]["type"].startswith("nav2_msgs/"):
            entry["interface"]["name"] = f"/robot1/{entry['interface']['name']}"
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump({"version": 1, "capabilities": shipped}))
    model = load_robot([CONFIG / "capabilities.yaml", file]).model
    drive = model.capabilities["navigate_to"]
    assert "/robot1/controller_server" in drive.depends_on_nodes
    assert "/robot1/follow_path" in drive.uses
    assert model.capabilities["move_arm"].depends_on_nodes[0] == "move_group"
    found = servers_that_move(model, "/")
    assert matches("/robot1/follow_path", found["base"])
    assert matches("/execute_trajectory", found["arm"])
    assert not stopped("/robot2/follow_path", found)
    targets = targets_of(model, "/").by_capability["", "navigate_to"]
    assert "/robot1/follow_path" in targets.shared
    assert "/robot1/bt_navigator" in targets.nodes
