"""`ros2 run execution_orchestrator completions`: what fits at the cursor, for a shell.

`completion/execution_orchestrator.bash` calls it with the command line in COMP_LINE and COMP_POINT,
as argcomplete has it for `ros2` itself; the line begins with the name of one of our commands.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from execution_orchestrator.cli import completers

PACKAGE = "execution_orchestrator.cli"
# Commands with a module of their own, and where the others are described.
PARSERS = {
    **{
        name: (name, "parser", ())
        for name in (
            *("access", "alerts", "deadletters", "demo", "doctor", "export", "fleet_demo"),
            *("history", "journal", "mcp", "mission", "report", "run", "schedules"),
            *("validate", "watch"),
        )
    },
    **{name: ("knowledge", "parser", (name,)) for name in ("capabilities", "objects", "places")},
    **{name: ("talk", f"{name}_parser", ()) for name in ("amend", "query", "signal")},
    "import": ("import_plan", "parser", ()),
}
EXPORT = "history export "  # the one command of two words


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one completion a line; 1 if the command is not known or argcomplete is missing."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator completions",
        description="Print what fits at the cursor of a command line (COMP_LINE, COMP_POINT).",
    )
    words.add_argument("--commands", action="store_true", help="print the names of the commands")
    options = words.parse_args(arguments)
    if options.commands:
        print("\n".join(sorted(PARSERS)))
        return 0
    try:
        import argcomplete  # noqa: PLC0415
    except ImportError:
        print("completion needs argcomplete: apt install python3-argcomplete", file=sys.stderr)
        return 1
    line = os.environ.get("COMP_LINE", "")
    parser = parser_of(line)
    if parser is None:
        return 1
    if line.startswith(EXPORT):  # argcomplete leaves out the first word alone
        os.environ["COMP_LINE"] = line.removeprefix("history ")
        point = int(os.environ.get("COMP_POINT", len(line))) - len("history ")
        os.environ["COMP_POINT"] = str(point)
    os.environ["_ARGCOMPLETE"], os.environ["_ARGCOMPLETE_IFS"] = "1", "\n"
    argcomplete.autocomplete(parser, exit_method=_leave, output_stream=sys.stdout)
    return 1


def parser_of(line: str) -> argparse.ArgumentParser | None:
    """Return the parser of the command that a line begins with, None if it is none of ours."""
    command = EXPORT.strip() if line.startswith(EXPORT) else line.partition(" ")[0]
    found = ("history_export", "parser", ()) if command == EXPORT.strip() else PARSERS.get(command)
    if found is None:
        return None
    module, function, given = found
    described = getattr(importlib.import_module(f"{PACKAGE}.{module}"), function)
    parser: argparse.ArgumentParser = described(*given)
    completers.give(parser, command)
    return parser


def _leave(status: int) -> None:
    sys.stdout.flush()
    raise SystemExit(status)


if __name__ == "__main__":
    sys.exit(main())
