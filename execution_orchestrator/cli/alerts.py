"""`ros2 run execution_orchestrator alerts`: checks and tries the rules of notifications.

It reads the file that the node's parameter notifications_file names, and sends by itself: no node
has to run.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from execution_orchestrator.monitoring.alerts.delivery.rules import Rules, RulesError
from execution_orchestrator.monitoring.alerts.delivery.sending import AppriseSender
from execution_orchestrator.plan.counted import counted


def parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    words = argparse.ArgumentParser(
        prog="ros2 run execution_orchestrator alerts", description=__doc__
    )
    what = words.add_subparsers(dest="what", required=True)
    for name, help_text in (
        ("check", "say what is wrong with the file, or which rules it has"),
        ("test", "send a message to each target, and say whether it was taken"),
    ):
        one = what.add_parser(name, help=help_text)
        one.add_argument("file", type=Path, help="the file, such as notifications.yaml")
        if name == "test":
            one.add_argument("--to", action="append", default=[], help="only to this target")
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked for; 1 if the file is wrong or a message was not taken."""
    options = parser().parse_args(arguments)
    try:
        rules = Rules.load(options.file)
        sender = AppriseSender(rules.urls())
    except RulesError as failure:
        print(failure, file=sys.stderr)
        return 1
    if options.what == "check":
        for rule in rules.rules:
            severities = ", ".join(rule.severities)
            print(f"{rule.name}: {', '.join(rule.alerts)} ({severities}) to {', '.join(rule.to)}")
        print(f"{counted(len(rules.rules), 'rule')}, {counted(len(rules.targets), 'target')}")
        return 0
    unknown = set(options.to) - set(rules.targets)
    if unknown:
        known = ", ".join(rules.targets) or "none"
        message = f"no target is called {', '.join(sorted(unknown))}; there are: {known}"
        print(message, file=sys.stderr)
        return 1
    failed = False
    for target in options.to or rules.targets:
        title = f"[{rules.robot or platform.node()}] a test"
        body = "Alerts of this robot will reach you here."
        reason = sender.send(target, title, body, "info")
        print(f"{target}: {reason or 'taken'}")
        failed |= bool(reason)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
