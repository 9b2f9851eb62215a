"""Start a simulated world with one robot or several, each server a process of its own."""

import tempfile
from pathlib import Path

from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchContext, LaunchDescription

SERVERS = ("navigation", "move_group", "gripper", "camera", "speech")
ARGUMENTS = (
    ("world", "apartment", "world of worlds/ (apartment, warehouse, tabletop) or an SDF file"),
    ("namespace", "", "namespace of the one robot; use robots for several"),
    ("robots", "", "namespaces of several robots, with commas"),
    ("servers", ",".join(SERVERS), "which servers each robot has, with commas"),
    ("real_time_factor", "1.0", "simulated seconds per second"),
    ("fault", "", "faults, with commas: SERVER:MODE[:CODE[:COUNT]], servers: navigation, "
     "move_group, gripper, camera, speech, vehicle; modes: reject, abort, hang, slow, die, drop; "
     "COUNT goals are affected, 0 for all, 1 if it is left out"),
    ("seed", "0", "seed of every noise"),
    ("odometry_noise", "0.0", "slip per metre, standard deviation"),
    ("vehicle", "false", "also start a simulated vehicle: aerial (or true), ground or surface"),
    ("autostart", "true", "begin with the Nav2 nodes active; false: their manager starts them"),
    ("use_sim_time", "false", "publish /clock and let the servers take their time from it"),
    ("log_level", "info", "debug, info, warn, error or fatal"),
)  # fmt: skip
MODES = ("reject", "abort", "hang", "slow", "die", "drop")


def parse_faults(text: str) -> dict[str, dict[str, str | int]]:
    """Parameters of each server by its name, from SERVER:MODE[:CODE[:COUNT]] with commas."""
    faults: dict[str, dict[str, str | int]] = {}
    for each in filter(None, (part.strip() for part in text.split(","))):
        server, mode, code, count = (*each.split(":"), "", "", "")[:4]
        if server not in (*SERVERS, "vehicle") or mode not in MODES or each.count(":") > 3:
            raise RuntimeError(
                f"fault {each!r}: write SERVER:MODE[:CODE[:COUNT]] with a server of "
                f"{', '.join((*SERVERS, 'vehicle'))} and a mode of {', '.join(MODES)}"
            )
        try:
            faults[server] = {
                "fault.mode": mode,
                "fault.error_code": int(code or 0),
                "fault.count": int(count or 1),
            }
        except ValueError:
            raise RuntimeError(f"fault {each!r}: CODE and COUNT are whole numbers") from None
    return faults


def start(context: LaunchContext) -> list[Node]:
    value = {name: LaunchConfiguration(name).perform(context) for name, *_ in ARGUMENTS}
    shared = {
        "world": value["world"],
        "real_time_factor": float(value["real_time_factor"]),
    }
    autostart = value["autostart"].lower() == "true"
    sim_time = value["use_sim_time"].lower() == "true"
    level = ["--ros-args", "--log-level", value["log_level"]]
    robots = [name.strip() for name in (value["robots"] or value["namespace"]).split(",")]
    faults = parse_faults(value["fault"])
    records = Path(tempfile.mkdtemp(prefix="simulation-"))
    nodes = [
        Node(
            package="execution_orchestrator",
            executable="sim_world",
            output="screen",
            parameters=[
                shared,
                {
                    "robots": ",".join(robots),
                    "seed": int(value["seed"]),
                    "odometry_noise": float(value["odometry_noise"]),
                    "publish_clock": sim_time,
                },
            ],
            ros_arguments=level[1:],
        )
    ]
    vehicle = {"true": "aerial", "false": ""}.get(value["vehicle"].lower(), value["vehicle"])
    chosen = [name.strip() for name in value["servers"].split(",")]
    if unknown := [name for name in chosen if name not in SERVERS]:
        raise RuntimeError(
            f"servers: there is no {unknown[0]!r}; write some of {', '.join(SERVERS)}"
        )
    servers = [*chosen, *(["vehicle"] if vehicle else [])]
    for robot in robots:
        for server in servers:
            parameters = {
                **shared,
                **faults.get(server, {}),
                "use_sim_time": sim_time,
                **({"autostart": autostart} if server == "navigation" else {}),
                **({"kind": vehicle} if server == "vehicle" else {}),
                "fault.record": str(records / f"{robot}_{server}.json"),
            }
            nodes.append(
                Node(
                    package="execution_orchestrator",
                    executable=f"sim_{server}",
                    namespace=robot,
                    output="screen",
                    parameters=[parameters],
                    ros_arguments=level[1:],
                    # A server that a fault ended comes back, as under any process supervisor.
                    respawn=True,
                    respawn_delay=1.0,
                )
            )
    return nodes


def generate_launch_description() -> LaunchDescription:
    declared = [
        DeclareLaunchArgument(name, default_value=default, description=words)
        for name, default, words in ARGUMENTS
    ]
    return LaunchDescription([*declared, OpaqueFunction(function=start)])
