"""The list of a plan's issues, in the manner of a compiler: place first, then what and the cure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from execution_orchestrator.cli.view.formatting import SEVERITY

_STYLE = {"error": "bold red", "warning": "yellow", "info": "dim"}


def issue_list(issues: Sequence[Any], source: str = "plan") -> RenderableType:
    """Draw validation issues; ``source`` is the document's name, put before the line number."""
    parts: list[RenderableType] = []
    counted: Counter[str] = Counter()
    for issue in issues:
        severity = SEVERITY.get(int(issue.severity), str(issue.severity))
        counted[severity] += 1
        head = Text(overflow="fold")
        place = ":".join([source, *(str(n) for n in (issue.line, issue.column) if n)])
        head.append(f"{place}: ")
        head.append(severity, style=_STYLE.get(severity, ""))
        head.append(f" {issue.code} ", style="bold")
        head.append(issue.pointer or "/", style="cyan")
        parts += [head, _indented(Text(issue.message))]
        if issue.hint:
            parts.append(_indented(Text(issue.hint, style="green")))
    parts.append(
        Text(
            ", ".join(
                f"{counted[name]} {name if name == 'info' or counted[name] == 1 else name + 's'}"
                for name in ("error", "warning", "info")
                if counted[name]
            )
        )
    )
    return Group(*parts)


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, 4), expand=False)
