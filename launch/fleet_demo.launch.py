"""Simulated robots in the warehouse, each with its namespace, orchestrator and agent."""

from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.substitutions import FindPackageShare

from launch import LaunchContext, LaunchDescription

LAUNCH = PathJoinSubstitution([FindPackageShare("execution_orchestrator"), "launch"])
ARGUMENTS = (
    ("robots", "5", "how many robots: robot1, robot2 ..."),
    ("temporal", "127.0.0.1:7233", "HOST:PORT of Temporal"),
    ("web_port", "8765", "port of the first robot's web page; the others have the next ones"),
    ("real_time_factor", "2.0", "simulated seconds per second"),
    ("state_directory", "/tmp/execution_orchestrator", "folder below which each has its journal"),
    ("log_level", "info", "debug, info, warn, error or fatal"),
)


def included(file: str, **arguments: str) -> IncludeLaunchDescription:
    return IncludeLaunchDescription(
        PythonLaunchDescriptionSource(PathJoinSubstitution([LAUNCH, file])),
        launch_arguments=arguments.items(),
    )


def start(context: LaunchContext) -> list[IncludeLaunchDescription]:
    value = {name: LaunchConfiguration(name).perform(context) for name, *_ in ARGUMENTS}
    robots = [f"robot{number}" for number in range(1, int(value["robots"]) + 1)]
    level = value["log_level"]
    made = [
        included(
            "simulation.launch.py",
            world="warehouse",
            robots=",".join(robots),
            servers="navigation",
            real_time_factor=value["real_time_factor"],
            log_level=level,
        )
    ]
    for port, robot in enumerate(robots, start=int(value["web_port"])):
        made.append(
            included(
                "orchestrator.launch.py",
                namespace=robot,
                state_directory=f"{value['state_directory']}/{robot}",
                web_port=str(port),
                respawn="true",
                log_level=level,
            )
        )
        made.append(
            included(
                "fleet_agent.launch.py",
                namespace=robot,
                temporal=value["temporal"],
                report_url=f"http://127.0.0.1:{port}",
                lifecycle_nodes="['bt_navigator']",
                log_level=level,
            )
        )
    return made


def generate_launch_description() -> LaunchDescription:
    declared = [
        DeclareLaunchArgument(name, default_value=default, description=words)
        for name, default, words in ARGUMENTS
    ]
    return LaunchDescription([*declared, OpaqueFunction(function=start)])
