import json
import re
from pathlib import Path

import pytest
import yaml

from execution_orchestrator.capabilities.goal_template import REFERENCE_KEYS
from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.capabilities.problems import ConfigurationError
from execution_orchestrator.plan.capability import ResultMapping
from test.unit.capabilities.catalogue import JAZZY, Catalogue

CONFIG = Path(__file__).parents[3] / "config"
BASIC = {
    "version": 1,
    "resources": {"base": {"type": "mobile_base"}},
    "capabilities": {
        "navigate_to": {
            "description": "Drive",
            "interface": {"type": "nav2_msgs/action/NavigateToPose", "name": "navigate_to_pose"},
            "parameters": {"properties": {"target": {"type": "object"}}, "required": ["target"]},
            "goal": {"pose": {"parameter": "target", "as": "pose_stamped"}},
            "result": {"error_code": "error_code", "error_table": "nav2"},
            "resources": ["base"],
        }
    },
}


def written(folder, **changes):
    document = {**BASIC, **changes}
    file = folder / f"capabilities{len(list(folder.iterdir()))}.yaml"
    file.write_text(yaml.safe_dump(document))
    return file


def capability(**changes):
    return {"navigate_to": {**BASIC["capabilities"]["navigate_to"], **changes}}


def problems_of(file, catalogue=None):
    with pytest.raises(ConfigurationError) as caught:
        load_robot([file], catalogue)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "name",
    [
        "capabilities.yaml",
        "tools.yaml",
        "vehicles/aerial.yaml",
        "vehicles/surface.yaml",
        "vehicles/ground.yaml",
    ],
)
def test_the_shipped_files_load(name):
    loaded = load_robot([CONFIG / name])
    assert loaded.model.capabilities
    for spec in loaded.model.capabilities.values():
        assert spec.parameters["additionalProperties"] is False
        assert "$ref" not in str(spec.parameters)


def test_defaults_and_names_are_filled_in(tmp_path):
    spec = load_robot([written(tmp_path)], Catalogue(JAZZY)).model.capabilities["navigate_to"]
    assert spec.server == "navigate_to_pose"
    assert spec.recovery == "navigate_to"
    assert spec.interface.kind == "action"
    assert spec.resources[0].resource == "base"


def test_everything_wrong_is_listed_at_once(tmp_path):
    file = written(
        tmp_path,
        capabilities=capability(
            goal={
                "pose": {"parameter": "target", "as": "no_such_conversion"},
                "tree": {"parameter": "tree"},
            },
            result={"error_code": "code", "error_table": "nav3"},
            resources=["wheels", {"resource": "base", "amount": 3}],
        ),
    )
    problems = problems_of(file, Catalogue(JAZZY))
    text = "\n".join(problems)
    assert "has no field 'tree'" in text
    assert "it has pose, behavior_tree" in text
    assert "has no field 'code'" in text
    assert "no conversion is called no_such_conversion" in text
    assert "no error table is called nav3" in text
    assert "no resource is called wheels" in text
    assert "capacity of 1, not 3" in text


@pytest.mark.parametrize("field", ["pose", "behavior_tree"])
def test_a_wrong_key_beside_a_parameter_is_not_taken_for_a_field(tmp_path, field):
    goal = {field: {"parameter": "target", "convert": "pose_stamped"}}
    (problem,) = problems_of(
        written(tmp_path, capabilities=capability(goal=goal)), Catalogue(JAZZY)
    )
    assert "the value of a parameter has no key 'convert'" in problem
    assert all(key in problem for key in REFERENCE_KEYS)


def test_unknown_keys_and_wrong_values_are_refused_with_their_place(tmp_path):
    file = written(
        tmp_path,
        capabilities=capability(timeout=-1.0, pausable="maybe", colour="red"),
    )
    problems = problems_of(file)
    assert any("navigate_to.timeout" in problem for problem in problems)
    assert any("navigate_to.pausable" in problem for problem in problems)
    assert any("navigate_to.colour" in problem for problem in problems)


def test_a_template_for_the_wrong_message_type_is_refused(tmp_path):
    file = written(
        tmp_path, capabilities=capability(goal={"pose": {"parameter": "target", "as": "duration"}})
    )
    assert "makes a builtin_interfaces/Duration" in problems_of(file, Catalogue(JAZZY))[0]


def test_an_alternative_is_chosen_by_the_installed_type(tmp_path):
    entry = {
        "through": {
            "description": "Drive through",
            "interface": {"type": "nav2_msgs/action/NavigateThroughPoses", "name": "through"},
            "goal": {"poses": {"parameter": "poses", "as": "pose_stamped_list"}},
            "alternatives": [{"goal": {"poses": {"parameter": "poses", "as": "goals"}}}],
        }
    }
    kilted = {"nav2_msgs/action/NavigateThroughPoses_Goal": {"poses": "nav_msgs/Goals"}}
    file = written(tmp_path, capabilities=entry)
    for types, conversion in ((JAZZY, "pose_stamped_list"), (kilted, "goals")):
        spec = load_robot([file], Catalogue(types)).model.capabilities["through"]
        assert spec.goal["poses"]["as"] == conversion


@pytest.mark.parametrize(
    ("fields", "mapped"),
    [
        ({"result": "std_msgs/Empty"}, {}),  # Humble
        ({"error_code": "uint16"}, {"error_code": "error_code"}),  # Iron
    ],
)
def test_a_result_with_fewer_fields_is_an_alternative(fields, mapped):
    installed = {**JAZZY, "nav2_msgs/action/NavigateToPose_Result": fields}
    loaded = load_robot([CONFIG / "capabilities.yaml"], Catalogue(installed))
    expected = ResultMapping(error_table="nav2", **mapped)
    assert loaded.model.capabilities["navigate_to"].result == expected


@pytest.mark.parametrize(
    ("item", "fields", "place"),
    [
        ("nav2_msgs/MissedWaypoint", {"index": "uint32", "error_code": "uint16"}, "index"),
        (
            "nav2_msgs/WaypointStatus",  # Kilted
            {"waypoint_index": "uint32", "error_code": "uint16"},
            "waypoint_index",
        ),
    ],
)
def test_where_a_missed_waypoint_says_which_it_is_follows_from_its_type(item, fields, place):
    action = "nav2_msgs/action/FollowWaypoints"
    installed = {
        f"{action}_Goal": {
            "poses": "sequence<geometry_msgs/PoseStamped>",
            "number_of_loops": "uint32",
            "goal_index": "uint32",
        },
        f"{action}_Result": {
            "missed_waypoints": f"sequence<{item}>",
            "error_code": "uint16",
            "error_msg": "string",
        },
        f"{action}_Feedback": {"current_waypoint": "uint32"},
        item.replace("/", "/msg/"): fields,
    }
    loaded = load_robot([CONFIG / "capabilities.yaml"], Catalogue(installed))
    result = loaded.model.capabilities["follow_waypoints"].result
    assert (result.missed.place, result.error_code) == (place, "error_code")


def test_a_missing_package_leaves_the_capability_out_and_says_why(tmp_path):
    loaded = load_robot([written(tmp_path)], Catalogue({}))
    assert not loaded.model.capabilities
    assert "nav2_msgs/action/NavigateToPose is not installed" in loaded.unavailable["navigate_to"]


def test_later_files_replace_and_add(tmp_path):
    first = written(tmp_path)
    second = written(
        tmp_path,
        resources={"arm": {}},
        capabilities=capability(timeout=5.0, resources=["arm"]),
    )
    model = load_robot([first, second]).model
    assert model.capabilities["navigate_to"].timeout == 5.0
    assert set(model.resources) == {"base", "arm"}


def test_each_problem_names_the_file_whose_entry_counts(tmp_path):
    first, second = written(tmp_path), tmp_path / "second.yaml"
    wrong = capability(goal={"colour": "red"})["navigate_to"]
    second.write_text(yaml.safe_dump({"capabilities": {"navigate_to": wrong, "other": wrong}}))
    with pytest.raises(ConfigurationError) as refused:
        load_robot([first, second], Catalogue(JAZZY))
    places = [problem.place for problem in refused.value.problems]
    assert places == [
        f"{second}: capabilities.{name}.goal.colour" for name in ("navigate_to", "other")
    ]


def test_error_tables_can_be_added(tmp_path):
    file = written(
        tmp_path,
        error_tables={
            "doors": {
                "prefix": "DOOR",
                "codes": {7: {"type": "EXECUTION", "code": "DOOR_LOCKED", "message": "locked"}},
            }
        },
        capabilities=capability(result={"error_code": "error_code", "error_table": "doors"}),
    )
    loaded = load_robot([file])
    assert loaded.tables["doors"].classify(7).code == "DOOR_LOCKED"
    assert loaded.tables["doors"].classify(8).code == "DOOR_8"


@pytest.mark.parametrize(
    ("table", "place", "words"),
    [
        ({"prefix": "DOOR", "unknown_type": "LOCKED"}, "unknown_type", "'NAVIGATION'"),
        ({"prefix": "door"}, "prefix", "should match pattern"),
        ({"prefix": "DOOR", "colour": "red"}, "colour", "there is no such key"),
        ({"prefix": "DOOR", "codes": {1: {"type": "EXECUTION"}}}, "codes.1.code", "required"),
    ],
)
def test_a_wrong_error_table_is_refused_with_its_place(tmp_path, table, place, words):
    problem = problems_of(written(tmp_path, error_tables={"doors": table}))[0]
    assert f"error_tables.doors.{place}" in problem
    assert words in problem


def test_what_the_loader_fills_in_can_be_written(tmp_path):
    file = written(
        tmp_path,
        frame="odom",
        capabilities={
            **capability(server="nav", recovery="drive", frame="base_link", targets=["target"]),
            "turn": BASIC["capabilities"]["navigate_to"],
        },
        resources={"base": {"type": "mobile_base", "stops": ["spin"]}, "eye": {"type": "camera"}},
    )
    model = load_robot([file]).model
    spec, other = model.capabilities["navigate_to"], model.capabilities["turn"]
    assert (spec.server, spec.recovery, spec.frame) == ("nav", "drive", "base_link")
    assert spec.targets == other.targets == ("target",)
    assert (other.server, other.recovery, other.frame) == ("navigate_to_pose", "turn", "odom")
    assert model.resources["base"].stops == ("spin",)
    assert not model.resources["eye"].moves


def test_an_entry_is_called_by_its_key(tmp_path):
    file = written(tmp_path, capabilities=capability(name="drive"))
    assert "the entry navigate_to cannot be called drive" in problems_of(file)[0]


@pytest.mark.parametrize("content", ["a: [", "- 1", "\x00", "version: 2"])
def test_a_broken_file_is_named(tmp_path, content):
    file = tmp_path / "broken.yaml"
    file.write_text(content)
    assert str(file) in problems_of(file)[0]


def test_a_missing_file_is_named(tmp_path):
    assert "absent.yaml" in problems_of(tmp_path / "absent.yaml")[0]


def test_settings_that_capabilities_share_are_merged():
    settings = (
        load_robot([CONFIG / "capabilities.yaml"]).model.capabilities["pick_up_object"].settings
    )
    assert settings["link"] == "gripper_link"
    assert settings["gripper_open"] == 0.08
    assert "<<" not in settings


@pytest.mark.parametrize(
    ("outcomes", "words"),
    [
        ({"found": "output.count >"}, "is no expression"),
        ({"found": "robot.battery > 0.5"}, "it names robot"),
        ({"found": "output.count"}, "it gives a number"),
        ({"found": "output.cuont > 0"}, "has no cuont"),
        ({"two words": "true"}, "is no name"),
    ],
)
def test_outcomes_are_conditions_over_the_output(outcomes, words, tmp_path):
    entry = {
        "description": "look",
        "interface": {"kind": "action", "type": "a/action/B", "name": "look"},
        "output": {"type": "object", "properties": {"count": {"type": "integer"}}},
        "outcomes": outcomes,
    }
    file = tmp_path / "own.yaml"
    file.write_text(json.dumps({"version": 1, "capabilities": {"look": entry}}))
    with pytest.raises(ConfigurationError, match=re.escape(words)):
        load_robot([file])
