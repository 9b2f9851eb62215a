"""The fenced blocks of the documents, which tests run."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks_of(document: str) -> list[tuple[str, str]]:
    """Return language and text of every block of a file in docs/, in their order."""
    return FENCE.findall((ROOT / "docs" / document).read_text(encoding="utf-8"))
