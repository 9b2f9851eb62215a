"""Start two simulated robots in one world, each with an orchestrator or one for both."""

from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.conditions import IfCondition, UnlessCondition
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.substitutions import FindPackageShare

from launch import LaunchDescription

LAUNCH = PathJoinSubstitution([FindPackageShare("execution_orchestrator"), "launch"])
CONFIG = PathJoinSubstitution([FindPackageShare("execution_orchestrator"), "config"])
ROBOTS = ("robot1", "robot2")
FIRST_PAGE = 8765  # port of the first robot's web page
ARGUMENTS = (
    ("world", "warehouse", "world of worlds/"),
    ("real_time_factor", "1.0", "simulated seconds per second"),
    ("state_directory", "/tmp/execution_orchestrator", "folder below which each has its journal"),
    ("fleet", "false", "true: one orchestrator for both, without a namespace; plans name robots"),
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
            "world": LaunchConfiguration("world"),
            "real_time_factor": LaunchConfiguration("real_time_factor"),
            "robots": ",".join(ROBOTS),
            "log_level": LaunchConfiguration("log_level"),
        }.items(),
    )
    orchestrators = [
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(PathJoinSubstitution([LAUNCH, "orchestrator.launch.py"])),
            launch_arguments={
                "namespace": robot,
                "state_directory": PathJoinSubstitution(
                    [LaunchConfiguration("state_directory"), robot]
                ),
                "web_port": str(FIRST_PAGE + number),
                "rehearsal_world": LaunchConfiguration("world"),
                "log_level": LaunchConfiguration("log_level"),
            }.items(),
            condition=UnlessCondition(LaunchConfiguration("fleet")),
        )
        for number, robot in enumerate(ROBOTS)
    ]
    fleet = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(PathJoinSubstitution([LAUNCH, "orchestrator.launch.py"])),
        launch_arguments={
            "params_file": PathJoinSubstitution([CONFIG, "fleet_orchestrator.yaml"]),
            "state_directory": PathJoinSubstitution(
                [LaunchConfiguration("state_directory"), "fleet"]
            ),
            "rehearsal_world": LaunchConfiguration("world"),
            "log_level": LaunchConfiguration("log_level"),
        }.items(),
        condition=IfCondition(LaunchConfiguration("fleet")),
    )
    return LaunchDescription([*declared, simulation, *orchestrators, fleet])
