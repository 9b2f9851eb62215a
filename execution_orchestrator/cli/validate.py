"""`ros2 run execution_orchestrator validate`: what is wrong with a plan, without a robot."""

from __future__ import annotations

import argparse
import gc
import json
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from rich.console import Console

from execution_orchestrator.capabilities.conversions import ConversionContext
from execution_orchestrator.capabilities.loading import LoadedRobot, load_robot
from execution_orchestrator.capabilities.problems import ConfigurationError
from execution_orchestrator.capabilities.robot_state_document import read_robot_state
from execution_orchestrator.capabilities.state_types import state_types
from execution_orchestrator.capabilities.trial import GoalTrial
from execution_orchestrator.cli.plan_file import read_plan
from execution_orchestrator.cli.shipped import CAPABILITIES, config_folder, shipped
from execution_orchestrator.cli.straight_lines import StraightLines
from execution_orchestrator.cli.view.formatting import duration
from execution_orchestrator.cli.view.gantt import before_and_after
from execution_orchestrator.cli.view.issues import issue_list
from execution_orchestrator.plan.capability import usual_attempts
from execution_orchestrator.plan.counted import counted
from execution_orchestrator.plan.document import Limits
from execution_orchestrator.plan.drawing.outline import outline_of
from execution_orchestrator.plan.json_schema import plan_schema
from execution_orchestrator.plan.optimise.options import read_kinds
from execution_orchestrator.plan.ordering import orders_of
from execution_orchestrator.plan.units import units_of
from execution_orchestrator.planning.vocabulary import Vocabulary, VocabularyError
from execution_orchestrator.ros.messages.installed import InstalledInterfaces
from execution_orchestrator.ros.reach import ReachTrial
from execution_orchestrator.runtime.intake import CommandPlanner, Intake
from execution_orchestrator.runtime.local_zone import local_zone
from execution_orchestrator.runtime.plan_folder import PlanFolder

MOST_ORDERS = 20  # lists whose order is written out
MOST_OUTLINED = 500  # actions; of a larger plan no outline is written, it would be unreadable


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator validate", description=__doc__
    )
    words.add_argument("plan", nargs="?", help="plan document; - for standard input")
    words.add_argument("--command", default="", help="a command in words instead of a plan")
    words.add_argument(
        "--capabilities",
        type=Path,
        action="append",
        metavar="FILE",
        help="instead of the shipped ones (capabilities.yaml, tools.yaml); may be repeated, and a "
        "shipped one named like that",
    )
    words.add_argument(
        "--robot-state",
        type=Path,
        metavar="FILE",
        help="which topics become robot.* (default: the shipped robot_state.yaml)",
    )
    words.add_argument(
        "--schema",
        action="store_true",
        help="print the JSON Schema of plans for these capabilities, for an editor",
    )
    words.add_argument("--explain", action="store_true", help="show how it would run")
    words.add_argument(
        "--quiet", action="store_true", help="print only what is wrong, and whether it can run"
    )
    words.add_argument(
        "--rehearse",
        nargs="?",
        const="apartment",
        metavar="WORLD",
        help="run it with the simulated robot, in this world (apartment) and faster than real time",
    )
    words.add_argument(
        "--optimise", default="", help="none, all, or of: estimates batching settling order"
    )
    words.add_argument(
        "--at", nargs=2, type=float, metavar=("X", "Y"), help="where the robot is, in metres"
    )
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the issues; 0 if the plan can run, 1 if not, 2 for wrong arguments."""
    options = parser().parse_args(arguments)
    # A large plan makes many objects that stay; looking through them again and again frees nothing.
    gc.set_threshold(100_000)
    console, errors = Console(), Console(stderr=True)
    if options.plan is None and not options.command and not options.schema:
        errors.print("give a plan file, or words with --command")
        return 2
    config = config_folder()
    try:
        text = "" if options.schema else read_plan(options.plan)
        files = options.capabilities or CAPABILITIES
        robot = load_robot([shipped(file) for file in files], InstalledInterfaces())
        vocabulary = Vocabulary.load(config / "places.yaml")
        state = read_robot_state(options.robot_state or config / "robot_state.yaml")
        read_kinds(options.optimise)
    except (OSError, ValueError, ConfigurationError, VocabularyError) as failure:
        errors.print(str(failure), markup=False)
        return 2
    if options.schema:
        print(json.dumps(plan_schema(robot.model), indent=2))
        return 0
    for name, reason in sorted(robot.unavailable.items()):
        errors.print(f"note: {name} cannot be used here: {reason}", markup=False)
    places = {name: place.flat() for name, place in vocabulary.places.items()}
    here = {"x": options.at[0], "y": options.at[1]} if options.at else None
    distances = StraightLines(places, start=here)
    conversion = ConversionContext("map", places)
    buildable = GoalTrial(robot.model, places)
    # No map is known here, and no planner: what is far from every known place is all there is.
    far = distances.far_away
    reachable = ReachTrial(robot.model, lambda *_: "", far, far, lambda: conversion)
    intake = Intake(
        robot.model,
        unavailable=robot.unavailable,
        planner=_planner(vocabulary, robot) if options.command else None,
        measure=distances,
        places=frozenset(places),
        library=PlanFolder(Path(options.plan or ".").parent, Limits().max_bytes),
        trial=lambda plan: [*buildable(plan), *reachable(plan)],
        state=state_types(state.state, InstalledInterfaces()),
        local_zone=local_zone(),
    )
    prepared = intake.prepare(options.command, text, "", optimise=options.optimise)
    if prepared.issues:
        console.print(issue_list(prepared.issues, options.plan or "command"))
    if prepared.analysis is None or prepared.optimised is None:
        console.print("[red]revise[/red]: the plan cannot run")
        return 1
    console.print(
        f"[green]proceed[/green]: {counted(prepared.analysis.action_count, 'action')}, "
        f"about {duration(prepared.analysis.makespan)}"
    )
    # The chart of --explain names the actions of a file; of words the plan is not known before.
    outlined = options.command or not options.explain
    if outlined and not options.quiet and prepared.analysis.action_count <= MOST_OUTLINED:
        model = robot.model
        lines = outline_of(prepared.optimised.plan, units_of(model), usual_attempts(model))
        for depth, _, words in lines:
            console.print(f"  {'  ' * depth}{words}", markup=False, highlight=False)
    if options.explain:
        path = prepared.analysis.critical_path
        console.print(before_and_after(console, prepared.optimised, critical=path))
        console.print(f"critical path: {' -> '.join(path)}", markup=False)
        for name, ordering in islice(orders_of(prepared.optimised.plan), MOST_ORDERS):
            words = "one after the other" if ordering == "sequence" else "as depends_on says"
            console.print(f"order of {name}: {words}", markup=False)
        for suggestion in prepared.analysis.suggestions:
            console.print(f"- {suggestion}")
    if options.rehearse:
        from execution_orchestrator.cli.rehearsing import rehearse  # noqa: PLC0415  # rarely needed

        succeeds = rehearse(
            console,
            robot,
            prepared,
            config=config,
            world=options.rehearse,
            places=places,
            here=here,
        )
        return 0 if succeeds else 1
    return 0


def _planner(vocabulary: Vocabulary, robot: LoadedRobot) -> CommandPlanner:
    # Its grammar takes a tenth of a second to import, and plan files need none.
    from execution_orchestrator.planning.grammar import GrammarPlanner  # noqa: PLC0415

    return GrammarPlanner(vocabulary, tuple(robot.model.robots))


if __name__ == "__main__":
    sys.exit(main())
