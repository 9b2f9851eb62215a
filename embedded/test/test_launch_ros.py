"""launch_ros puts names, parameters and remappings on the command line of a node."""

import sys
from pathlib import Path

import pytest
import yaml

from ros2_embedded import bootstrap

bootstrap.activate()

from launch.actions import (  # noqa: E402
    GroupAction,
    OpaqueFunction,
    RegisterEventHandler,
)
from launch.event_handlers import OnProcessExit  # noqa: E402
from launch.substitutions import (  # noqa: E402
    LaunchConfiguration,
    SubstitutionFailure,
    TextSubstitution,
)
from launch_ros import actions as ros  # noqa: E402
from launch_ros.parameter_descriptions import (  # noqa: E402
    Parameter,
    ParameterFile,
    ParameterValue,
)
from launch_ros.substitutions import ExecutableInPackage, FindPackageShare  # noqa: E402
from launch_ros.utilities import (  # noqa: E402
    evaluate_parameters,
    normalize_parameters,
    prefix_namespace,
)

from launch import LaunchContext, LaunchDescription, LaunchService, logging  # noqa: E402

ECHO = "import sys; print(*sys.argv[1:], sep='\\n')"


@pytest.fixture(autouse=True)
def _logs(tmp_path, monkeypatch):
    monkeypatch.setenv("ROS_LOG_DIR", str(tmp_path / "log"))
    logging.reset()
    yield
    logging.reset()


def node(**kwargs):
    """Return a node action whose executable prints its arguments."""
    return ros.Node(executable=sys.executable, arguments=["-c", ECHO], cached_output=True, **kwargs)


def run(*entities):
    service = LaunchService(noninteractive=True)
    service.include_launch_description(LaunchDescription(list(entities)))
    return service.run()


def words(action):
    return action.get_stdout().splitlines()


def test_plain_node_has_no_more_than_ros_args():
    action = node()
    assert run(action) == 0
    assert words(action) == ["--ros-args"]


def test_name_namespace_remappings_and_ros_arguments():
    action = node(
        name="eyes",
        namespace="head",
        remappings=[("image", ["camera/", TextSubstitution(text="raw")])],
        ros_arguments=["--log-level", "debug"],
    )
    run(ros.PushROSNamespace("robot1"), action)
    assert words(action) == [
        *("--ros-args", "--log-level", "debug", "--ros-args"),
        *("-r", "__node:=eyes", "-r", "__ns:=/robot1/head"),
        *("-r", "image:=camera/raw"),
    ]
    assert action.node_name == "/robot1/head/eyes"


def test_parameters_of_all_kinds(tmp_path):
    file = tmp_path / "p.yaml"
    file.write_text("/**: {ros__parameters: {from_file: 1}}")
    action = node(
        name="n",
        parameters=[
            str(file),
            {
                "text": "1.5",
                "number": LaunchConfiguration("speed"),
                "forced": ParameterValue(LaunchConfiguration("speed"), value_type=str),
                "nested": {"flag": True, "list": [1, 2.5]},
                "names": ["a", "b"],
            },
            Parameter("single", 7),
        ],
    )
    context_value = OpaqueFunction(
        function=lambda context: context.launch_configurations.update(speed="0.5")
    )
    seen = {}

    def read(event, _):
        path = words(action)[words(action).index("--params-file", 6) + 1]
        seen.update(yaml.safe_load(Path(path).read_text()))

    run(
        context_value,
        RegisterEventHandler(OnProcessExit(target_action=action, on_exit=read)),
        ros.PushROSNamespace("/"),
        action,
    )
    assert words(action)[5:7] == ["--params-file", str(file)]
    assert words(action)[-2:] == ["-p", "single:=7"]
    assert seen == {
        "/n": {
            "ros__parameters": {
                "text": "1.5",
                "number": 0.5,
                "forced": "0.5",
                "nested.flag": True,
                "nested.list": [1.0, 2.5],
                "names": ["a", "b"],
            }
        }
    }


def test_scoped_parameters_and_remappings():
    inside, outside = node(), node()
    run(
        GroupAction(
            [
                ros.SetParameter("use_sim_time", True),
                ros.SetParameter("text", "1"),
                ros.SetRemap("a", "b"),
                inside,
            ]
        ),
        outside,
    )
    assert words(inside)[1:] == [
        *("-p", "use_sim_time:=true", "-p", "text:='1'"),
        *("-r", "a:=b"),
    ]
    assert words(outside) == ["--ros-args"]


def test_parameter_file_with_substitutions_is_refused(tmp_path):
    file = tmp_path / "p.yaml"
    file.write_text("/**: {ros__parameters: {who: me}}")
    assert ParameterFile(file, allow_substs=True).evaluate(LaunchContext()) == file
    file.write_text("/**: {ros__parameters: {who: $(var who)}}")
    assert ParameterFile(file).evaluate(LaunchContext()) == file
    with pytest.raises(SubstitutionFailure, match="left to a whole ROS 2"):
        ParameterFile(file, allow_substs=True).evaluate(LaunchContext())


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ([{"a": [1, "x"]}], "parameter a is .* items of uniform type"),
        ([{"a": []}], "Expected a non-empty sequence"),
        ([{"a": TextSubstitution(text="{b: c}")}], "parameter a .*ParameterValue"),
        ([5], "files and dictionaries, but it holds 5"),
        ("file.yaml", "must be a list"),
    ],
)
def test_bad_parameters_name_the_place(parameters, complaint):
    with pytest.raises(TypeError, match=complaint):
        evaluate_parameters(LaunchContext(), normalize_parameters(parameters))


@pytest.mark.parametrize(
    ("base", "name", "expected"),
    [
        ("my_ns", "original_ns", "my_ns/original_ns"),
        ("/my_ns", "/original_ns", "/original_ns"),
        (None, "original_ns", "original_ns"),
        ("my_ns", None, "my_ns"),
        ("/", "a/", "/a"),
        (None, None, None),
    ],
)
def test_prefix_namespace(base, name, expected):
    assert prefix_namespace(base, name) == expected


def test_bad_node_name_is_named(capsys):
    assert run(node(name="9lives")) == 1
    assert "'9lives' is not a valid node name" in capsys.readouterr().out


def test_package_look_up():
    context = LaunchContext()
    assert FindPackageShare("std_msgs").perform(context).endswith("share/std_msgs")
    with pytest.raises(KeyError, match="no_such_package"):
        FindPackageShare("no_such_package").perform(context)
    with pytest.raises(SubstitutionFailure, match="'x' not found in package 'std_msgs'"):
        ExecutableInPackage("x", "std_msgs").perform(context)


def test_executables_below_the_prefix(tmp_path, monkeypatch):
    marker = tmp_path / "share/ament_index/resource_index/packages/my_pkg"
    marker.parent.mkdir(parents=True)
    marker.write_text("")
    program = tmp_path / "lib/my_pkg/greet"
    program.parent.mkdir(parents=True)
    program.write_text("#!/usr/bin/env python3\nimport sys\nprint('hi from', sys.prefix)\n")
    program.chmod(0o755)
    monkeypatch.setenv("AMENT_PREFIX_PATH", str(tmp_path))
    action = ros.Node(package="my_pkg", executable="greet", cached_output=True)
    assert run(action) == 0
    assert action.get_stdout() == f"hi from {sys.prefix}\n"


def test_parameters_from_a_file_and_log_directory_for_a_scope(tmp_path):
    file = tmp_path / "p.yaml"
    file.write_text("/**: {ros__parameters: {a: 1}}")
    show = "import os, sys; print(os.environ['ROS_LOG_DIR'], *sys.argv[1:])"
    inside = ros.Node(executable=sys.executable, arguments=["-c", show], cached_output=True)
    outside = ros.Node(executable=sys.executable, arguments=["-c", show], cached_output=True)
    scoped = [ros.SetParametersFromFile(str(file)), ros.SetROSLogDir("robot1"), inside]
    assert run(GroupAction(scoped), outside) == 0
    log = tmp_path / "log"
    assert inside.get_stdout() == f"{log}/robot1 --ros-args --params-file {file}\n"
    assert outside.get_stdout() == f"{log} --ros-args\n"
