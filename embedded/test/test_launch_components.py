"""launch_ros has containers load composable nodes by their service; there are none to launch here."""

import asyncio

import pytest
from composition_interfaces.srv import LoadNode
from launch.actions import GroupAction, IncludeLaunchDescription, OpaqueCoroutine
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import (
    ComposableNodeContainer,
    LoadComposableNodes,
    PushROSNamespace,
    SetParameter,
    SetRemap,
)
from launch_ros.descriptions import ComposableNode
from launch_ros.utilities import get_node_name_count
from rclpy.parameter import parameter_value_to_python

from launch import LaunchDescription, LaunchService, logging


@pytest.fixture(autouse=True)
def _logs(tmp_path, monkeypatch):
    monkeypatch.setenv("ROS_LOG_DIR", str(tmp_path / "log"))
    logging.reset()
    yield
    logging.reset()


@pytest.fixture
def container(spinning):
    """Run what answers as a container does; return the requests it gets."""
    requests = []

    def load(request, response):
        requests.append(request)
        response.success = request.plugin_name != "bad::Plugin"
        response.error_message = "" if response.success else "no such plugin"
        response.full_node_name = f"{request.node_namespace}/{request.node_name}"
        return response

    spinning("container").create_service(LoadNode, "~/_container/load_node", load)
    return requests


def run(*entities):
    service = LaunchService(noninteractive=True)
    service.include_launch_description(LaunchDescription(list(entities)))
    return service.run(), service.context


def test_nodes_are_loaded_as_they_are_described(container):
    node = ComposableNode(
        package="image_proc",
        plugin=["image_proc::", "RectifyNode"],
        name="rectify",
        namespace="left",
        parameters=[{"queue": {"size": 5}}],
        remappings=[("image", "image_raw")],
        extra_arguments=[{"use_intra_process_comms": True}],
    )
    absent = ComposableNode(package="p", plugin="q", name="n", condition=IfCondition("false"))
    load = LoadComposableNodes(
        target_container="/container", composable_node_descriptions=[node, absent]
    )
    scope = [PushROSNamespace("robot"), SetRemap("a", "b"), SetParameter("scoped", 3), load]
    code, context = run(GroupAction(scope))
    assert code == 0
    (request,) = container
    assert (request.package_name, request.plugin_name) == ("image_proc", "image_proc::RectifyNode")
    assert (request.node_name, request.node_namespace) == ("rectify", "/robot/left")
    assert request.remap_rules == ["a:=b", "image:=image_raw"]
    parameters = {p.name: parameter_value_to_python(p.value) for p in request.parameters}
    assert parameters == {"scoped": 3, "queue.size": 5}
    extra = {p.name: parameter_value_to_python(p.value) for p in request.extra_arguments}
    assert extra == {"use_intra_process_comms": True}
    assert get_node_name_count(context, "/robot/left/rectify") == 1


def test_markup_and_nodes_that_cannot_be_loaded(container, tmp_path, capsys):
    path = tmp_path / "load.launch.xml"
    path.write_text(
        """<launch>
          <load_composable_node target="/container">
            <composable_node pkg="p" plugin="bad::Plugin" name="one" if="true">
              <param name="rate" value="2.5"/>
              <remap from="c" to="d"/>
              <extra_arg name="use_intra_process_comms" value="false"/>
            </composable_node>
            <composable_node pkg="p" plugin="good::Plugin" name="two"/>
          </load_composable_node>
        </launch>"""
    )
    code, _ = run(IncludeLaunchDescription(str(path)))
    assert code == 0
    first, second = container
    assert parameter_value_to_python(first.parameters[0].value) == 2.5
    assert first.remap_rules == ["c:=d"]
    assert parameter_value_to_python(first.extra_arguments[0].value) is False
    assert second.node_name == "two"
    output = capsys.readouterr()
    shown = output.out + output.err
    assert "Failed to load node '/one' of type 'bad::Plugin'" in shown
    assert "Loaded node '/two' in container '/container'" in shown


def test_a_container_that_never_comes_does_not_keep_the_launch_from_ending():
    load = LoadComposableNodes(
        target_container="/nowhere",
        composable_node_descriptions=[ComposableNode(package="p", plugin="q", name="n")],
    )
    service = LaunchService(noninteractive=True)

    async def stop(_):
        await asyncio.sleep(0.2)
        await service.shutdown()

    service.include_launch_description(LaunchDescription([load, OpaqueCoroutine(coroutine=stop)]))
    assert service.run() == 0


def composed(**kwargs):
    return ComposableNodeContainer(
        package="rclcpp_components",
        executable="component_container",
        name="box",
        namespace="",
        composable_node_descriptions=[ComposableNode(package="p", plugin="q", name="n")],
        **kwargs,
    )


def test_launching_a_container_is_refused_by_name(capsys):
    code, _ = run(composed())
    assert code == 1
    output = capsys.readouterr()
    assert "ComposableNodeContainer is not supported" in output.out + output.err


def test_files_that_may_use_components_can_be_launched_without():
    unwanted = IfCondition(LaunchConfiguration("use_composition", default="false"))
    assert run(composed(condition=unwanted))[0] == 0


def test_a_parameter_file_needs_no_node_names(container, tmp_path):
    plain, named = tmp_path / "plain.yaml", tmp_path / "named.yaml"
    plain.write_text("size: 4\n")
    named.write_text("/**: {ros__parameters: {a: 1, b: 2}}\nns/n: {ros__parameters: {b: 3}}\n")
    node = ComposableNode(
        package="p", plugin="q", name="n", namespace="ns", parameters=[str(plain), str(named)]
    )
    load = LoadComposableNodes(target_container="container", composable_node_descriptions=[node])
    assert run(load)[0] == 0
    values = [(p.name, parameter_value_to_python(p.value)) for p in container[0].parameters]
    assert values == [("size", 4), ("a", 1), ("b", 3)]
