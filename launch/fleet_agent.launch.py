"""Start the agent beside an orchestrator: its robot takes tasks of missions (docs/fleet.md)."""

from launch.actions import DeclareLaunchArgument
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from launch import LaunchDescription

# Name, default, type, what it is.
ARGUMENTS = (
    ("robot", "", str, "name of the robot in missions; empty: the namespace"),
    ("orchestrator", "execution_orchestrator", str, "its node, in the namespace if relative"),
    ("temporal", "", str, "HOST:PORT; empty: $TEMPORAL_ADDRESS, or 127.0.0.1:7233"),
    ("temporal_namespace", "", str, "namespace of Temporal; empty: $TEMPORAL_NAMESPACE"),
    ("payload", "0.0", float, "kilograms it can carry"),
    ("zones", "['']", None, "zones it works in: \"['north', 'south']\""),
    ("min_battery", "0.0", float, "0.0 to 1.0; with less it takes nothing"),
    ("lifecycle_nodes", "['']", None, "nodes that have to be active: \"['bt_navigator']\""),
    ("report_url", "", str, "where the page of the orchestrator is, for links"),
    ("missions", "true", bool, "also run the workflows of missions"),
    ("tls", "false", bool, "TLS without files of one's own"),
    ("tls_ca", "", str, "PEM file of the authority that signed the server's certificate"),
    ("tls_cert", "", str, "PEM file of this client's certificate"),
    ("tls_key", "", str, "PEM file of its key"),
    ("tls_server_name", "", str, "name in the server's certificate, if it is not the address"),
    ("api_key_variable", "TEMPORAL_API_KEY", str, "variable that has the API key"),
)


def generate_launch_description() -> LaunchDescription:
    declared = [
        DeclareLaunchArgument("namespace", default_value="", description="namespace of the node"),
        DeclareLaunchArgument("respawn", default_value="true", description="start it again"),
        DeclareLaunchArgument("log_level", default_value="info", description="debug, info, warn"),
        *(
            DeclareLaunchArgument(name, default_value=default, description=words)
            for name, default, _, words in ARGUMENTS
        ),
    ]
    parameters = {
        {"temporal_namespace": "namespace"}.get(name, name): (
            ParameterValue(LaunchConfiguration(name))
            if kind is None
            else ParameterValue(LaunchConfiguration(name), value_type=kind)
        )
        for name, _, kind, _ in ARGUMENTS
    }
    node = Node(
        package="execution_orchestrator",
        executable="fleet_agent",
        name="fleet_agent",
        namespace=LaunchConfiguration("namespace"),
        output="screen",
        emulate_tty=True,
        parameters=[parameters],
        arguments=["--ros-args", "--log-level", LaunchConfiguration("log_level")],
        respawn=LaunchConfiguration("respawn"),
        respawn_delay=1.0,
    )
    return LaunchDescription([*declared, node])
