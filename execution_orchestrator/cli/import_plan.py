"""`ros2 run execution_orchestrator import`: a behaviour tree or a PDDL plan as a plan document."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml
from rich.console import Console

from execution_orchestrator.plan.counted import counted
from execution_orchestrator.plan.importing import NotImportableError, import_plan
from execution_orchestrator.plan.importing.table import Table
from execution_orchestrator.plan.importing.xml_nodes import MAX_BYTES


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator import",
        description="Turn a behaviour tree (BehaviorTree.CPP 4, XML) or a PDDL plan (PlanSys2, "
        "POPF) into a plan document, and tell what has no equivalent.",
    )
    words.add_argument("file", help="the file; - for standard input")
    words.add_argument("--map", metavar="TABLE", help="table of nodes and actions (YAML)")
    words.add_argument("--tree", default="", help="which tree of the file; default: the main one")
    words.add_argument("-o", "--output", help="file to write; default: standard output")
    words.add_argument(
        "--strict", action="store_true", help="write nothing if anything has no equivalent"
    )
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the plan and the report; 0 if all went in, 1 if something did not, 2 if nothing."""
    options = parser().parse_args(arguments)
    errors = Console(stderr=True, soft_wrap=True)
    try:
        table = Table.load(Path(options.map)) if options.map else Table()
        folder = Path() if options.file == "-" else Path(options.file).parent
        imported = import_plan(
            _read(options.file), table, tree=options.tree, read=lambda name: _read(folder / name)
        )
    except (NotImportableError, OSError) as failure:
        errors.print(f"{options.file}: {failure}", markup=False)
        return 2
    for note in imported.notes:
        file = note.file or options.file
        errors.print(f"{file}:{note.line}: {note.what}: {note.text}", markup=False)
    if imported.notes:
        count = counted(len(imported.notes), "place")
        errors.print(
            f"{count} of the file {'is' if len(imported.notes) == 1 else 'are'} not as before"
        )
        if options.strict:
            return 1
    text = yaml.safe_dump(imported.plan, sort_keys=False, allow_unicode=True, width=100)
    if options.output is None:
        sys.stdout.write(text)
    else:
        try:
            Path(options.output).write_text(text, encoding="utf-8")
        except OSError as failure:
            errors.print(f"{options.output} cannot be written: {failure.strerror}", markup=False)
            return 2
    return 1 if imported.notes else 0


def _read(name: str | Path) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    with Path(name).open("rb") as file:
        return file.read(MAX_BYTES + 1)


if __name__ == "__main__":
    sys.exit(main())
