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
    ("use_sim_time", "false", "take ROS time from /clock; deadlines stay in wall time"),
    ("state_directory", "", "folder of the journal; empty: $ROS_HOME/execution_orchestrator"),
    ("web_port", "", "port of the web page, 0 for none; empty: that of the params_file"),
    ("rehearsal_world", "", "world of worlds/ that rehearsals are in; empty: as params_file says"),
    ("respawn", "false", "true: start the node again when it dies; it takes up what it was doing"),
    ("log_level", "info", "debug, info, warn, error or fatal"),
)


def start(context: LaunchContext) -> list[Node]:
    port = LaunchConfiguration("web_port").perform(context)
    world = LaunchConfiguration("rehearsal_world").perform(context)
    node = Node(
        package="execution_orchestrator",
        executable="orchestrator",
        name=LaunchConfiguration("name"),
        namespace=LaunchConfiguration("namespace"),
        output="screen",
        emulate_tty=True,
        # Robots with a namespace have their own transforms, as in Nav2.
        remappings=[("/tf", "tf"), ("/tf_static", "tf_static")],
        parameters=[
            LaunchConfiguration("params_file"),
            {
                "use_sim_time": ParameterValue(
                    LaunchConfiguration("use_sim_time"), value_type=bool
                ),
                "state_directory": ParameterValue(
                    LaunchConfiguration("state_directory"), value_type=str
                ),
                **({"web_port": int(port)} if port else {}),
                **({"rehearsal_world": world} if world else {}),
            },
        ],
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
