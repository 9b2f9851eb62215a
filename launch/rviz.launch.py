"""Open RViz with the map, the robot and the plan."""

from launch.actions import DeclareLaunchArgument
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.substitutions import FindPackageShare

from launch import LaunchDescription

CONFIG = PathJoinSubstitution(
    [FindPackageShare("execution_orchestrator"), "rviz", "orchestrator.rviz"]
)


def generate_launch_description() -> LaunchDescription:
    """Declare the configuration file and start rviz2 with it."""
    return LaunchDescription(
        [
            DeclareLaunchArgument("config", default_value=CONFIG, description="RViz configuration"),
            Node(
                package="rviz2",
                executable="rviz2",
                arguments=["-d", LaunchConfiguration("config")],
                output="screen",
            ),
        ]
    )
