"""`ros2 run execution_orchestrator export`: a plan as a diagram."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from execution_orchestrator.cli.plan_file import read_plan
from execution_orchestrator.cli.view.issues import issue_list
from execution_orchestrator.plan.document import Limits
from execution_orchestrator.plan.drawing import mermaid, svg
from execution_orchestrator.plan.loader import load_plan
from execution_orchestrator.runtime.plan_folder import PlanFolder


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator export",
        description="Draw a plan: blocks as nested boxes, arrows for what waits for what.",
    )
    words.add_argument("plan", help="plan document (JSON or YAML); - for standard input")
    kind = words.add_mutually_exclusive_group(required=True)
    kind.add_argument("--mermaid", action="store_true", help="as the text of a Mermaid flowchart")
    kind.add_argument("--svg", action="store_true", help="as a picture in SVG")
    words.add_argument("-o", "--output", help="file to write; default: standard output")
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the diagram; 0 if it was drawn, 1 if the plan cannot be read, 2 for wrong arguments."""
    options = parser().parse_args(arguments)
    errors = Console(stderr=True)
    try:
        text = read_plan(options.plan)
    except (OSError, ValueError) as failure:
        errors.print(str(failure), markup=False)
        return 2
    library = PlanFolder(Path(options.plan).parent, Limits().max_bytes)
    loaded = load_plan(text, limits=Limits(), library=library)
    if loaded.plan is None:
        errors.print(issue_list(loaded.issues, options.plan))
        return 1
    drawn = mermaid(loaded.plan) if options.mermaid else svg(loaded.plan)
    if options.output is None:
        sys.stdout.write(drawn)
        return 0
    try:
        Path(options.output).write_text(drawn, encoding="utf-8")
    except OSError as failure:
        errors.print(f"{options.output} cannot be written: {failure.strerror}", markup=False)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
