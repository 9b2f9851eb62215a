"""Names and sizes the processes of the benchmark share."""

from rclpy.qos import DurabilityPolicy, QoSProfile

PARALLEL = 8
RESULT_TIMEOUT = 1  # seconds a server remembers a goal: its status message tells of all of them
REQUESTED = "/bench/requested"
#: A server that has just started may see a goal before anybody has found this topic of its own.
REQUESTED_QOS = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
SERVER_NODE = "bench_servers_{}"
TREE_RATE = 100.0  # Hz


def servers(prefix: str) -> list[str]:
    """Return the names of the action servers of one server process."""
    return [f"{prefix}_{number}" for number in range(PARALLEL)]
