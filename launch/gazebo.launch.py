"""Start Gazebo with a world and the robot, the bridges, and Nav2 and MoveIt where they are."""

import os
import shutil
from pathlib import Path

from ament_index_python.packages import PackageNotFoundError, get_package_share_directory
from launch.actions import (
    DeclareLaunchArgument,
    EmitEvent,
    ExecuteProcess,
    IncludeLaunchDescription,
    LogInfo,
    OpaqueFunction,
    SetEnvironmentVariable,
)
from launch.events import Shutdown
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity

ARGUMENTS = (
    ("world", "apartment", "world of worlds/ (apartment, warehouse, tabletop) or an SDF file"),
    ("x", "0.0", "where the robot starts, metres"),
    ("y", "0.0", "where the robot starts, metres"),
    ("yaw", "0.0", "its heading, radians"),
    ("headless", "false", "run Gazebo without its window"),
    ("nav2", "true", "start Nav2 (nav2_bringup) if it is installed"),
    ("nav2_params", "", "parameter file of Nav2; empty: the one of nav2_bringup"),
    ("moveit_config", "", "MoveIt configuration package with launch/move_group.launch.py"),
    ("log_level", "info", "debug, info, warn, error or fatal"),
)
REQUIRED = ("ros_gz_sim", "ros_gz_bridge")
# ROS topic, ROS type, direction ([ from Gazebo, ] to Gazebo), Gazebo type.
BRIDGES = (
    "/clock@rosgraph_msgs/msg/Clock[gz.msgs.Clock",
    "/cmd_vel@geometry_msgs/msg/Twist]gz.msgs.Twist",
    "/odom@nav_msgs/msg/Odometry[gz.msgs.Odometry",
    "/tf@tf2_msgs/msg/TFMessage[gz.msgs.Pose_V",
    "/joint_states@sensor_msgs/msg/JointState[gz.msgs.Model",
    "/arm_controller/joint_trajectory@trajectory_msgs/msg/JointTrajectory]gz.msgs.JointTrajectory",
    "/camera/image_raw@sensor_msgs/msg/Image[gz.msgs.Image",
    "/camera/camera_info@sensor_msgs/msg/CameraInfo[gz.msgs.CameraInfo",
    "/head_pan_position@std_msgs/msg/Float64]gz.msgs.Double",
    "/left_finger_position@std_msgs/msg/Float64]gz.msgs.Double",
    "/right_finger_position@std_msgs/msg/Float64]gz.msgs.Double",
)


def share(package: str) -> Path | None:
    """Share directory of a package, None if it is not installed."""
    try:
        return Path(get_package_share_directory(package))
    except PackageNotFoundError:
        return None


def start(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    value = {name: LaunchConfiguration(name).perform(context) for name, *_ in ARGUMENTS}
    missing = [name for name in REQUIRED if share(name) is None]
    if shutil.which("gz") is None:
        missing.insert(0, "gz (the gz-sim command)")
    if missing:
        sentence = (
            f"Gazebo cannot be started because {', '.join(missing)} is missing; install "
            "ros-$ROS_DISTRO-ros-gz, or use simulation.launch.py, which needs no Gazebo."
        )
        return [LogInfo(msg=sentence), EmitEvent(event=Shutdown(reason=sentence))]
    own = Path(get_package_share_directory("execution_orchestrator"))
    world = Path(value["world"])
    if world.suffix != ".sdf":
        world = own / "worlds" / f"{value['world']}.sdf"
    found = os.environ.get("GZ_SIM_RESOURCE_PATH", "")
    actions: list[LaunchDescriptionEntity] = [
        SetEnvironmentVariable("GZ_SIM_RESOURCE_PATH", f"{own / 'models'}{os.pathsep}{found}"),
        ExecuteProcess(
            cmd=["gz", "sim", "-r", *(["-s"] if value["headless"] == "true" else []), str(world)],
            output="screen",
        ),
        Node(
            package="ros_gz_sim",
            executable="create",
            output="screen",
            arguments=[
                *("-name", "robot", "-file", str(own / "models" / "robot" / "model.sdf")),
                *("-x", value["x"], "-y", value["y"], "-z", "0.01", "-Y", value["yaw"]),
            ],
        ),
        Node(
            package="ros_gz_bridge",
            executable="parameter_bridge",
            output="screen",
            arguments=[*BRIDGES, "--ros-args", "--log-level", value["log_level"]],
        ),
        Node(
            package="tf2_ros",
            executable="static_transform_publisher",
            arguments=["--frame-id", "map", "--child-frame-id", "odom",
                       "--x", value["x"], "--y", value["y"], "--yaw", value["yaw"]],
            parameters=[{"use_sim_time": True}],
        ),
    ]  # fmt: skip
    return actions + navigation(value) + manipulation(value)


def navigation(value: dict[str, str]) -> list[LaunchDescriptionEntity]:
    if value["nav2"] != "true":
        return []
    bringup = share("nav2_bringup")
    if bringup is None:
        return [LogInfo(msg="Nav2 is not started because nav2_bringup is not installed.")]
    given = {"use_sim_time": "true"}
    if value["nav2_params"]:
        given["params_file"] = value["nav2_params"]
    source = PythonLaunchDescriptionSource(str(bringup / "launch" / "navigation_launch.py"))
    return [IncludeLaunchDescription(source, launch_arguments=given.items())]


def manipulation(value: dict[str, str]) -> list[LaunchDescriptionEntity]:
    if not value["moveit_config"]:
        return [LogInfo(msg="MoveIt is not started because moveit_config names no package.")]
    config = share(value["moveit_config"])
    if config is None:
        package = value["moveit_config"]
        return [LogInfo(msg=f"MoveIt is not started because {package} is not installed.")]
    source = PythonLaunchDescriptionSource(str(config / "launch" / "move_group.launch.py"))
    return [IncludeLaunchDescription(source, launch_arguments={"use_sim_time": "true"}.items())]


def generate_launch_description() -> LaunchDescription:
    declared = [
        DeclareLaunchArgument(name, default_value=default, description=words)
        for name, default, words in ARGUMENTS
    ]
    return LaunchDescription([*declared, OpaqueFunction(function=start)])
