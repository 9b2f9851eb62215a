"""`ros2 run execution_orchestrator mcp`: the robot for language-model agents, with a policy."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from pathlib import Path

from ament_index_python.packages import get_package_share_directory

from execution_orchestrator.agents.policy import NAME, AgentsPolicy, PolicyError
from execution_orchestrator.extras import how_to_get

PORT = 8766
INTERRUPTED = 130  # exit status of a program that Ctrl-C ended
MISSING = f"the MCP server needs the package mcp: {how_to_get('mcp')}"


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator mcp",
        description="Serve the Model Context Protocol for a running orchestrator (docs/agents.md).",
    )
    words.add_argument("--http", action="store_true", help="over HTTP on loopback, not stdio")
    words.add_argument("--port", type=int, default=PORT, help="of the HTTP server")
    words.add_argument("--client", default="default", help="who speaks over stdio, in the policy")
    words.add_argument(
        "--policy", type=Path, help="what agents may do (default: the shipped agents.yaml)"
    )
    words.add_argument("--node", default="/execution_orchestrator", help="name of the node")
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until the client leaves or a signal stops the process; 2 for wrong arguments."""
    options = parser().parse_args(arguments)
    try:
        running = import_module("execution_orchestrator.agents.running")
    except ModuleNotFoundError as failure:
        if (failure.name or "").split(".")[0] not in ("anyio", "mcp", "mcp_types", "PIL"):
            raise
        print(MISSING, file=sys.stderr)
        return 1
    share = Path(get_package_share_directory("execution_orchestrator"))
    try:
        policy = AgentsPolicy.load(options.policy or share / "config" / "agents.yaml")
    except PolicyError as failure:
        print(failure, file=sys.stderr)
        return 2
    if not re.match(NAME, options.client):
        print(
            f"--client {options.client[:64]!r} is no name: letters, digits, . _ -", file=sys.stderr
        )
        return 2
    if options.http:
        serve = partial(running.over_http, options.node, policy, options.port)
    else:
        serve = partial(running.over_stdio, options.node, policy, options.client)
    try:
        status: int = running.run(serve)
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


if __name__ == "__main__":
    sys.exit(main())
