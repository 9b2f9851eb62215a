"""`ros2 run execution_orchestrator watch`: what the node is doing, live, with keys to act on it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from execution_orchestrator.cli.view.lines import StateLines
from execution_orchestrator.extras import how_to_get
from execution_orchestrator.ros.client import OrchestratorClient, OrchestratorUnavailableError

if TYPE_CHECKING:
    from execution_orchestrator.cli.watch_app import WatchApp


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator watch",
        description="Show what the orchestrator is doing; with a terminal, keys act on it.",
    )
    words.add_argument("--node", default="/execution_orchestrator", help="name of the node")
    words.add_argument("--wait", type=float, default=10.0, help="seconds to wait for the node")
    words.add_argument(
        "--plain", action="store_true", help="lines only, as if there were no terminal"
    )
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until the person leaves; 1 if the node is not there."""
    options = parser().parse_args(arguments)
    console = Console()
    try:
        with OrchestratorClient(name=options.node) as client:
            client.wait_ready(options.wait)
            app = None if options.plain or not console.is_terminal else _app()
            if app is None:
                print_lines(client, console)
            else:
                app(client).run()
    except OrchestratorUnavailableError as failure:
        Console(stderr=True).print(str(failure), markup=False)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _app() -> type[WatchApp] | None:
    """Return the full-screen display; None, and a line that says why, without Textual."""
    try:
        from execution_orchestrator.cli.watch_app import WatchApp  # noqa: PLC0415
    except ImportError as missing:
        message = f"lines only: {missing.name} is not installed: {how_to_get('terminal')}"
        Console(stderr=True).print(message, markup=False, soft_wrap=True)
        return None
    return WatchApp


def print_lines(client: OrchestratorClient, console: Console) -> None:
    """Print one line for everything that changes, until Ctrl-C."""
    lines = StateLines()
    while True:
        client.changed.wait()
        client.changed.clear()
        for line in lines.news(client.state, client.recoveries, client.alerts):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
