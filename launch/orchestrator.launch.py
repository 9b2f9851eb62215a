"""Start the orchestrator node."""

from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

from launch import LaunchContext, LaunchDescription

CONFIG = PathJoinSubstitution([FindPackageShare("execution_orchestrator"), "config"])
ARGUMENTS = (
    ("namespace", "", "namespace of the node and of every relative server name"),
    ("name", "execution_orchestrator", "name of the node"),
    (
        "params_file",
        PathJoinSubstitution([CONFIG, "orchestrator.yaml"]),
        "parameters of the node",
    ),
    ("use_sim_time", "", "true: take ROS time from /clock; empty: as the params_file says"),
    ("state_directory", "", "folder of the journal; empty: as the params_file says"),
    ("web_port", "", "port of the web page, 0 for none; empty: that of the params_file"),
    ("rehearsal_world", "", "world of worlds/ that rehearsals are in; empty: as params_file says"),
    ("respawn", "false", "true: start the node again when it dies; it takes up what it was doing"),
    ("log_level", "info", "debug, info, warn, error or fatal"),
)
# Those that are parameters of the node.
OVER_THE_FILE = {
    "use_sim_time": bool,
    "state_directory": str,
    "web_port": int,
    "rehearsal_world": str,
}


def start(context: LaunchContext) -> list[Node]:
    # An argument that is not given leaves what the params_file says.
    given = {
        name: ParameterValue(LaunchConfiguration(name), value_type=kind)
        for name, kind in OVER_THE_FILE.items()
        if LaunchConfiguration(name).perform(context)
    }
    node = Node(
        package="execution_orchestrator",
        executable="orchestrator",
        name=LaunchConfiguration("name"),
        namespace=LaunchConfiguration("namespace"),
        output="screen",
        emulate_tty=True,
        # Robots with a namespace have their own transforms, as in Nav2.
        remappings=[("/tf", "tf"), ("/tf_static", "tf_static")],
        parameters=[LaunchConfiguration("params_file"), *([given] if given else [])],
        arguments=["--ros-args", "--log-level", LaunchConfiguration("log_level")],
        respawn=LaunchConfiguration("respawn"),
        respawn_delay=1.0,
        sigterm_timeout="15",
        sigkill_timeout="15",
    )
    return [node]


def generate_launch_description() -> LaunchDescription:
    declared = [
        DeclareLaunchArgument(name, default_value=default, description=words)
        for name, default, words in ARGUMENTS
    ]
    return LaunchDescription([*declared, OpaqueFunction(function=start)])
