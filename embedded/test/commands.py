"""The `ros2` command, and the nodes in `nodes/`, as processes of their own."""

import contextlib
import signal
import subprocess
import sys
from pathlib import Path

ROS2 = [sys.executable, "-m", "ros2_embedded.cli"]
PATIENCE = 60


@contextlib.contextmanager
def running(name, variables, *words):
    """Run a node of `nodes/`."""
    start = "from ros2_embedded import bootstrap; bootstrap.activate(); import runpy, sys; "
    start += "runpy.run_path(sys.argv.pop(1), run_name='__main__')"
    path = Path(__file__).parent / "nodes" / f"{name}.py"
    node = subprocess.Popen([sys.executable, "-c", start, str(path), *words], env=variables)
    try:
        yield node
    finally:
        node.send_signal(signal.SIGINT)
        try:
            node.wait(timeout=10)
        except subprocess.TimeoutExpired:
            node.kill()
            node.wait()


def ros2(variables, *words, stdin=None):
    return subprocess.run(
        [*ROS2, *words],
        env=variables,
        capture_output=True,
        text=True,
        input=stdin if stdin is not None else "",
        timeout=PATIENCE,
        check=False,
    )
