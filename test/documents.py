"""The fenced blocks of the documents, which tests run."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks_of(document: str) -> list[tuple[str, str]]:
    """Return language and text of every block of a file in docs/, or of the README."""
    folder = ROOT if document == "README.md" else ROOT / "docs"
    return FENCE.findall((folder / document).read_text(encoding="utf-8"))


def commands_of(document: str) -> list[str]:
    """Return what is typed in its consoles, each command on one line, in their order."""
    return [
        line
        for kind, text in blocks_of(document)
        if kind == "console"
        for line in re.findall(r"^\$ (.*)$", text.replace("\\\n", ""), re.MULTILINE)
    ]
