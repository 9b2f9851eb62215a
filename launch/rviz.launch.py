"""Start RViz with the displays of the orchestrator."""

from launch.actions import DeclareLaunchArgument
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

from launch import LaunchDescription

CONFIG = PathJoinSubstitution(
    [FindPackageShare("execution_orchestrator"), "rviz", "orchestrator.rviz"]
)
ARGUMENTS = (
    ("namespace", "", "namespace of the robot and its orchestrator"),
    ("rviz_config", CONFIG, "configuration of RViz"),
    ("use_sim_time", "false", "take ROS time from /clock"),
)


def generate_launch_description() -> LaunchDescription:
    declared = [
        DeclareLaunchArgument(name, default_value=default, description=words)
        for name, default, words in ARGUMENTS
    ]
    node = Node(
        package="rviz2",
        executable="rviz2",
        namespace=LaunchConfiguration("namespace"),
        output="screen",
        arguments=["-d", LaunchConfiguration("rviz_config")],
        # Robots with a namespace have their own transforms, as in Nav2.
        remappings=[("/tf", "tf"), ("/tf_static", "tf_static")],
        parameters=[
            {"use_sim_time": ParameterValue(LaunchConfiguration("use_sim_time"), value_type=bool)}
        ],
    )
    return LaunchDescription([*declared, node])
