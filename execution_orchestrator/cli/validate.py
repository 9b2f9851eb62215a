"""`ros2 run execution_orchestrator validate`: what is wrong with a plan, without a robot."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from rich.console import Console
from rich.table import Table

from execution_orchestrator.capabilities.loading import load_robot
from execution_orchestrator.capabilities.problems import ConfigurationError
from execution_orchestrator.cli.run import read_plan
from execution_orchestrator.cli.view.issues import issue_list
from execution_orchestrator.cli.view.words import duration
from execution_orchestrator.plan.analysis import Analysis
from execution_orchestrator.planning.grammar import GrammarPlanner
from execution_orchestrator.planning.vocabulary import Vocabulary, VocabularyError
from execution_orchestrator.runtime.intake import Intake

CHART_WIDTH = 50  # columns of the Gantt chart


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator validate", description=__doc__
    )
    words.add_argument("plan", nargs="?", help="plan document; - for standard input")
    words.add_argument("--command", default="", help="a command in words instead of a plan")
    words.add_argument("--capabilities", type=Path, action="append", help="capability files")
    words.add_argument("--explain", action="store_true", help="show how it would run")
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the issues; 0 if the plan can run, 1 if not, 2 for wrong arguments."""
    options = parser().parse_args(arguments)
    console, errors = Console(), Console(stderr=True)
    if options.plan is None and not options.command:
        errors.print("give a plan file, or words with --command")
        return 2
    config = Path(get_package_share_directory("execution_orchestrator")) / "config"
    try:
        text = read_plan(options.plan)
        robot = load_robot(
            options.capabilities or [config / "capabilities.yaml", config / "tools.yaml"]
        )
        planner = GrammarPlanner(Vocabulary.load(config / "places.yaml"))
    except (OSError, ValueError, ConfigurationError, VocabularyError) as failure:
        errors.print(str(failure), markup=False)
        return 2
    prepared = Intake(robot.model, unavailable=robot.unavailable, planner=planner).prepare(
        options.command, text, ""
    )
    if prepared.issues:
        console.print(issue_list(prepared.issues, options.plan or "command"))
    if prepared.analysis is None:
        console.print("[red]revise[/red]: the plan cannot run")
        return 1
    console.print(
        f"[green]proceed[/green]: {prepared.analysis.action_count} actions, "
        f"about {duration(prepared.analysis.makespan)}"
    )
    if options.explain:
        console.print(chart(prepared.analysis))
        for suggestion in prepared.analysis.suggestions:
            console.print(f"- {suggestion}")
    return 0


def chart(analysis: Analysis) -> Table:
    """Draw the waves over time."""
    table = Table(title=f"critical path: {' -> '.join(analysis.critical_path)}")
    table.add_column("wave")
    table.add_column("actions")
    table.add_column("resources")
    table.add_column(f"0 s to {duration(analysis.makespan)}", min_width=CHART_WIDTH, no_wrap=True)
    scale = CHART_WIDTH / max(analysis.makespan, 1e-9)
    for group in analysis.groups:
        lead = round(group.start * scale)
        length = max(1, round(group.duration * scale))
        table.add_row(
            str(group.index + 1),
            ", ".join(group.action_ids),
            ", ".join(group.resources),
            " " * lead + "#" * length,
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
