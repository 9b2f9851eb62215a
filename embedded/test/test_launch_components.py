"""Launch files may name composable nodes: there are no containers to load them here."""

import pytest
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import ComposableNodeContainer, LoadComposableNodes
from launch_ros.descriptions import ComposableNode

from launch import LaunchDescription, LaunchService, logging

NODE = ComposableNode(package="p", plugin="q", name="n", parameters=[{"a": 1}])
CONTAINER = {
    "package": "rclcpp_components",
    "executable": "component_container",
    "name": "box",
    "namespace": "",
    "composable_node_descriptions": [NODE],
}
LOADING = {"target_container": "box", "composable_node_descriptions": [NODE]}
BOTH = pytest.mark.parametrize(
    ("action", "arguments"), [(ComposableNodeContainer, CONTAINER), (LoadComposableNodes, LOADING)]
)


@pytest.fixture(autouse=True)
def _logs(tmp_path, monkeypatch):
    monkeypatch.setenv("ROS_LOG_DIR", str(tmp_path / "log"))
    logging.reset()
    yield
    logging.reset()


def run(*entities):
    service = LaunchService(noninteractive=True)
    service.include_launch_description(LaunchDescription(list(entities)))
    return service.run()


@BOTH
def test_components_are_refused_by_name(capsys, action, arguments):
    assert run(action(**arguments)) == 1
    output = capsys.readouterr()
    assert f"{action.__name__} is not supported" in output.out + output.err


@BOTH
def test_files_that_may_use_components_can_be_launched_without(action, arguments):
    unwanted = IfCondition(LaunchConfiguration("use_composition", default="false"))
    assert run(action(**arguments, condition=unwanted)) == 0
