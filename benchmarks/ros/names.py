"""Names and sizes the processes of the benchmark share."""

PARALLEL = 8
RESULT_TIMEOUT = 1  # seconds a server remembers a goal: its status message tells of all of them
REQUESTED = "/bench/requested"
SERVER_NODE = "bench_servers_{}"
TREE_RATE = 100.0  # Hz


def servers(prefix: str) -> list[str]:
    """Return the names of the action servers of one server process."""
    return [f"{prefix}_{number}" for number in range(PARALLEL)]
