"""Start the simulated robot and the orchestrator together."""

from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.substitutions import FindPackageShare

from launch import LaunchDescription

LAUNCH = PathJoinSubstitution([FindPackageShare("execution_orchestrator"), "launch"])
ARGUMENTS = (
    ("world", "apartment", "world of worlds/"),
    ("real_time_factor", "1.0", "simulated seconds per second"),
    ("fault", "", "fault to inject: SERVER:MODE[:CODE[:COUNT]]"),
    ("state_directory", "", "folder of the journal; empty: $ROS_HOME/execution_orchestrator"),
    ("log_level", "info", "debug, info, warn, error or fatal"),
)


def generate_launch_description() -> LaunchDescription:
    declared = [
        DeclareLaunchArgument(name, default_value=default, description=words)
        for name, default, words in ARGUMENTS
    ]
    simulation = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(PathJoinSubstitution([LAUNCH, "simulation.launch.py"])),
        launch_arguments={
            name: LaunchConfiguration(name)
            for name in ("world", "real_time_factor", "fault", "log_level")
        }.items(),
    )
    orchestrator = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(PathJoinSubstitution([LAUNCH, "orchestrator.launch.py"])),
        launch_arguments={
            "rehearsal_world": LaunchConfiguration("world"),
            **{name: LaunchConfiguration(name) for name in ("state_directory", "log_level")},
        }.items(),
    )
    return LaunchDescription([*declared, simulation, orchestrator])
